"""Lines of a score that are sent to be played: what a Csound would die of, and how many statements they come to.

Csound leaves an error in a score with a jump to where it was started, which no longer exists when lines come over its
API: every engine dies of a loop without a count, 6.18 of an expression that is not finished. What has a fixed size in
there (the stacks of an expression, the digits of a number, loops in loops) it writes beyond.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import cycle, islice, product
from math import fmod, inf, pow  # noqa: A004 - C's, which knows no complex numbers
from operator import add, mul, sub, truediv
from typing import Final, Self

from csoundd.syntax.faults import Fault
from csoundd.syntax.includes import Read
from csoundd.syntax.score_macros import Broken, Unknown, expanded, expanded_file

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>/\*(?s:.*?)\*/|(?:;|//|c)[^\n]*)
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<open>/\*|"|\{\{|\}\})
    | (?P<space>(?:[ \t\r\f\v]|\\[ \t]*(?:;[^\n]*)?\n)+|\n)
    | (?P<directive>\#\w+)
    | (?P<macro>\$\w*)
    | (?P<loop>\{[ \t]*(?P<count>[0-9]*)[ \t]*(?P<counter>[A-Za-z]\w*)?)
    | (?P<bracket>[\[\](){}])
    | (?P<word>[^\s"\[\](){}$;/c\\]+|/|\\)
    """,
    re.VERBOSE,
)
_TOKEN_WITHOUT_BLOCKS: Final = re.compile(_TOKEN.pattern.replace(r"/\*(?s:.*?)\*/|", ""), re.VERBOSE)
_UNFINISHED: Final = {
    "/*": "a comment that has no end",
    '"': "a text that does not end in its line",
    "{{": "{{ is no text in a score",
    "}}": "}} without {{",
}
_UNCOUNTED: Final = "{ begins a loop, and needs to know how often"
_TOO_DEEP: Final = "loops are nested too deep"
_PAIRS: Final = {"]": "[", ")": "(", "}": "{"}
_REPETITION: Final = re.compile(r"r[ \t]*([1-9][0-9]*)(?:[ \t]+([A-Za-z]\w*))?(?=\s|;|\Z)")
_DEEPEST: Final = 39
"""Loops in loops: RPTDEPTH is 40; the 40th ended every engine."""

_NUMBER: Final = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_ADVANCE: Final = re.compile(rf"a[ \t]*\S+[ \t]+\S+[ \t]+(-?{_NUMBER})(?=\s|;|\Z)")
_NO_FIELD: Final = re.compile(r"[bBCv](?![ \t]*[-+0-9.<>!()\[~^znp\"$])")
"""A statement that is nothing without its number: 6.18 and 7.0.0 died of it."""

_NO_NAME: Final = re.compile(r'[diq][ \t]*"[^"\n]*[ \t][^"\n]*"|i[ \t]*!|a[ \t]*"')
"""A p1 that no instrument has: a name with a blank in it is read on at random, on every engine."""

_NO_WORD: Final = re.compile(r"\\|n(?!p)|p(?!p)")
"""A backslash outside of a text, and what begins as np4 or pp4 do, and is neither: every engine died of ``n``."""

HIGHEST_TABLE: Final = 10_000_000
"""Csound has eight bytes for each number up to the highest, and past 2 ** 31 it looks for a place without an end."""

LARGEST_TABLE: Final = 1 << 26
"""Points of a table that an event makes: from 2 ** 31 on 7.0.0 works without an end."""

_CHEAP: Final = frozenset({1, 2, 3, 5, 6, 7, 8, 16, 17, 18, 23, 25, 27, 28, 41, 49, 52})
"""Generators that take a quick step for each point; the others take one for each point and each of their arguments."""

_CHEAP_STEP: Final = 0.25

_LONGEST: Final = 20_000
"""Characters of a statement that are read for its p-fields: a line has at most as many bytes."""

_START: Final = re.compile(rf"[id][ \t]*\S+[ \t]+({_NUMBER})(?=\s|;|\Z)")
_UNTOLD_ADVANCE: Final = re.compile(rf"a[ \t]*(?:(?=[\r\n;]|\Z)|\S+[ \t]+\S+[ \t]+(?!-?{_NUMBER}(?:\s|;|\Z)|\n))")
"""An ``a`` whose number of beats nobody can tell. One without any p-field, behind a line that could not be read, is
read on for ever by the embedded engine."""

