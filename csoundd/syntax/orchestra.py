"""An orchestra taken apart: its header, definitions and the statements of instrument 0, each with its text.

A statement outside every instrument either defines (it may be repeated and leaves the same behind: a global variable,
a table, a channel) or acts (it starts a note, prints, writes a file). What is not known to define is an action.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from csoundd.limits import MACRO_TOKENS, MACROS_NESTED
from csoundd.syntax.includes import Read, folder_within, found
from csoundd.syntax.lexer import Kind, Macro, Token, macro_of, significant
from csoundd.syntax.opcodes import ACTIONS, DEFINING, VALUES

HEADER: Final = frozenset({"sr", "kr", "ksmps", "nchnls", "nchnls_i", "0dbfs", "A4"})
PREDEFINED_MACROS: Final = frozenset(
    {"M_E", "M_LOG2E", "M_LOG10E", "M_LN2", "M_LN10", "M_PI", "M_PI_2", "M_PI_4", "M_1_PI", "M_2_PI"}
    | {"M_2_SQRTPI", "M_SQRT2", "M_SQRT1_2", "M_INF", "CSOUND_VERSION"}
)


class PartKind(StrEnum):
    """The kinds of parts of an orchestra."""

    HEADER = "header"
    INSTRUMENT = "instrument"
    OPCODE = "opcode"
    STRUCT = "struct"
    DECLARE = "declare"
    MACRO = "macro"
    UNDEF = "undef"
    INCLUDE = "include"
    """An included file that nobody could read here: it may hold anything."""

    DEFINING = "defining"
    ACTING = "acting"


DEFINITIONS: Final = frozenset(PartKind) - {PartKind.ACTING, PartKind.INCLUDE}
"""The kinds that may be repeated."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``text`` is ``orchestra[start:end]``, ``line`` counts from 1."""

    kind: PartKind
    text: str
    start: int
    end: int
    line: int
    names: tuple[str, ...] = ()
    """What it makes: names and numbers of instruments, an opcode, a macro, the header's and other variables."""

    signature: str = ""
    """The types of a user-defined opcode, which tell those of the same name apart."""

    opcodes: frozenset[str] = frozenset()
    """The opcodes and functions that a statement of instrument 0 calls."""

    reads: frozenset[str] = frozenset()
    """The other names in a statement: the variables it reads."""

    @property
    def is_definition(self) -> bool:
        """Whether it may be compiled again and leaves the same behind."""
        return self.kind in DEFINITIONS


def split(
    text: str,
    macros: Mapping[str, Macro] | None = None,
    defined: frozenset[str] = frozenset(),
    read: Read | None = None,
) -> list[Part]:
    """The parts of an orchestra, in order; comments between them belong to none.

    ``macros`` are those of code compiled before, ``defined`` further names that ``#ifdef`` finds defined. Code that a
    condition leaves out is left out. Never raises; an instrument without its end reaches to the end of the text.
    """
    source = _Source(text, dict(macros or {}), defined | PREDEFINED_MACROS, read)
    parts = _Splitter(text, list(source.tokens())).parts()
    return _with_directives(parts, source.directives)


def macros_after(text: str, macros: Mapping[str, Macro] | None = None) -> dict[str, Macro]:
    """The macros that there are once ``text`` has been compiled after ``macros``."""
    source = _Source(text, dict(macros or {}), PREDEFINED_MACROS, None)
    if "#" not in text:
        return source.macros
    for _token in source.tokens():
        pass
    return source.macros


def expanded_tokens(text: str, macros: Mapping[str, Macro], read: Read | None) -> Iterator[Token]:
    """The tokens of an orchestra once its macros, includes and conditions are resolved. Never raises.

    ``macros`` are those of the command line. What stays unresolved, as an include that nobody can read, is among them.
    """
    return _Source(text, dict(macros), PREDEFINED_MACROS, read).tokens()


