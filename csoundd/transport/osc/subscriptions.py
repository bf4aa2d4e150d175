"""OSC subscriptions: channel values back to whoever asked for them, but never to who sent them.

Takes what polls in the engine deliver. One poll serves all who asked for the same pattern and rate; the engine keeps
it through its own restarts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple, cast

from csoundd.errors import CsounddError, InvalidParams, LimitExceeded
from csoundd.limits import (
    ECHO_SECONDS,
    ECHOED_CHANNELS,
    ECHOED_VALUES,
    FASTEST_RATE_HZ,
    HOST_SUBSCRIPTIONS,
    OSC_SUBSCRIPTIONS,
    REMEMBERED_SENDERS,
    SENDER_SUBSCRIPTIONS,
    SETTLED_SECONDS,
)
from csoundd.messages import PollResult
from csoundd.ports import EnginePort
from csoundd.transport.osc.calls import channel_packet
from csoundd.transport.osc.patterns import ChannelPattern
from csoundd.transport.osc.senders import Deliver, Sender, is_local
from csoundd.values import is_same

RATE: Final = 30.0
"""The rate of a subscription that asks for none, in Hz."""

_POLLERS: Final = "osc:"

_LOOPBACK: Final = "127.0.0.1"
"""Where what the settings ask for comes from."""

Values = dict[str, object]


class Sent(NamedTuple):
    """A value, who sent it, and when, in monotonic seconds."""

    value: object
    sender: str
    moment: float


class Echoes:
    """The values that were sent lately, by channel. Who sent a value last is who it would be an echo for."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._sent: dict[str, deque[Sent]] = {}

    def note(self, name: str, value: object, sender: str) -> None:
        """Take note that ``sender`` set the channel ``name``."""
        sent = self._sent.get(name)
        if sent is None:
            if len(self._sent) >= ECHOED_CHANNELS:
                self._sent.clear()
            sent = self._sent[name] = deque(maxlen=ECHOED_VALUES)
        sent.append(Sent(value, sender, self._clock()))

    def is_echo(self, name: str, value: object, listener: str) -> bool:
        """Whether the channel has ``value`` because ``listener`` set it."""
        oldest = self._clock() - ECHO_SECONDS
        for sent in reversed(self._sent.get(name, ())):
            if sent.moment < oldest:
                return False
            if is_same(sent.value, value):
                return sent.sender == listener
        return False

    def is_by(self, name: str, sender: str) -> bool:
        """Whether ``sender`` was the last to set the channel, a moment ago."""
        sent = self._sent.get(name)
        return sent is not None and sent[-1].sender == sender and sent[-1].moment >= self._clock() - ECHO_SECONDS


@dataclass(eq=False, slots=True)
class Poll:
    """Channels that the engine reads ``rate`` times a second, their latest values, and who is told of them."""

    name: str
    pattern: ChannelPattern
    rate: float
    latest: Values = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)


class Subscription:
    """Values on their way to the address ``target``, on behalf of the sender with the id ``owner`` at ``host``.

    ``lapses`` says whether the owner's silence ends it; ``seen`` gives the monotonic time of its last packet.
    """

    def __init__(  # noqa: PLR0913 - what a subscription consists of
        self,
        target: str,
        pattern: str,
        owner: str,
        deliver: Deliver,
        poll: Poll,
        *,
        host: str,
        lapses: bool,
        seen: Callable[[], float],
    ) -> None:
        self.target = target
        self.pattern = pattern
        self.owner = owner
        self.host = host
        self.poll = poll
        self.lapses = lapses
        self.seen = seen
        self._deliver = deliver
        self._told: Values | None = None

    def tell(self, values: Values) -> None:
        """Send ``values``."""
        for name, value in values.items():
            address = self.poll.pattern.address_of(name)
            if address is not None:
                self._deliver(channel_packet(address, value))

    def deliver(self, packet: bytes) -> None:
        """Send a packet that says what a channel holds."""
        self._deliver(packet)

    def redirect(self, owner: str, deliver: Deliver) -> None:
        """Send on behalf of ``owner``, and where ``deliver`` leads, from now on."""
        self.owner, self._deliver = owner, deliver

    def remember(self, told: Values) -> None:
        """Keep in ``told`` what the target knows."""
        self._told = told

    def note(self, values: Values) -> None:
        """The target has been told ``values``, or has set them itself."""
        if self._told is not None:
            self._told |= values

    def unknown(self) -> Values:
        """The latest values that the target does not know."""
        told = self._told or {}
        return {name: value for name, value in self.poll.latest.items() if not is_same(told.get(name), value)}


