"""A session with a daemon for calls that block.

The thread that waits for a call listens to the socket itself, as the event loop would: neither threads change nor does
the loop turn, which is most of what a call costs otherwise. For longer waits the loop runs in that thread, and in a
thread of its own while nobody waits. What streams deliver is handed on in each of them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

from csoundd_client.client import address, greeting
from csoundd_client.codec import CODECS
from csoundd_client.connection import Waiting, outcome_of
from csoundd_client.envelope import UNTIMED, request
from csoundd_client.failures import ConnectionLost, CsounddError, Unreadable
from csoundd_client.session import Session, Settings
from csoundd_client.stream import Registry, Subscription
from csoundd_client.structs import Welcome
from csoundd_client.values import Params, Reader

T = TypeVar("T")
Deliver = Callable[[Any], None]

LINGER: Final = 3.0
"""Seconds that the daemon waits for a script whose connection is lost: a script that was killed is soon over."""

HEARTBEAT: Final = 20.0
PATIENCE: Final = 10.0

TOLD_DELAY: Final = 0.001
"""Seconds that a call may wait for company which nobody waits for."""

TOLD_AT_ONCE: Final = 200
"""So many of them are sent without delay."""

LISTENING: Final = 0.02
"""Seconds for which a call waits without the loop, whose timers and what other threads ask of it wait meanwhile."""

LEASE: Final = 0.005
"""Seconds without a call after which the loop goes back to its own thread."""

TOGETHER: Final = frozenset(
    """
    csound.performKsmps csound.setControlChannel csound.setStringChannel csound.setAudioChannel csound.event
    csound.eventString csound.inputMessage csound.spout csound.table table.set csound.controlChannel
    csound.stringChannel csound.audioChannel csound.scoreTime csound.currentTimeSamples
    """.split()  # noqa: SIM905 - fifteen names read better so
)
"""Calls that travel as one where they stand beside each other: the engine's process hears of them at once."""

UNANSWERED: Final = 2000
"""With so many unanswered the next one waits until all of them have been."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call on its way; ``read`` makes its result of what comes over the wire."""

    method: str
    params: Params = field(default_factory=list)
    read: Reader | None = None

    @property
    def first(self) -> Any:
        """The first of its parameters, which are in order."""
        return next(iter(self.params))


class Delivered(Subscription[Any]):
    """A subscription whose frames are handed on the moment they come, before any reply that came after them."""

    def __init__(self, registry: Registry, topic: str, options: dict[str, Any], deliver: Deliver) -> None:
        super().__init__(registry, topic, options)
        self._deliver = deliver

    def offer(self, seq: int, sample: int, data: Any) -> None:  # noqa: ARG002 - what a subscription takes
        """Hand the data on."""
        self._deliver(data)


