"""Stage 1, OSC last sender: feedback to whoever sent last over UDP, for controllers whose address nobody knows before.

Takes a fixed subscription without an address and gives it one, again and again. Who takes over is told what it has
not heard yet, a moment later: by then what it sent itself has arrived and is no news to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from csoundd.transport.osc.feedback import Feedback, Subscription
from csoundd.transport.osc.sender import Deliver, Sender

SETTLED: Final = 0.1
"""Seconds after which a newcomer is told what there is."""

REMEMBERED: Final = 16
"""How many earlier senders are remembered with what they were told."""

Values = dict[str, object]
Way = Callable[[Sender], tuple[str, Deliver]]


class LastSender:
    """Feeds ``subscription`` to who sent last; ``way`` gives the address that is meant by a sender, and leads there."""

    def __init__(self, feedback: Feedback, subscription: Subscription, way: Way) -> None:
        self._feedback = feedback
        self._subscription = subscription
        self._way = way
        self._target = ""
        self._told: dict[str, Values] = {}
        self._telling: asyncio.TimerHandle | None = None

    def spoke(self, sender: Sender) -> None:
        """``sender`` sent something. One that may not read is passed over."""
        if "read" not in sender.scopes:
            return
        subscription = self._subscription
        target, deliver = self._way(sender)
        subscription.owner, subscription.deliver = sender.id, deliver
        if target != self._target:
            self._turn_to(target)

    def close(self) -> None:
        """Tell nobody any more."""
        if self._telling is not None:
            self._telling.cancel()

    def _turn_to(self, target: str) -> None:
        subscription, self._target = self._subscription, target
        subscription.told = self._told[target] = self._told.pop(target, {})
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        self.close()
        self._telling = asyncio.get_running_loop().call_later(SETTLED, self._feedback.catch_up, subscription)