class Feedback:
    """The subscriptions of all senders, and fixed ones."""

    def __init__(self, engine: EnginePort) -> None:
        self._engine = engine
        self._polls: dict[str, Poll] = {}
        self._subscriptions: dict[tuple[str, str], Subscription] = {}
        self._echoes = Echoes()
        self._number = 0
        engine.on(PollResult, self._deliver_poll)

    def written(self, values: Values, senders: Mapping[str, Sender]) -> None:
        """Remember who set each of these channels, so that they are not told of it."""
        if not self._polls:
            return
        for name, value in values.items():
            if isinstance(value, int | float | str):
                self._echoes.note(name, value, senders[name].id)

    async def subscribe(self, owner: Sender, target: str, deliver: Deliver, pattern: str, rate: float) -> None:
        """Tell ``target`` of the channels that ``pattern`` means, at once and whenever they change.

        Asking again renews it. Raises InvalidParams for what is no pattern or rate, LimitExceeded, EngineUnavailable.
        """
        lapses = not owner.lasting
        await self._add(
            target, deliver, pattern, rate, owner=owner.id, host=owner.host, lapses=lapses, seen=lambda: owner.seen
        )

    async def fix(self, owner: str, deliver: Deliver, pattern: str, rate: float) -> Subscription:
        """Tell the address ``owner`` for good: it never has to ask, and cannot end it."""
        target = f"fixed:{owner}"
        return await self._add(
            target, deliver, pattern, rate, owner=owner, host=_LOOPBACK, lapses=False, seen=monotonic
        )

    def catch_up(self, subscription: Subscription) -> None:
        """Tell the target what it has not been told, except of channels that its owner set just now."""
        owner = subscription.owner
        news = subscription.unknown()
        subscription.tell({name: value for name, value in news.items() if not self._echoes.is_by(name, owner)})
        subscription.note(subscription.poll.latest)

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
        """End what belongs to owners from whom nothing has come since ``before``, in monotonic seconds."""
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
        host: str,
        lapses: bool,
        seen: Callable[[], float],
    ) -> Subscription:
        known = self._subscriptions.get((target, pattern))
        if known is None:
            self._make_sure_of_room(owner, host)
        if not 0 < rate <= FASTEST_RATE_HZ:
            raise InvalidParams(f"a rate is more than 0 and at most {FASTEST_RATE_HZ:g} Hz")
        key = f"{rate:g} {pattern}"
        poll = self._polls.get(key)
        new = poll is None
        if poll is None:
            self._number += 1
            poll = self._polls[key] = Poll(f"{_POLLERS}{self._number}", ChannelPattern(pattern), rate)
        if known is not None:
            self._drop(known, spare=poll)
        subscription = Subscription(target, pattern, owner, deliver, poll, host=host, lapses=lapses, seen=seen)
        self._subscriptions[target, pattern] = subscription
        poll.subscriptions.append(subscription)
        if not new:
            subscription.tell(poll.latest)
            return subscription
        options: dict[str, object] = {"names": poll.pattern.globs, "rate": rate, "onChange": True}
        try:
            await self._engine.poll(poll.name, "channels", options)
        except CsounddError:
            if self._subscriptions.get((target, pattern)) is subscription:
                self._drop(subscription)
            raise
        return subscription

    def _make_sure_of_room(self, owner: str, host: str) -> None:
        """Raise LimitExceeded where ``owner``, all at ``host`` together, or everybody has as many as there may be."""
        opened = self._subscriptions.values()
        own = sum(each.owner == owner for each in opened)
        of_host = 0 if is_local(host) else sum(each.host == host for each in opened)
        for count, limit, whose in (
            (own, SENDER_SUBSCRIPTIONS, "of this sender"),
            (of_host, HOST_SUBSCRIPTIONS, f"of {host}"),
            (len(opened), OSC_SUBSCRIPTIONS, "of all senders"),
        ):
            if count >= limit:
                raise LimitExceeded(f"{limit} subscriptions {whose} are open", name="osc_subscriptions", limit=limit)

    def _drop(self, subscription: Subscription, spare: Poll | None = None) -> None:
        """End ``subscription``, and its poll with the last one, unless that is to be ``spare``d."""
        self._subscriptions.pop((subscription.target, subscription.pattern), None)
        poll = subscription.poll
        poll.subscriptions.remove(subscription)
        if not poll.subscriptions and poll is not spare:
            self._polls.pop(f"{poll.rate:g} {subscription.pattern}", None)
            self._engine.unpoll(poll.name)

    def _deliver_poll(self, event: PollResult) -> None:
        if not event.name.startswith(_POLLERS):
            return
        poll = next((poll for poll in self._polls.values() if poll.name == event.name), None)
        if poll is None:
            return
        data = cast("Values", event.data)
        meant = {name: address for name in data if (address := poll.pattern.address_of(name)) is not None}
        values = {name: data[name] for name in meant}
        poll.latest |= values
        packets = {name: channel_packet(meant[name], value) for name, value in values.items()}
        for subscription in poll.subscriptions:
            for name, value in values.items():
                if not self._echoes.is_echo(name, value, subscription.owner):
                    subscription.deliver(packets[name])
            subscription.note(values)


def _is_owners(subscription: Subscription, owner: Sender) -> bool:
    """Whether ``owner`` asked for it, rather than the settings."""
    return subscription.lapses or owner.lasting


class FollowLastSender:
    """Feeds ``subscription`` to whoever sent last over UDP, for controllers whose address nobody knows before.

    ``route`` gives the name of the address that is meant by a sender, and what sends there. Who takes over is told
    what it has not heard yet, a moment later: by then what it sent itself has arrived and is no news to it.
    """

    def __init__(
        self, feedback: Feedback, subscription: Subscription, route: Callable[[Sender], tuple[str, Deliver]]
    ) -> None:
        self._feedback = feedback
        self._subscription = subscription
        self._route = route
        self._target = ""
        self._told: dict[str, Values] = {}
        self._telling: asyncio.TimerHandle | None = None

    def sent(self, sender: Sender) -> None:
        """``sender`` sent something. One that may not read is passed over."""
        if "read" not in sender.scopes:
            return
        target, deliver = self._route(sender)
        self._subscription.redirect(sender.id, deliver)
        if target == self._target:
            return
        self._target = target
        told = self._told[target] = self._told.pop(target, {})
        self._subscription.remember(told)
        if len(self._told) > REMEMBERED_SENDERS:
            del self._told[next(iter(self._told))]
        self.close()
        loop = asyncio.get_running_loop()
        self._telling = loop.call_later(SETTLED_SECONDS, self._feedback.catch_up, self._subscription)

    def close(self) -> None:
        """Tell nobody any more."""
        if self._telling is not None:
            self._telling.cancel()
