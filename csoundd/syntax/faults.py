"""Text that is not finished, or that nothing can be made of: what kills a Csound instead of being refused by it.

Csound leaves a preprocessor's error with a jump to where it was started, a place that is gone when a text comes over
its API: 6.18 and 7.0.0 die of a comment without an end, 6.18 of any error in a score, the embedded engine of a
``#ifdef`` without an ``#end``. None of what is refused here is legal anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf, isinf
from typing import Final

from csoundd.limits import CONSTANT_TOKENS, INCLUDED_FILES
from csoundd.syntax import UNDECODED
from csoundd.syntax.includes import LONGEST_NAME, Read, folder_within, found
from csoundd.syntax.lexer import Kind, Token, macro_of, significant, tokens


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its line, counted from 1, in the code or in a ``file`` that it includes.

    Where something is too long for a Csound, ``limit`` is what it takes at most.
    """

    line: int
    reason: str
    file: str = ""
    limit: int | None = None

    def __str__(self) -> str:
        return f"{self.file + ', ' if self.file else ''}line {self.line}: {self.reason}"


_NEED_NAME: Final = frozenset({"define", "undef", "ifdef", "ifndef", "include"})
"""Directives that the lexer did not recognize as such, as their names are missing."""

MOST_CHANNELS: Final = 256
"""Csound counts what each channel puts out in arrays of this length, and writes behind them where there are more."""

CYCLE_SAMPLES: Final = 1 << 24
"""Samples of all channels in a cycle, 128 MiB of them: 6.18 and 7.0.0 count in 32 bits, and died of 2 to the 32nd."""

MOST_RATE: Final = 1e9
"""Samples a second. 6.18 did not come to the end of a cycle with 1e12."""

_CHANNELS: Final = frozenset({"nchnls", "nchnls_i"})


@dataclass(frozen=True, slots=True)
class CodeRules:
    """The rules that one Csound has for an orchestra beside those of all of them.

    ``word`` is how many characters a name, a number or a run of blanks has at most, ``operators`` how many a line has,
    its macros put in. With ``finite`` no constant may come to infinity, with ``found`` every file that is included
    has to be there.
    """

    word: float = inf
    operators: float = inf
    finite: bool = False
    found: bool = False


_WORDS: Final = frozenset({Kind.NAME, Kind.NUMBER, Kind.MACRO, Kind.SPACE})
_OPERATORS: Final = frozenset("+*/^%&|")
"""Those that stand between two operands only: a table's data may be thousands of negative numbers."""

_SUSPECT: Final = re.compile(r"/\*|#|\bnchnls|\\[ \t]*(?:;|[\r\n])|[^\r\n]{500}|\0")
"""What an orchestra has that needs a look: anything unfinished, its channels, a long line, one that goes on, a NUL."""

_WHOLE_MACRO: Final = re.compile(r"#[ \t]*define[ \t]*\w+(?:\([^)]*\))?[^#]*#(?:\\.|[^\\#])*#\Z", re.DOTALL)


def orchestra_fault(code: str, read: Read | None = None, rules: CodeRules = CodeRules()) -> Fault | None:
    """What keeps an orchestra from being read to its end, or from being reset, None where nothing does.

    With ``read`` the files are looked at that it includes, but for those that a condition may leave out.
    """
    return _Orchestra(read, rules).fault_in(code)


