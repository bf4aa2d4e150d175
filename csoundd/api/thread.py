"""The performance thread: the API's second class. Here it is the loop of the engine host, and there is one.

While it plays everything runs in it anyway, between two cycles; its methods differ from their namesakes
in the namespace ``csound`` only in what they take and answer.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from csoundd.api.declare import COMPILE_DEADLINE, Call, Example, MethodGroup, method
from csoundd.api.values import Callback, CallRequest, CInt, Handle, Json, PFields, Time
from csoundd.states import ANY

TASK: dict[str, object] = {"method": "csound.setControlChannel", "params": ["cutoff", 0.5]}
QUEUE = Call("thread.setProcessQueue")


class Transport(MethodGroup):
    """Playing, pausing and ending."""

    namespace: ClassVar[str] = "thread"

    @method(examples=(Example({}, None, drive="clock"),))
    def play(self) -> None:
        """Begin to perform, or go on after a pause, in the drive's own time. Starts Csound where need be.

        Raises EngineError where Csound does not start, WrongState when the performance is over and in drive ``step``.
        """
        ...

    @method(examples=(Example({}, None, after=(Call("thread.play"),), drive="clock"),))
    def pause(self) -> None:
        """Halt the performance between two cycles. Commands are still served."""
        ...

    @method(examples=(Example({}, None, after=(Call("thread.play"),), drive="clock"),))
    def togglePause(self) -> None:
        """Pause if it plays, play if it does not. Raises WrongState when the performance is over."""
        ...

    @method(examples=(Example({}, None),))
    def stop(self) -> None:
        """End the performance for good, for every client. ``csound.rewindScore`` or ``csound.reset`` begin anew."""
        ...

    @method(deadline=None, examples=(Example({}, 1, after=(Call("thread.stop"),), exact=False),))
    def join(self) -> int:
        """Answer when the performance is over: more than 0 at its end or when it was stopped, less for an error.

        Nobody else waits for it, and any number of clients may.
        """
        ...

    @method(scope="read", examples=(Example({}, 0), Example({}, 1, after=(Call("thread.stop"),), exact=False)))
    def status(self) -> int:
        """0 while the performance is not over, then more than 0, or less after an error."""
        ...

    @method(scope="read", examples=(Example({}, result=True, exact=False),))
    def isRunning(self) -> bool:
        """Whether there is a performance that plays or could go on: false once it is over."""
        ...

    @method(scope="read", examples=(Example({}, {"$handle": "csound:1"}, exact=False),))
    def csoundPtr(self) -> Handle:
        """The handle of the engine that it performs, the same as ``csound.csound``."""
        ...


class ThreadMessages(MethodGroup):
    """Messages to the performance thread: events, code, recording."""

    namespace: ClassVar[str] = "thread"

    @method(
        journal="event",
        examples=(Example({"abstime": False, "kind": "i", "pfields": [1, 0, 1, 0.2, 440]}, None),),
    )
    def scoreEvent(self, abstime: bool, kind: str, pfields: PFields) -> None:
        """Send an event whose time (p2) counts from now, or with ``abstime`` from the start of the performance."""
        ...

    @method(journal="event", examples=(Example({"s": "i 1 0 1 0.2 440"}, None),))
    def inputMessage(self, s: str) -> None:
        """Send events written as score lines."""
        ...

    @method(journal="event", examples=(Example({"time": 60.0}, None),))
    def setEndMarker(self, time: Time, absolute: bool = False) -> None:
        """Let the performance end so many seconds from now, or with ``absolute`` from its start."""
        ...

    @method(examples=(Example({"time": 1.5}, None),))
    def setScoreOffsetSeconds(self, time: Time) -> None:
        """Go to this score time, in seconds: what comes before is passed over."""
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"code": "giramp ftgen 3, 0, 1024, 7, 0, 1024, 1\n"}, None),),
    )
    def compileOrc(self, code: str) -> None:
        """Compile orchestra code between two cycles. Whether it did compile, ``csound.compileOrc`` tells."""
        ...

    @method(
        scope="compile",
        started=True,
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"code": "return 2 + 2"}, 4.0),),
    )
    def evalCode(self, code: str, callback: Callback = None, timeout: Time = 5.0) -> float | str:
        """Run code at init time and answer with what its ``return`` returns, as ``csound.evalCode`` does.

        With the callback ``{"$stream": "eval"}`` the answer comes at once: a stream of the session's own, whose one
        frame is ``{value, error}``. Raises Timeout when there is no value after ``timeout`` seconds.
        """
        ...

    @method(
        scope="compile",
        examples=(Example({"filename": "take.wav", "samplebits": 16, "numbufs": 4}, None),),
    )
    def record(self, filename: str, samplebits: Literal[16, 24, 32], numbufs: CInt) -> None:
        """Write the output to a WAV file of the workspace, from the cycle in which the call lands until stopRecord.

        16 and 24 bits are integers, clipped at full scale (0dbfs), 32 bits are floats. The file, which replaces one
        of that name, is whole at every moment. A pause is not heard in it; the time that the engine was away after
        a crash is silence, and so is what could not be written in time, which a message tells. The recording also
        ends with the performance, a reset, and the daemon. ``numbufs`` is accepted and not needed: a minute and more
        waits for the disk where it has to. There is one recording at a time, whoever began it: another raises
        WrongState. Raises Forbidden for a path outside the workspace, NotFound where its folder is missing.
        """
        ...

    @method(scope="compile", examples=(Example({}, None),))
    def stopRecord(self) -> None:
        """End the recording with the cycle before this call, and answer when its file is complete.

        Nothing happens where there is none. Raises EngineError where the disk refused a part of it, also where it had
        ended by that already, which the stream ``engine`` tells by the event ``recorded``.
        """
        ...

    @method(deadline=None, examples=(Example({}, None),))
    def flushMessageQueue(self) -> None:
        """Answer when the thread has done all that this client sent it before."""
        ...


class ThreadTasks(MethodGroup):
    """Work for the performance thread: lists of calls in place of functions, each run at one cycle edge.

    Every call needs the scope that it needs by itself.
    """

    namespace: ClassVar[str] = "thread"

    @method(examples=(Example({"callback": [TASK]}, None),))
    def requestCallback(self, callback: list[CallRequest]) -> None:
        """Run calls at the next cycle edge, all at the same. ``engine.batch`` does so too, and answers with results."""
        ...

    @method(examples=(Example({}, None),))
    def setProcessQueue(self) -> None:
        """Make ready for processQueueTask."""
        ...

    @method(examples=(Example({"func": [TASK]}, None, after=(QUEUE,)),))
    def processQueueTask(self, func: list[CallRequest]) -> None:
        """Run calls at one of the next cycle edges, all at the same. Raises WrongState before setProcessQueue."""
        ...

    @method(deadline=None, examples=(Example({"timeout": 1.0}, None, after=(QUEUE,)),))
    def flushProcessQueue(self, timeout: Time | None = None) -> None:
        """Answer when all tasks have run, or after ``timeout`` seconds."""
        ...


class ProcessCallbacks(MethodGroup):
    """Hearing of the performance as it goes on."""

    namespace: ClassVar[str] = "thread"

    @method(
        states=ANY,
        served="front",
        examples=(Example({"function": {"$stream": "transport"}}, "transport/1", exact=False),),
    )
    async def setProcessCallback(self, function: Callback, data: Json = None) -> str | None:
        """Be told as the performance goes on, on a stream, as functions cannot travel; null removes it.

        Any topic will do that needs no options; returns the stream. ``data`` is ignored.
        """
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example({}, None, exact=False),))
    async def processCallback(self) -> Callback:
        """The callback that setProcessCallback has set, null where there is none."""
        ...
