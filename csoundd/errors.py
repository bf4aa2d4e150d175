"""The error tree: every failure a client can be told of, each with its number on the wire.

The numbers below -32099 are those of JSON-RPC 2.0; -32000 to -32012 are ours. A class is the only
place where a number stands; ``protocol/errors.json`` and the clients are made from this module.
"""

from __future__ import annotations

import errno
from typing import ClassVar, Final

EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
"""What the system says when it has no descriptors, memory or processes left: later it may."""


class CsounddError(Exception):
    """The base of every error of csoundd.

    ``hint`` says what to do about it, ``messages`` are the last lines Csound printed, and ``details``
    are further members of ``error.data``.
    """

    code: ClassVar[int] = -32000
    summary: ClassVar[str] = "a failure that has no better name"

    def __init__(
        self,
        message: str = "",
        *,
        hint: str | None = None,
        messages: list[str] | None = None,
        **details: object,
    ) -> None:
        super().__init__(message or self.summary)
        self.message = message or self.summary
        self.hint = hint
        self.messages = messages
        self.details = details

    @property
    def data(self) -> dict[str, object]:
        """The ``error.data`` member: the type's name, then the hint, messages and details there are."""
        data: dict[str, object] = {"type": type(self).__name__}
        if self.hint is not None:
            data["hint"] = self.hint
        if self.messages:
            data["messages"] = self.messages
        return data | self.details


class ParseError(CsounddError):
    code = -32700
    summary = "the frame is not well-formed"


class InvalidRequest(CsounddError):
    code = -32600
    summary = "the frame is not a JSON-RPC 2.0 request"


class MethodNotFound(CsounddError):
    code = -32601
    summary = "there is no such method"


class InvalidParams(CsounddError):
    code = -32602
    summary = "the parameters do not fit the method's signature"


class InternalError(CsounddError):
    code = -32603
    summary = "a fault in csoundd itself"


class EngineError(CsounddError):
    code = -32000
    summary = "the engine could not do it"


class Unauthorized(CsounddError):
    code = -32001
    summary = "a valid token is needed"


class Forbidden(CsounddError):
    code = -32002
    summary = "the session's scopes, or the workspace, do not allow it"


class WrongState(CsounddError):
    code = -32003
    summary = "the engine or the session is not in a state that allows the call"


class NotFound(CsounddError):
    code = -32004
    summary = "what the call names is not there"


class StaleHandle(CsounddError):
    code = -32005
    summary = "the handle belongs to an engine or a session that is gone"


class Unsupported(CsounddError):
    code = -32006
    summary = "this engine cannot serve the method"


class Timeout(CsounddError):
    code = -32007
    summary = "the call did not end within its deadline"


class LimitExceeded(CsounddError):
    code = -32008
    summary = "a limit of the server was exceeded"


class EngineCrashed(CsounddError):
    code = -32009
    summary = "the engine died while the call was running"


class EngineUnavailable(CsounddError):
    code = -32010
    summary = "there is no engine to run the call"


class Cancelled(CsounddError):
    code = -32011
    summary = "the call was cancelled"


class Late(CsounddError):
    code = -32012
    summary = "the time asked for had passed and the policy was to fail"


ERRORS: tuple[type[CsounddError], ...] = (
    ParseError,
    InvalidRequest,
    MethodNotFound,
    InvalidParams,
    InternalError,
    EngineError,
    Unauthorized,
    Forbidden,
    WrongState,
    NotFound,
    StaleHandle,
    Unsupported,
    Timeout,
    LimitExceeded,
    EngineCrashed,
    EngineUnavailable,
    Cancelled,
    Late,
)
"""Every error that can travel, in the order of the contract."""

_BY_CODE = {error.code: error for error in ERRORS}


def error_of(code: int, message: str, data: dict[str, object]) -> CsounddError:
    """The error that ``code``, ``message`` and ``data`` describe, as it was before it travelled."""
    rest = {key: value for key, value in data.items() if key not in {"type", "hint", "messages"}}
    error = _BY_CODE.get(code, InternalError)(message)
    hint, messages = data.get("hint"), data.get("messages")
    error.hint = hint if isinstance(hint, str) else None
    error.messages = [str(line) for line in messages] if isinstance(messages, list) else None
    error.details = rest
    return error
