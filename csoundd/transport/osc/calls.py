"""OSC calls: what messages ask for, made through the dispatcher, alone or as the one command that a bundle is.

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

from csoundd.codec.osc import Bundle, Message
from csoundd.errors import Cancelled, CsounddError, LimitExceeded, error_of
from csoundd.limits import BUNDLE_GRACE_SECONDS, REJECTED_MESSAGES, SENDER_BUNDLES, WAITING_BUNDLES
from csoundd.messages import At, Failure, Reply, Request, Response, Seconds
from csoundd.ports import Dispatcher
from csoundd.transport.osc.replies import ReplyContext
from csoundd.transport.osc.senders import Sender

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
                fitting[0].refuse(LimitExceeded(refusal, limit=REJECTED_MESSAGES))

        self.run(Call("engine.batch", [requests], calls[0].context, answered), moment)

    def forget(self, sender: Sender) -> None:
        """Make none of the calls of ``sender`` that wait for their time; none of them is answered."""
        self._dispatcher.cancel(sender.id, SCHEDULED)

    def _schedule(self, call: Call, moment: float) -> None:
        sender = call.context.sender
        for waiting, limit in ((self._waiting[sender.id], SENDER_BUNDLES), (self._all_waiting, WAITING_BUNDLES)):
            if waiting >= limit:
                call.refuse(LimitExceeded(f"{limit} bundles wait for their time", limit=limit))
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
