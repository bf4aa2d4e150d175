"""The log of a render: what Csound prints, as much of it as is kept."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable
from typing import Final

from csoundd.limits import PRINTED_LINE_CHARACTERS, RENDER_LOG_LINES, RENDER_WARNINGS
from csoundd.render.messages import is_missing_file, is_warning, plain, reached, said

_LINE: Final = re.compile(r"\b([Ll]ine:? )(\d{1,9})\b")


class Log:
    """What Csound prints over one render: its beginning and its end, its warnings, and the number of the rest."""

    def __init__(self, most_seconds: float = math.inf, line_of: Callable[[int], int] | None = None) -> None:
        """Of what Csound tells as being later than ``most_seconds`` of the score nothing is missing.

        ``line_of`` gives the number that a line of the code has in the piece, where that is another one.
        """
        self._most_seconds, self._at = most_seconds, 0.0
        self._line_of = line_of
        self.warnings: dict[str, None] = {}
        self.warning_count = 0
        self.missing = ""
        """The first line that told of a file that was not there."""

        self.all_missing: dict[str, None] = {}
        self.lines = 0
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=RENDER_LOG_LINES // 2)

    def add(self, printed: list[tuple[str, int]], dropped: int) -> None:
        """Take in what was printed, and how much was too much to be read."""
        self.lines += len(printed) + dropped
        for text, attr in printed:
            line = plain(text)[:PRINTED_LINE_CHARACTERS]
            if self._line_of is not None:
                line = _LINE.sub(self._renumbered, line)
            if len(self._first) < RENDER_LOG_LINES // 2:
                self._first.append(line)
            else:
                self._last.append(line)
            self._at = reached(line) or self._at
            if is_warning(line, attr):
                self.warning_count += 1
                if len(self.warnings) < RENDER_WARNINGS:
                    self.warnings[line] = None
                if self._at < self._most_seconds and is_missing_file(line):
                    self.missing = self.missing or said(line)
                    if len(self.all_missing) < RENDER_WARNINGS:
                        self.all_missing[line] = None

    def _renumbered(self, found: re.Match[str]) -> str:
        assert self._line_of is not None
        return f"{found[1]}{self._line_of(int(found[2]))}"

    def kept(self) -> list[str]:
        """The lines that are kept, with a line that says how many are not."""
        left = self.lines - len(self._first) - len(self._last)
        return [*self._first, *([f"… {left} more lines …"] if left else []), *self._last]
