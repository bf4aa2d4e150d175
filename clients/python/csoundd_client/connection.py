"""One connection to the daemon: calls go out with a number, replies come back to who waits for that number.

It takes calls from the session and hands on what streams deliver. When it ends, every call still waiting fails.
"""

from __future__ import annotations

import asyncio
import logging
import math
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from csoundd_client.call import Call
from csoundd_client.codec import Codec
from csoundd_client.dial import dial
from csoundd_client.envelope import UNTIMED, answer, request
from csoundd_client.errors import LimitExceeded
from csoundd_client.failures import ConnectionLost, CsounddError, Unreadable, failure_of
from csoundd_client.values import Code, Params, Reader, Timing
from csoundd_client.wire import Wire

_log = logging.getLogger("csoundd_client")

BATCH: Final = 1000
"""The most calls that a server takes in one batch."""

_STREAMED: Final = frozenset({"stream.data", "stream.ended"})

_PROTOCOL_ERROR: Final = 1002


class Settled(Protocol):
    """What becomes of a call: a Future, or whatever takes its outcome."""

    def done(self) -> bool:
        """Whether the outcome is there."""

    def set_result(self, result: Any, /) -> None:
        """Take the result."""

    def set_exception(self, exception: Exception, /) -> None:
        """Take the error."""


S = TypeVar("S", bound=Settled)


@dataclass(slots=True)
class Waiting(Generic[S]):
    """A call without its reply yet. ``read`` takes the result, or with ``whole`` the Reply."""

    future: S
    read: Reader | None
    whole: bool = False


