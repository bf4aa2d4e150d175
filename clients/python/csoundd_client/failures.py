"""What every error of this package is. ``errors`` has one class more for each error of the contract."""

from __future__ import annotations

from typing import ClassVar

from csoundd_client.values import Json


class CsounddError(Exception):
    """A failure of a call or of the connection; ``hint`` says what can be done about it, where that is known."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConnectionLost(CsounddError):
    """The connection went while the call was running, or there is none: whether the call ran is not known.

    ``close_code`` is the WebSocket's, 1006 where the other side said no farewell.
    """

    def __init__(self, message: str, *, close_code: int = 1006, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.close_code = close_code


class ConnectionFailed(ConnectionLost):
    """No connection came about."""


class DaemonRestarted(ConnectionLost):
    """Another daemon has answered where the connection was lost: its engine has nothing of this program's.

    Every call raises it until the program has heard of it by ``await ready()``, which raises it once.
    """


class SessionOver(ConnectionLost):
    """The daemon has ended the session while the connection was lost, and no other is to take its place."""


class Unreadable(CsounddError):
    """The server sent what the contract does not know."""


class RemoteError(CsounddError):
    """What the server answered instead of a result; itself the class of errors that are newer than this client.

    ``code`` is its number in the contract, ``messages`` the last lines Csound printed, where they matter,
    and ``data`` whatever else came with it.
    """

    code: int = -32000
    known: ClassVar[dict[int, type[RemoteError]]] = {}

    def __init__(self, message: str, *, data: dict[str, Json] | None = None, code: int | None = None) -> None:
        self.data = data or {}
        super().__init__(message, hint=self.data.get("hint"))
        self.messages: list[str] = self.data.get("messages") or []
        if code is not None:
            self.code = code

    def __init_subclass__(cls) -> None:
        RemoteError.known[cls.code] = cls

    def __str__(self) -> str:
        """The message, then the hint and Csound's own lines where there are any."""
        return "\n".join([self.message, *([self.hint] if self.hint else []), *self.messages])


def failure_of(error: Json) -> CsounddError:
    """The exception for the ``error`` member of a reply."""
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return Unreadable("the server answered with an error that has no code")
    code, data = error["code"], error.get("data")
    kind = RemoteError.known.get(code, RemoteError)
    return kind(str(error.get("message", "")), data=data if isinstance(data, dict) else None, code=code)
