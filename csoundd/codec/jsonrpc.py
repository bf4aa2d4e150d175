"""JSON-RPC 2.0 in its two encodings: frames to requests, and responses to frames.

Beside JSON-RPC's own members a request may carry ``at``, ``late`` and ``deadline``, a reply ``meta``.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from types import NoneType
from typing import Any, Final, cast

from msgpack import unpackb

from csoundd.codec import json, msgpack
from csoundd.codec.values import UNWRITABLE, nearest, revive
from csoundd.errors import CsounddError, InternalError, InvalidRequest, LimitExceeded, ParseError
from csoundd.limits import BATCH_REQUESTS, LONGEST_TIME_SECONDS
from csoundd.messages import (
    ABSENT,
    Absent,
    At,
    Failure,
    Incoming,
    LatePolicy,
    Receipt,
    Reply,
    Request,
    Response,
    Seconds,
    StreamFrame,
)

log = logging.getLogger("csoundd.codec")

_VERSION: Final = "2.0"
_IDS: Final = frozenset({str, int, NoneType, Absent})
_CLOCKS: Final = ("sample", "score", "delay", "wall")
_POLICIES: Final[tuple[LatePolicy, ...]] = ("run", "drop", "error")


def incoming_of(value: Any, *, forms: bool) -> Incoming:
    """The requests in the decoded frame ``value``; ``forms`` says whether it may contain special forms."""
    if type(value) is not list:
        return _request(value, forms=forms)
    if not value:
        return Failure(None, InvalidRequest("an empty batch"))
    if len(value) > BATCH_REQUESTS:
        return Failure(None, LimitExceeded(f"a batch of {len(value)} requests", name="batch", limit=BATCH_REQUESTS))
    return [_request(item, forms=forms) for item in value]


def _request(value: Any, *, forms: bool) -> Request | Failure:  # noqa: PLR0911 - one for each thing wrong
    if type(value) is not dict:
        return Failure(None, InvalidRequest("a request is an object"))
    request_id = value.get("id", ABSENT)
    if type(request_id) not in _IDS and not (type(request_id) is float and math.isfinite(request_id)):
        return Failure(None, InvalidRequest("an id is a string, a number or null"))
    shown_id = None if request_id is ABSENT else request_id
    if value.get("jsonrpc") != _VERSION:
        return Failure(shown_id, InvalidRequest('jsonrpc has to be "2.0"'))
    method, params = value.get("method"), value.get("params")
    if params is None:
        # Clients of JSON-RPC 1.0 and Lua have no other word for none.
        params = []
    if type(method) is not str:
        return Failure(shown_id, InvalidRequest("method has to be a string"))
    if forms:
        params = revive(params)
    if type(params) is not list and type(params) is not dict:
        return Failure(shown_id, InvalidRequest("params has to be an array or an object"))
    if "at" not in value and "late" not in value and "deadline" not in value:
        return Request(method, params, request_id)
    try:
        return Request(method, params, request_id, _at(value), _late(value), _deadline(value))
    except InvalidRequest as error:
        return Failure(shown_id, error)


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
    if deadline is not None and 0 < deadline <= LONGEST_TIME_SECONDS:
        return Seconds(deadline)
    raise InvalidRequest(f"deadline has to be a number of seconds above 0 and at most {LONGEST_TIME_SECONDS:g}")


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
        if message.messages:
            reply["meta"] = {**cast("dict[str, object]", reply.get("meta", {})), "messages": list(message.messages)}
        return reply
    if isinstance(message, StreamFrame):
        if message.ended is not None:
            end = {"stream": message.stream, "seq": message.seq, "sample": message.sample, "reason": message.ended}
            return {"jsonrpc": _VERSION, "method": "stream.ended", "params": end}
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


class MsgpackCodec:
    """The codec ``csoundd.msgpack``: binary frames, arrays as they lie in memory."""

    name = "csoundd.msgpack"
    binary = True

    def decode(self, frame: bytes | str) -> Incoming:
        """Read ``frame`` as requests; for one that is faulty a Failure stands in its place."""
        if isinstance(frame, str):
            return Failure(None, ParseError("this connection speaks msgpack, and a text frame came"))
        try:
            value = unpackb(frame, ext_hook=msgpack.extension)
            forms = b"$" in frame
            return _request(value, forms=forms) if type(value) is dict else incoming_of(value, forms=forms)
        except (ValueError, RecursionError) as error:
            return Failure(None, ParseError(f"not msgpack: {error}"))

    def takes_long(self, message: Response | list[Response]) -> bool:  # noqa: ARG002 - as every codec
        """Whether to encode ``message`` keeps others waiting: arrays go as they lie in memory."""
        return False

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """The frame for ``message``; a result that cannot travel is answered with InternalError."""
        try:
            return msgpack.pack(outgoing(message))
        except UNWRITABLE:
            return msgpack.pack(outgoing(replacement(message, msgpack.pack)))


class JsonCodec:
    """The codec ``csoundd.json``: text frames that people can read."""

    name = "csoundd.json"
    binary = False

    def decode(self, frame: bytes | str) -> Incoming:
        """Read ``frame`` as requests; for one that is faulty a Failure stands in its place."""
        try:
            text = frame if isinstance(frame, str) else frame.decode()
            return incoming_of(json.DECODER.decode(text), forms='"$' in text or "\\u0024" in text)
        except RecursionError:
            return Failure(None, ParseError("nested too deeply"))
        except ValueError as error:
            return Failure(None, ParseError(f"not JSON: {error}"))

    def takes_long(self, message: Response | list[Response]) -> bool:
        """Whether to encode ``message`` keeps others waiting."""
        if type(message) is Reply:
            return json.takes_long(message.result)
        return isinstance(message, list) and any(map(self.takes_long, message))

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """The frame for ``message``; a result that cannot travel is answered with InternalError."""
        try:
            return json.pack(outgoing(message))
        except UNWRITABLE:
            return json.pack(outgoing(replacement(message, json.pack)))
