"""OSCQuery over an engine that is a dictionary: HTTP and WebSocket clients of it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from csoundd.api import METHODS
from csoundd.api.engine import EngineControl
from csoundd.codec.osc import Message, message, of_value, parse
from csoundd.dispatcher import Dispatcher, EngineService
from csoundd.errors import EngineUnavailable
from csoundd.messages import Command, Frames, Outcome, PollResult, StateChanged
from csoundd.transport.http import HttpServer
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.osc import OscServer
from csoundd.transport.oscquery import OscQuery, ServiceInfo
from tests.dispatcher.fakes import NoClaims, NoLoader
from tests.osc.fakes import PATIENCE, FakeEngine

HINTS = {"behav": 2, "dflt": 0.5, "min": 20.0, "max": 2000.0, "x": 0, "y": 0, "width": 0, "height": 0}
SPOKEN = 'unit=Hz description="The filter\'s corner" tags=filter,bright'


def channel(name: str, value: object = 0.25, **facts: Any) -> dict[str, Any]:
    """What ``channel.list`` says of a channel."""
    return {"name": name, "kind": "control", "mode": 3, "hints": None, "value": value, **facts}


def hinted(behav: int = 2, attributes: str | None = None, **facts: Any) -> dict[str, Any]:
    return {**HINTS, "behav": behav, "attributes": attributes, **facts}


class ListingEngine(FakeEngine):
    """Has every kind of channel, and a poller that tells of new ones when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.listing = [
            channel("cutoff", 440.0, hints=hinted(attributes=SPOKEN)),
            channel("steps", 3.0, hints=hinted(1, "vals=1,3,5", min=1.0, max=16.0)),
            channel("pitch", 220.0, hints=hinted(3)),
            channel("in", 0.5, mode=1),
            channel("out", 0.75, mode=2),
            channel("title", "Nocturne", kind="string"),
            channel("curve", [0.0, 0.5, 1.0], kind="array"),
            channel("bus", None, kind="audio"),
            channel("odd/name #1", 1.0),
        ]
        self.polled = asyncio.Event()

    def _result(self, method: str, args: list[Any]) -> object:
        return self.listing if method == "channel.list" else super()._result(method, args)

    def _outcome(self, command: Command) -> Outcome:
        if self.error is None and command.method == "channel.set":
            values: Any = command.args[0]
            for known in self.listing:
                known["value"] = values.get(known["name"], known["value"])
        return super()._outcome(command)

    async def poll(self, name: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        result = await super().poll(name, kind, options)
        if kind == "channel-list":
            self.polled.set()
        return result

    def listed(self, *listing: dict[str, Any]) -> None:
        """Let these be all channels, and the poller notice it."""
        self.listing = list(listing)
        for name, (kind, _) in list(self.polls.items()):
            if kind == "channel-list":
                self.emit(PollResult(name, Frames(0), len(listing)))

    def renewed(self, epoch: int = 2) -> None:
        """Let the listeners hear of an engine that began anew."""
        self.emit(StateChanged("reset", "ready", epoch))


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    """In lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Socket:
    """A WebSocket as OSCQuery has it: commands as text, OSC as bytes."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def command(self, command: str, data: object) -> None:
        await self.connection.send(json.dumps({"COMMAND": command, "DATA": data}))

    async def send(self, address: str, *values: Any) -> None:
        await self.connection.send(message(address, *map(of_value, values)))

    async def receive(self) -> Any:
        """A command as a pair, a message as its address and arguments."""
        async with asyncio.timeout(PATIENCE):
            frame = await self.connection.recv()
        if isinstance(frame, str):
            said = json.loads(frame)
            return said["COMMAND"], said["DATA"]
        packet = parse(frame)
        assert isinstance(packet, Message)
        return packet.address, packet.arguments

    async def settled(self) -> list[Any]:
        """Everything that comes before the answer to a ``/sync``."""
        await self.send("/sync", 4711)
        told: list[Any] = []
        while (said := await self.receive()) != ("/synced", [4711]):
            told.append(said)
        return told


@dataclass
class Query:
    """OSCQuery on a free port, and what is behind it."""

    engine: ListingEngine
    osc: OscServer
    port: int
    osc_port: int

    async def get(self, target: str, *, method: str = "GET", **headers: str) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            whole = await reader.read()
        writer.close()
        top, _, body = whole.partition(b"\r\n\r\n")
        status, *rest = top.decode().split("\r\n")
        pairs = (line.partition(": ") for line in rest)
        return Answer(int(status.split()[1]), {name.lower(): value for name, _, value in pairs}, body)

    async def node(self, target: str) -> Any:
        answer = await self.get(target)
        assert answer.status == 200
        return answer.json

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[Socket]:
        url = f"ws://127.0.0.1:{self.port}/"
        async with connect(url, proxy=None, compression=None, **options) as connection:
            yield Socket(connection)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Socket]:
        """A socket that is told of changes, after it has been told what there is."""
        async with self.socket() as opened:
            async with asyncio.timeout(PATIENCE):
                await self.engine.polled.wait()
            await self.get("/")
            await opened.settled()
            yield opened


def bound(kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    sock = socket.socket(socket.AF_INET, kind)
    sock.bind(("127.0.0.1", 0))
    return sock


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Query]:
    engine = ListingEngine()
    dispatcher = Dispatcher(engine, {EngineControl: lambda _: EngineService(engine, NoLoader(), NoClaims())})
    udp, tcp, http = bound(socket.SOCK_DGRAM), bound(), bound()
    async with OscServer(dispatcher, engine, METHODS.values(), udp=udp, tcp=tcp, **settings) as osc:
        where = ServiceInfo("csoundd test", *udp.getsockname())
        query = OscQuery(engine, osc, where, OriginPolicy(), max_frame=100_000)
        async with HttpServer(query, [http], max_frame=100_000):
            yield Query(engine, osc, http.getsockname()[1], udp.getsockname()[1])
        query.close()


def unavailable() -> EngineUnavailable:
    return EngineUnavailable()
