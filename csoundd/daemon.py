"""The composition root: opens the stages, hands each its neighbours, closes them in reverse."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from csoundd import __version__
from csoundd.api.declare import Family
from csoundd.api.engine import EngineControl
from csoundd.api.messages import MessageBuffer
from csoundd.api.records import ServerInfo
from csoundd.api.rpc import Rpc
from csoundd.api.session import Session as SessionFamily
from csoundd.api.stream import Streams
from csoundd.codec import BATCH_LIMIT
from csoundd.config import BadConfig, Config
from csoundd.contract.asyncapi import asyncapi
from csoundd.contract.openrpc import openrpc
from csoundd.dispatcher import Dispatcher, EngineService, RpcService, ServiceFactory, check_options
from csoundd.engine.engine import Engine
from csoundd.engine.process import HostOptions
from csoundd.engine.supervisor import Supervisor
from csoundd.errors import EngineError, NotFound
from csoundd.messages import Command, EngineEvent, Frames, Printed, Scope, Seconds
from csoundd.streams.hub import Hub
from csoundd.streams.message_buffer import MessageBuffers
from csoundd.streams.outbox import Outbox
from csoundd.streams.service import StreamService
from csoundd.streams.stalls import StallWatch
from csoundd.transport.http import RpcEndpoint, application
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.server import HttpServer
from csoundd.transport.service import Greeting, SessionService
from csoundd.transport.session import Session, SessionRegistry, SessionRules
from csoundd.transport.websocket import WebSocketEndpoint

log = logging.getLogger("csoundd.daemon")

NOTE: Final = "daemon.json"
EVERYTHING: Final[frozenset[Scope]] = frozenset({"read", "control", "compile", "admin"})
COMPILE_SECONDS: Final = Seconds(30.0)


@cache
def _openrpc() -> dict[str, object]:
    """Made when somebody first asks: most daemons are never asked."""
    return openrpc()


DOCUMENTS: Final[dict[str, Callable[[], bytes]]] = {
    "/openrpc.json": lambda: json.dumps(_openrpc()).encode(),
    "/asyncapi.json": lambda: json.dumps(asyncapi()).encode(),
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a daemon is reached; as text, the words of its ready line."""

    http: str

    def __str__(self) -> str:
        return f"http={self.http}"