@dataclass(slots=True)
class _Source:
    """The tokens of an orchestra after its preprocessor; each keeps its place in the text, macros that of their use."""

    text: str
    macros: dict[str, Macro]
    defined: frozenset[str]
    read: Read | None
    folder: str = ""
    """Where Csound looks first for what is included here."""

    directives: list[Part] = field(default_factory=list)
    budget: int = MACRO_TOKENS

    def tokens(self) -> Iterator[Token]:
        return self._expanded(list(significant(self.text)), None, 0)

    def _expanded(self, given: list[Token], place: Token | None, nesting: int) -> Iterator[Token]:
        """``given`` with macros, includes and conditions resolved; ``place`` is where they stand if not in the text."""
        conditions: list[bool] = []
        index = 0
        while index < len(given):
            token = given[index]
            index += 1
            if self._is_condition(token, conditions) or not all(conditions):
                continue
            match token.kind:
                case Kind.EXIT:
                    return
                case Kind.DEFINE:
                    self._define(token, place)
                case Kind.UNDEF:
                    self.macros.pop(token.value, None)
                    self._directive(PartKind.UNDEF, token, place)
                case Kind.INCLUDE:
                    yield from self._included(token, place, nesting)
                case Kind.MACRO if token.value in self.macros and nesting < MACROS_NESTED and self.budget > 0:
                    macro = self.macros[token.value]
                    arguments, index = _arguments(given, index, len(macro.parameters))
                    end = given[index - 1].end
                    at = place or token._replace(end=end, text=self.text[token.start : end])
                    yield from self._called(macro, arguments, at, nesting)
                case _:
                    yield _placed(token, place)

    def _is_condition(self, token: Token, conditions: list[bool]) -> bool:
        """Whether ``token`` is ``#ifdef`` and the like, which ``conditions`` then know of."""
        match token.kind:
            case Kind.IFDEF | Kind.IFNDEF:
                known = token.value in self.macros or token.value in self.defined
                conditions.append(known == (token.kind is Kind.IFDEF))
            case Kind.ELSE if conditions:
                conditions[-1] = not conditions[-1]
            case Kind.ENDIF if conditions:
                conditions.pop()
            case _:
                return token.kind in (Kind.ELSE, Kind.ENDIF)
        return True

    def _define(self, token: Token, place: Token | None) -> None:
        macro = macro_of(token)
        if macro is not None:
            self.macros[macro.name] = macro
        self._directive(PartKind.MACRO, token, place)

    def _directive(self, kind: PartKind, token: Token, place: Token | None) -> None:
        at = place or token
        self.directives.append(Part(kind, self.text[at.start : at.end], at.start, at.end, at.line, (token.value,)))

    def _included(self, token: Token, place: Token | None, nesting: int) -> Iterator[Token]:
        there = found(self.read, self.folder, token.value) if self.read and nesting < MACROS_NESTED else None
        if there is None:
            yield _placed(token, place)
            return
        folder, self.folder = self.folder, folder_within(self.folder, token.value)
        yield from self._expanded(self._counted(there[1]), place or token, nesting + 1)
        self.folder = folder

    def _called(self, macro: Macro, arguments: list[str], at: Token, nesting: int) -> Iterator[Token]:
        given = {name: Macro(name, (), text) for name, text in zip(macro.parameters, arguments, strict=False)}
        before = {name: self.macros.get(name) for name in given}
        self.macros.update(given)
        yield from self._expanded(self._counted(macro.body), at, nesting + 1)
        for name, old in before.items():
            if old is None:
                self.macros.pop(name, None)
            else:
                self.macros[name] = old

    def _counted(self, text: str) -> list[Token]:
        found: list[Token] = []
        for token in significant(text):
            self.budget -= 1
            if self.budget <= 0:
                break
            found.append(token)
        return found


def _placed(token: Token, place: Token | None) -> Token:
    return token if place is None else token._replace(start=place.start, end=place.end, line=place.line)


