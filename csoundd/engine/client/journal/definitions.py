"""Compiled code by the names of what it defines: the latest of a name counts.

Code defines (instruments, opcodes, structures, macros, the header, global variables) or acts (starts a note, prints,
writes to a channel). What defines is kept and compiled again in a new engine; what acts has happened. The effects of an
action are seen in the engine's next snapshot; until that comes the action itself is kept.

What is kept is bounded by the size of the piece: code whose names were all defined anew is dropped, unless something
that was compiled in between refers to it. An instrument keeps the opcode that it was compiled with.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from time import monotonic
from typing import Final

from csoundd.engine.client.journal.rows import Rows, by_kind, from_wall, to_wall
from csoundd.engine.client.journal.store import Rows as Loaded
from csoundd.engine.link.protocol import BESIDE
from csoundd.limits import SUSPECT_SECONDS
from csoundd.messages import Command
from csoundd.syntax.csd import Csd, parse
from csoundd.syntax.lexer import Kind, Macro, significant
from csoundd.syntax.orchestra import Part, PartKind, macros_after, split
from csoundd.syntax.settings import FILE, settings

Read = Callable[[str], str | None]
"""The text of a file of the workspace, None where it cannot be read."""

Key = tuple[str, ...]

RESTORED_CYCLES: Final = 1
"""So many cycles at most are performed before a restored engine acts again (``host/restoring.py``)."""

VALUES: Final = frozenset(
    """
    chnset chnseti chnsetk chnseta chnsets chnclear tablew tableiw tableigpw tabw tabw_i ftfree ftload ftloadk ftmorf
    tableicopy copya2ftab copyf2array vcopy_i vadd_i vmult_i vpow_i vexp_i vmap zawm zkwm ziw ziwm zacl zkcl
    setscorepos alwayson sfload
    """.split()  # noqa: SIM905 - they read better so
) - {"sfload"}
"""Opcodes that set what a snapshot shows: they define nothing that is not seen there."""


PERFORMED: Final = frozenset({PartKind.INSTRUMENT, PartKind.OPCODE, PartKind.INCLUDE})
"""The kinds of keys of what is performed in cycles."""

REMOTE_OPCODE: Final = ("call", "define")
"""How the key of an opcode of a client's begins."""


@dataclass(slots=True)
class Definition:
    """A piece of code, or a call that compiles something by itself, with what it defines and mentions."""

    order: int
    keys: frozenset[Key]
    code: str | Command
    mentions: frozenset[str]
    unit: int
    started: bool
    """Whether Csound had been started: code compiled before and after that differs in meaning."""

    moment: float
    live: set[Key] = field(default_factory=set)
    proven: dict[Key, Definition] = field(default_factory=dict)
    """What it has replaced that had been there for a while, should it turn out to be what the engine dies of."""

    @property
    def is_performed(self) -> bool:
        """Whether it is performed in cycles, or may be, as what nobody can read."""
        return any(key[0] in PERFORMED or key[:2] == REMOTE_OPCODE for key in self.keys)

    @property
    def local(self) -> bool:
        """Whether it defines what only its own unit can see."""
        return any(key[0] == "local" for key in self.keys)


@dataclass(frozen=True, slots=True)
class Action:
    """Code that acted, with the local variables it needs, and how many cycles had been performed when it did.

    ``shown`` says that a snapshot came after it: that has the values it set, and nothing of what it has started.
    """

    text: str
    cycle: int
    moment: float
    shown: bool = False