def run(config: Config, piece: Path | None, announce: Callable[[Addresses], None]) -> int:
    """Serve until a signal ends it; ``announce`` hears where once everything is ready. Returns the exit status.

    Raises BadConfig for an address that cannot be listened on, EngineUnavailable without an engine, EngineError
    or NotFound for a piece that does not play.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(config, piece, announce))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - it does not exist everywhere
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(config: Config, piece: Path | None, announce: Callable[[Addresses], None]) -> int:
    stopping = _stop_signal()
    async with opened(config) as (engine, addresses):
        if piece is not None:
            await play(engine, piece)
        with _note(config.state, addresses):
            announce(addresses)
            await stopping.wait()
    return 0


def _stop_signal() -> asyncio.Event:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
        else:
            loop.add_signal_handler(number, stopping.set)
    return stopping


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[tuple[Engine, Addresses]]:
    """All stages, open: the engine, and where it is reached."""
    listening = _listen(config.host, config.port)
    try:
        async with Supervisor(_host_options(config)) as engine, Front(config, engine).served(listening):
            yield engine, Addresses(_address(listening))
    finally:
        listening.close()


def _host_options(config: Config) -> HostOptions:
    workspace = config.workspace.resolve()
    if not workspace.is_dir():
        raise BadConfig(f"the workspace {config.workspace} is no folder")
    return HostOptions(
        engine=config.engine,
        drive=config.drive,
        workspace=str(workspace),
        block=Frames(config.block),
        realtime=config.realtime,
        options=config.options,
    )


class Front:
    """Everything between the sockets and the engine."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self._config, self._engine = config, engine
        self._watch = StallWatch()
        self._hub = Hub(engine, check_options, limit=config.max_subscriptions)
        self._buffers = MessageBuffers(self._hub.log)
        self._sessions = SessionRegistry(
            partial(_new_outbox, self._watch),
            SessionRules(limit=config.max_sessions),
            ended=(self._ended,),
            resumed=(lambda session: self._hub.resume(session.outbox),),
        )
        self._dispatcher = Dispatcher(engine, self._services())

    def _services(self) -> dict[type[Family], ServiceFactory]:
        engine, sessions, options = self._engine, self._sessions, list(self._config.options)
        limits = {
            "frame": self._config.max_frame,
            "subscriptions": self._config.max_subscriptions,
            "batch": BATCH_LIMIT,
        }
        greeting = Greeting(ServerInfo("csoundd", __version__), limits)
        return {
            SessionFamily: lambda caller: SessionService(sessions, engine, greeting, caller),
            EngineControl: lambda _: EngineService(engine, options),
            MessageBuffer: self._buffers.of,
            Streams: lambda caller: StreamService(self._hub, self._subscriber, caller),
            Rpc: lambda _: RpcService(_openrpc()),
        }

    def _subscriber(self, session: str) -> Outbox:
        outbox = self._sessions.get(session).outbox
        assert isinstance(outbox, Outbox)
        return outbox

    def _ended(self, session: Session) -> None:
        assert isinstance(session.outbox, Outbox)
        self._hub.drop(session.outbox)
        self._buffers.forget(session.id)
        self._engine.release(session.id)

    @asynccontextmanager
    async def served(self, listening: socket.socket) -> AsyncIterator[None]:
        """Serve over HTTP and WebSocket on ``listening``."""
        config = self._config
        policy = OriginPolicy(config.host, frozenset(config.allowed_hosts), frozenset(config.allowed_origins))
        websocket = WebSocketEndpoint(self._sessions, self._dispatcher, policy)
        rpc = RpcEndpoint(self._dispatcher, policy, EVERYTHING, config.max_frame)
        app = application(websocket, rpc, lambda: self._engine.state, DOCUMENTS)
        async with HttpServer(app, [listening], max_frame=config.max_frame):
            yield
        self._dispatcher.close()
        self._sessions.close()


def _new_outbox(watch: StallWatch, encoder: object) -> Outbox:
    return Outbox(encoder, watch)  # type: ignore[arg-type]


async def play(engine: Engine, piece: Path) -> None:
    """Compile ``piece`` and play it (in drive ``step``, only start it).

    Raises NotFound where there is no such file, EngineError with Csound's messages where it does not compile.
    """
    command = _compiling(piece)
    printed: list[str] = []

    def hear(event: EngineEvent) -> None:
        if isinstance(event, Printed):
            printed.append(event.text)

    engine.listen(hear)
    try:
        code = await engine.request(command)
    finally:
        engine.unlisten(hear)
    if code != 0:
        raise EngineError(f"{piece} does not compile", messages=printed)
    start = "csound.start" if engine.options.drive == "step" else "thread.play"
    await engine.request(Command(start, [], deadline=COMPILE_SECONDS))


def _compiling(piece: Path) -> Command:
    if not piece.is_file():
        raise NotFound(f"there is no file {piece}")
    if piece.suffix.lower() == ".csd":
        return Command("csound.compileCsd", [str(piece.resolve()), True], deadline=COMPILE_SECONDS)
    return Command("csound.compileOrc", [piece.read_text(), True], deadline=COMPILE_SECONDS)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        raise BadConfig(f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0).lower()}") from error


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def _note(folder: Path | None, addresses: Addresses) -> Iterator[None]:
    """While it lasts, a note in ``folder`` says how the daemon is reached."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / NOTE
    note.write_text(json.dumps({"pid": os.getpid(), "http": addresses.http, "ws": f"ws://{addresses.http}/ws"}))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def noted_url(folder: Path | None) -> str | None:
    """The WebSocket address that the daemon with the state folder ``folder`` has noted, None where there is none."""
    if folder is None:
        return None
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads((folder / NOTE).read_text())["ws"])
    return None