def _arguments(given: Sequence[Token], index: int, count: int) -> tuple[list[str], int]:
    """The arguments of a macro that takes ``count``, and the index of the token behind them."""
    if not count or index >= len(given) or given[index].text != "(":
        return [], index
    arguments, depth, first = [""], 0, index + 1
    for position in range(first, len(given)):
        token = given[position]
        if token.text == ")" and depth == 0:
            return arguments, position + 1
        if token.text in ("'", "#") and depth == 0 and len(arguments) < count:
            arguments.append("")
            continue
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        gap = " " if token.start > given[position - 1].end else ""
        arguments[-1] += gap + token.text
    return [], index


_OPENS: Final = frozenset({"then", "ithen", "kthen", "do"})
_CLOSES: Final = frozenset({"endif", "fi", "od", "enduntil", "endsw"})
_CONTINUES: Final = frozenset(", + - * / % ^ ? ! != && || << >> < <= == += -= *= /= = > >= | & # ~ ( [".split())  # noqa: SIM905
"""After these a statement goes on in the next line."""


class _Splitter:
    """Takes the tokens of a preprocessed orchestra apart."""

    def __init__(self, text: str, given: list[Token]) -> None:
        self._text = text
        self._tokens = given
        self._at = 0

    def parts(self) -> list[Part]:
        found: list[Part] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind is Kind.NEWLINE:
                self._at += 1
                continue
            part = self._definition(token) or self._statement()
            if found and part.start < found[-1].end:
                # Both come from one macro or include: they cannot be told apart in the text.
                part = self._joined(found.pop(), part)
            found.append(part)
        return self._loops_joined(found)

    def _part(self, kind: PartKind, taken: Sequence[Token], names: tuple[str, ...] = (), signature: str = "") -> Part:
        start, end = taken[0].start, max(token.end for token in taken)
        return Part(kind, self._text[start:end], start, end, taken[0].line, names, signature)

    def _definition(self, first: Token) -> Part | None:
        match first.kind, first.text:
            case Kind.NAME, "instr":
                head = self._line()
                taken = head + self._until("endin")
                return self._part(PartKind.INSTRUMENT, taken, _instruments(head))
            case Kind.NAME, "opcode":
                head = self._line()
                taken = head + self._until("endop")
                name, *signature = [token.text for token in head[1:]] or [""]
                return self._part(PartKind.OPCODE, taken, (name,), "".join(signature).lstrip(","))
            case Kind.NAME, "struct" | "declare" if self._next_is_name():
                head = self._line()
                kind = PartKind.STRUCT if first.text == "struct" else PartKind.DECLARE
                return self._part(kind, head, (head[1].text,), "".join(token.text for token in head[2:]))
            case Kind.INCLUDE, _:
                self._at += 1
                return self._part(PartKind.INCLUDE, [first], (first.value,))
            case _:
                return None

    def _next_is_name(self) -> bool:
        following = self._tokens[self._at + 1 : self._at + 2]
        return bool(following) and following[0].kind is Kind.NAME

    def _line(self) -> list[Token]:
        """The tokens up to the end of the line; it goes on after a comma and inside of parentheses."""
        taken: list[Token] = []
        depth = 0
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind is Kind.NEWLINE:
                if depth <= 0 and not (taken and taken[-1].text in _CONTINUES):
                    break
            else:
                taken.append(token)
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
            self._at += 1
        return taken

    def _until(self, end: str) -> list[Token]:
        taken: list[Token] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            taken.append(token)
            if token.kind is Kind.NAME and token.text == end:
                break
        return taken

    def _statement(self) -> Part:
        """The statement that begins here, with all that an ``if`` or a loop encloses."""
        taken: list[Token] = []
        lines: list[list[Token]] = []
        depth = 0
        while self._at < len(self._tokens):
            line = self._line()
            if line:
                lines.append(line)
                taken += line
            for index, token in enumerate(line):
                if token.kind is not Kind.NAME:
                    continue
                if token.text in _OPENS and line[0].text != "elseif":
                    depth += 1
                elif token.text in _CLOSES:
                    depth -= 1
                elif token.text == "switch" and index == 0 and len(line) > 1 and line[1].text not in ("=", ","):
                    depth += 1
            if depth <= 0 or self._at >= len(self._tokens):
                break
            self._at += 1  # the end of the line
        if not taken:  # a line of which nothing could be made
            taken = [self._tokens[self._at - 1]]
        return self._classified(taken, lines)

    def _classified(self, taken: list[Token], lines: list[list[Token]]) -> Part:
        statements = [_Statement.of(line) for line in lines]
        names = tuple(dict.fromkeys(name for one in statements for name in one.writes))
        opcodes = frozenset().union(*(one.calls for one in statements))
        reads = frozenset().union(*(one.reads for one in statements))
        is_header = len(statements) == 1 and len(names) == 1 and names[0] in HEADER
        defines = all(one.defines for one in statements)
        kind = PartKind.HEADER if is_header else PartKind.DEFINING if defines else PartKind.ACTING
        return replace(self._part(kind, taken, names), opcodes=opcodes, reads=reads)

    def _joined(self, one: Part, two: Part) -> Part:
        start, end = min(one.start, two.start), max(one.end, two.end)
        same = one.kind is two.kind
        certain = one.is_definition and two.is_definition
        kind = one.kind if same else PartKind.DEFINING if certain else PartKind.ACTING
        return Part(
            kind,
            self._text[start:end],
            start,
            end,
            one.line,
            tuple(dict.fromkeys(one.names + two.names)),
            one.signature if one.signature == two.signature else f"{one.signature};{two.signature}",
            one.opcodes | two.opcodes,
            one.reads | two.reads,
        )

    def _loops_joined(self, parts: list[Part]) -> list[Part]:
        """``parts`` with all between the first and the last label or jump in one: they run as one."""
        jumps = [i for i, part in enumerate(parts) if part.opcodes & _JUMPS and part.kind in _STATEMENTS]
        if len(jumps) < 2:  # noqa: PLR2004 - a label and a jump
            return parts
        first, last = jumps[0], jumps[-1]
        joined = parts[first]
        for part in parts[first + 1 : last + 1]:
            joined = self._joined(joined, part)
        return [*parts[:first], joined, *parts[last + 1 :]]