_TAKEN_NUMBER: Final = r"(?:[-+][0-9.]*|[0-9.]+)(?:[eE][-+]?[0-9]*)?"
"""What Csound takes for a number in an expression. One that is none, as ``-`` or ``3e``, it warns of and reads as 0."""

_OPERAND: Final = re.compile(rf"[ ]*(?:(?P<open>\()|[-+]?\$(?P<macro>\w+)\.?|{_TAKEN_NUMBER}|~|@@?[0-9]+)")
_OPERATOR: Final = re.compile(r"[ ]*(?:(?P<close>\))|(?P<operator>[-+*/%&|\#^]))")
_NEXT: Final = re.compile(r"\bnp[0-9].*\n")
_PREVIOUS: Final = re.compile(r"\bpp[0-9]")

_STACK: Final = 28
"""Operators, and operands, that may wait in an expression: there are 30 places, the bracket has one."""

_DIGITS: Final = 90
"""Of a number in an expression: it is collected in 100 bytes."""


def score_fault(score: str) -> Fault | None:
    """What keeps lines of a score from being read to their end, None where nothing does.

    They have macros and conditions, and include no files.
    """
    return _whole(score).fault


def file_fault(score: str, read: Read) -> Fault | None:
    """What keeps the score of a CSD from being read to its end. It is held to less than lines that are sent.

    ``read`` gives the files that it includes.
    """
    try:
        texts = expanded_file(score.replace("\r\n", "\n").replace("\r", "\n"), read)
    except Broken as broken:
        return Fault(broken.line, broken.reason, broken.file)
    except Unknown:
        return None
    for file, text in texts.items():
        for faults in (_faults_of_expressions(text), _faults_of_statements(text), _faults_of_loops(text, file)):
            for place, reason in faults:
                return Fault(text.count("\n", 0, place) + 1, reason, file)
    return None


_Faults = Iterator[tuple[int, str]]
"""Where something is wrong in a score without comments and macros, and what."""


def _faults_of_expressions(text: str) -> _Faults:
    end = _END.search(text)
    for match in _EXPRESSION.finditer(text, 0, end.start() if end else len(text)):
        inside = match["inside"]
        reason = "[ is not closed" if match["open"] else None if inside is None else expression_fault(inside)
        if reason is not None:
            yield match.start(), reason


def _faults_of_statements(text: str) -> _Faults:
    for match in _STATEMENT.finditer(text):
        place = match.end()
        if _NO_FIELD.match(text, place) or _NO_NAME.match(text, place):
            yield place, "a statement without the number or name that it needs"
        if text.startswith("r", place) and not _REPETITION.match(text, place):
            yield place, "r repeats a number of times"


def _faults_of_loops(text: str, file: str) -> _Faults:
    """Csound looks for loops in texts too, and behind the end. What is left of the line that begins one it passes over.

    A loop may end in another file than it begins in.
    """
    is_text, place, depth, begun = False, 0, 0, 0
    while match := _MARK.search(text, place):
        place = match.end()
        end_of_line = text.find("\n", place) + 1 or len(text)
        if match[0] == '"':
            is_text = not is_text
        elif match[0] == "c":
            # It begins a comment wherever it stands.
            place = place if is_text else end_of_line
        elif match[0] == "}":
            depth -= 1
            if depth < 0 and not file:
                yield match.start(), "} without {"
            if begun and not _SAID.search(text, begun, match.start()) and not _SAID.search(text, place):
                yield match.start(), "a loop without a statement, and none behind it"
        elif match["count"] is not None:
            depth += 1
            too_deep = depth > _DEEPEST
            if too_deep or int(match["count"][:9] or 0) == 0:
                yield match.start(), _TOO_DEEP if too_deep else _UNCOUNTED
            if not is_text:
                place = begun = end_of_line


_END: Final = re.compile(r"(?m)^[ \t]*e(?![A-Za-z])")
_STATEMENT: Final = re.compile(r"(?m)^[ \t]*(?=[abBCdiqrv])")
_MARK: Final = re.compile(r'\\.|"|c|\}|\{[ \t]*(?P<count>[0-9]*)')
"""What decides on the loops of a score."""