class _Orchestra:
    """Looks through an orchestra and what it includes."""

    def __init__(self, read: Read | None, rules: CodeRules) -> None:
        self._read, self._rules = read, rules
        self._left = INCLUDED_FILES
        self._weights: dict[str, int] = {}
        """The operators that each macro brings into a line."""

    def fault_in(self, text: str, file: str = "", folder: str = "", around: tuple[str, ...] = ()) -> Fault | None:
        """What is wrong with ``text``, that of ``file``, which stands in the files ``around`` it."""
        if self._rules.finite and (infinite := infinite_constant(text)) is not None:
            return Fault(infinite.line, infinite.reason, file)
        if not _SUSPECT.search(text):
            return None
        unread = self._unread(text, file, folder, around)
        return _too_many_channels(text, file) if unread is None and "nchnls" in text else unread

    def _unread(self, text: str, file: str, folder: str, around: tuple[str, ...]) -> Fault | None:
        """What keeps ``text`` from being read to its end."""
        conditions: list[int] = []
        before, operators = "", 0
        for token in tokens(text):
            if before == "#" and token.text in _NEED_NAME:
                return Fault(token.line, f"#{token.text} without a name", file)
            before = token.text
            if token.kind is Kind.EXIT:
                return None
            operators = 0 if token.kind is Kind.NEWLINE else operators + self._operators_of(token)
            reason = _unfinished(token) or _unpaired(token, conditions) or self._unfit(token)
            fault = self._too_long(token, operators, file) if reason is None else Fault(token.line, reason, file)
            if fault is None and token.kind is Kind.INCLUDE and not conditions:
                ends = "\n" not in text[token.end :]
                fault = self._fault_of_include(token, file, folder, around, ends=ends)
            if fault is not None:
                return fault
        return Fault(conditions[-1], "#ifdef without #end", file) if conditions else None

    def _too_long(self, token: Token, operators: int, file: str) -> Fault | None:
        """What is too long for a Csound: a word, a line of so many ``operators`` up to here, the name of a file."""
        rules = self._rules
        if token.kind in _WORDS and len(token.text) > rules.word:
            return Fault(token.line, f"a word of more than {rules.word} characters", file, int(rules.word))
        if operators > rules.operators:
            return Fault(token.line, f"more than {rules.operators} operators in a line", file, int(rules.operators))
        if token.kind is Kind.INCLUDE and len(token.value.encode(errors=UNDECODED)) > LONGEST_NAME:
            reason = f"the name of an included file has more than {LONGEST_NAME} bytes"
            return Fault(token.line, reason, file, LONGEST_NAME)
        return None

    def _unfit(self, token: Token) -> str | None:
        """What is wrong with the body of a macro, or with a sign that no text may have."""
        if token.text == "\0":
            return "a NUL character"
        if token.kind is not Kind.DEFINE or not self._rules.finite:
            return None
        macro = macro_of(token)
        infinite = infinite_constant(macro.body) if macro is not None else None
        return None if infinite is None else infinite.reason

    def _operators_of(self, token: Token) -> int:
        """The operators that a token stands for, as far as the compiler sees them in one line."""
        if token.kind is Kind.MACRO:
            return self._weights.get(token.value, 0)
        if token.kind is Kind.DEFINE and (macro := macro_of(token)) is not None:
            most = count = 0
            for inner in tokens(macro.body):
                count = 0 if inner.kind is Kind.NEWLINE else count + self._operators_of(inner)
                most = max(most, count)
            self._weights[macro.name] = most
            return 0
        return int(token.kind is Kind.SYMBOL and token.text in _OPERATORS)

    def _fault_of_include(
        self, token: Token, file: str, folder: str, around: tuple[str, ...], *, ends: bool
    ) -> Fault | None:
        """What is wrong with ``token``, with which ``file`` includes another, or ``ends``, or with what is in that."""
        name = token.value
        if file and ends:
            # The end of the line is looked for behind the end of the file: every engine died of it.
            return Fault(token.line, "an #include in the last line of a file, which has no end", file)
        if name in around:
            return Fault(token.line, f"{name!r} includes itself", file)
        if self._read is None or self._left <= 0:
            return None
        there = found(self._read, folder, name)
        if there is not None:
            self._left -= 1
            return self.fault_in(there[1], there[0], folder_within(folder, name), (*around, name))
        # The name of #includestr may hold macros.
        is_missing = self._rules.found and "$" not in name
        return Fault(token.line, f"cannot open the included file {name!r}", file) if is_missing else None


def _unfinished(token: Token) -> str | None:
    if token.kind is Kind.COMMENT and token.text.startswith("/*"):
        closed = len(token.text) >= len("/**/") and token.text.endswith("*/")
        return None if closed else "a comment that has no end"
    if token.kind is Kind.DEFINE and not _WHOLE_MACRO.match(token.text):
        return "a macro that has no end"
    return None


