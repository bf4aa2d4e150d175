"""Messages to the performance thread: events, code, recording.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import ArrayLike


class ThreadMessages(Blocking):
    """Messages to the performance thread: events, code, recording."""

    def scoreEvent(self, abstime: bool, kind: str, pfields: Sequence[float | str] | ArrayLike) -> None:
        """Send an event whose time (p2) counts from now, or with ``abstime`` from the start of the performance."""
        self._tell("thread.scoreEvent", [abstime, kind, pfields])

    def inputMessage(self, s: str) -> None:
        """Send events written as score lines."""
        self._tell("thread.inputMessage", [s])

    def setEndMarker(self, time: float, absolute: bool = False) -> None:
        """Let the performance end so many seconds from now, or with ``absolute`` from its start."""
        self._do("thread.setEndMarker", [time, absolute])

    def setScoreOffsetSeconds(self, time: float) -> None:
        """Go to this score time, in seconds: what comes before is passed over."""
        self._do("thread.setScoreOffsetSeconds", [time])

    def compileOrc(self, code: str) -> None:
        """Compile orchestra code between two cycles. Whether it did compile, ``csound.compileOrc`` tells."""
        self._do("thread.compileOrc", [code])

    def record(self, filename: str, samplebits: Literal[16, 24, 32], numbufs: int) -> None:
        """Write the output to a WAV file of the workspace, from the cycle in which the call lands until stopRecord.

        16 and 24 bits are integers, clipped at full scale (0dbfs), 32 bits are floats. The file, which replaces one
        of that name, is whole at every moment. A pause is not heard in it; the time that the engine was away after
        a crash is silence, and so is what could not be written in time, which a message tells. The recording also
        ends with the performance, a reset, and the daemon. ``numbufs`` is accepted and not needed: a minute and more
        waits for the disk where it has to. There is one recording at a time, whoever began it: another raises
        WrongState. Raises Forbidden for a path outside the workspace, NotFound where its folder is missing.
        """
        self._do("thread.record", [filename, samplebits, numbufs])

    def stopRecord(self) -> None:
        """End the recording with the cycle before this call, and answer when its file is complete.

        Nothing happens where there is none. Raises EngineError where the disk refused a part of it, also where it had
        ended by that already, which the stream ``engine`` tells by the event ``recorded``.
        """
        self._do("thread.stopRecord", [])