class Definitions:
    """The definitions of one engine, and the actions whose effects nobody has seen yet. ``read`` reads files."""

    def __init__(self, read: Read, rows: Rows) -> None:
        self._read = read
        self._mark = rows.mark
        self._kept: list[Definition] = []
        self._current: dict[Key, Definition] = {}
        self._macros: dict[str, Macro] = {}
        self._order = self._unit = 0
        self._csd: tuple[str, Csd] | None = None
        self._csd_units: set[int] = set()
        self._options: list[str] = []
        self._pieces: list[str] = []
        """Files that were compiled before the start: Csound looks beside them for what it reads."""

        self._actions: list[Action] = []
        self._cycle = 0
        self.started = False
        self.version = 0
        """Rises with everything that is compiled."""
        self._by_order: dict[int, Definition] = {}
        self._elements: dict[str, set[Key]] = {}
        """The elements that were written to by themselves, by the name of their array."""
        rows.register("definition", self._definition_row)
        rows.register("csd", lambda _: None if self._csd is None else self._csd[0])
        rows.register("code", self._code_row)
        rows.register(
            "actions",
            lambda _: [[each.text, each.cycle, to_wall(each.moment), each.shown] for each in self._actions] or None,
        )

    def __len__(self) -> int:
        """How many things are defined, the header aside."""
        return sum(not any(key[0] == PartKind.HEADER for key in made.keys) for made in self._kept)

    def _definition_row(self, order: int) -> object:
        made = self._by_order.get(order)
        if made is None:
            return None
        code = [made.code.method, made.code.args] if isinstance(made.code, Command) else made.code
        return [
            sorted(made.keys),
            code,
            sorted(made.mentions),
            made.unit,
            made.started,
            to_wall(made.moment),
            sorted(made.live),
        ]

    def _code_row(self, _name: object) -> object:
        macros = [[macro.name, macro.parameters, macro.body] for macro in self._macros.values()]
        units = sorted(self._csd_units)
        return [self.started, self._order, self._unit, units, self._options, self._pieces, macros]

    def load(self, rows: Loaded) -> None:
        """Take in the rows of another process."""
        for text in by_kind(rows, "csd").values():
            self._csd = text, parse(text)
        for started, order, unit, units, options, pieces, macros in by_kind(rows, "code").values():
            self.started, self._order, self._unit = started, order, unit
            self._csd_units, self._options, self._pieces = set(units), options, pieces
            self._macros = {name: Macro(name, tuple(parameters), body) for name, parameters, body in macros}
        for order, row in sorted(by_kind(rows, "definition").items()):
            keys, code, mentions, unit, started, moment, live = row
            made = Definition(
                order,
                frozenset(map(tuple, keys)),
                code if isinstance(code, str) else Command(*code),
                frozenset(mentions),
                unit,
                started,
                from_wall(moment),
                set(map(tuple, live)),
            )
            self._kept.append(made)
            self._by_order[order] = made
            self._take(made.live, made)
        for kept in by_kind(rows, "actions").values():
            self._actions = [Action(text, cycle, from_wall(moment), shown) for text, cycle, moment, shown in kept]
        self.version += 1

    def start(self) -> None:
        """Csound has been started."""
        self.started = True
        self._mark("code", "")

    def keep(self, command: Command, cycle: int) -> None:
        """Take in what ``command`` has compiled after that many cycles."""
        self._cycle = cycle
        self._mark("code", "")
        match command.method.rpartition(".")[2], command.args:
            case "compileCsdText", [str(text), *_]:
                self._keep_csd(text)
            case "compileCsd", [str(path), *_]:
                self._pieces.append(path)
                self._keep_csd(self._read(path) or "")
            case "compileCommandLine", words:
                self._keep_command_line([str(word) for word in words])
            case "compileOrc" | "compileOrcAsync" | "compile" | "evalCode", [str(text), *_]:
                self._keep_orchestra(text)
            case name, args:
                self._keep_call(name, args, command)

    def _keep_call(self, name: str, args: list[object], command: Command) -> None:
        """A call that compiles what it makes itself: the header, an opcode of a client."""
        key = ("call", name, str(args[0]) if name == "define" and args else "")
        mentioned = frozenset(str(arg) for arg in args if isinstance(arg, str))
        self._add(frozenset({key}), Command(command.method, args), mentioned)
        self.version += 1

    def _read_included(self, name: str) -> str | None:
        """An included file, from the workspace or from beside a piece."""
        beside = (f"{folder}/{name}" for piece in self._pieces if (folder := piece.rpartition("/")[0]))
        texts = (self._read(path) for path in (name, *beside))
        return next((text for text in texts if text is not None), None)

    def _keep_csd(self, text: str) -> None:
        csd = parse(text)
        if not self.started:
            self._csd = text, csd
            self._mark("csd", "")
            self._csd_units.add(self._unit + 1)
        self._keep_orchestra(csd.orchestra)

    def _keep_command_line(self, words: list[str]) -> None:
        """Options and pieces, each as it would be compiled by itself; after that Csound has been started."""
        given = words if words and words[0].startswith("-") else words[1:]
        for setting in settings(given):
            if setting.name != FILE:
                self._options.append(setting.word)
                continue
            piece = setting.value
            self._pieces.append(piece)
            text = self._read(piece) or ""
            if piece.endswith(".csd"):
                self._keep_csd(text)
            elif piece.endswith(".orc"):
                self._keep_orchestra(text)
            else:
                self._add(frozenset({("score", piece)}), Command("csound.eventString", [text, True]), frozenset())
        self.start()

    def _keep_orchestra(self, text: str) -> None:
        self._unit += 1
        self.version += 1
        acting: list[str] = []
        acts = False
        for part in split(text, self._macros, read=self._read_included):
            if part.kind is PartKind.ACTING and part.text.split(None, 1)[0] == "return":
                continue
            if part.kind is PartKind.INCLUDE or (part.is_definition and not part.opcodes & VALUES):
                self._define(part)
                if part.kind is PartKind.DEFINING and any(map(_is_local_name, part.names)):
                    acting.append(part.text)
            else:
                acting.append(part.text)
                acts = True
        self._macros = macros_after(text, self._macros)
        if acts:
            self._actions.append(Action("\n".join(acting) + "\n", self._cycle, monotonic()))
            self._mark("actions", "")
        self._prune()

    def _define(self, part: Part) -> None:
        keys = frozenset(self._keys(part))
        mentions = frozenset(
            token.text.lstrip("$").rstrip(".") for token in significant(part.text) if _is_word(token.kind)
        )
        self._add(keys, part.text, mentions | part.reads | part.opcodes)

    def _keys(self, part: Part) -> Iterator[Key]:
        match part.kind:
            case PartKind.UNDEF:
                yield (PartKind.MACRO, *part.names)
            case PartKind.OPCODE | PartKind.STRUCT | PartKind.DECLARE:
                yield (part.kind, *part.names, part.signature)
            case PartKind.DEFINING if not part.names:
                yield ("statement", *_statement(part.text))
            case PartKind.DEFINING:
                for name in part.names:
                    if _is_local_name(name):
                        yield ("local", str(self._unit), name)
                    elif element := _element(part.text, name):
                        yield ("element", name, element)
                    else:
                        yield ("global", name)
            case kind:
                for name in part.names or (part.text,):
                    yield (kind, name)

    def _add(self, keys: frozenset[Key], code: str | Command, mentions: frozenset[str]) -> None:
        self._order += 1
        now = monotonic()
        made = Definition(self._order, keys, code, mentions, self._unit, self.started, now, set(keys))
        elements = [key for kind, *name in keys if kind == "global" for key in self._elements.pop(name[0], ())]
        for key in (*keys, *elements):
            old = self._current.pop(key, None)
            if old is not None:
                old.live.discard(key)
                self._mark("definition", old.order)
                is_proven = now - old.moment > SUSPECT_SECONDS
                proven = old if is_proven else old.proven.get(key)
                if proven is not None and made.is_performed:
                    made.proven[key] = proven
                if is_proven:
                    old.proven.clear()
        self._take(keys, made)
        self._kept.append(made)
        self._by_order[made.order] = made
        self._mark("definition", made.order)

    def _take(self, keys: Iterable[Key], made: Definition) -> None:
        """Have ``made`` be what is meant by ``keys``."""
        for key in keys:
            self._current[key] = made
            if key[0] == "element":
                self._elements.setdefault(key[1], set()).add(key)

    def _prune(self) -> None:
        """Drop what was defined anew, as far as nothing that is kept still goes back to it.

        In linear time: a text may define one name thousands of times, and the front serves nobody meanwhile.
        """
        kept: list[Definition] = []
        needed: set[tuple[int, str]] = set()
        mentioned: dict[str, int] = {}
        """The names that are mentioned by what is kept, each with where that is done first."""
        following: dict[Key, int] = {}
        for made in reversed(self._kept):
            names = {key[-1] if key[0] != PartKind.OPCODE else key[1] for key in made.keys}
            wanted = bool(made.live) if not made.local else any((made.unit, name) in needed for name in names)
            replaced = min((following.get(key, self._order + 1) for key in made.keys), default=made.order)
            # What lies between it and the definition that replaced it may have been compiled with it.
            if wanted or (not made.local and any(mentioned.get(name, replaced) < replaced for name in names)):
                kept.append(made)
                needed |= {(made.unit, name) for name in made.mentions}
                mentioned |= dict.fromkeys(made.mentions, made.order)
            following |= dict.fromkeys(made.keys, made.order)
        self._keep_only(kept[::-1])

    def _keep_only(self, kept: list[Definition]) -> None:
        self._kept = kept
        orders = {made.order for made in kept}
        for order in self._by_order.keys() - orders:
            del self._by_order[order]
            self._mark("definition", order)

    def seen(self, cycle: int) -> None:
        """A snapshot after that many cycles shows what the actions before its last one have done.

        What an action starts begins in the next cycle: until then a snapshot shows only the values that it set.
        """
        if self._actions:
            self._actions = [replace(action, shown=True) for action in self._actions if action.cycle >= cycle]
            self._mark("actions", "")

    def actions(self, *, shown: bool) -> list[tuple[str, list[object]]]:
        """The calls that act again as nobody has seen all that they did; ``shown`` those whose values are known."""
        return [("csound.compileOrc", [action.text, True]) for action in self._actions if action.shown is shown]

    def unseen_since(self) -> float | None:
        """The monotonic time of the first action of which no snapshot shows anything, None where there is none."""
        return next((action.moment for action in self._actions if not action.shown), None)

    def begin(self) -> None:
        """Another engine, which counts its cycles from 0, is about to act as this one did."""
        self._actions = [replace(action, cycle=RESTORED_CYCLES) for action in self._actions]

    def forget_actions(self) -> None:
        """Nobody will see what the actions would have done: they may be what the engine died of."""
        self._actions.clear()
        self._mark("actions", "")

    def drop(self, spans: list[tuple[float, float]], *, only_performed: bool) -> bool:
        """Forget what was compiled within these spans of monotonic time; whether there was anything.

        ``only_performed``: and that is performed in cycles, as the code outside of instruments is not. What it had
        replaced is back.
        """

        def is_unwanted(made: Definition) -> bool:
            return (made.is_performed or not only_performed) and any(
                begin <= made.moment <= end for begin, end in spans
            )

        dropped = [made for made in self._kept if is_unwanted(made)]
        self._drop(dropped)
        for made in dropped:
            for key, proven in made.proven.items():
                if key not in self._current and not is_unwanted(proven):
                    self._put_back(key, proven)
        return bool(dropped)

    def _put_back(self, key: Key, made: Definition) -> None:
        """Have ``made`` be again what is meant by ``key``."""
        made.live.add(key)
        self._take([key], made)
        if made.order not in self._by_order:
            self._by_order[made.order] = made
            insort(self._kept, made, key=attrgetter("order"))
        self._mark("definition", made.order)

    def _drop(self, dropped: list[Definition]) -> None:
        orders = {made.order for made in dropped}
        self._keep_only([made for made in self._kept if made.order not in orders])
        for made in dropped:
            for key in made.keys:
                if self._current.get(key) is made:
                    del self._current[key]

    def drop_csd(self) -> bool:
        """Forget the CSD that Csound was to be started with: its options, code and score; whether there was one."""
        dropped, self._csd = self._csd is not None, None
        self._mark("csd", "")
        self._mark("code", "")
        units, self._csd_units = self._csd_units, set()
        self._drop([made for made in self._kept if made.unit in units and not isinstance(made.code, Command)])
        return dropped

    @property
    def is_empty(self) -> bool:
        """Whether nothing is defined that could sound."""
        return not any(key[0] == PartKind.INSTRUMENT for made in self._kept for key in made.keys)

    @property
    def instruments(self) -> list[str]:
        """The names and numbers of the instruments that there are."""
        return [name for kind, name, *_ in self._current if kind == PartKind.INSTRUMENT]

    @property
    def has_score(self) -> bool:
        """Whether the piece has a score."""
        return (self._csd is not None and bool(self._csd[1].score.strip())) or any(
            key[0] == "score" for made in self._kept for key in made.keys
        )

    def before_start(self) -> list[Command]:
        """The calls that define, before the start, what was defined before it."""
        options = [Command("csound.setOption", [word]) for word in self._options]
        beside = [Command(BESIDE, [piece]) for piece in self._pieces]
        code = self._calls(made for made in self._kept if not made.started)
        if self._csd is None:
            return [*options, *beside, *code, *options]
        first = code[0] if code and code[0].method == "csound.compileOrc" else None
        text, csd = self._csd
        whole = _with_orchestra(text, csd, str(first.args[0]) if first is not None else "")
        rest = code[1:] if first is not None else code
        return [*options, *beside, Command("csound.compileCsdText", [whole, True]), *rest, *options]

    def after_start(self) -> list[Command]:
        """The calls that define what was defined after the start."""
        return self._calls(made for made in self._kept if made.started)

    def one_by_one(self, command: Command) -> list[Command]:
        """The calls that ``command`` is made of, for when Csound does not take them together."""
        text = str(command.args[0])
        csd = parse(text) if command.method == "csound.compileCsdText" else None
        given = split(text if csd is None else csd.orchestra)
        if csd is None:
            return [Command("csound.compileOrc", [f"{part.text}\n", True]) for part in given] if len(given) > 1 else []
        header = "".join(f"{part.text}\n" for part in given if part.kind is PartKind.HEADER)
        rest = [part for part in given if part.kind is not PartKind.HEADER]
        if not rest:
            return []
        whole = Command("csound.compileCsdText", [_with_orchestra(text, csd, header), True])
        return [whole, *(Command("csound.compileOrc", [f"{part.text}\n", True]) for part in rest)]

    def _calls(self, kept: Iterable[Definition]) -> list[Command]:
        """``kept`` in as few calls as there can be: nothing may be defined twice in one."""
        calls: list[Command] = []
        texts: list[str] = []
        taken: set[Key] = set()
        unit = -1

        def close() -> None:
            if texts:
                calls.append(Command("csound.compileOrc", ["\n".join(texts) + "\n", True]))
            texts.clear()
            taken.clear()

        for made in kept:
            if isinstance(made.code, Command):
                close()
                calls.append(made.code)
                continue
            if taken & made.keys or (made.local and made.unit != unit):
                close()
            unit = made.unit
            texts.append(made.code)
            taken |= made.keys
        close()
        return calls


