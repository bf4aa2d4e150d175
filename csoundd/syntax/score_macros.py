"""The macros and conditions of a score, put in as Csound's preprocessor does it.

6.18, 7.0.0 and the embedded engine die of a macro that is not finished, of arguments that do not fit and of a condition
that is not paired: their way out of an error leads to a place that is gone when a text comes over the API
(docs/upstream-faults.md#csound-unended-text). So macros are expanded here, and what comes of them is looked at. Csound
still gets the text as it was sent, and expands it itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from csoundd.limits import SCORE_CHARACTERS, SCORE_MACROS_NESTED
from csoundd.syntax import UNDECODED
from csoundd.syntax.includes import LONGEST_NAME, Read, folder_within, found
from csoundd.syntax.lexer import Macro


class Broken(Exception):
    """A macro, a condition or an included file that ends a Csound, and its line, of ``file`` where that is one."""

    def __init__(self, reason: str, line: int = 0, file: str = "") -> None:
        super().__init__(reason)
        self.reason, self.line, self.file = reason, line, file


class Unknown(Exception):
    """The result of a score depends on something that is not in it."""


def expanded(score: str) -> str:
    """Lines that are sent without comments, macros and conditions; a macro that there is not stays in them.

    Raises Broken for what a Csound dies of, files that are included among it.
    """
    return _Expander(None).expanded(score)


def expanded_file(score: str, read: Read) -> dict[str, str]:
    """The score of a CSD without comments, macros and conditions, and by their names the files that it includes.

    A macro that there is not may be one of the command line's: it stands for a number. Raises Broken for what a Csound
    dies of, and Unknown for what cannot be told.
    """
    expander = _Expander(read)
    return {"": expander.expanded(score), **expander.files}


_PIECE: Final = re.compile(
    r"""
      (?P<comment>/\*(?s:.*?)\*/|(?:;|//)[^\n]*)
    | (?P<open>/\*)
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<define>\#[ \t]*define\b)
    | (?P<undef>\#undef[ \t]+(?P<undefined>\w+))
    | (?P<condition>\#ifn?def[ \t]+(?P<asked>\w+))
    | (?P<else>\#else\b)
    | (?P<end>\#end(?:if)?\b)
    | (?P<include>\#include\w*)
    | (?P<bare>\#(?:undef|ifn?def)\b)
    | (?P<macro>\$(?P<name>[A-Za-z_]\w*)\.?)
    | (?P<dollar>\$)
    | (?P<other>(?s:.)[^/;"\#$\n]*|\n)
    """,
    re.VERBOSE,
)
_DEFINITION: Final = re.compile(
    r"\#[ \t]*define[ \t]+([A-Za-z_]\w*)(\([^)\n]{0,2000}\))?"
    r"(?:\s|(?:;|//)[^\n]*|/\*(?s:.*?)\*/)*+\#((?:\\(?s:.)|[^\\\#])*)\#"
)
_NAME: Final = re.compile(r"[ \t]*(?P<mark>\S)(?P<name>(?:(?!(?P=mark))[^\n])*)(?P=mark)")
_UNFINISHED_CONDITION: Final = "#ifdef without #end"
_COUNTER: Final = "1"


@dataclass(slots=True)
class _Expander:
    """Expands the macros of a score; ``line`` is the one that it is in, of ``file``. Without ``read`` it is sent."""

    read: Read | None
    line: int = 1
    file: str = ""
    folder: str = ""
    files: dict[str, str] = field(default_factory=dict)
    _macros: dict[str, Macro] = field(default_factory=dict)
    _around: tuple[str, ...] = ()
    """The files that include the present one, and that."""

    _conditions: list[tuple[int, bool, bool]] = field(default_factory=list)
    """The lines of the conditions that are open, whether what stands there is passed over, and had its ``#else``."""

    _made: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def is_sent(self) -> bool:
        return self.read is None

    def expanded(self, score: str) -> str:
        """``score`` without comments and macros. Raises Unknown where that cannot be told."""
        try:
            self._expand(score, 0)
        except Broken as broken:
            raise broken if broken.line else Broken(broken.reason, self.line, self.file) from None
        if self._conditions:
            raise Broken(_UNFINISHED_CONDITION, self._conditions[-1][0], self.file)
        return "".join(self._made)

    def _give(self, text: str) -> None:
        self._made.append(text)
        self._length += len(text)
        if self._length > SCORE_CHARACTERS:
            raise Broken(f"its macros make more than {SCORE_CHARACTERS} characters of it")

    def _expand(self, text: str, nesting: int) -> None:
        at = 0
        while match := _PIECE.match(text, at):
            if match["end"] or match["else"] or match["condition"]:
                self._condition(match)
                at = match.end()
            elif any(passed for _line, passed, _else in self._conditions):
                self._pass_over(match)
                at = match.end()
            elif match["macro"]:
                at = self._use(match, text, nesting)
            elif match["define"]:
                at = self._define(text, match.start())
            elif match["include"] and self.read is not None:
                at = self._include(self.read, match, text)
            else:
                self._take(match)
                at = match.end()
            if nesting == 0:
                self.line += text.count("\n", match.start(), at)

    def _take(self, match: re.Match[str]) -> None:
        """Take a piece that neither is a macro nor a condition."""
        if match["comment"]:
            self._give(_blank(match[0]))
        elif match["undef"]:
            if self._macros.pop(match["undefined"], None) is None:
                raise Broken(f"#undef of {match['undefined']}, which is no macro")
        elif match["include"] or match["dollar"]:
            if not self.is_sent:
                raise Unknown
            raise Broken("lines that are sent include no files" if match["include"] else "a macro without a name")
        elif match["open"] or match["bare"]:
            raise Broken("a comment that has no end" if match["open"] else f"{match['bare']} without a name")
        else:
            if match["string"]:
                self._check_string(match[0])
            self._give(match[0])

    def _include(self, read: Read, match: re.Match[str], text: str) -> int:
        """Take a file into ``files``: the position of the end of the line that includes it."""
        named = _NAME.match(text, match.end())
        end = text.find("\n", match.end())
        if named is None:
            raise Unknown
        name = named["name"]
        if self.file and end < 0:
            # The end of the line is looked for behind the end of the file: 6.18 died of it.
            raise Broken("an #include in the last line of a file, which has no end")
        if len(name.encode(errors=UNDECODED)) > LONGEST_NAME:
            raise Broken(f"the name of an included file has more than {LONGEST_NAME} bytes")
        there = found(read, self.folder, name)
        if there is None:
            raise Broken(f"cannot open the included file {name!r}")
        if there[0] in self._around:
            raise Broken(f"{name!r} includes itself")
        folder, around = folder_within(self.folder, name), (*self._around, there[0])
        inner = _Expander(read, 1, there[0], folder, self.files, self._macros, around)
        self.files[there[0]] = inner.expanded(there[1])
        return end if end >= 0 else len(text)

    def _pass_over(self, match: re.Match[str]) -> None:
        """Csound looks for the end of what it passes over in comments too."""
        if (match["comment"] or match["string"]) and _DIRECTIVE.search(match[0]):
            raise Broken("a directive in a comment or a text that is passed over")
        self._give(_blank(match[0]))

    def _check_string(self, text: str) -> None:
        """Csound expands macros in a string as well."""
        for name in re.findall(r"\$([A-Za-z_]\w*)", text):
            if name in self._macros and self._macros[name].parameters:
                raise Broken(f"the macro {name} needs arguments, and is used in a text")

    def _condition(self, match: re.Match[str]) -> None:
        if match["condition"]:
            is_defined = match["asked"] in self._macros
            self._conditions.append((self.line, is_defined == match["condition"].startswith("#ifndef"), False))
            return
        if not self._conditions:
            raise Broken(f"{match[0]} without #ifdef")
        line, passed, had_else = self._conditions.pop()
        if match["else"]:
            if had_else:
                raise Broken("a second #else")
            self._conditions.append((line, not passed, True))

    def _define(self, text: str, at: int) -> int:
        found = _DEFINITION.match(text, at)
        if found is None:
            raise Broken("a macro that has no end")
        parameters = tuple(name.strip() for name in re.split(r"['#]", found[2][1:-1])) if found[2] else ()
        self._macros[found[1]] = Macro(found[1], parameters, found[3].replace("\\#", "#"))
        self._give("\n" * found[0].count("\n"))
        return found.end()

    def _use(self, match: re.Match[str], text: str, nesting: int) -> int:
        """Put in what a macro stands for: where the text goes on. One that there is not stays as it is."""
        at, macro = match.end(), self._macros.get(match["name"])
        if macro is None:
            # In a score of a file it may be one of the command line's.
            self._give(match[0] if self.is_sent else _COUNTER)
            return at
        if nesting >= SCORE_MACROS_NESTED:
            raise Broken(f"the macro {macro.name} uses itself")
        body = macro.body
        if macro.parameters:
            if not text.startswith("(", at):
                raise Broken(f"the macro {macro.name} needs its arguments") if self.is_sent else Unknown
            given, at = _arguments(text, at + 1)
            if len(given) != len(macro.parameters):
                raise Broken(f"the macro {macro.name} needs {len(macro.parameters)} arguments")
            values = dict(zip(macro.parameters, given, strict=True))
            body = _ARGUMENT.sub(lambda found: values.get(found[1], found[0]), body)
        self._expand(body, nesting + 1)
        return at


_ARGUMENT: Final = re.compile(r"\$([A-Za-z_]\w*)\.?")
_DIRECTIVE: Final = re.compile(r"#(?:ifn?def|else|end)")


def _arguments(text: str, at: int) -> tuple[list[str], int]:
    """The arguments of a macro from behind their bracket on, and where the text goes on; none where they do not end."""
    given, depth = [""], 0
    for place in range(at, len(text)):
        mark = text[place]
        if mark == ")" and not depth:
            return given, place + 1
        if mark in "'#" and not depth:
            given.append("")
            continue
        depth += (mark == "(") - (mark == ")")
        given[-1] += mark
    return [], len(text)


def _blank(text: str) -> str:
    """As many spaces, on as many lines."""
    return "".join(mark if mark == "\n" else " " for mark in text)
