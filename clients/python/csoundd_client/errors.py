"""The errors of the contract, one class for each number.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.failures import (
    ConnectionFailed,
    ConnectionLost,
    CsounddError,
    DaemonRestarted,
    RemoteError,
    SessionOver,
    Unreadable,
)


class ParseError(RemoteError):
    """The frame is not well-formed."""

    code = -32700


class InvalidRequest(RemoteError):
    """The frame is not a JSON-RPC 2.0 request."""

    code = -32600


class MethodNotFound(RemoteError):
    """There is no such method."""

    code = -32601


class InvalidParams(RemoteError, ValueError):
    """The parameters do not fit the method's signature."""

    code = -32602


class InternalError(RemoteError):
    """A fault in csoundd itself."""

    code = -32603


class EngineError(RemoteError, RuntimeError):
    """The engine could not do it."""

    code = -32000


class Unauthorized(RemoteError):
    """A valid token is needed."""

    code = -32001


class Forbidden(RemoteError):
    """The session's scopes, or the workspace, do not allow it."""

    code = -32002


class WrongState(RemoteError, RuntimeError):
    """The engine or the session is not in a state that allows the call."""

    code = -32003


class NotFound(RemoteError, LookupError):
    """What the call names is not there."""

    code = -32004


class StaleHandle(RemoteError, RuntimeError):
    """The handle belongs to an engine or a session that is gone."""

    code = -32005


class Unsupported(RemoteError, NotImplementedError):
    """This engine cannot serve the method."""

    code = -32006


class Timeout(RemoteError, TimeoutError):
    """The call did not end within its deadline."""

    code = -32007


class LimitExceeded(RemoteError):
    """A limit of the server was exceeded."""

    code = -32008


class EngineCrashed(RemoteError, RuntimeError):
    """The engine died while the call was running."""

    code = -32009


class EngineUnavailable(RemoteError, RuntimeError):
    """There is no engine to run the call."""

    code = -32010


class Cancelled(RemoteError):
    """The call was cancelled."""

    code = -32011


class Late(RemoteError):
    """The time asked for had passed and the policy was to fail."""

    code = -32012


__all__ = [
    "Cancelled",
    "ConnectionFailed",
    "ConnectionLost",
    "CsounddError",
    "DaemonRestarted",
    "EngineCrashed",
    "EngineError",
    "EngineUnavailable",
    "Forbidden",
    "InternalError",
    "InvalidParams",
    "InvalidRequest",
    "Late",
    "LimitExceeded",
    "MethodNotFound",
    "NotFound",
    "ParseError",
    "RemoteError",
    "SessionOver",
    "StaleHandle",
    "Timeout",
    "Unauthorized",
    "Unreadable",
    "Unsupported",
    "WrongState",
]