def _with_orchestra(text: str, csd: Csd, orchestra: str) -> str:
    section = next((s for s in reversed(csd.sections) if s.kind == "CsInstruments"), None)
    if section is None:
        return text
    return f"{text[: section.start]}{orchestra}\n{text[section.end :]}"


def _is_word(kind: Kind) -> bool:
    return kind in (Kind.NAME, Kind.MACRO)


def _is_local_name(name: str) -> bool:
    return not name.startswith("g")


def has_only_macros(command: Command) -> bool:
    """Whether code defines macros and nothing else: 6.18 and the embedded engine answer -1 then, and take them."""
    match command.args:
        case [str(text), *_] if "#" in text:
            parts = split(text)
            return bool(parts) and all(part.kind in (PartKind.MACRO, PartKind.UNDEF) for part in parts)
    return False


def _element(text: str, name: str) -> str:
    """The index of the element of the array ``name`` that a statement writes to, empty where it writes all of it."""
    written = re.match(rf"\s*{re.escape(name)}\s*((?:\[[^\[\]=]+\]\s*)+)=(?!=)", text)
    return "".join(written[1].split()) if written else ""


def _statement(text: str) -> tuple[str, ...]:
    """The opcode of a statement without a result, and its first argument: the two that say what it is about."""
    words = [token.text for token in significant(text) if token.kind is not Kind.NEWLINE and token.text != "("]
    return tuple(words[:2])
