"""Messages to the performance thread: events, code, recording.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import ArrayLike, StreamRef, Timing


class ThreadMessages(Namespace):
    """Messages to the performance thread: events, code, recording."""

    def scoreEvent(
        self, abstime: bool, kind: str, pfields: Sequence[float | str] | ArrayLike, **timing: Unpack[Timing]
    ) -> Call[None]:
        """Send an event whose time (p2) counts from now, or with ``abstime`` from the start of the performance."""
        return self._request("thread.scoreEvent", [abstime, kind, pfields], timing)

    def inputMessage(self, s: str, **timing: Unpack[Timing]) -> Call[None]:
        """Send events written as score lines."""
        return self._request("thread.inputMessage", [s], timing)

    def setEndMarker(self, time: float, absolute: bool = False, **timing: Unpack[Timing]) -> Call[None]:
        """Let the performance end so many seconds from now, or with ``absolute`` from its start."""
        return self._request("thread.setEndMarker", [time, absolute], timing)

    def setScoreOffsetSeconds(self, time: float, **timing: Unpack[Timing]) -> Call[None]:
        """Go to this score time, in seconds: what comes before is passed over."""
        return self._request("thread.setScoreOffsetSeconds", [time], timing)

    def compileOrc(self, code: str, **timing: Unpack[Timing]) -> Call[None]:
        """Compile orchestra code between two cycles. Whether it did compile, ``csound.compileOrc`` tells."""
        return self._request("thread.compileOrc", [code], timing)

    def evalCode(
        self, code: str, callback: StreamRef | None = None, timeout: float = 5.0, **timing: Unpack[Timing]
    ) -> Call[float | str]:
        """Run code at init time and answer with what its ``return`` returns, as ``csound.evalCode`` does.

        With the callback ``{"$stream": "eval"}`` the answer comes at once: a stream of the session's own, whose one
        frame is ``{value, error}``. Raises Timeout when there is no value after ``timeout`` seconds.
        """
        return self._request("thread.evalCode", [code, callback, timeout], timing)

    def record(
        self, filename: str, samplebits: Literal[16, 24, 32], numbufs: int, **timing: Unpack[Timing]
    ) -> Call[None]:
        """Write the output to a WAV file of the workspace, from the cycle in which the call lands until stopRecord.

        16 and 24 bits are integers, clipped at full scale (0dbfs), 32 bits are floats. The file, which replaces one
        of that name, is whole at every moment. A pause is not heard in it; the time that the engine was away after
        a crash is silence, and so is what could not be written in time, which a message tells. The recording also
        ends with the performance, a reset, and the daemon. ``numbufs`` is accepted and not needed: a minute and more
        waits for the disk where it has to. There is one recording at a time, whoever began it: another raises
        WrongState. Raises Forbidden for a path outside the workspace, NotFound where its folder is missing.
        """
        return self._request("thread.record", [filename, samplebits, numbufs], timing)

    def stopRecord(self, **timing: Unpack[Timing]) -> Call[None]:
        """End the recording with the cycle before this call, and answer when its file is complete.

        Nothing happens where there is none. Raises EngineError where the disk refused a part of it, also where it had
        ended by that already, which the stream ``engine`` tells by the event ``recorded``.
        """
        return self._request("thread.stopRecord", [], timing)

    def flushMessageQueue(self, **timing: Unpack[Timing]) -> Call[None]:
        """Answer when the thread has done all that this client sent it before."""
        return self._request("thread.flushMessageQueue", [], timing)