_SAID: Final = re.compile(r"[^\s}]")
_EXPRESSION: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*"|"[^\n]*|c[^\n]*|(?P<open>\[[^\]\n]*$)|\[(?P<inside>[^\[\]\n]*)\](?![^\[\]\n]*\])',
    re.MULTILINE,
)
"""A text, whole or not, a comment, an expression that does not end in its line, or one that is not in another."""


@dataclass(frozen=True, slots=True)
class PField:
    """A p-field as it stands in a line: ``text`` is ``score[start:end]``."""

    text: str
    start: int
    end: int

    @property
    def value(self) -> float | str | None:
        """The number or, in quotation marks, the text that it is; None where that takes the rest of the score."""
        if self.text.startswith('"'):
            return self.text[1:-1]
        return float(self.text) if _PLAIN.fullmatch(self.text) else None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it stands in a score: nothing is carried, computed or repeated in it."""

    letter: str
    fields: tuple[PField, ...]
    start: int
    """Where its letter stands."""


_PLAIN: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def _tokens(score: str) -> Iterator[re.Match[str]]:
    """The tokens of ``score``. Behind the last ``*/`` nobody looks for another: 60 kB of ``/*`` took six seconds."""
    last, at = score.rfind("*/"), 0
    while match := (_TOKEN if at < last else _TOKEN_WITHOUT_BLOCKS).search(score, at):
        yield match
        at = match.end()


def statements_in(score: str) -> Iterator[Statement]:
    """The statements of ``score``, in order, whatever comments, texts and loops stand around them; never raises."""
    letter, fields, begun = "", list[PField](), 0
    depth, glued = 0, False

    def add(start: int, end: int) -> None:
        if glued:
            start = fields.pop().start
        fields.append(PField(score[start:end], start, end))

    for match in _tokens(score):
        kind = "loop" if match["count"] is not None else str(match.lastgroup)
        text, (start, end) = match[0], match.span()
        if kind in {"comment", "space", "loop"} or text in "{}":
            if text in {"\n", "}"}:
                if letter:
                    yield Statement(letter, tuple(fields), begun)
                letter, fields, depth = "", [], 0
            glued = bool(depth and fields)
            continue
        if not letter:
            letter, begun = (text[0] if kind == "word" else " "), start
            if kind == "word" and len(text) > 1:
                add(start + 1, end)
            glued = bool(fields)
            continue
        add(start, end)
        depth += (text in {"[", "("}) - (text in {"]", ")"})
        glued = True
    if letter:
        yield Statement(letter, tuple(fields), begun)


def statements(score: str) -> int:
    """The statements that ``score`` comes to: those in loops and in repeated sections count as often as they play."""
    return _whole(score).statements


def advance(score: str) -> float:
    """How far ``a`` statements of ``score`` go on without performing, in beats."""
    return _whole(score).advance if _MAY_ADVANCE.search(score) else 0.0


_MAY_ADVANCE: Final = re.compile(r"(?m)^[ \t]*a|[#}{]")


def tables(score: str) -> Sequence[Table]:
    """The tables that ``f`` statements of ``score`` make, each as often as it is made."""
    return _whole(score).tables


def starts(score: str) -> Sequence[float]:
    """The p2 of the notes of ``score`` where that is a plain number, each as often as it is played."""
    return _whole(score).starts


@dataclass(frozen=True, slots=True)
class Table:
    """What an ``f`` statement asks for: ``work`` is about how many steps its generator takes."""

    number: float
    points: float
    work: float
    frees: bool = False
    """Whether there is to be no such table: its number is negative."""

    is_now: bool = True
    """Whether that is to be at once, and not at a later time of the score."""

    @classmethod
    def of(cls, pfields: Sequence[float | str | None], *, begins: bool = True) -> Self:
        """The table that these p-fields make; what is None in them is taken for the largest.

        ``begins`` says that the time 0 is that of the call: nothing before it begins another section.
        """
        first, time, points, generator, *_ = (
            inf if each is None or isinstance(each, str) else each for each in [*pfields, *[0.0] * 4]
        )
        steps = _CHEAP_STEP if len(pfields) > _GENERATOR and abs(generator) in _CHEAP else max(1, len(pfields) - _SIZE)
        size = abs(points)
        return cls(abs(first), size, size * steps, first < 0, begins and time == 0)

    @property
    def fits(self) -> bool:
        """Whether an engine has room for a table of this number and size."""
        return self.number <= HIGHEST_TABLE and self.points <= LARGEST_TABLE


