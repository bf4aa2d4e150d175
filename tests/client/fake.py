"""A daemon that speaks the contract and does what a test says, on a real socket; it shares no code with either side."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Request = dict[str, Any]
Answer = Callable[[Any], Any]

PATIENCE = 5.0
ENGINE = {
    "backend": "fake",
    "version": 6181,
    "state": "playing",
    "epoch": 1,
    "pid": 1,
    "drive": "clock",
    "unsupported": {},
}


class Fault(Exception):
    """The error that a call is to be answered with."""

    def __init__(self, code: int, message: str, **data: Any) -> None:
        self.described = {"code": code, "message": message, "data": data}


def packed(array: Any) -> Any:
    """An array as msgpack has it."""
    return msgpack.ExtType(1, msgpack.packb([array.dtype.str, list(array.shape), array.tobytes()]))


def spelled(array: Any) -> Any:
    """An array as JSON has it."""
    data = base64.b64encode(array.tobytes()).decode()
    return {"$array": {"dtype": array.dtype.str, "shape": list(array.shape), "data": data}}


class FakeServer:
    """Answers by ``results``: a value, or a function of the params; ``seen`` are the requests so far."""

    def __init__(self) -> None:
        self.url = ""
        self.results: dict[str, Any] = {"stream.list": self._listed, "stream.unsubscribe": self._left}
        self.meta: dict[str, Any] = {}
        self.seen: list[Request] = []
        self.limits: dict[str, float] = {}
        self.connections: list[ServerConnection] = []
        self.instance = "first"
        self.sessions = 0
        self.resumable: set[str] = set()
        self.streams: list[str] = []
        self.held: set[str] = set()
        self.closed: list[int | None] = []
        self._changed = asyncio.Condition()

    @property
    def methods(self) -> list[str]:
        return [request["method"] for request in self.seen]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what the client is to bring about."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    async def heard(self, method: str, times: int = 1) -> Request:
        """The ``times``-th request for ``method``, once it is there."""
        await self.until(lambda: Counter(self.methods)[method] >= times)
        return [request for request in self.seen if request["method"] == method][times - 1]

    async def send(self, message: Any) -> None:
        """Send any message over the newest connection."""
        connection = self.connections[-1]
        await connection.send(self._encode(connection, message))

    async def stream(self, stream: str, seq: int, data: Any, sample: int = 0) -> None:
        """Send a stream frame."""
        params = {"stream": stream, "seq": seq, "sample": sample, "data": data}
        await self.send({"jsonrpc": "2.0", "method": "stream.data", "params": params})

    def drop(self, *, resumable: bool = True) -> None:
        """Cut the newest connection; its session can be resumed, or is gone with it."""
        if resumable:
            self.resumable.add(f"session-{self.sessions}")
        self.connections[-1].transport.abort()

    async def serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        try:
            async for frame in connection:
                await self._take(connection, frame)
        except ConnectionClosed:
            pass
        self.closed.append(connection.close_code)
        await self._notify()

    async def _take(self, connection: ServerConnection, frame: str | bytes) -> None:
        message = self._decode(connection, frame)
        requests = message if isinstance(message, list) else [message]
        replies = [reply for request in requests if (reply := self._reply(request)) is not None]
        self.seen += requests
        if replies:
            await connection.send(self._encode(connection, replies if isinstance(message, list) else replies[0]))
        await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _reply(self, request: Request) -> Any:
        if "id" not in request or request["method"] in self.held:
            return None
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            return {**reply, "result": self._result(request), **self.meta}
        except Fault as fault:
            return {**reply, "error": fault.described}

    def _result(self, request: Request) -> Any:
        method, params = request["method"], request["params"]
        if method in self.results:
            result = self.results[method]
            return result(params) if callable(result) else result
        if method == "session.hello":
            return self._welcome(params)
        if method == "stream.subscribe":
            return self._subscribed(params)
        return None

    def _welcome(self, params: dict[str, Any]) -> Any:
        resume = params.get("resume")
        if resume is None:
            self.sessions += 1
            self.streams = []
        elif resume not in self.resumable:
            raise Fault(-32004, "there is no such session")
        return {
            "protocol": 1,
            "server": {"name": "fake", "version": "0", "instance": self.instance},
            "engine": ENGINE,
            "session": resume or f"session-{self.sessions}",
            "scopes": ["read", "control"],
            "limits": self.limits,
        }

    def _subscribed(self, params: dict[str, Any]) -> Any:
        stream = f"{params['topic']}/1"
        if stream not in self.streams:
            self.streams.append(stream)
        return {**params, "stream": stream}

    def _left(self, params: list[str]) -> None:
        self.streams.remove(params[0])

    def _listed(self, _: Any) -> Any:
        return [{"stream": stream} for stream in self.streams]

    def _encode(self, connection: ServerConnection, message: Any) -> str | bytes:
        if connection.subprotocol == "csoundd.json":
            return json.dumps(message, default=spelled)
        data: bytes = msgpack.packb(message, default=packed)
        return data

    def _decode(self, connection: ServerConnection, frame: str | bytes) -> Any:
        if connection.subprotocol == "csoundd.json":
            return json.loads(frame)
        assert isinstance(frame, bytes)
        return msgpack.unpackb(frame)


@asynccontextmanager
async def fake_server(subprotocols: tuple[str, ...] = ("csoundd.msgpack", "csoundd.json")) -> AsyncIterator[FakeServer]:
    """A FakeServer on a free port of the loopback."""
    fake = FakeServer()
    named = [Subprotocol(name) for name in subprotocols]
    select = None if named else (lambda *_: None)
    async with serve(
        fake.serve,
        "127.0.0.1",
        0,
        subprotocols=named or None,
        select_subprotocol=select,
        compression=None,
        ping_interval=None,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        fake.url = f"ws://127.0.0.1:{port}/ws"
        yield fake


def ramp(frames: int) -> Any:
    """Audio to tell apart: two channels, rising."""
    return np.arange(frames * 2, dtype="<f4").reshape(frames, 2)
