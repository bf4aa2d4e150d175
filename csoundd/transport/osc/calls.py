"""OSC calls: what messages ask for, made through the dispatcher, alone or as the one command that a bundle is; replies.

A bundle's messages run in one cycle, at the time on the bundle (OSC 1.0: "in immediate succession as if no other
processing took place"). A nested bundle with a later time is atomic by itself; one without, or with an earlier time,
is part of the one around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import time
from typing import Any, Final, cast

import numpy as np

from csoundd.codec import json
from csoundd.codec.osc import Bundle, Message, Part, blob, double, doubles, float32, floats, int32, message, text
from csoundd.errors import Cancelled, CsounddError, InternalError, LimitExceeded, error_of
from csoundd.limits import (
    AMPLIFICATION,
    BUNDLE_GRACE_SECONDS,
    ERROR_CHARACTERS,
    REJECTED_MESSAGES,
    SENDER_BUNDLES,
    WAITING_BUNDLES,
)
from csoundd.messages import At, Failure, Handle, Receipt, Reply, Request, Response, Seconds
from csoundd.ports import Dispatcher
from csoundd.transport.osc.senders import ReplyTypes, Sender

_OVERHEAD: Final = 32
"""Bytes of an ``/error`` beside its address and its text."""


class ReplyBudget:
    """The bytes that may go back for one packet of ``size`` bytes; to a proven address, any number."""

    __slots__ = ("room", "sender")

    def __init__(self, sender: Sender, size: int) -> None:
        self.sender = sender
        self.room = sender.limit if sender.proven else min(sender.limit, AMPLIFICATION * size)

    def send(self, packet: bytes) -> bool:
        """Send ``packet`` back; whether it fitted."""
        if len(packet) > self.room:
            return False
        if not self.sender.proven:
            self.room -= len(packet)
        self.sender.deliver(packet)
        return True


class ReplyContext:
    """A message to ``address`` that came in, and what may go back to its ``sender`` for it."""

    __slots__ = ("_budget", "address", "sender")

    def __init__(self, budget: ReplyBudget, address: str) -> None:
        self._budget = budget
        self.sender = budget.sender
        self.address = address

    def send(self, packet: bytes) -> None:
        """Send ``packet`` back, or where it is too large an error."""
        if not self._budget.send(packet):
            advice = "too many for UDP from another machine"
            if self.sender.proven:
                advice = f"a packet has at most {self.sender.limit}; ask for less, or over TCP or WebSocket"
            self.fail(LimitExceeded(f"the answer has {len(packet)} bytes", name="osc_answer", hint=advice))

    def reply(self, *results: object) -> None:
        """Answer ``/reply ,s… <address> results…``."""
        try:
            packet = message("/reply", text(self.address), *_parts(results, self.sender.reply_types))
        except (TypeError, ValueError, OverflowError, RecursionError):
            self.fail(InternalError("the result cannot travel as OSC"))
            return
        self.send(packet)

    def number(self, value: float) -> Part:
        """``value`` in 64 bits, or in the 32 that the sender prefers."""
        return float32(value) if self.sender.reply_types == "standard" else double(value)

    def value(self, held: object) -> None:
        """Answer what the channel at this address holds."""
        self.send(channel_packet(self.address, held))

    def late(self, receipt: Receipt) -> None:
        """Tell ``/late ,sdi``, with seconds and 1 for what was dropped, to a sender that asked for it."""
        if self.sender.wants_late:
            self._budget.send(message("/late", text(self.address), self.number(receipt.late), int32(receipt.dropped)))

    def fail(self, error: CsounddError) -> None:
        """Answer ``/error ,sis <address> <code> <text>``, the text as long as there is room for it."""
        said = error.message if error.hint is None else f"{error.message} ({error.hint})"
        room = self._budget.room - _OVERHEAD - len(self.address.encode("utf-8", "replace"))
        while said and len(said.encode("utf-8", "replace")) > room:
            said = said[: min(len(said) - 1, max(0, room))]
        self._budget.send(message("/error", text(self.address), int32(error.code), text(said[:ERROR_CHARACTERS])))

    def failed(self, response: Response | list[Response]) -> bool:
        """Answer an error if ``response`` is one; whether it was."""
        if isinstance(response, Failure):
            self.fail(response.error)
            return True
        return False


def channel_packet(address: str, held: object) -> bytes:
    """The packet that says what the channel at ``address`` holds: numbers as ``f``, which every controller reads."""
    match held:
        case np.ndarray():
            return message(address, floats(held))
        case int() | float():
            return message(address, float32(held))
    return message(address, *_parts(held, "full"))


def _parts(result: object, types: ReplyTypes) -> Iterator[Part]:
    """``result`` as arguments: numbers ``d``, texts and handles ``s``, structs as JSON, lists one after another.

    In standard types numbers are ``f``, or ``i`` where they are whole numbers that fit, as are true and false; nothing
    is an empty text.
    """
    match result:
        case list() | tuple():
            for inner in result:
                yield from _parts(inner, types)
        case np.ndarray():
            yield floats(result) if types == "standard" else doubles(result)
        case np.generic():
            yield _part(result.item(), types)
        case _:
            yield _part(result, types)


def _part(result: object, types: ReplyTypes) -> Part:
    build = (_STANDARD_BUILDERS if types == "standard" else _BUILDERS).get(type(result))
    return text(json.pack(result).decode()) if build is None else build(result)


def _whole(result: int) -> Part:
    return int32(result) if -(2**31) <= result < 2**31 else float32(result)


_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = {
    type(None): lambda _: ("N", b""),
    bool: lambda result: ("T" if result else "F", b""),
    int: double,
    float: double,
    str: text,
    bytes: blob,
    Handle: lambda handle: text(handle.id),
}
_STANDARD_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = _BUILDERS | {
    type(None): lambda _: text(""),
    bool: int32,
    int: _whole,
    float: float32,
}


SCHEDULED: Final = "scheduled"
"""The id of every request that waits for its time, by which a sender's are cancelled together."""