_SIZE, _GENERATOR = 2, 3
"""Places of p-fields of an ``f`` statement."""


def _field_value(text: str, counters: Mapping[str, float]) -> float | str | None:
    """What a p-field comes to, None where nobody knows; ``z`` is the largest of all numbers."""
    if text.startswith("[") and text.endswith("]"):
        return expression_value(text[1:-1], counters)
    return inf if text == "z" else PField(text, 0, len(text)).value


def _tables_at(score: str, at: int, loops: Sequence[tuple[str, int]], times: int, *, begins: bool) -> list[Table]:
    """The tables that the ``f`` statement at this place makes, one for each of so many times that it is played.

    It stands in ``loops``, each with the name of its counter and how often it plays. The largest table stands for all,
    but for their numbers.
    """
    fields = [field.text for field in next(statements_in(score[at : at + _LONGEST])).fields]
    begins = begins and "$" not in "".join(fields[1:2])
    last = {name: count - 1.0 for name, count in loops if name}
    made = [
        Table.of([_field_value(text, counters) for text in fields], begins=begins)
        for counters in ([last, dict.fromkeys(last, 0.0)] if last else [last])
    ]
    table = max(made, key=lambda table: (not table.fits, table.work))
    made = [table]
    if table.fits and fields and "$" in fields[0]:
        counts = product(*(range(min(count, _MOST_TIMES)) for _, count in loops))
        numbers = (
            _field_value(fields[0], {name: float(count) for (name, _), count in zip(loops, each, strict=True) if name})
            for each in islice(counts, _MOST_TIMES)
        )
        made = [
            replace(table, number=abs(number), frees=number < 0) if isinstance(number, float) else table
            for number in numbers
        ]
    return list(islice(cycle(made), min(times, _MOST_TIMES)))


def repeats_to_its_end(score: str) -> bool:
    """Whether a repeated section is still open where ``score`` ends, and would repeat what came after it."""
    return _whole(score).repeated != _ONCE


@lru_cache(maxsize=2)
def _whole(score: str) -> _Reader:
    """``score`` read with its macros, as far as it can be: a call asks several things of the same lines."""
    try:
        return _Reader(expanded(score))
    except Broken as broken:
        read = _Reader(score)
        read.fault = Fault(broken.line, broken.reason)
        return read


_ONCE: Final = (1, "")
_OF_ITS_TIME: Final = "ifdq"
"""Statements behind which the time 0 is what it was before them; others begin sections, or shift and bend time."""

_MOST_TIMES: Final = 10_000
"""More than that no statement is played: the count of all of them is refused before."""


