"""The files that an event reads: a table can be filled from any file, and only who may compile leaves the workspace.

Csound's ``f`` statements name files (GEN 1, 23, 28 and others), and a score may include one. A caller with the scope
``control`` alone is let to those of the workspace, as they are to everybody who may read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from csoundd.access.grants import Grant
from csoundd.api.declare import Method
from csoundd.errors import Forbidden
from csoundd.syntax.score_lines import statements_in
from csoundd.syntax.score_macros import Broken, Unknown, expanded

_INCLUDE: Final = re.compile(r"#\s*include")
_TABLE: Final = "f"


class EventReach:
    """Checks the events among the arguments of one method."""

    def __init__(self, method: Method) -> None:
        names = list(method.signature.parameters) if method.spec.journal == "event" else []
        self._text = next((names.index(name) for name in ("message", "s") if name in names), None)
        self._kind = names.index("kind") if "kind" in names else None
        self._fields = names.index("pfields") if "pfields" in names else None

    @property
    def sends_events(self) -> bool:
        """Whether there is anything to check."""
        return self._text is not None or self._fields is not None

    def check(self, arguments: list[object], grant: Grant) -> None:
        """Raise Forbidden where an event reads a file outside of the workspace, and ``grant`` is not to compile."""
        if "compile" in grant.scopes:
            return
        if self._text is not None:
            _check_text(str(arguments[self._text]))
        elif self._fields is not None and self._kind is not None:
            fields = arguments[self._fields]
            if str(arguments[self._kind]).startswith(_TABLE) and isinstance(fields, list):
                _check_files(field for field in fields if isinstance(field, str))


def _check_text(score: str) -> None:
    try:
        whole = expanded(score) if "#" in score else score
    except (Broken, Unknown):
        whole = score
    if _INCLUDE.search(score) or _INCLUDE.search(whole):
        raise Forbidden("a score that includes a file needs the scope compile", scope="compile")
    if _TABLE in whole:
        for statement in statements_in(whole):
            if statement.letter == _TABLE:
                _check_files(field.text.strip('"') for field in statement.fields if '"' in field.text)


def _check_files(names: Iterable[str]) -> None:
    for name in names:
        for path in (PurePosixPath(name), PureWindowsPath(name)):
            if path.anchor or ".." in path.parts or name.startswith("~"):
                what = "an f statement that reads a file outside of the workspace needs the scope compile"
                raise Forbidden(what, hint="put the file into the workspace", scope="compile")
