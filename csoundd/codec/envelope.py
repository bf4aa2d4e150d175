"""Decoded frames to requests and back from responses: JSON-RPC 2.0, members by members.

Beside JSON-RPC's own members a request may carry ``at``, ``late`` and ``deadline``, a reply ``meta``.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any, Final

from csoundd.codec.values import UNWRITABLE, nearest, revive
from csoundd.errors import CsounddError, InternalError, InvalidRequest, LimitExceeded
from csoundd.messages import (
    ABSENT,
    At,
    Failure,
    Incoming,
    LatePolicy,
    Receipt,
    Reply,
    Request,
    RequestId,
    Response,
    Seconds,
    StreamFrame,
)

log = logging.getLogger("csoundd.codec")

BATCH_LIMIT: Final = 1000
"""The most requests one batch may hold."""

LONGEST_DEADLINE: Final = 1e9
"""Seconds, 31 years: for ever. What is longer overflows the clocks of an operating system."""

_VERSION: Final = "2.0"
_CLOCKS: Final = ("sample", "score", "delay", "wall")
_POLICIES: Final[tuple[LatePolicy, ...]] = ("run", "drop", "error")


def incoming_of(value: Any, *, forms: bool) -> Incoming:
    """The requests in the decoded frame ``value``; ``forms`` says whether it may contain special forms."""
    if type(value) is not list:
        return _request(value, forms=forms)
    if not value:
        return Failure(None, InvalidRequest("an empty batch"))
    if len(value) > BATCH_LIMIT:
        return Failure(None, LimitExceeded(f"a batch of {len(value)} requests", limit=BATCH_LIMIT))
    return [_request(item, forms=forms) for item in value]


def _request(value: Any, *, forms: bool) -> Request | Failure:
    if type(value) is not dict:
        return Failure(None, InvalidRequest("a request is an object"))
    request_id = value.get("id", ABSENT)
    if request_id is not ABSENT and not _is_id(request_id):
        return Failure(None, InvalidRequest("an id is a string, a number or null"))
    try:
        return _checked(value, request_id, forms=forms)
    except InvalidRequest as error:
        return Failure(None if request_id is ABSENT else request_id, error)


def _is_id(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _checked(value: dict[str, Any], request_id: Any, *, forms: bool) -> Request:
    if value.get("jsonrpc") != _VERSION:
        raise InvalidRequest('jsonrpc has to be "2.0"')
    method = value.get("method")
    if type(method) is not str:
        raise InvalidRequest("method has to be a string")
    params = value.get("params", [])
    if forms:
        params = revive(params)
    if type(params) is not list and type(params) is not dict:
        raise InvalidRequest("params has to be an array or an object")
    if "at" not in value and "late" not in value and "deadline" not in value:
        return Request(method, params, request_id)
    return Request(method, params, request_id, _at(value), _late(value), _deadline(value))


def _at(value: dict[str, Any]) -> At | None:
    at = value.get("at")
    if at is None:
        return None
    if type(at) is dict and len(at) == 1:
        ((clock, asked),) = at.items()
        when = _finite(asked)
        if clock in _CLOCKS and when is not None:
            return At(clock, when)
    raise InvalidRequest("at has to be an object with one of sample, score, delay and wall, a number")


def _late(value: dict[str, Any]) -> LatePolicy:
    late = value.get("late")
    if late is None:
        return "run"
    for policy in _POLICIES:
        if policy == late:
            return policy
    raise InvalidRequest('late has to be "run", "drop" or "error"')


def _deadline(value: dict[str, Any]) -> Seconds | None:
    if value.get("deadline") is None:
        return None
    deadline = _finite(value["deadline"])
    if deadline is not None and 0 < deadline <= LONGEST_DEADLINE:
        return Seconds(deadline)
    raise InvalidRequest(f"deadline has to be a number of seconds above 0 and at most {LONGEST_DEADLINE:g}")


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = nearest(value) if isinstance(value, int) else value
    return number if math.isfinite(number) else None


def outgoing(message: Response | list[Response] | StreamFrame) -> object:
    """The JSON-RPC object (or, of a batch, array) that ``message`` travels as."""
    if isinstance(message, Reply):
        reply = {"jsonrpc": _VERSION, "id": message.id, "result": message.result}
        if message.receipt is not None:
            reply["meta"] = _meta(message.receipt)
        return reply
    if isinstance(message, StreamFrame):
        data = {"stream": message.stream, "seq": message.seq, "sample": message.sample, "data": message.data}
        return {"jsonrpc": _VERSION, "method": "stream.data", "params": data}
    if isinstance(message, list):
        return [outgoing(response) for response in message]
    error = message.error
    described = {"code": error.code, "message": error.message, "data": error.data}
    return {"jsonrpc": _VERSION, "id": message.id, "error": described}


def _meta(receipt: Receipt) -> dict[str, object]:
    meta: dict[str, object] = {
        "sample": receipt.sample,
        "cycle": receipt.cycle,
        "scoreTime": receipt.score_time,
        "late": receipt.late,
    }
    if receipt.dropped:
        meta["dropped"] = True
    return meta


def replacement(
    message: Response | list[Response] | StreamFrame, pack: Callable[[object], bytes]
) -> Response | list[Response] | StreamFrame:
    """A message in place of ``message``, which cannot be packed: the same, with what fails in it replaced."""
    if isinstance(message, list):
        return [_packable(response, pack) for response in message]
    if isinstance(message, StreamFrame):
        return StreamFrame(message.stream, message.seq, message.sample, None, message.delivery)
    return _packable(message, pack)


def _packable(response: Response, pack: Callable[[object], bytes]) -> Response:
    try:
        pack(outgoing(response))
    except UNWRITABLE as error:
        log.exception("an answer could not be encoded")
        return Failure(response.id, _bare(response, error))
    return response


def _bare(response: Response, error: Exception) -> CsounddError:
    if isinstance(response, Failure):
        return type(response.error)(response.error.message)
    return InternalError(f"the result cannot travel: {error}")


__all__ = ["BATCH_LIMIT", "RequestId", "incoming_of", "outgoing", "replacement"]