@dataclass
class _Reader:
    """Lines of a score, read once."""

    score: str
    fault: Fault | None = field(default=None, init=False)
    statements: int = field(default=0, init=False)
    advance: float = field(default=0.0, init=False)
    """Seconds, or beats, that ``a`` statements pass over."""

    moved: bool = field(default=False, init=False)
    """Whether the time 0 may be another than that of the call from here on."""

    tables: list[Table] = field(default_factory=list, init=False)
    starts: list[float] = field(default_factory=list, init=False)
    line: int = field(default=1, init=False)
    opened: str = field(default="", init=False)
    """Brackets that are not closed yet."""

    counters: list[str] = field(default_factory=list, init=False)
    loops: list[int] = field(default_factory=list, init=False)
    """How often each of the loops plays that are open."""

    repeated: tuple[int, str] = field(default=_ONCE, init=False)
    """How often the present section plays, and the macro that counts."""

    def __post_init__(self) -> None:
        """Read, up to what is wrong."""
        begins = True
        behind_loop = False
        expression = -1
        for match in _tokens(self.score):
            kind, text = str(match.lastgroup), match[0]
            if match["count"] is not None:
                kind = "loop"
            if behind_loop and text != "\n" and kind not in {"open", "string"}:
                continue  # what is left of the line that begins a loop is passed over
            behind_loop = kind == "loop" or (behind_loop and text != "\n")
            reason = self._wrong(kind, match, expression, begins=begins)
            if reason is not None:
                self.fault = Fault(self.line, reason)
                return
            if text in "[]":
                expression = match.end() if text == "[" else -1
            self.line += text.count("\n")
            begins = text == "\n" or (begins and kind in {"space", "comment", "loop"})
        if self.opened:
            self.fault = Fault(self.line, f"{self.opened[-1]} is not closed")
        elif (ahead := _NEXT.search(self.score)) and _PREVIOUS.search(self.score, ahead.end()):
            # Where a note refers to the next and that back to it, 6.18 and 7.0.0 follow them until the stack ends.
            self.fault = Fault(1, "np, and pp in a later line, may refer to each other")

    def _wrong(self, kind: str, match: re.Match[str], expression: int, *, begins: bool) -> str | None:
        """What is wrong with a token; ``expression`` is where the one that it stands in begins."""
        text, reason = match[0], None
        if kind == "open":
            reason = _UNFINISHED[text]
        elif kind == "string" and ("{" in text or "}" in text):
            # Every engine died of one: it looks for the ends of loops in texts too.
            reason = "a brace in a text"
        elif kind == "directive" and "[" not in self.opened:
            reason = "a preprocessor's directive among lines that are sent"
        elif kind == "macro" and text == "$":
            reason = "a macro without a name"
        elif kind == "loop":
            reason = self._loop(match)
        elif kind == "bracket":
            whole = text == "]" and expression >= 0
            reason = self._bracket(text) or (
                expression_fault(self.score[expression : match.start()], {*self.counters, self.repeated[1]})
                if whole
                else None
            )
        elif kind == "word" and _NO_WORD.match(text, 0 if not begins else len(text)):
            reason = f"{text!r} outside of a text"
        elif kind == "word" and begins:
            reason = self._statement(match.start())
        elif text == "\n" and self.opened and self.opened[-1] in "[(":
            reason = f"{self.opened[-1]} is not closed"
        return reason

    def _loop(self, match: re.Match[str]) -> str | None:
        count = match["count"]
        if "[" in self.opened or not count or int(count[:9]) == 0:
            return _UNCOUNTED
        if self.opened.count("{") == _DEEPEST:
            return _TOO_DEEP
        self.opened += "{"
        self.loops.append(int(count))
        self.counters.append(match["counter"] or "")
        self.statements += self._times()
        return None

    def _times(self) -> int:
        """How often what stands here is played."""
        times, _ = self.repeated
        for count in self.loops:
            times *= count
        return times

    def _statement(self, at: int) -> str | None:
        letter = self.score[at]
        self.statements += self._times()
        self.moved = self.moved or letter not in _OF_ITS_TIME
        if letter in "mn":
            # An engine remembers these over all calls, as places in a text that is gone: 6.18 and 7.0.0 died of an n
            # whose m had come in another call, and every engine plays a section for ever that plays itself.
            return f"{letter} names a section, which belongs into the score of a CSD"
        if letter == "a" and (advanced := _ADVANCE.match(self.score, at)):
            self.advance += self._times() * float(advanced[1])
        if letter == "s":
            self.repeated = _ONCE
        if letter == "r":
            repetition = _REPETITION.match(self.score, at)
            if repetition is None:
                return "r repeats a number of times"
            self.repeated = (int(repetition[1]), repetition[2] or "")
        fault = fields_fault(self.score, at)
        if fault is None and letter == "f":
            loops = list(zip(self.counters, self.loops, strict=True))
            made = _tables_at(self.score, at, loops, self._times(), begins=not self.moved)
            if not all(table.fits for table in made):
                return f"a table has a number up to {HIGHEST_TABLE}, and at most {LARGEST_TABLE} points"
            self.tables += made
        elif letter in "id" and (begins := _START.match(self.score, at)):
            self.starts += [float(begins[1])] * min(self._times(), _MOST_TIMES)
        return fault

    def _bracket(self, text: str) -> str | None:
        wanted = _PAIRS.get(text)
        if wanted is None:
            nested = text == "[" and "[" in self.opened
            self.opened += text
            return "an expression in an expression" if nested else None
        if not self.opened.endswith(wanted):
            return f"{text} without {wanted}"
        self.opened = self.opened[:-1]
        if text == "}":
            self.loops.pop()
            self.counters.pop()
        return None