_LABEL: Final = "label:"
_JUMPS: Final = frozenset({_LABEL, "goto", "igoto", "kgoto", "cggoto", "cigoto", "ckgoto", "cngoto", "loop_lt"}) | {
    f"loop_{kind}" for kind in ("le", "gt", "ge")
}
_STATEMENTS: Final = frozenset({PartKind.HEADER, PartKind.DEFINING, PartKind.ACTING})
_KEYWORDS: Final = frozenset(
    {"if", "then", "ithen", "kthen", "elseif", "else", "endif", "fi", "while", "until", "do", "od", "enduntil"}
    | {"for", "in", "switch", "case", "default", "endsw", "return"}
)
_TYPED: Final = frozenset({":", "@"})
_ASSIGNMENTS: Final = frozenset({"=", "+=", "-=", "*=", "/="})


@dataclass(frozen=True, slots=True)
class _Statement:
    """One line of instrument 0: what it writes, what it calls and reads, whether it defines."""

    writes: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    defines: bool = False

    @classmethod
    def of(cls, line: list[Token]) -> _Statement:
        calls: set[str] = set()
        if len(line) > 1 and line[0].kind in (Kind.NAME, Kind.NUMBER) and line[1].text == ":" and _is_label(line):
            calls.add(_LABEL)
            line = line[2:]
        if not line:
            return cls(calls=frozenset(calls), defines=True)
        outputs, opcode, rest = _taken_apart(line)
        if opcode:
            calls.add(opcode)
        calls |= {t.text for t in line if t.kind is Kind.NAME and t.text in _JUMPS}
        reads: set[str] = set()
        for index, token in enumerate(rest):
            if token.kind is Kind.MACRO:
                calls.add(token.text)  # nobody knows what it stands for
            elif token.kind is Kind.NAME and token.text not in _KEYWORDS:
                is_call = index + 1 < len(rest) and rest[index + 1].text == "("
                is_typed_call = index + 3 < len(rest) and rest[index + 1].text == ":" and rest[index + 3].text == "("
                (calls if is_call or is_typed_call else reads).add(token.text)
        writes = tuple(dict.fromkeys(t.text for t in outputs if t.kind is Kind.NAME))
        if any(t.text in _ASSIGNMENTS and t.text != "=" for t in line) or any(t.text == "[" for t in outputs):
            reads |= set(writes)  # the old value matters
        known = calls <= VALUES | DEFINING | _JUMPS
        meant = bool(writes) or bool(calls & DEFINING) or line[0].text in _KEYWORDS - {"return"}
        is_pure = known and meant and "return" not in {t.text for t in line} and not calls & ACTIONS
        return cls(writes, frozenset(calls), frozenset(reads), is_pure or calls == {_LABEL})


