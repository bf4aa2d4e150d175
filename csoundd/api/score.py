"""Score: events from outside, and where in score time the performance is.

An event's time (p2) counts from the cycle in which it arrives, in seconds. Events that come before the start
are part of the score.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import CInt, Finite, PFields, Time

NOTE: list[float] = [1, 0, 1, 0.2, 440]
HELD = Call("csound.scoreEvent", ("i", ["Bell", 0, -1]))


class Score(MethodGroup):
    """Events and score time."""

    @method(
        journal="event",
        examples=(
            Example({"kind": "i", "pfields": NOTE}, None),
            Example({"kind": "i", "pfields": ["Bell", 0, 2]}, None),
        ),
    )
    def event(self, kind: str, pfields: PFields, block: bool = True) -> None:
        """Send an event: ``i`` a note, ``f`` a table, ``e`` the end. ``block`` false does not wait for the engine.

        A text among the p-fields names an instrument or is one of its texts. Raises InvalidParams for other kinds.
        """
        ...

    @method(
        journal="event",
        examples=(Example({"message": "i 1 0 1 0.2 440\ni 1 + . . 660"}, None),),
    )
    def eventString(self, message: str, block: bool = True) -> None:
        """Send events written as score lines; carrying p-fields over works. ``block`` false does not wait."""
        ...

    @method(
        journal="event",
        examples=(
            Example({"kind": "i", "pfields": NOTE}, 0),
            Example({"kind": "i", "pfields": ["Bell", 0, 2]}, 0),
        ),
    )
    def scoreEvent(self, kind: str, pfields: PFields) -> int:
        """Send an event, as ``event`` does, and answer 0 when it was accepted."""
        ...

    @method(journal="event", examples=(Example({"kind": "i", "pfields": NOTE}, None),))
    def scoreEventAsync(self, kind: str, pfields: PFields) -> None:
        """Send an event without waiting for the engine."""
        ...

    @method(journal="event", examples=(Example({"message": "i 1 0 1 0.2 440"}, None),))
    def inputMessage(self, message: str) -> None:
        """Send events written as score lines."""
        ...

    @method(journal="event", examples=(Example({"message": "i 1 0 1 0.2 440"}, None),))
    def inputMessageAsync(self, message: str) -> None:
        """Send events written as score lines without waiting for the engine."""
        ...

    @method(journal="event", examples=(Example({"time": 60.0}, None),))
    def setEndMarker(self, time: Time) -> None:
        """Let the performance end so many seconds from now. It is the end for every client."""
        ...

    @method(scope="read", examples=(Example({"name": "Bell"}, 2), Example({"name": "Gong"}, -1)))
    def instrNumber(self, name: str) -> int:
        """The number that Csound gave a named instrument, -1 where there is none of that name."""
        ...

    @method(examples=(Example({"instr": "Bell", "mode": 0}, None, after=(HELD,)),))
    def killInstance(self, instr: Finite | str, mode: CInt, allowRelease: bool = True) -> None:
        """End notes of an instrument, given by number or name; with ``allowRelease`` they may fade first.

        ``mode`` is 0 for all of them, 1 for the oldest, 2 for the newest; 4 is added to match the fraction of the
        instrument's number exactly, 8 to take held notes (negative p3) only.
        """
        ...

    @method(scope="read", examples=(Example({}, 64 / 48000, after=(Call("csound.performKsmps"),)),))
    def scoreTime(self) -> float:
        """Seconds of score performed so far."""
        ...

    @method(scope="read", examples=(Example({}, result=False, after=(Call("csound.setScorePending", (False,)),)),))
    def isScorePending(self) -> bool:
        """Whether the events of the score are performed, or left out."""
        ...

    @method(examples=(Example({"pending": False}, None),))
    def setScorePending(self, pending: bool) -> None:
        """Perform the events of the score, or with false leave them out and play only what comes from outside."""
        ...

    @method(scope="read", examples=(Example({}, 1.5, after=(Call("csound.setScoreOffsetSeconds", (1.5,)),)),))
    def scoreOffsetSeconds(self) -> float:
        """The score time, in seconds, at which the score begins."""
        ...

    @method(examples=(Example({"time": 1.5}, None),))
    def setScoreOffsetSeconds(self, time: Time) -> None:
        """Begin the score at this score time: what comes before is passed over. In seconds."""
        ...

    @method(examples=(Example({}, None),))
    def rewindScore(self) -> None:
        """Go back to where the score begins, which setScoreOffsetSeconds says. What had ended can be played again."""
        ...
