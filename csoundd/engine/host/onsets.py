"""Onsets inside a cycle: with ``--sample-accurate`` a scheduled note begins at the sample that holds its time.

A command runs at the edge of the cycle that holds its time. The frames from there to that time are added to the start
(p2) of the notes it plays, which Csound then keeps to the sample.

Csound 6 looks for the cycle by rounding and for the place in it by cutting off, so a note in the second half of a
cycle would be a cycle late. One that is said to begin a cycle earlier begins right: it is at most half a cycle past
(docs/upstream-faults.md#csound6-sample-accurate).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, cast

from csoundd.engine.csound.backend import Backend
from csoundd.errors import CsounddError
from csoundd.messages import Command, Frames

_METHODS: Final = frozenset({"csound.event", "csound.scoreEvent", "csound.scoreEventAsync"})
"""The methods whose arguments begin with the kind of event and its p-fields."""

_LINES: Final = frozenset({"csound.inputMessage", "csound.inputMessageAsync", "csound.eventString"})
_NOTE_LINE: Final = re.compile(r"""^(\s*i\s*(?:"[^"]*"|[^\s"]+)\s+)([-+.\deE]+)""", re.MULTILINE)
_START: Final = 1
_CSOUND_7: Final = 7000
_MIDDLE: Final = 0.5
"""Aims at the middle of a sample, so that no rounding leads into the one before."""

Args = list[object]


class Onsets:
    """Knows whether Csound places notes inside a cycle, from the start until :meth:`forget`.

    ``params`` asks it for its settings.
    """

    def __init__(self, backend: Backend, params: Callable[[], object]) -> None:
        self._backend = backend
        self._params = params
        self._accurate: bool | None = None

    def forget(self) -> None:
        """Csound was reset: its options may be others."""
        self._accurate = None

    def placed(self, command: Command, frames: Frames) -> Command:
        """``command``, whose notes begin ``frames`` after the cycle edge if Csound can do that."""
        if frames <= 0 or not self._can():
            return command
        return replace(command, args=self._placed(command.method, command.args, frames))

    def _can(self) -> bool:
        if self._accurate is None:
            try:
                params = cast("dict[str, Any]", self._params())
            except CsounddError:
                params = {}
            self._accurate = bool(params.get("sample_accurate"))
        return self._accurate

    def _placed(self, method: str, args: Args, frames: Frames) -> Args:
        if method == "engine.batch":
            calls = cast("list[tuple[str, Args]]", args[0])
            return [[(name, self._placed(name, inner, frames)) for name, inner in calls]]
        if method in _METHODS and args[0] == "i":
            return [args[0], self._fields(cast("list[float | str]", args[1]), frames), *args[2:]]
        if method in _LINES:
            return [
                _NOTE_LINE.sub(lambda line: line[1] + self._in_line(float(line[2]), frames), str(args[0])),
                *args[1:],
            ]
        return args

    def _fields(self, pfields: list[float | str], frames: Frames) -> list[float | str]:
        fields = list(pfields)
        if len(fields) > _START and not isinstance(fields[_START], str):
            # What has a text in it goes to Csound as a line.
            in_line = any(isinstance(field, str) for field in fields)
            start = float(fields[_START])
            fields[_START] = float(self._in_line(start, frames)) if in_line else self._start(start, frames)
        return fields

    def _start(self, start: float, frames: Frames) -> float:
        backend = self._backend
        at, cycle = start * backend.sr + frames + _MIDDLE, backend.ksmps
        rounded = backend.version < _CSOUND_7 and at % cycle >= cycle / 2
        if rounded and backend.score_time() * backend.sr >= cycle:
            at -= cycle
        return at / backend.sr

    def _in_line(self, start: float, frames: Frames) -> str:
        """A line can name no time that is past, so its note is in the first half of the cycle at the latest."""
        backend = self._backend
        at, cycle = start * backend.sr + frames + _MIDDLE, backend.ksmps
        if backend.version < _CSOUND_7:
            at -= max(0.0, at % cycle - (cycle / 2 - 1))
        return f"{at / backend.sr:.9f}"
