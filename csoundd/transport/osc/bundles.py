"""Stage 1, OSC bundles: messages that run in one cycle, at the time on the bundle.

A nested bundle with a time of its own is atomic by itself; one without, or with an earlier one, is part of the one
around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from csoundd.codec.osc import Bundle, Message
from csoundd.errors import LimitExceeded, error_of
from csoundd.messages import Failure, Reply, Response
from csoundd.transport.osc.sender import Exchange
from csoundd.transport.osc.steps import Call, Runner, refusal

MISFITS: Final = 8
"""How many messages of a bundle may not fit before all of it is refused."""

Group = tuple[float | None, list[Message]]


def groups(bundle: Bundle, around: float | None = None) -> Iterator[Group]:
    """The messages of ``bundle`` that belong together, each group with its Unix time or None for now."""
    moment = _moment(bundle, around)
    own: list[Message] = []
    nested: list[Group] = []
    for element in bundle.elements:
        if isinstance(element, Message):
            own.append(element)
        else:
            inner = list(groups(element, moment))
            own += [message for when, messages in inner if when == moment for message in messages]
            nested += [group for group in inner if group[0] != moment]
    yield moment, own
    yield from nested


def _moment(bundle: Bundle, around: float | None) -> float | None:
    if bundle.timetag.immediate:
        return around
    return bundle.timetag.unix if around is None else max(around, bundle.timetag.unix)


def together(
    runner: Runner, exchange: Exchange, calls: list[Call], moment: float | None, misfits: int = MISFITS
) -> None:
    """Make ``calls`` in one cycle: the one that holds ``moment``, or the next.

    Each call that does not fit its method is answered so, and the others run; with more than ``misfits`` of them
    none does.
    """
    if len(calls) > 1:
        runner.run(exchange, _batch(runner, exchange, calls, moment, misfits), moment)
    elif calls:
        runner.run(exchange, calls[0], moment)


def _batch(runner: Runner, exchange: Exchange, calls: list[Call], moment: float | None, misfits: int) -> Call:
    requests = [{"method": call.method, "params": call.params} for call in calls]

    def answered(response: Response | list[Response]) -> None:
        left = _spread(calls, response)
        if left and misfits:
            together(runner, exchange, left, moment, misfits - 1)
        elif left:
            refusal(left[0], LimitExceeded(f"more than {MISFITS} messages of the bundle do not fit", limit=MISFITS))

    return Call("engine.batch", [requests], calls[0].address, answered)


def _spread(calls: list[Call], response: Response | list[Response]) -> list[Call]:
    """Give each call its part of the batch's answer; returns those to be tried again, without the one that misfits."""
    match response:
        case Reply(result=list(results)):
            for call, result in zip(calls, results, strict=False):
                call.answered(_part(cast("dict[str, Any]", result)))
        case Failure(error=error) if isinstance(index := error.details.get("call"), int) and index < len(calls):
            error.message = error.message.removeprefix(f"call {index}: ")
            refusal(calls[index], error)
            return [call for position, call in enumerate(calls) if position != index]
        case Failure(error=error):
            refusal(calls[0], error)
    return []


def _part(result: dict[str, Any]) -> Response:
    if "error" not in result:
        return Reply(0, result.get("result"))
    error = result["error"]
    return Failure(0, error_of(error["code"], error["message"], error["data"]))