def _too_many_channels(text: str, file: str) -> Fault | None:
    """The first ``nchnls`` for which there is no room; what macros say is not known, nor which conditions hold.

    docs/upstream-faults.md#csound-channels
    """
    conditions = 0
    line: list[Token] = []
    for token in significant(text + "\n"):
        conditions += (token.kind in {Kind.IFDEF, Kind.IFNDEF}) - (token.kind is Kind.ENDIF)
        if token.kind is Kind.EXIT:
            break
        if token.kind is Kind.NEWLINE:
            if line and not conditions and _channels(line[1:]) > MOST_CHANNELS:
                return Fault(line[0].line, f"{line[0].text} is at most {MOST_CHANNELS}", file)
            line = []
        elif line or token.text in _CHANNELS:
            line.append(token)
    return None


def _channels(assigned: list[Token]) -> float:
    """The constant that a header's line assigns, 0 where it is none."""
    if not assigned or assigned[0].text != "=":
        return 0.0
    try:
        return _worked_out(assigned, 1, 0)[0]
    except (_NoConstant, ValueError):
        return 0.0
    except _Infinite:
        return inf


def _unpaired(token: Token, conditions: list[int]) -> str | None:
    """What is wrong with a ``#ifdef``, ``#else`` or ``#end``; ``conditions`` are the lines of those that are open."""
    if token.kind in {Kind.IFDEF, Kind.IFNDEF}:
        conditions.append(token.line)
    elif token.kind in {Kind.ELSE, Kind.ENDIF} and not conditions:
        return f"{token.text} without #ifdef"
    elif token.kind is Kind.ENDIF:
        conditions.pop()
    return None


class _Infinite(Exception):
    """A constant that comes to infinity."""


class _NoConstant(Exception):
    """The text is no expression of numbers alone."""


_RANKS: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_OF_CONSTANTS: Final = frozenset({*_RANKS, "(", ")"})
_MAY_OVERFLOW: Final = re.compile(r"[/^]|[eE]\+?\d{3}|\d{100}")


def infinite_constant(code: str) -> Fault | None:
    """The first constant of an orchestra that comes to infinity, of which Csound 6 makes a variable that is not there.

    docs/upstream-faults.md#csound6-infinite-constant
    """
    if not _MAY_OVERFLOW.search(code):
        return None
    run: list[Token] = []
    for token in significant(code + "\n"):
        if token.kind is Kind.NUMBER or token.text in _OF_CONSTANTS:
            run.append(token)
        elif run:
            if 1 < len(run) <= CONSTANT_TOKENS and _comes_to_infinity(run):
                return Fault(run[0].line, "a constant that is infinite")
            run = []
    return None


def _comes_to_infinity(run: list[Token]) -> bool:
    at = 0
    while at < len(run):
        try:
            _, at = _worked_out(run, at, 0)
        except _NoConstant:
            pass
        except _Infinite:
            return True
        at += 1
    return False


def _worked_out(run: list[Token], at: int, least: int) -> tuple[float, int]:
    """The constant that begins at ``at``, of operators of this rank and above, and where it ends."""
    if at >= len(run) or run[at].text in "*/^)":
        raise _NoConstant
    first = run[at].text
    if first == "(":
        value, at = _worked_out(run, at + 1, 0)
        if at >= len(run) or run[at].text != ")":
            raise _NoConstant
        at += 1
    elif first in "+-":
        value, at = _worked_out(run, at + 1, _RANKS["^"])
        value = -value if first == "-" else value
    else:
        value, at = float(int(first, 16)) if first[:2] in {"0x", "0X"} else float(first), at + 1
    while at < len(run) and _RANKS.get(run[at].text, -1) >= least:
        operator = run[at].text
        right, at = _worked_out(run, at + 1, _RANKS[operator] + 1)
        value = _applied(operator, value, right)
    return value, at


def _applied(operator: str, left: float, right: float) -> float:
    """The result of an operator. Raises _Infinite for an infinite one of finite numbers."""
    try:
        result = {"+": left + right, "-": left - right, "*": left * right}.get(operator)
        if result is None:
            result = left / right if operator == "/" else abs(left) ** right
    except (OverflowError, ZeroDivisionError):
        raise _Infinite from None
    if isinf(result):
        raise _Infinite
    return result
