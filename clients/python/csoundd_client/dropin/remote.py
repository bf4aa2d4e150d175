"""A session with a daemon for calls that block: its event loop runs in a thread of its own.

Takes calls from any thread but that one, and hands on what streams deliver, in that one.
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
from typing import Any, Final, TypeVar

from csoundd_client.client import address, greeting
from csoundd_client.codec import CODECS
from csoundd_client.connection import Waiting
from csoundd_client.envelope import UNTIMED, request
from csoundd_client.failures import ConnectionLost, CsounddError
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


@dataclass(frozen=True, slots=True)
class Call:
    """One call on its way; ``read`` makes its result of what comes over the wire."""

    method: str
    params: Params = field(default_factory=list)
    read: Reader | None = None


class Delivered(Subscription[Any]):
    """A subscription whose frames are handed on the moment they come, before any reply that came after them."""

    def __init__(self, registry: Registry, topic: str, options: dict[str, Any], deliver: Deliver) -> None:
        super().__init__(registry, topic, options)
        self._deliver = deliver

    def offer(self, seq: int, sample: int, data: Any) -> None:  # noqa: ARG002 - what a subscription takes
        """Hand the data on."""
        self._deliver(data)


class Remote:
    """A daemon, reached at ``url``. Raises ConnectionFailed, or what refuses the session."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._leave = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="csoundd-client", daemon=True)
        self._opened: Future[Session] = Future()
        self._subscriptions: list[Delivered] = []
        self._thread.start()
        self._holding = asyncio.run_coroutine_threadsafe(self._hold(url), self._loop)
        try:
            self._session = self._opened.result()
        except BaseException:
            self._stop()
            raise

    def send(self, calls: Sequence[Call]) -> list[Any]:
        """Have ``calls`` done in this order, sent as one frame. A result or an exception for each.

        Raises ConnectionLost once the session is closed, TypeError for parameters that cannot travel.
        """
        if self._loop.is_closed():
            raise ConnectionLost("the connection was closed", close_code=1000)
        done: Future[list[Any]] = Future()
        self._loop.call_soon_threadsafe(self._begin, calls, done)
        return done.result()

    @property
    def inside(self) -> bool:
        """Whether the caller is the loop's own thread, which must not wait."""
        return threading.current_thread() is self._thread

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
        self._loop.call_soon_threadsafe(self._leave.set)
        self._holding.result()
        self._stop()

    def _run(self) -> None:
        self._loop.run_forever()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _hold(self, url: str) -> None:
        settings = Settings(
            address(url),
            CODECS["msgpack"],
            greeting(_name(), linger=LINGER),
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
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _subscribe(self, topic: str, options: dict[str, Any], deliver: Deliver) -> None:
        subscription = Delivered(self._session.subscriptions, topic, options, deliver)
        await subscription.__aenter__()
        self._subscriptions.append(subscription)

    def _begin(self, calls: Sequence[Call], done: Future[list[Any]]) -> None:
        try:
            futures = self._sent(calls)
        except TypeError as error:
            done.set_exception(error)
            return
        left = set(futures)
        for future in futures:
            future.add_done_callback(partial(self._answered, left, futures, done))

    def _sent(self, calls: Sequence[Call]) -> list[asyncio.Future[Any]]:
        if len(calls) == 1:
            (call,) = calls
            return [self._session.request(call.method, call.params, UNTIMED, call.read)]
        waiting = [Waiting(self._loop.create_future(), call.read) for call in calls]
        messages = [request(call.method, call.params, UNTIMED) for call in calls]
        self._session.gather(list(zip(messages, waiting, strict=True)))
        return [one.future for one in waiting]

    @staticmethod
    def _answered(
        left: set[asyncio.Future[Any]],
        futures: list[asyncio.Future[Any]],
        done: Future[list[Any]],
        future: asyncio.Future[Any],
    ) -> None:
        left.discard(future)
        if not left:
            done.set_result([_outcome(each) for each in futures])


def _name() -> str:
    """The script, as other programs are told of it."""
    return f"{Path(sys.argv[0]).name or 'Python'} (process {os.getpid()}, in place of libcsound)"


def _outcome(future: asyncio.Future[Any]) -> Any:
    if future.cancelled():
        return ConnectionLost("the call was cancelled")
    return future.exception() or future.result()
