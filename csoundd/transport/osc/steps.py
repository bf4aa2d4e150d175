"""Stage 1, OSC steps: what a message asks for. A value for a channel, a call, or something done here and at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Final

from csoundd.errors import Cancelled, CsounddError, LimitExceeded
from csoundd.messages import At, Failure, Reply, Request, Response, Seconds
from csoundd.transport.osc import replies
from csoundd.transport.osc.ports import CancellingDispatcher
from csoundd.transport.osc.sender import Exchange, Sender

WAITING: Final = 4096
"""How many bundles of one sender may wait for their time."""

ALL_WAITING: Final = 8192
"""How many of all senders may: fewer than the calls that the engine takes at once, so that others get through."""

SCHEDULED: Final = "scheduled"
"""The id of every request that waits for its time, by which a sender's are cancelled together."""

_GRACE: Final = Seconds(30.0)

Noted = Callable[[str, object, Sender], None]
Answered = Callable[[Response | list[Response]], None]


@dataclass(frozen=True, slots=True)
class Set:
    """A single value for a channel."""

    name: str
    value: float | str
    address: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call through the dispatcher. What the front serves (``front``) cannot be part of a batch."""

    method: str
    params: list[object]
    address: str
    answered: Answered
    front: bool = False


Here = Callable[[], None]
Step = Set | Call | Here


def call_of(exchange: Exchange, step: Set | Call, noted: Noted) -> Call:
    """``step`` as a call. ``noted`` is told of the channel values that it set."""
    call = step if isinstance(step, Call) else _setting(exchange, step)
    values = _values(call)
    if not values:
        return call

    def answered(response: Response | list[Response]) -> None:
        if isinstance(response, Reply):
            for name, value in values.items():
                noted(name, value, exchange.sender)
        call.answered(response)

    return Call(call.method, call.params, call.address, answered)


def _setting(exchange: Exchange, step: Set) -> Call:
    method = "csound.setStringChannel" if isinstance(step.value, str) else "csound.setControlChannel"
    return Call(method, [step.name, step.value], step.address, errors_only(exchange, step.address))


def _values(call: Call) -> dict[str, object]:
    """The channels that ``call`` sets, and to what."""
    match call.method, call.params:
        case "csound.setControlChannel" | "csound.setStringChannel", [str(name), value]:
            return {name: value}
        case "channel.set", [dict(values)]:
            return values
    return {}


def errors_only(exchange: Exchange, address: str) -> Answered:
    """An answer that says nothing but what went wrong."""

    def answered(response: Response | list[Response]) -> None:
        replies.failed(exchange, address, response)

    return answered


class Runner:
    """Has calls made on behalf of the sender of an exchange."""

    def __init__(self, dispatcher: CancellingDispatcher) -> None:
        self._dispatcher = dispatcher
        self._waiting: Counter[str] = Counter()
        self._all_waiting = 0

    def run(self, exchange: Exchange, call: Call, moment: float | None = None) -> None:
        """Make ``call``, at the Unix time ``moment`` if it has one.

        Too late, it goes by the sender's policy, and it is told if it asked for that.
        """
        if moment is None:
            request = Request(call.method, call.params, 0)
            self._dispatcher.dispatch(exchange.sender, request, call.answered)
        else:
            self._schedule(exchange, call, moment)

    def forget(self, sender: Sender) -> None:
        """Make none of the calls of ``sender`` that wait for their time; none of them is answered."""
        self._dispatcher.cancel(sender.id, SCHEDULED)

    def _schedule(self, exchange: Exchange, call: Call, moment: float) -> None:
        sender = exchange.sender
        for waiting, limit in ((self._waiting[sender.id], WAITING), (self._all_waiting, ALL_WAITING)):
            if waiting >= limit:
                refusal(call, LimitExceeded(f"{limit} bundles wait for their time", limit=limit))
                return
        self._waiting[sender.id] += 1
        self._all_waiting += 1

        def answered(response: Response | list[Response]) -> None:
            self._ran(sender.id)
            receipt = response.receipt if isinstance(response, Reply) else None
            if receipt is not None and receipt.late > 0:
                replies.late(exchange, call.address, receipt)
            forgotten = isinstance(response, Failure) and isinstance(response.error, Cancelled)
            if not forgotten and (receipt is None or not receipt.dropped):
                call.answered(response)

        deadline = Seconds(max(0.0, moment - time()) + _GRACE)
        request = Request(call.method, call.params, SCHEDULED, At("wall", moment), sender.policy, deadline)
        self._dispatcher.dispatch(sender, request, answered)

    def _ran(self, sender: str) -> None:
        self._all_waiting -= 1
        self._waiting[sender] -= 1
        if not self._waiting[sender]:
            del self._waiting[sender]


def refusal(call: Call, error: CsounddError) -> None:
    """Have ``call`` answered with ``error``."""
    call.answered(Failure(0, error))
