"""The methods ``stream.*`` for one caller."""

from __future__ import annotations

from collections.abc import Callable

from csoundd.api.stream import Streams, Subscriptions
from csoundd.api.values import Json
from csoundd.errors import WrongState
from csoundd.ports import Identity, Subscriber
from csoundd.streams.hub import Hub


class StreamService(Streams):
    """Subscriptions of the caller's session; ``subscriber_of`` knows the sessions."""

    def __init__(self, hub: Hub, subscriber_of: Callable[[str], Subscriber], caller: Identity) -> None:
        self._hub = hub
        self._subscriber_of = subscriber_of
        self._caller = caller

    async def subscribe(self, topic: str, **options: Json) -> dict[str, Json]:
        """Receive a topic from now on."""
        return await self._hub.subscribe(self._subscriber, topic, options)

    async def unsubscribe(self, stream: str) -> None:
        """Receive a stream no longer."""
        self._hub.unsubscribe(self._subscriber, stream)

    async def push(self, topic: str, data: Json) -> dict[str, Json]:
        """Feed the engine."""
        return await self._hub.push(topic, data)

    async def list(self) -> Subscriptions:
        """The streams that the session receives."""
        return self._hub.subscriptions(self._subscriber)

    @property
    def _subscriber(self) -> Subscriber:
        if self._caller.id is None:
            raise WrongState("subscriptions belong to a session", hint="connect over WebSocket")
        return self._subscriber_of(self._caller.id)