def _is_label(line: list[Token]) -> bool:
    return len(line) == 2 or line[2].start > line[1].end  # noqa: PLR2004 - a name and its colon


def _taken_apart(line: list[Token]) -> tuple[list[Token], str, list[Token]]:
    """What a statement writes to, the opcode that it calls (none for ``=``), and the rest, which is read."""
    depth = 0
    for index, token in enumerate(line):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth == 0 and token.kind is Kind.SYMBOL and token.text in _ASSIGNMENTS and line[0].kind is Kind.NAME:
            if line[0].text in _KEYWORDS:
                break
            outputs = line[:index]
            return _without_types(outputs), "", line[index + 1 :] + _indices(outputs)
    if line[0].kind is not Kind.NAME or line[0].text in _KEYWORDS or line[0].text in ("goto", "igoto", "kgoto"):
        return [], "", line
    after = _after_outputs(line)
    first_is_opcode = line[0].text in VALUES | DEFINING | ACTIONS
    if not first_is_opcode and after < len(line) and line[after].kind is Kind.NAME:
        outputs = line[:after]
        return _without_types(outputs), line[after].text, line[after + 1 :] + _indices(outputs)
    return [], line[0].text, line[1:]


def _after_outputs(line: list[Token]) -> int:
    """The index behind a list of variables at the beginning of ``line``."""
    index = 0
    while index < len(line) and line[index].kind is Kind.NAME:
        index += 1
        while index + 1 < len(line) and line[index].text in _TYPED and line[index + 1].kind is Kind.NAME:
            index += 2  # gaBus@global:a
        while index < len(line) and line[index].text == "[":
            depth = 0
            while index < len(line):
                depth += {"[": 1, "]": -1}.get(line[index].text, 0)
                index += 1
                if depth == 0:
                    break
        if index < len(line) and line[index].text == ",":
            index += 1
        else:
            break
    return index


def _without_types(outputs: list[Token]) -> list[Token]:
    """The variables among ``outputs``, without types and indices; a bracket stays where an element is written to."""
    kept: list[Token] = []
    depth = 0
    for index, token in enumerate(outputs):
        if token.text == "[":
            depth += 1
            if index + 1 < len(outputs) and outputs[index + 1].text != "]":
                kept.append(token)
        elif token.text == "]":
            depth -= 1
        elif depth == 0 and not (index and outputs[index - 1].text in _TYPED and token.kind is Kind.NAME):
            kept.append(token)
    return kept


def _indices(outputs: list[Token]) -> list[Token]:
    """What stands in the brackets of ``outputs``."""
    kept: list[Token] = []
    depth = 0
    for token in outputs:
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        if depth > 0 and token.text != "[":
            kept.append(token)
    return kept


def _instruments(head: list[Token]) -> tuple[str, ...]:
    """The names and numbers after ``instr``, as they are called: ``+Foo`` is Foo."""
    return tuple(token.text for token in head[1:] if token.kind in (Kind.NAME, Kind.NUMBER))


def _with_directives(parts: list[Part], directives: list[Part]) -> list[Part]:
    """``parts`` and the directives that stand outside of them, by their place."""
    starts = [part.start for part in parts]

    def is_outside(directive: Part) -> bool:
        before = bisect_right(starts, directive.start)
        return before == 0 or parts[before - 1].end < directive.end

    return sorted([*parts, *filter(is_outside, directives)], key=lambda part: (part.start, part.end))
