"""Stage 1, OSC feedback: channel values back to whoever subscribed, but never to who sent them.

Takes what the engine's taps deliver. One tap serves all who asked for the same pattern and rate; the engine keeps
it through its own restarts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, cast

from csoundd.errors import CsounddError, InvalidParams, LimitExceeded
from csoundd.messages import EngineEvent, Tapped
from csoundd.transport.osc import replies
from csoundd.transport.osc.echoes import Echoes
from csoundd.transport.osc.names import Selection, address_of
from csoundd.transport.osc.ports import EnginePort
from csoundd.transport.osc.sender import Deliver, Sender

RATE: Final = 30.0
"""How often a changed value is told, in Hz, where nothing is asked for."""

FASTEST: Final = 1000.0
SUBSCRIPTIONS: Final = 256
TAP: Final = "osc:"

Values = dict[str, object]


@dataclass(eq=False, slots=True)
class Subscription:
    """Who is told (``deliver``), on whose behalf, and until when: ``lapses`` says whether silence ends it.

    ``told`` is what the target knows, None where nobody asks for that.
    """

    target: str
    pattern: str
    owner: str
    deliver: Deliver
    lapses: bool
    watch: Watch
    seen: Callable[[], float]
    told: Values | None = None


@dataclass(eq=False, slots=True)
class Watch:
    """One tap, the latest values it delivered, and who is told of them."""

    tap: str
    selection: Selection
    rate: float
    latest: Values = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)


class Feedback:
    """The subscriptions of all senders, and fixed ones."""

    def __init__(self, engine: EnginePort) -> None:
        self._engine = engine
        self._watches: dict[str, Watch] = {}
        self._subscriptions: dict[tuple[str, str], Subscription] = {}
        self._echoes = Echoes()
        self._number = 0
        engine.listen(self._hear)

    def noted(self, name: str, value: object, sender: Sender) -> None:
        """Remember that ``sender`` set a channel, so that it is not told of it."""
        if self._watches and isinstance(value, int | float | str):
            self._echoes.note(name, value, sender.id)

    async def subscribe(self, owner: Sender, target: str, deliver: Deliver, pattern: str, rate: float) -> None:
        """Tell ``target`` of the channels that ``pattern`` means, at once and whenever they change.

        Asking again renews it. Raises InvalidParams for what is no pattern or rate, LimitExceeded.
        """
        lapses = not owner.lasting
        await self._add(target, deliver, pattern, rate, owner=owner.id, lapses=lapses, seen=lambda: owner.seen)

    async def fix(self, owner: str, deliver: Deliver, pattern: str, rate: float) -> Subscription:
        """Tell the address ``owner`` for good: it never has to ask, and cannot end it."""
        target = f"fixed:{owner}"
        return await self._add(target, deliver, pattern, rate, owner=owner, lapses=False, seen=monotonic)

    def catch_up(self, subscription: Subscription) -> None:
        """Tell the target what it has not been told, except of channels that its owner set just now."""
        latest, told = subscription.watch.latest, subscription.told or {}
        news = {name: value for name, value in latest.items() if name not in told or told[name] != value}
        owner = subscription.owner
        self._tell(subscription, {n: value for n, value in news.items() if not self._echoes.is_by(n, owner)})
        if subscription.told is not None:
            subscription.told |= latest

    def unsubscribe(self, owner: Sender, target: str, pattern: str | None) -> None:
        """Tell ``target`` no longer of ``pattern``, or of nothing any more; with the owner, whom it asked for too."""
        for known in list(self._subscriptions.values()):
            asked = known.target == target or (target == owner.id == known.owner)
            if asked and _is_owners(known, owner) and pattern in (known.pattern, None):
                self._drop(known)

    def gone(self, owner: Sender) -> None:
        """``owner`` is no more."""
        for subscription in list(self._subscriptions.values()):
            if subscription.owner == owner.id and _is_owners(subscription, owner):
                self._drop(subscription)

    def lapse(self, before: float) -> None:
        """End what belongs to owners from whom nothing has come since ``before``."""
        for subscription in list(self._subscriptions.values()):
            if subscription.lapses and subscription.seen() < before:
                self._drop(subscription)

    async def _add(  # noqa: PLR0913 - what a subscription consists of
        self,
        target: str,
        deliver: Deliver,
        pattern: str,
        rate: float,
        *,
        owner: str,
        lapses: bool,
        seen: Callable[[], float],
    ) -> Subscription:
        known = self._subscriptions.get((target, pattern))
        if known is None and len(self._subscriptions) >= SUBSCRIPTIONS:
            raise LimitExceeded(f"{SUBSCRIPTIONS} subscriptions are open", limit=SUBSCRIPTIONS)
        if not 0 < rate <= FASTEST:
            raise InvalidParams(f"a rate is more than 0 and at most {FASTEST:g} Hz")
        watch, new = self._watch(pattern, rate)
        if known is not None:
            self._drop(known, spare=watch)
        subscription = Subscription(target, pattern, owner, deliver, lapses, watch, seen)
        self._subscriptions[target, pattern] = subscription
        watch.subscriptions.append(subscription)
        if new:
            await self._begin(subscription)
        else:
            self._tell(subscription, watch.latest)
        return subscription

    async def _begin(self, subscription: Subscription) -> None:
        watch = subscription.watch
        options: dict[str, object] = {"names": watch.selection.globs, "rate": watch.rate, "onChange": True}
        try:
            await self._engine.tap(watch.tap, "channels", options)
        except CsounddError:
            if self._subscriptions.get((subscription.target, subscription.pattern)) is subscription:
                self._drop(subscription)
            raise

    def _watch(self, pattern: str, rate: float) -> tuple[Watch, bool]:
        """The watch for ``pattern`` at ``rate``, and whether it is new."""
        key = f"{rate:g} {pattern}"
        if key in self._watches:
            return self._watches[key], False
        self._number += 1
        watch = self._watches[key] = Watch(f"{TAP}{self._number}", Selection(pattern), rate)
        return watch, True

    def _drop(self, subscription: Subscription, spare: Watch | None = None) -> None:
        self._subscriptions.pop((subscription.target, subscription.pattern), None)
        watch = subscription.watch
        watch.subscriptions.remove(subscription)
        if not watch.subscriptions and watch is not spare:
            self._watches.pop(f"{watch.rate:g} {subscription.pattern}", None)
            self._engine.untap(watch.tap)

    def _hear(self, event: EngineEvent) -> None:
        if not isinstance(event, Tapped) or not event.tap.startswith(TAP):
            return
        watch = next((watch for watch in self._watches.values() if watch.tap == event.tap), None)
        if watch is None:
            return
        data = cast("Values", event.data)
        values = {name: value for name, value in data.items() if watch.selection.has(name)}
        watch.latest |= values
        packets = {name: replies.channel(address_of(name), value) for name, value in values.items()}
        for subscription in watch.subscriptions:
            for name in self._news(subscription, values):
                subscription.deliver(packets[name])
            if subscription.told is not None:
                subscription.told |= values

    def _news(self, subscription: Subscription, values: Values) -> Iterator[str]:
        """The names whose values did not come from the subscriber."""
        for name, value in values.items():
            if not self._echoes.is_echo(name, value, subscription.owner):
                yield name

    def _tell(self, subscription: Subscription, values: Values) -> None:
        for name, value in values.items():
            subscription.deliver(replies.channel(address_of(name), value))


def _is_owners(subscription: Subscription, owner: Sender) -> bool:
    """Whether ``owner`` asked for it, rather than the settings."""
    return subscription.lapses or owner.lasting
