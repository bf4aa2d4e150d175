"""The pace of requests over HTTP: an IP address has a share of the front's time, and who wants more waits for it.

A program that asks without a pause, over many connections, would have all of the front's time, and everybody else
would wait. So the time is counted that each request takes here. What comes a little early is served later, and its
connection takes nothing new meanwhile; what would have to wait for longer is refused, 429, as late as that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from http import HTTPStatus
from math import ceil
from time import thread_time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csoundd.access import TokenBucket
from csoundd.errors import LimitExceeded
from csoundd.limits import EARLY_SECONDS, HTTP_BURST_SECONDS, HTTP_SHARE, QUOTAS
from csoundd.metrics import Counts
from csoundd.transport.authentication import refuse_websocket
from csoundd.transport.conditions import failed

REQUEST_COST: Final = 0.0003
"""Seconds that reading and answering a request takes beside what is counted: uvicorn's part of it."""

UPLOAD_COST: Final = 0.001
"""The same of a file that is put: its threads wake the front, which the time of its steps does not show."""

HANDSHAKE_COST: Final = 0.001
"""The same of a WebSocket that is opened, and closed."""

BYTE_COST: Final = 3e-9
"""The same of a byte of a body."""


class Account:
    """What one address has left of the front's time, and what its requests took of late."""

    __slots__ = ("bucket", "usual")

    def __init__(self, share: float) -> None:
        self.bucket = TokenBucket(share, HTTP_BURST_SECONDS)
        self.usual = REQUEST_COST


class Paced:
    """Has what ``app`` does for each IP address take at most ``share`` of the front's time."""

    def __init__(self, app: ASGIApp, share: float = HTTP_SHARE, counts: Counts | None = None) -> None:
        self._app = app
        self._share = share
        self._accounts: dict[str, Account] = {}
        self._counts = Counts() if counts is None else counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket, when its time has come."""
        client = scope.get("client")
        account = self._account(client[0] if client else "")
        is_websocket = scope["type"] == "websocket"
        expected = HANDSHAKE_COST if is_websocket else account.usual
        wait = account.bucket.wait(0)
        if wait <= EARLY_SECONDS:
            # Counted at once, so that of many that wait each has a time of its own.
            account.bucket.spend(expected)
        if wait:
            self._counts.limited("http")
            await asyncio.sleep(min(wait, EARLY_SECONDS))
        if wait > EARLY_SECONDS:
            await self._refuse(scope, receive, send, wait)
        elif is_websocket:
            # What comes over it is counted by its session.
            await self._app(scope, receive, send)
        else:
            await self._serve(account, scope, receive, send)

    async def _serve(self, account: Account, scope: Scope, receive: Receive, send: Send) -> None:
        bucket = account.bucket
        own = spent = UPLOAD_COST if scope.get("method") == "PUT" else REQUEST_COST

        async def paced_receive() -> Message:
            nonlocal spent
            if spent > own and (early := bucket.wait(0)) > 0:
                # The body is long: so is the time between its parts.
                await asyncio.sleep(min(early, EARLY_SECONDS))
            message = await receive()
            seconds = len(message.get("body", b"")) * BYTE_COST
            spent += seconds
            bucket.spend(seconds)
            return message

        timed = _Timed(self._app(scope, paced_receive, send), bucket)
        bucket.spend(own - account.usual)
        try:
            await timed
        finally:
            account.usual += (timed.seconds + spent - account.usual) / 4

    def _account(self, source: str) -> Account:
        account = self._accounts.get(source)
        if account is None:
            if len(self._accounts) >= QUOTAS:
                del self._accounts[next(iter(self._accounts))]
            account = self._accounts[source] = Account(self._share)
        return account

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, wait: float) -> None:
        error = LimitExceeded(
            f"the requests of one address have {self._share:g} of the time, and this is more",
            name="http",
            limit=self._share,
            hint="send it again after retryAfter seconds",
            retryAfter=wait,
        )
        if scope["type"] == "websocket":
            await receive()
            await refuse_websocket(send, error, HTTPStatus.TOO_MANY_REQUESTS)
            return
        headers = {"retry-after": str(ceil(wait)), "connection": "close"}
        await failed(error, HTTPStatus.TOO_MANY_REQUESTS, headers=headers)(scope, receive, send)


class _Timed:
    """Awaits ``served``, and takes the processor time of its steps, in this thread, out of ``bucket``."""

    def __init__(self, served: Any, bucket: TokenBucket) -> None:  # noqa: ANN401 - an awaitable of starlette's
        self._served, self._bucket = served, bucket
        self.seconds = 0.0

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._served.__await__()
        send, value = steps.send, None
        while True:
            begun = thread_time()
            try:
                waits_for = send(value)
            except StopIteration:
                return
            finally:
                seconds = thread_time() - begun
                self.seconds += seconds
                self._bucket.spend(seconds)
            send, value = steps.send, None
            try:
                value = yield waits_for
            except BaseException as problem:  # noqa: BLE001 - it is handed in, as a cancellation is
                send, value = steps.throw, problem
