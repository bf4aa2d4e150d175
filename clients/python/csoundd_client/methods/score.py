"""Events and score time.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import ArrayLike, Timing


class Score(Namespace):
    """Events and score time."""

    def event(
        self, kind: str, pfields: Sequence[float | str] | ArrayLike, block: bool = True, **timing: Unpack[Timing]
    ) -> Call[None]:
        """Send an event: ``i`` a note, ``f`` a table, ``e`` the end. ``block`` false does not wait for the engine.

        A text among the p-fields names an instrument or is one of its texts. Raises InvalidParams for other kinds.
        """
        return self._request("csound.event", [kind, pfields, block], timing)

    def eventString(self, message: str, block: bool = True, **timing: Unpack[Timing]) -> Call[None]:
        """Send events written as score lines; carrying p-fields over works. ``block`` false does not wait."""
        return self._request("csound.eventString", [message, block], timing)

    def scoreEvent(self, kind: str, pfields: Sequence[float | str] | ArrayLike, **timing: Unpack[Timing]) -> Call[int]:
        """Send an event, as ``event`` does, and answer 0 when it was accepted."""
        return self._request("csound.scoreEvent", [kind, pfields], timing)

    def scoreEventAsync(
        self, kind: str, pfields: Sequence[float | str] | ArrayLike, **timing: Unpack[Timing]
    ) -> Call[None]:
        """Send an event without waiting for the engine."""
        return self._request("csound.scoreEventAsync", [kind, pfields], timing)

    def inputMessage(self, message: str, **timing: Unpack[Timing]) -> Call[None]:
        """Send events written as score lines."""
        return self._request("csound.inputMessage", [message], timing)

    def inputMessageAsync(self, message: str, **timing: Unpack[Timing]) -> Call[None]:
        """Send events written as score lines without waiting for the engine."""
        return self._request("csound.inputMessageAsync", [message], timing)

    def setEndMarker(self, time: float, **timing: Unpack[Timing]) -> Call[None]:
        """Let the performance end so many seconds from now. It is the end for every client."""
        return self._request("csound.setEndMarker", [time], timing)

    def instrNumber(self, name: str, **timing: Unpack[Timing]) -> Call[int]:
        """The number that Csound gave a named instrument, -1 where there is none of that name."""
        return self._request("csound.instrNumber", [name], timing)

    def killInstance(
        self, instr: float | str, mode: int, allowRelease: bool = True, **timing: Unpack[Timing]
    ) -> Call[None]:
        """End notes of an instrument, given by number or name; with ``allowRelease`` they may fade first.

        ``mode`` is 0 for all of them, 1 for the oldest, 2 for the newest; 4 is added to match the fraction of the
        instrument's number exactly, 8 to take held notes (negative p3) only.
        """
        return self._request("csound.killInstance", [instr, mode, allowRelease], timing)

    def scoreTime(self, **timing: Unpack[Timing]) -> Call[float]:
        """Seconds of score performed so far."""
        return self._request("csound.scoreTime", [], timing)

    def isScorePending(self, **timing: Unpack[Timing]) -> Call[bool]:
        """Whether the events of the score are performed, or left out."""
        return self._request("csound.isScorePending", [], timing)

    def setScorePending(self, pending: bool, **timing: Unpack[Timing]) -> Call[None]:
        """Perform the events of the score, or with false leave them out and play only what comes from outside."""
        return self._request("csound.setScorePending", [pending], timing)

    def scoreOffsetSeconds(self, **timing: Unpack[Timing]) -> Call[float]:
        """The score time, in seconds, at which the score begins."""
        return self._request("csound.scoreOffsetSeconds", [], timing)

    def setScoreOffsetSeconds(self, time: float, **timing: Unpack[Timing]) -> Call[None]:
        """Begin the score at this score time: what comes before is passed over. In seconds."""
        return self._request("csound.setScoreOffsetSeconds", [time], timing)

    def rewindScore(self, **timing: Unpack[Timing]) -> Call[None]:
        """Go back to where the score begins, which setScoreOffsetSeconds says. What had ended can be played again."""
        return self._request("csound.rewindScore", [], timing)
