"""An engine that is a dictionary, a client that is a socket, and a server between them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import numpy as np

from csoundd import ports
from csoundd.api import METHODS
from csoundd.api.engine import EngineControl
from csoundd.codec.osc import Framing, Message, Packet, Value, message, of_value, parse
from csoundd.dispatcher import Dispatcher, EngineService
from csoundd.errors import Cancelled, CsounddError, EngineUnavailable, InvalidParams, NotFound
from csoundd.messages import (
    Command,
    Done,
    Drive,
    EngineEvent,
    Frames,
    Outcome,
    PollResult,
    Receipt,
    Seconds,
    StateChanged,
)
from csoundd.transport.osc import OscServer
from csoundd.values import AudioFormat, EngineInfo
from tests.dispatcher.fakes import NoClaims, NoLoader

PATIENCE = 5.0


E = TypeVar("E", bound=EngineEvent)


class FakeEngine:
    """Answers at once, unless it is ``busy``; keeps what it was asked in ``commands``."""

    def __init__(self) -> None:
        self.channels: dict[str, Any] = {"cutoff": 0.25, "title": "Nocturne", "mix.dry": 0.8, "mix.wet": 0.2}
        self.commands: list[Command] = []
        self.released: list[str] = []
        self.polls: dict[str, tuple[str, dict[str, object]]] = {}
        self.error: CsounddError | None = None
        self.late = Seconds(0.0)
        self.busy = False
        self.unpolled = asyncio.Event()
        self._waiting: list[tuple[Command, Done]] = []
        self._listeners: list[tuple[type, Callable[..., None]]] = []

    def cancel(self, session: str, request: object) -> bool:
        waiting, self._waiting = self._waiting, []
        for command, done in waiting:
            if (command.session, command.request) == (session, request):
                done(Outcome(error=Cancelled()))
            else:
                self._waiting.append((command, done))
        return len(waiting) > len(self._waiting)

    def begin_anew(self) -> None:
        """Let everybody hear of a reset."""
        self.emit(StateChanged("reset", "ready", 2))

    def call(self, command: Command, done: Done) -> None:
        self.commands.append(command)
        if self.busy:
            self._waiting.append((command, done))
        else:
            done(self._outcome(command))

    def proceed(self) -> None:
        """Answer all that waits, and at once from now on."""
        self.busy = False
        waiting, self._waiting = self._waiting, []
        for command, done in waiting:
            done(self._outcome(command))

    def _outcome(self, command: Command) -> Outcome:
        receipt = Receipt(Frames(64), 1, Seconds(0.1), self.late, self.late > 0 and command.late == "drop")
        if self.error is not None:
            return Outcome(error=self.error, receipt=receipt)
        if receipt.dropped:
            return Outcome(receipt=receipt)
        try:
            return Outcome(self._result(command.method, command.args), receipt=receipt)
        except CsounddError as error:
            return Outcome(error=error, receipt=receipt)

    def _result(self, method: str, args: list[Any]) -> object:
        match method, args:
            case "engine.batch", [calls]:
                return [self._part(name, inner) for name, inner in calls]
            case "channel.set", [values]:
                self._set(values)
            case (("csound.setControlChannel" | "csound.setStringChannel"), [name, value]):
                self.channels[name] = value
            case "channel.get", [names]:
                return self._get(names)
        return {
            "csound.version": 6181,
            "csound.allocatedChannels": [
                {"name": name, "kind": "control", "mode": 3, "hints": None} for name in self.channels
            ],
            "csound.debug": True,
            "csound.audioChannel": np.array([0.5, 0.25]),
            "csound.controlChannel": (self.channels.get(str(args[0]), 0.0) if args else 0.0, 0),
        }.get(method)

    def _part(self, name: str, args: list[Any]) -> dict[str, object]:
        try:
            return {"result": self._result(name, args)}
        except CsounddError as error:
            return {"error": {"code": error.code, "message": error.message, "data": error.data}}

    def _set(self, values: dict[str, Any]) -> None:
        if "stubborn" in values:
            raise InvalidParams("'stubborn' is a channel of kind string")
        self.channels |= values

    def _get(self, names: str | list[str]) -> dict[str, object]:
        name = names if isinstance(names, str) else names[0]
        found = {known: value for known, value in self.channels.items() if fnmatchcase(known, name)}
        if not found:
            raise NotFound("there is no such channel")
        return found

    async def poll(self, name: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        if self.error is not None:
            raise self.error
        self.polls[name] = (kind, options)
        if kind == "channels":
            globs: Any = options["names"]
            values = {name: v for name, v in self.channels.items() if any(fnmatchcase(name, glob) for glob in globs)}
            asyncio.get_running_loop().call_soon(self.tell, name, values)
        return {}

    def tell(self, name: str, values: dict[str, Any]) -> None:
        """Let a poller deliver."""
        self.emit(PollResult(name, Frames(0), values))

    def changed(self, **values: float | str) -> None:
        """Let every channel poller deliver ``values``."""
        for name, (kind, _) in list(self.polls.items()):
            if kind == "channels":
                self.tell(name, dict(values))

    def unpoll(self, name: str) -> None:
        self.polls.pop(name, None)
        self.unpolled.set()

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        self._listeners.append((kind, listener))

    def emit(self, event: EngineEvent) -> None:
        for kind, listener in self._listeners:
            if isinstance(event, kind):
                listener(event)

    def release(self, session: str) -> None:
        self.released.append(session)

    def info(self) -> EngineInfo:
        return EngineInfo("fake", 6181, "playing", 1, 1, "clock", {}, "", asdict(self.format()))

    async def restart(
        self, options: list[str] | None, opcode_dir: str, drive: Drive | None, *, by: str | None = None
    ) -> None:
        raise EngineUnavailable

    async def pace(self, drive: Drive | None, *, by: str | None = None) -> None:
        raise EngineUnavailable

    def format(self) -> AudioFormat:
        return AudioFormat(48000.0, 64, 2, 1.0)

    def sample(self) -> Frames:
        return Frames(4800)

    def seconds_of_score(self) -> Seconds:
        return Seconds(0.1)


class Client:
    """A UDP socket that speaks OSC. Its methods wait, so that the server in the same loop can work."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", port))
        self.port: int = self.socket.getsockname()[1]

    def send(self, address: str, *values: Value) -> None:
        self.socket.send(message(address, *map(of_value, values)))

    def send_packet(self, packet: bytes) -> None:
        self.socket.send(packet)

    async def receive_packet(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.get_running_loop().sock_recv(self.socket, 65536)

    async def receive(self) -> tuple[str, list[Value]]:
        """The next message: its address and arguments."""
        return _told(parse(await self.receive_packet()))

    async def ask(self, address: str, *values: Value) -> tuple[str, list[Value]]:
        """Send, and receive the answer."""
        self.send(address, *values)
        return await self.receive()

    async def settled(self) -> list[tuple[str, list[Value]]]:
        """Everything that comes before the answer to a ``/sync``."""
        self.send("/sync", 4711)
        told: list[tuple[str, list[Value]]] = []
        while (said := await self.receive()) != ("/synced", [4711]):
            told.append(said)
        return told


class StreamClient:
    """A TCP connection that speaks OSC in one framing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, framing: Framing) -> None:
        self.reader, self.writer, self._framing = reader, writer, framing
        self._packets: list[bytes] = []

    def send(self, address: str, *values: Value) -> None:
        self.writer.write(self._framing.encode(message(address, *map(of_value, values))))

    async def receive(self) -> tuple[str, list[Value]]:
        async with asyncio.timeout(PATIENCE):
            while not self._packets:
                self._packets += self._framing.feed(await self.reader.read(65536))
        return _told(parse(self._packets.pop(0)))


def _told(packet: Packet) -> tuple[str, list[Value]]:
    assert isinstance(packet, Message)
    return packet.address, packet.arguments


class Served:
    """A server on free ports, its engine, and a client."""

    def __init__(self, engine: FakeEngine, server: OscServer, udp_port: int, tcp_port: int) -> None:
        self.engine, self.server = engine, server
        self.udp_port, self.tcp_port = udp_port, tcp_port
        self.client = Client(udp_port)
        self._clients = [self.client]

    def another(self) -> Client:
        self._clients.append(Client(self.udp_port))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.socket.close()


@asynccontextmanager
async def bound_server(
    engine: FakeEngine, dispatcher: ports.Dispatcher, **settings: Any
) -> AsyncIterator[tuple[OscServer, int, int]]:
    """A server on free ports, and its ports for UDP and TCP."""
    udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
    for sock in (udp, tcp):
        sock.bind(("127.0.0.1", 0))
    async with OscServer(dispatcher, engine, METHODS.values(), udp=udp, tcp=tcp, **settings) as server:
        yield server, udp.getsockname()[1], tcp.getsockname()[1]


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[Served]:
    """OSC over a FakeEngine, with a real dispatcher between."""
    engine = FakeEngine()
    dispatcher = Dispatcher(engine, {EngineControl: lambda _: EngineService(engine, NoLoader(), NoClaims())})
    async with bound_server(engine, dispatcher, **settings) as (server, udp_port, tcp_port):
        everything = Served(engine, server, udp_port, tcp_port)
        yield everything
        everything.close()
