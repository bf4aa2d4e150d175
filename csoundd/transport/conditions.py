"""What limits a request over HTTP (RFC 9110 and 9112): it is obeyed, or the request is refused.

Conditions compare the validators of what is there: an entity tag, and a time of modification. What has neither still
exists, and that is a condition too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csoundd.codec import JSON, Codec
from csoundd.errors import (
    CsounddError,
    EngineUnavailable,
    Forbidden,
    InvalidParams,
    InvalidRequest,
    LimitExceeded,
    NotFound,
    Unauthorized,
    WrongState,
)
from csoundd.messages import Failure

READING: Final = frozenset({"GET", "HEAD"})

JSON_TYPE: Final = "application/json"

_TAG: Final = re.compile(r'(?:W/)?"[^"]*"')
_KEPT: Final = ("etag", "last-modified", "cache-control", "vary", "access-control-allow-origin")
"""The headers of an answer that a 304 has too."""


STATUS: Final[dict[type[CsounddError], HTTPStatus]] = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    InvalidParams: HTTPStatus.BAD_REQUEST,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    WrongState: HTTPStatus.CONFLICT,
    LimitExceeded: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    EngineUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The HTTP status that goes with an error, where nothing more precise is known."""


def failed(
    error: CsounddError,
    status: HTTPStatus | None = None,
    *,
    codec: Codec = JSON,
    content_type: str = JSON_TYPE,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """``error`` as the answer to what was not even a call, with an HTTP status that says so too."""
    code = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR) if status is None else status
    return Response(codec.encode(Failure(None, error)), status_code=code, media_type=content_type, headers=headers)


def unmet(
    method: str, headers: Headers, *, exists: bool, etag: str | None = None, modified: float | None = None
) -> HTTPStatus | None:
    """The status that says which condition of a request does not hold, None where all do (RFC 9110, 13.2.2).

    ``modified`` is a Unix time. To be asked where the answer would be a success without conditions.
    """
    wanted, unwanted = headers.getlist("if-match"), headers.getlist("if-none-match")
    if wanted:
        if not (exists and (_any(wanted) or etag in _tags(wanted))):
            return HTTPStatus.PRECONDITION_FAILED
    elif modified is not None and exists:
        latest = _time(headers.get("if-unmodified-since"))
        if latest is not None and int(modified) > latest:
            return HTTPStatus.PRECONDITION_FAILED
    known = HTTPStatus.NOT_MODIFIED if method in READING else HTTPStatus.PRECONDITION_FAILED
    if unwanted:
        if exists and (_any(unwanted) or (etag is not None and _weak(etag) in map(_weak, _tags(unwanted)))):
            return known
    elif modified is not None and exists and method in READING:
        latest = _time(headers.get("if-modified-since"))
        if latest is not None and int(modified) <= latest:
            return known
    return None


def conditional(request: Request, response: Response) -> Response:
    """``response``, if it is no success or the conditions of ``request`` hold; else what says that they do not."""
    if response.status_code != HTTPStatus.OK:
        return response
    told = response.headers
    modified = _time(told.get("last-modified"))
    status = unmet(request.method, request.headers, exists=True, etag=told.get("etag"), modified=modified)
    if status is None:
        return response
    if status != HTTPStatus.NOT_MODIFIED:
        return precondition_failed()
    return Response(status_code=status, headers={name: told[name] for name in _KEPT if name in told})


def precondition_failed() -> Response:
    """The answer to a request whose conditions do not hold."""
    error = WrongState("the conditions of the request do not hold", hint="get what is there, and its ETag, anew")
    return failed(error, HTTPStatus.PRECONDITION_FAILED)


def _any(fields: list[str]) -> bool:
    return any(field.strip() == "*" for field in fields)


def _tags(fields: list[str]) -> list[str]:
    return _TAG.findall(",".join(fields))


def _weak(tag: str) -> str:
    return tag.removeprefix("W/")


def _time(date: str | None) -> float | None:
    """The Unix time of an HTTP date; what is none is ignored, as RFC 9110 has it."""
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


class RequestRules:
    """Refuses what ``app`` would take for something else, before it is asked.

    A part of a representation (Content-Range), a body in a coding that is not undone here (Content-Encoding,
    Transfer-Encoding), and an expectation that is not met (Expect).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = _refusal(headers)
        if scope["method"] == "OPTIONS" and scope["path"] == "*":
            # It asks about the server as a whole (RFC 9110, 9.3.7).
            answer = Response(status_code=HTTPStatus.NO_CONTENT)
        app = self._app if answer is None else answer
        if "expect" in headers:
            receive, send = _unread_closes(receive, send)
        await app(scope, receive, send)


def _refusal(headers: Headers) -> Response | None:
    expected = headers.get("expect", "100-continue").strip().lower()
    coding = headers.get("content-encoding", "identity").strip().lower()
    transfer = headers.get("transfer-encoding", "chunked").strip().lower()
    if expected != "100-continue":
        what = InvalidRequest("only 100-continue can be expected")
        return failed(what, HTTPStatus.EXPECTATION_FAILED)
    if "content-range" in headers:
        what = InvalidRequest("a part of a file would take the place of the whole", hint="send all of it")
        return failed(what)
    if coding not in {"identity", ""}:
        what = InvalidRequest("the body has to be sent without a Content-Encoding")
        return failed(what, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"accept-encoding": "identity"})
    if transfer != "chunked":
        return failed(InvalidRequest("the only Transfer-Encoding is chunked"), HTTPStatus.NOT_IMPLEMENTED)
    return None


def _unread_closes(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Close the connection after an answer that was given without the body that waits to be asked for.

    Whether the client sends it all the same is its choice, and it could be taken for the next request.
    """
    is_read = False

    async def reading() -> Message:
        nonlocal is_read
        is_read = True
        return await receive()

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start" and not is_read:
            MutableHeaders(scope=message)["connection"] = "close"
        await send(message)

    return reading, closing
