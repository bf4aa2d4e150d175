"""Every subscription of a client: which stream feeds which of them, over one connection and the next.

The same options share one stream, also within a client; it ends when the last of them does.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable
from typing import Any, Final, Protocol

from csoundd_client.envelope import UNTIMED
from csoundd_client.failures import ConnectionLost, CsounddError, RemoteError, Unreadable
from csoundd_client.stream import End, Subscription
from csoundd_client.values import Json, Params, Reader, Timing

EARLY: Final = 256
"""Frames kept of streams that nobody is known to want yet, while a subscription is on its way."""


class Ask(Protocol):
    """Sends a call and promises its result."""

    def __call__(self, method: str, params: Params, timing: Timing, read: Reader | None = None) -> Future[Any]:
        """Ask, now."""
        ...


class Subscriptions:
    """Brings subscriptions about, feeds them, and brings them about again on a new connection."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = asyncio.Lock()
        self._all: list[Subscription[Any]] = []
        self._fed: dict[str, list[Subscription[Any]]] = {}
        self._leaving: set[str] = set()
        self._opening = 0
        self._early: list[dict[str, Any]] = []

    async def open(self, subscription: Subscription[Any]) -> None:
        """Subscribe. Raises what the server answers, or ConnectionLost."""
        async with self._lock:
            await self._subscribe(subscription, subscription.asked, self._ask)
            self._all.append(subscription)

    async def close(self, subscription: Subscription[Any]) -> None:
        """Let go of a stream, and end it on the server where nobody else here has it."""
        async with self._lock:
            if subscription not in self._all:
                return
            self._all.remove(subscription)
            sharing = self._fed.get(subscription.id, [])
            if subscription in sharing:
                sharing.remove(subscription)
            if sharing or self._fed.pop(subscription.id, None) is None:
                return
            try:
                await self._leave(subscription.id)
            except (ConnectionLost, RemoteError):
                # The stream is gone with its connection or engine, or will be found astray when the session resumes.
                return

    def deliver(self, params: Any) -> None:
        """Take a stream frame as it came. Raises Unreadable where it is none."""
        try:
            stream, arrived = params["stream"], _arrived(params)
        except (TypeError, KeyError):
            raise Unreadable("the server sent a stream frame that is none") from None
        wanting = self._fed.get(stream)
        if wanting is not None:
            for subscription in wanting:
                arrived(subscription)
        elif self._opening:
            self._early = [*self._early[1 - EARLY :], params]
        elif stream not in self._leaving:
            self._leave(stream).add_done_callback(_heeded)

    async def restore(self, ask: Ask, *, resumed: bool) -> None:
        """Have every stream again, with ``ask`` on a new connection. Raises ConnectionLost where that is lost, too.

        A session that was resumed has its streams still; one that begins anew has none.
        """
        async with self._lock:
            there = await self._listed(ask) if resumed else set()
            for stream in there - self._fed.keys():
                ask("stream.unsubscribe", [stream], UNTIMED).add_done_callback(_heeded)
            self._fed = {stream: own for stream, own in self._fed.items() if stream in there}
            for subscription in list(self._all):
                if subscription.id not in self._fed or subscription not in self._fed[subscription.id]:
                    await self._again(subscription, ask)

    def end(self, error: CsounddError | None) -> None:
        """No connection will come any more."""
        for subscription in self._all:
            subscription.end(error)
        self._all, self._fed = [], {}

    async def _again(self, subscription: Subscription[Any], ask: Ask) -> None:
        try:
            await self._subscribe(subscription, subscription.renew(), ask)
        except RemoteError as error:
            subscription.end(error)
            self._all.remove(subscription)

    async def _subscribe(self, subscription: Subscription[Any], options: dict[str, Any], ask: Ask) -> None:
        self._opening += 1
        try:
            params = {"topic": subscription.topic, **options}
            await ask("stream.subscribe", params, UNTIMED, lambda result: self._admit(subscription, result))
        finally:
            self._opening -= 1
            if not self._opening:
                self._early = []

    def _admit(self, subscription: Subscription[Any], result: Json) -> None:
        """Feed ``subscription`` from the very next frame on, which may be there before anybody else runs."""
        if not isinstance(result, dict) or not isinstance(result.get("stream"), str):
            raise TypeError("there is no stream in it")
        subscription.options = dict(result)
        subscription.id = stream = subscription.options.pop("stream")
        self._fed.setdefault(stream, []).append(subscription)
        early, self._early = self._early, []
        for frame in early:
            if frame["stream"] == stream:
                _arrived(frame)(subscription)
            else:
                self._early.append(frame)

    def _leave(self, stream: str) -> Future[Any]:
        self._leaving.add(stream)
        left = self._ask("stream.unsubscribe", [stream], UNTIMED)
        left.add_done_callback(lambda _: self._leaving.discard(stream))
        return left

    async def _listed(self, ask: Ask) -> set[str]:
        listed = await ask("stream.list", [], UNTIMED)
        return {entry["stream"] for entry in listed if isinstance(entry, dict) and "stream" in entry}


def _arrived(params: dict[str, Any]) -> Callable[[Subscription[Any]], None]:
    """What gives a subscription a frame, or the end of a performance. Raises KeyError where it is neither."""
    seq, sample = params["seq"], params["sample"]
    if "reason" in params:
        end = End(seq, sample, params["reason"])
        return lambda subscription: subscription.offer_end(end)
    data = params["data"]
    return lambda subscription: subscription.offer(seq, sample, data)


def _heeded(answered: Future[Any]) -> None:
    """Nobody waits for this answer, an error included."""
    if not answered.cancelled():
        answered.exception()