class Connection:
    """Calls and streams over one WebSocket; ``delivered`` takes each stream frame, ``ended`` the end.

    ``limit`` is how many bytes a frame of ours may have, ``lost`` what ended the connection, ``listener`` what takes in
    what comes while the loop does not run (:meth:`Wire.listener`).
    """

    def __init__(
        self, codec: Codec, delivered: Callable[[Any], None], ended: Callable[[Connection, ConnectionLost], None]
    ) -> None:
        self.lost: ConnectionLost | None = None
        self.listener: Callable[[float], bool] | None = None
        self.limit = math.inf
        self._codec = codec
        self._encode = codec.encode
        self._decode = codec.decode
        self._binary = codec.binary
        self._delivered = delivered
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._wire: Wire
        self._last = 0
        self._waiting: dict[int, Waiting[Any]] = {}

    async def open(self, url: str, tls: ssl.SSLContext | None, patience: float) -> None:
        """Connect. Raises ConnectionFailed."""
        self._wire = await dial(url, self._codec.name, self._heard, self._lost, tls=tls, patience=patience)
        self.listener = self._wire.listener()

    async def close(self) -> None:
        """End it in good order."""
        await self._wire.close()

    def abort(self) -> None:
        """End it at once."""
        self._wire.abort()

    def watch(self, period: float) -> None:
        """Notice when the other side is silent for good."""
        self._wire.watch(period)

    def request(
        self, method: str, params: Params, timing: Timing, read: Reader | None = None, *, whole: bool = False
    ) -> Call[Any]:
        """Send a call; its result as it will be. Raises TypeError for parameters that cannot travel."""
        call: Call[Any] = Call(loop=self._loop)
        self.send(request(method, params, timing), Waiting(call, read, whole))
        return call

    def send(self, message: dict[str, Any], waiting: Waiting[Any]) -> None:
        """Send a request without its number, whose reply ``waiting`` takes. Raises TypeError."""
        message["id"] = number = self._number()
        if isinstance(waiting.future, Call):
            waiting.future.sent(number, message["method"], self._withdraw)
        self._send(self._encode(message), {number: waiting})

    def gather(self, calls: Sequence[tuple[dict[str, Any], Waiting[Any]]]) -> None:
        """Send many calls as JSON-RPC batches, few as one. Raises TypeError for parameters that cannot travel."""
        for first in range(0, len(calls), BATCH):
            self._gather(calls[first : first + BATCH])

    async def notify(self, method: str, params: Params, timing: Timing) -> None:
        """Send a call that wants no answer, waiting where the socket is full. Raises ConnectionLost, TypeError."""
        self._write(self._encode(request(method, params, timing)))
        await self._wire.drain()

    def _gather(self, calls: Sequence[tuple[dict[str, Any], Waiting[Any]]]) -> None:
        numbered = {self._number(): call for call in calls}
        messages = [{**message, "id": number} for number, (message, _) in numbered.items()]
        for number, (message, waiting) in numbered.items():
            if isinstance(waiting.future, Call):
                waiting.future.sent(number, message["method"], self._withdraw)
        self._send(self._encode(messages), {number: waiting for number, (_, waiting) in numbered.items()})

    def _withdraw(self, number: int) -> None:
        """Nobody waits for the answer to the call ``number`` any more: it is not to run if it has not begun."""
        if self._waiting.pop(number, None) is not None:
            with suppress(ConnectionLost):
                self._write(self._encode(request("session.cancel", [number], UNTIMED)))

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _send(self, payload: bytes, waiting: dict[int, Waiting[Any]]) -> None:
        try:
            self._write(payload)
        except (ConnectionLost, LimitExceeded) as error:
            for call in waiting.values():
                call.future.set_exception(error)
        else:
            self._waiting |= waiting

    def _write(self, payload: bytes) -> None:
        # The server could not say which call a frame was that it did not read.
        if len(payload) > self.limit:
            raise LimitExceeded(f"the frame has {len(payload)} bytes, the server takes {self.limit:.0f}")
        self._wire.send(payload, binary=self._binary)

    def _heard(self, frame: bytes) -> None:
        try:
            message = self._decode(frame)
            for one in message if type(message) is list else (message,):
                self._take(one)
        except Unreadable as error:
            _log.error("%s", error)
            self._wire.fail(_PROTOCOL_ERROR, str(error))

    def _take(self, message: Any) -> None:
        if type(message) is not dict:
            raise Unreadable("the server sent a frame that is no JSON-RPC message")
        if "method" in message:
            if message["method"] in _STREAMED:
                self._delivered(message.get("params"))
            return
        number = message.get("id")
        if type(number) is int and number in self._waiting:
            settle(self._waiting.pop(number), message)
        elif number is None and "error" in message:
            self._complained(failure_of(message["error"]))

    def _complained(self, error: CsounddError) -> None:
        """An error without a number is about a frame that the server could not read: a call's, if one is alone."""
        if len(self._waiting) == 1:
            _fail(self._waiting.popitem()[1], error)
        else:
            _log.error("the server refused a frame: %s", error)

    def _lost(self, error: ConnectionLost) -> None:
        self.lost = error
        waiting, self._waiting = self._waiting, {}
        for call in waiting.values():
            _fail(call, ConnectionLost(error.message, close_code=error.close_code))
        self._ended(self, error)


def settle(waiting: Waiting[Any], message: dict[str, Any]) -> None:
    """Give a reply to who waits for it."""
    if waiting.future.done():
        return
    outcome = answer(message) if waiting.whole else outcome_of(message, waiting.read)
    if isinstance(outcome, CsounddError):
        waiting.future.set_exception(outcome)
    else:
        waiting.future.set_result(outcome)


def outcome_of(message: dict[str, Any], read: Reader | None) -> Any:
    """The result that a reply has, as ``read`` makes it, or the error. A call that was dropped has no result."""
    if "meta" in message or "result" not in message or "error" in message:
        reply = answer(message)
        if isinstance(reply, CsounddError):
            return reply
        if reply.meta is not None and reply.meta.dropped:
            return None
        has_reason = reply.messages and type(reply.result) is int
        result = Code(reply.result, reply.messages) if has_reason else reply.result
    else:
        result = message["result"]
    if read is None:
        return result
    try:
        return read(result)
    except (TypeError, ValueError) as error:
        return Unreadable(f"the result is not what the signature says: {error}")


def _fail(waiting: Waiting[Any], error: CsounddError) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(error)
