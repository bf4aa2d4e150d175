"""What the generated classes stand on: somebody who makes calls, and somebody who brings subscriptions about."""

from __future__ import annotations

from typing import Any, Protocol

from csoundd_client.call import Call
from csoundd_client.stream import Registry, Subscription
from csoundd_client.values import Params, Reader, Timing


class Caller(Protocol):
    """Who sends the calls of a namespace, at once or gathered in a batch."""

    def request(self, method: str, params: Params, timing: Timing, read: Reader | None = None) -> Call[Any]:
        """The result of ``method`` as it will be, made by ``read`` of what comes over the wire."""
        ...


class Namespace:
    """The methods under one name of the contract, all sent by one caller."""

    def __init__(self, caller: Caller) -> None:
        self._request = caller.request


class Subscriber:
    """Makes the subscriptions that its methods, one for each topic, describe."""

    _registry: Registry

    def _subscription(
        self, topic: str, options: dict[str, object], read: Reader | None, *, queue: int
    ) -> Subscription[Any]:
        return Subscription(self._registry, topic, options, read=read, queue=queue)