class Remote:
    """A daemon, reached at ``url``, with a token where it asks for one.

    Raises ConnectionFailed, or what refuses the session.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._leave = asyncio.Event()
        self._running = threading.Lock()
        self._lending = threading.Lock()
        self._wanted = threading.Event()
        self._uses, self._over = 0, False
        self._asked = False
        """Whether another thread has asked something of the loop since that last ran."""
        self._thread = threading.Thread(target=self._run, name="csoundd-client", daemon=True)
        self._opened: Future[Session] = Future()
        self._subscriptions: list[Delivered] = []
        self._lock = threading.Lock()
        self._told: list[Call] = []
        self._unanswered = 0
        self._due = False
        self._failed: Exception | None = None
        self._thread.start()
        self._holding = asyncio.run_coroutine_threadsafe(self._hold(url, token), self._loop)
        try:
            self._session = self._opened.result()
        except BaseException:
            self._stop()
            raise

    def send(self, calls: Sequence[Call]) -> list[Any]:
        """Have ``calls`` done in this order, sent as one frame. A result or an exception for each.

        Raises ConnectionLost once the session is closed, TypeError for parameters that cannot travel, and the error of
        a call that was told before and failed.
        """
        if self._loop.is_closed():
            raise ConnectionLost("the connection was closed", close_code=1000)
        outcomes = self._outcomes(calls)
        if self._failed is not None:
            error, self._failed = self._failed, None
            raise error
        return outcomes

    def finish(self) -> None:
        """Wait for all that nobody waited for, and raise nothing."""
        self._outcomes([Call("engine.sync")])

    def _outcomes(self, calls: Sequence[Call]) -> list[Any]:
        return self._sent_from_here(calls) if self._lends() else self._posted(calls)

    def _lends(self) -> bool:
        """Whether this thread may run the loop: it runs no other, and no other thread has it."""
        return asyncio._get_running_loop() is None and self._lending.acquire(blocking=False)  # noqa: SLF001 - the public one raises

    def _sent_from_here(self, calls: Sequence[Call]) -> list[Any]:
        group = Outcomes(_nothing)
        try:
            self._uses += 1
            if not self._running.acquire(blocking=False):
                self._loop.call_soon_threadsafe(self._make_room)
                self._running.acquire()
            try:
                with self._lock:
                    told, self._told = self._told, []
                self._begin(told, calls, group)
                self._listen(group)
                group.then(self._loop.stop)
                while not group.complete:
                    self._asked = False
                    self._loop.run_forever()
            finally:
                group.abandon()
                self._running.release()
        finally:
            self._lending.release()
        return group.result()

    def _listen(self, group: Outcomes) -> None:
        """Wait for the outcomes of ``group`` without the loop, for a moment, where that can be."""
        listen = self._session.listener
        if listen is None:
            return
        end = monotonic() + LISTENING
        # Whatever is called for what comes finds itself in the loop.
        asyncio._set_running_loop(self._loop)  # noqa: SLF001 - there is no other way, and loops of others use it
        try:
            while not (group.complete or self._asked) and listen(end - monotonic()):
                pass
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001

    def _make_room(self) -> None:
        if threading.current_thread() is self._thread:
            self._loop.stop()

    def _posted(self, calls: Sequence[Call]) -> list[Any]:
        there = threading.Event()
        group = Outcomes(there.set)
        with self._lock:
            told, self._told = self._told, []
            self._post(self._begin, told, calls, group)
        there.wait()
        return group.result()

    def _post(self, function: Callable[..., object], *args: object) -> None:
        """Have the loop call a function, wherever it runs, and run where nobody runs it."""
        self._loop.call_soon_threadsafe(function, *args)
        self._asked = True
        self._wanted.set()

    def tell(self, calls: Sequence[Call]) -> None:
        """Have ``calls`` done after all that came before, within a moment, and wait for nothing.

        The first error among such calls is raised by the next :meth:`send`. Raises ConnectionLost once the session is
        closed.
        """
        if self._loop.is_closed():
            raise ConnectionLost("the connection was closed", close_code=1000)
        with self._lock:
            self._told += calls
            self._unanswered += len(calls)
            many = len(self._told) >= TOLD_AT_ONCE
            wakes, self._due = many or not self._due, True
            if wakes:
                # Nobody is in a hurry: whoever runs the loop next will do it.
                self._loop.call_soon_threadsafe(self._flush if many else self._send_soon)
        if self._unanswered > UNANSWERED:
            self.finish()

    @property
    def unanswered(self) -> int:
        """How many calls there are that nobody waits for and that have not been answered yet."""
        return self._unanswered

    @property
    def inside(self) -> bool:
        """Whether the caller is called by the loop, and so must not wait for it."""
        return asyncio._get_running_loop() is self._loop  # noqa: SLF001 - the public one raises

    @property
    def open(self) -> bool:
        """Whether the session has not been closed here."""
        return not self._loop.is_closed()

    @property
    def welcome(self) -> Welcome:
        """How the server greeted us."""
        return self._session.welcome

    def listen(self, topic: str, deliver: Deliver, options: dict[str, Any] | None = None) -> None:
        """Have ``deliver`` called with the data of each frame of ``topic``, in the loop's thread."""
        self._wait(self._subscribe(topic, options or {}, deliver))

    def close(self) -> None:
        """End the session and the thread. Nothing happens where that is done."""
        if self._loop.is_closed():
            return
        self._post(self._leave.set)
        self._holding.result()
        self._stop()

    def _run(self) -> None:
        while not self._over:
            with self._running:
                self._loop.run_forever()
            wanted = False
            while not self._over:
                seen = self._uses
                wanted = self._wanted.wait(LEASE) or wanted
                self._wanted.clear()
                # Whoever has it on loan answers to what is posted, and must not find it taken again.
                if not self._lending.locked() and (wanted or seen == self._uses):
                    break

    def _stop(self) -> None:
        self._over = True
        self._post(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _hold(self, url: str, token: str | None) -> None:
        settings = Settings(
            address(url),
            CODECS["msgpack"],
            greeting(_name(), token=token, linger=LINGER),
            reconnect=True,
            renew=False,
            heartbeat=HEARTBEAT,
            timeout=PATIENCE,
            tls=None,
        )
        session = Session(settings)
        try:
            await session.open()
        except CsounddError as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(session)
        await self._leave.wait()
        await session.close()

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        waiting = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        self._asked = True
        self._wanted.set()
        return waiting.result()

    async def _subscribe(self, topic: str, options: dict[str, Any], deliver: Deliver) -> None:
        subscription = Delivered(self._session.subscriptions, topic, options, deliver)
        await subscription.__aenter__()
        self._subscriptions.append(subscription)

    def _send_soon(self) -> None:
        self._loop.call_later(TOLD_DELAY, self._flush)

    def _flush(self) -> None:
        with self._lock:
            told, self._told = self._told, []
            self._due = False
        if told:
            self._begin(told, (), Outcomes(_nothing))

    def _begin(self, told: Sequence[Call], calls: Sequence[Call], group: Outcomes) -> None:
        """Send what was told and ``calls``, whose outcomes are those of ``group``."""
        everything = [*told, *calls]
        group.expect(len(everything), partial(self._answered, told))
        try:
            self._send(everything, group)
        except TypeError as error:
            group.fail(error)

    def _send(self, calls: Sequence[Call], group: Outcomes) -> None:
        if len(calls) == 1:
            (call,) = calls
            self._session.send(request(call.method, call.params, UNTIMED), Waiting(Outcome(group, 0), call.read))
        elif calls and all(call.method in TOGETHER for call in calls):
            requests = [{"method": call.method, "params": call.params} for call in calls]
            whole = request("engine.batch", [requests], UNTIMED)
            self._session.send(whole, Waiting(Together(group, [call.read for call in calls]), None))
        elif calls:
            messages = [request(call.method, call.params, UNTIMED) for call in calls]
            waiting = [Waiting(Outcome(group, number), call.read) for number, call in enumerate(calls)]
            self._session.gather(list(zip(messages, waiting, strict=True)))

    def _answered(self, told: Sequence[Call], outcomes: list[Any]) -> list[Any]:
        """Take note of what came of calls that nobody waits for; the others' outcomes."""
        if told:
            errors = [outcome for outcome in outcomes[: len(told)] if isinstance(outcome, Exception)]
            with self._lock:
                self._unanswered -= len(told)
                if errors and self._failed is None:
                    self._failed = errors[0]
        return outcomes[len(told) :]


def _name() -> str:
    """The script, as other programs are told of it."""
    return f"{Path(sys.argv[0]).name or 'Python'} (process {os.getpid()}, in place of libcsound)"


class Outcomes:
    """The outcomes of calls that were sent at once. ``ready`` is called when all of them are there."""

    def __init__(self, ready: Callable[[], object]) -> None:
        self.complete = False
        self._ready = ready
        self._left = 0
        self._outcomes: list[Any] = []
        self._error: TypeError | None = None
        self._taken: Callable[[list[Any]], list[Any]] = list

    def expect(self, count: int, taken: Callable[[list[Any]], list[Any]]) -> None:
        """Wait for ``count`` outcomes. ``taken`` is given them all, and returns those that the result is."""
        self._outcomes, self._left, self._taken = [None] * count, count, taken
        if not count:
            self._over()

    def then(self, ready: Callable[[], object]) -> None:
        """Call ``ready`` when all are there, which is too late for it where they are."""
        self._ready = ready

    def put(self, number: int, outcome: Any) -> None:
        """Take one of them: a result or an exception."""
        self._outcomes[number] = outcome
        self._left -= 1
        if not self._left:
            self._over()

    def fail(self, error: TypeError) -> None:
        """Take note that nothing was sent."""
        self._error = error
        self._outcomes = [error] * len(self._outcomes)
        self._over()

    def abandon(self) -> None:
        """Call nobody any more."""
        self._ready = _nothing

    def result(self) -> list[Any]:
        """The outcomes. Raises TypeError for parameters that could not travel."""
        if self._error is not None:
            raise self._error
        return self._outcomes

    def _over(self) -> None:
        self._outcomes = self._taken(self._outcomes)
        self.complete = True
        self._ready()


class Outcome:
    """The place of one call's outcome among those of its group."""

    __slots__ = ("_group", "_number")

    def __init__(self, group: Outcomes, number: int) -> None:
        self._group, self._number = group, number

    def done(self) -> bool:
        """Whether it is there: it is given once."""
        return False

    def set_result(self, result: Any) -> None:
        """Take a result."""
        self._group.put(self._number, result)

    def set_exception(self, exception: Exception) -> None:
        """Take an error."""
        self._group.put(self._number, exception)


class Together:
    """What shares out the outcomes of calls that travelled as one."""

    def __init__(self, group: Outcomes, reads: list[Reader | None]) -> None:
        self._group, self._reads = group, reads

    def done(self) -> bool:
        """Whether they are there."""
        return False

    def set_result(self, result: Any) -> None:
        """Take the results and errors of all of them."""
        if not isinstance(result, list) or len(result) != len(self._reads):
            self.set_exception(Unreadable("the server did not answer every call of a batch"))
            return
        for number, (read, answer) in enumerate(zip(self._reads, result, strict=True)):
            self._group.put(number, outcome_of(answer, read))

    def set_exception(self, exception: Exception) -> None:
        """Take an error of the whole."""
        for number in range(len(self._reads)):
            self._group.put(number, exception)


def _nothing() -> None:
    pass
