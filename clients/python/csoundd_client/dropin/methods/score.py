"""Events and score time.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Score(Blocking):
    """Events and score time."""

    def eventString(self, message: str, block: bool = True) -> None:
        """Send events written as score lines; carrying p-fields over works. ``block`` false does not wait."""
        self._tell("csound.eventString", [message, block])

    def inputMessage(self, message: str) -> None:
        """Send events written as score lines."""
        self._tell("csound.inputMessage", [message])

    def inputMessageAsync(self, message: str) -> None:
        """Send events written as score lines without waiting for the engine."""
        self._tell("csound.inputMessageAsync", [message])

    def setEndMarker(self, time: float) -> None:
        """Let the performance end so many seconds from now. It is the end for every client."""
        self._do("csound.setEndMarker", [time])

    def instrNumber(self, name: str) -> int:
        """The number that Csound gave a named instrument, -1 where there is none of that name."""
        return self._ask("csound.instrNumber", [name])

    def killInstance(self, instr: float | str, mode: int, allowRelease: bool = True) -> None:
        """End notes of an instrument, given by number or name; with ``allowRelease`` they may fade first.

        ``mode`` is 0 for all of them, 1 for the oldest, 2 for the newest; 4 is added to match the fraction of the
        instrument's number exactly, 8 to take held notes (negative p3) only.
        """
        self._do("csound.killInstance", [instr, mode, allowRelease])

    def scoreTime(self) -> float:
        """Seconds of score performed so far."""
        return self._ask("csound.scoreTime", [])

    def isScorePending(self) -> bool:
        """Whether the events of the score are performed, or left out."""
        return self._ask("csound.isScorePending", [])

    def setScorePending(self, pending: bool) -> None:
        """Perform the events of the score, or with false leave them out and play only what comes from outside."""
        self._do("csound.setScorePending", [pending])

    def scoreOffsetSeconds(self) -> float:
        """The score time, in seconds, at which the score begins."""
        return self._ask("csound.scoreOffsetSeconds", [])

    def setScoreOffsetSeconds(self, time: float) -> None:
        """Begin the score at this score time: what comes before is passed over. In seconds."""
        self._do("csound.setScoreOffsetSeconds", [time])

    def rewindScore(self) -> None:
        """Go back to where the score begins, which setScoreOffsetSeconds says. What had ended can be played again."""
        self._do("csound.rewindScore", [])