Answered = Callable[[Response | list[Response]], None]


@dataclass(frozen=True, slots=True)
class ChannelSet:
    """A single value for a control or string channel, which may be overtaken by a later one."""

    name: str
    value: float | str
    context: ReplyContext


@dataclass(frozen=True, slots=True)
class Call:
    """A call through the dispatcher on behalf of a message.

    ``answered`` is told of the answer; without it, only what fails is answered. What the front serves (``front``)
    cannot be part of a batch.
    """

    method: str
    params: list[object]
    context: ReplyContext
    answered: Answered | None = None
    front: bool = False

    def finish(self, response: Response | list[Response]) -> None:
        """The answer has come."""
        if self.answered is None:
            self.context.failed(response)
        else:
            self.answered(response)

    def refuse(self, error: CsounddError) -> None:
        """Answer ``error``: the call is not made."""
        self.finish(Failure(0, error))


Action = ChannelSet | Call
"""A message's request that is not served at once, but run by the router."""


class CallRunner:
    """Makes calls for their senders."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._waiting: Counter[str] = Counter()
        self._all_waiting = 0

    def run(self, call: Call, moment: float | None = None) -> None:
        """Make ``call``, at the Unix time ``moment`` if it has one.

        Too late, it goes by the sender's policy, and it is told if it asked for that.
        """
        if moment is None:
            self._dispatcher.dispatch(call.context.sender, Request(call.method, call.params, 0), call.finish)
        else:
            self._schedule(call, moment)

    def run_together(self, calls: list[Call], moment: float | None, max_rejected: int = REJECTED_MESSAGES) -> None:
        """Make ``calls`` in one cycle: the one that holds ``moment``, or the next.

        Each call that does not fit its method is answered so, and the others run; with more than ``max_rejected``
        of them none does.
        """
        if len(calls) < 2:  # noqa: PLR2004 - one call needs no batch
            for call in calls:
                self.run(call, moment)
            return
        requests = [{"method": call.method, "params": call.params} for call in calls]

        def answered(response: Response | list[Response]) -> None:
            fitting = _distribute(calls, response)
            if fitting and max_rejected:
                self.run_together(fitting, moment, max_rejected - 1)
            elif fitting:
                refusal = f"more than {REJECTED_MESSAGES} messages of the bundle do not fit"
                fitting[0].refuse(LimitExceeded(refusal, name="osc_rejected", limit=REJECTED_MESSAGES))

        self.run(Call("engine.batch", [requests], calls[0].context, answered), moment)

    def forget(self, sender: Sender) -> None:
        """Make none of the calls of ``sender`` that wait for their time; none of them is answered."""
        self._dispatcher.cancel(sender.id, SCHEDULED)

    def _schedule(self, call: Call, moment: float) -> None:
        sender = call.context.sender
        for waiting, limit in ((self._waiting[sender.id], SENDER_BUNDLES), (self._all_waiting, WAITING_BUNDLES)):
            if waiting >= limit:
                call.refuse(LimitExceeded(f"{limit} bundles wait for their time", name="osc_bundles", limit=limit))
                return
        self._waiting[sender.id] += 1
        self._all_waiting += 1

        def answered(response: Response | list[Response]) -> None:
            self._all_waiting -= 1
            self._waiting[sender.id] -= 1
            if not self._waiting[sender.id]:
                del self._waiting[sender.id]
            receipt = response.receipt if isinstance(response, Reply) else None
            if receipt is not None and receipt.late > 0:
                call.context.late(receipt)
            forgotten = isinstance(response, Failure) and isinstance(response.error, Cancelled)
            if not forgotten and (receipt is None or not receipt.dropped):
                call.finish(response)

        deadline = Seconds(max(0.0, moment - time()) + BUNDLE_GRACE_SECONDS)
        request = Request(call.method, call.params, SCHEDULED, At("wall", moment), sender.late_policy, deadline)
        self._dispatcher.dispatch(sender, request, answered)


def _distribute(calls: list[Call], response: Response | list[Response]) -> list[Call]:
    """Give each call its part of a batch's answer.

    A batch with a call that does not fit was refused as a whole: then only that call is answered, and the others are
    returned, to be tried again.
    """
    match response:
        case Reply(result=list(results)):
            for call, result in zip(calls, cast("list[dict[str, Any]]", results), strict=False):
                error = result.get("error")
                if error is None:
                    call.finish(Reply(0, result.get("result")))
                else:
                    call.refuse(error_of(error["code"], error["message"], error["data"]))
        case Failure(error=error) if isinstance(index := error.details.get("call"), int) and index < len(calls):
            error.message = error.message.removeprefix(f"call {index}: ")
            calls[index].refuse(error)
            return [call for position, call in enumerate(calls) if position != index]
        case Failure(error=error):
            calls[0].refuse(error)
    return []


Group = tuple[float | None, list[Message]]


def groups(bundle: Bundle, around: float | None = None) -> Iterator[Group]:
    """The messages of ``bundle`` that belong together, each group with its Unix time or None for now.

    ``around`` is the time of the bundle that holds this one; OSC 1.0 allows no earlier time inside.
    """
    moment = around
    if not bundle.timetag.immediate:
        moment = bundle.timetag.unix if around is None else max(around, bundle.timetag.unix)
    own: list[Message] = []
    nested: list[Group] = []
    for element in bundle.elements:
        if isinstance(element, Message):
            own.append(element)
        elif isinstance(element, Bundle):
            inner = list(groups(element, moment))
            own += [message for when, messages in inner if when == moment for message in messages]
            nested += [group for group in inner if group[0] != moment]
    yield moment, own
    yield from nested