def fields_fault(score: str, at: int) -> str | None:
    """What is wrong with the p-fields of the statement of ``score`` that begins at ``at``."""
    if _NO_FIELD.match(score, at):
        return f"{score[at]} needs a number"
    if _NO_NAME.match(score, at):
        return "that is no name of an instrument"
    if _UNTOLD_ADVANCE.match(score, at):
        return "a passes over a number of beats: a 0 0 10"
    return None


def expression_fault(expression: str, macros: AbstractSet[str] = frozenset()) -> str | None:
    """What is wrong with what stands in square brackets, None where nothing is. There are these ``macros``.

    Its operators wait on a stack as Csound keeps them, which folds one of the same rank and leaves the others.
    """
    waiting: list[str] = []
    operands, complete, place = 0, False, 0
    text = expression.rstrip(" ")
    while place < len(text):
        match = (_OPERATOR if complete else _OPERAND).match(text, place)
        if match is None:
            return "an expression that cannot be read"
        place = match.end()
        if not complete and match["macro"] is not None and match["macro"] not in macros:
            # 7.0.0 was ended by "-$N" where there was no N.
            return f"an unknown macro ${match['macro']}"
        if not complete and match["open"]:
            waiting.append("(")
        elif not complete:
            operands, complete = operands + 1, True
        elif match["close"]:
            while waiting and waiting.pop() != "(":
                operands -= 1
        else:
            operator = match["operator"]
            if waiting and waiting[-1] in _carried_out(operator):
                waiting.pop()
                operands -= 1
            waiting.append(operator)
            complete = False
        if max(len(waiting), operands) > _STACK or len(match[0]) > _DIGITS:
            return "an expression that is too long"
    return None if complete else "an expression that is not finished"


def expression_value(  # noqa: C901 - the kinds of signs in an expression
    expression: str, counters: Mapping[str, float]
) -> float | None:
    """What an expression without a fault comes to, as Csound works it out; None for one that draws a random number.

    ``2^10*8`` is 2 to the 80th: docs/upstream-faults.md#csound-score-expressions.
    """
    waiting: list[str] = []
    values: list[float] = []
    complete, place = False, 0
    text = expression.rstrip(" ")

    def carry_out() -> None:
        right, left = values.pop(), values.pop()
        values.append(_worked_out(waiting.pop(), left, right))

    while place < len(text):
        match = (_OPERATOR if complete else _OPERAND).match(text, place)
        if match is None:
            return None
        found, place = match[0].strip(), match.end()
        if not complete and match["open"]:
            waiting.append("(")
        elif not complete:
            value = _operand(found, match["macro"], counters)
            if value is None:
                return None
            values.append(value)
            complete = True
        elif match["close"]:
            while waiting and waiting[-1] != "(":
                carry_out()
            if waiting:
                waiting.pop()
        else:
            if waiting and waiting[-1] in _carried_out(match["operator"]):
                carry_out()
            waiting.append(match["operator"])
            complete = False
    while waiting and len(values) > 1:
        carry_out()
    return values[0] if values else None


def _operand(text: str, macro: str | None, counters: Mapping[str, float]) -> float | None:
    if macro is not None:
        value = counters.get(macro)
        return None if value is None else -value if text.startswith("-") else value
    if text.startswith("@"):
        number = int(text.lstrip("@"))
        return float((1 << max(0, number - 1).bit_length()) + (text.startswith("@@")))
    if text == "~":
        return None
    try:
        return float(text)
    except ValueError:
        return 0.0


_OPERATIONS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
    "%": fmod,
    "^": pow,
    "&": lambda left, right: float(int(left) & int(right)),
    "|": lambda left, right: float(int(left) | int(right)),
    "#": lambda left, right: float(int(left) ^ int(right)),
}


def _worked_out(operator: str, left: float, right: float) -> float:
    """Of two numbers one; infinite where that is no number."""
    try:
        return _OPERATIONS[operator](left, right)
    except (ArithmeticError, ValueError):
        return inf


def _carried_out(operator: str) -> str:
    """The operators that ``operator`` carries out where they wait before it."""
    if operator in "+-":
        return "+-*/%&|#^"
    return next((rank for rank in ("*/%", "&|#") if operator in rank), "")


def ended_by(instrument: float | str) -> float | str | None:
    """The p1 of the held note that this p1 ends, None where it begins one."""
    if isinstance(instrument, str):
        return instrument[1:] if instrument.startswith("-") else None
    return -instrument if instrument < 0 else None
