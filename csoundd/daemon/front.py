"""Everything between the sockets and the engine, put together."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import cache
from typing import Final, get_args

from starlette.applications import Starlette

from csoundd import __version__
from csoundd.api import METHODS
from csoundd.api.declare import Family
from csoundd.api.engine import EngineControl
from csoundd.api.messages import MessageBuffer
from csoundd.api.orc import OrcCheck
from csoundd.api.records import ServerInfo
from csoundd.api.rpc import Rpc
from csoundd.api.session import Session as SessionFamily
from csoundd.api.stream import Streams
from csoundd.codec import BATCH_LIMIT
from csoundd.config import BadConfig, Config
from csoundd.contract.asyncapi import asyncapi
from csoundd.contract.openrpc import openrpc
from csoundd.daemon.targets import target
from csoundd.dispatcher import Dispatcher, EngineService, RpcService, ServiceFactory, options_check
from csoundd.engine.engine import Engine
from csoundd.engine.scratch.checking import OrcChecker
from csoundd.engine.scratch.opinion import SecondOpinion
from csoundd.engine.workspace import Workspace
from csoundd.messages import RequestId, Scope
from csoundd.streams.callbacks import SERVED, Callbacks
from csoundd.streams.frame_queue import FrameQueue
from csoundd.streams.hub import Hub
from csoundd.streams.message_buffer import MessageBuffers
from csoundd.streams.send_queue import SendQueue
from csoundd.streams.service import StreamService
from csoundd.streams.stalls import StallWatch
from csoundd.streams.topics import TOPICS
from csoundd.transport.files import FileRules, FilesEndpoint
from csoundd.transport.http import RpcEndpoint, application
from csoundd.transport.listening import ListenEndpoint
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.osc import OscServer
from csoundd.transport.oscquery import OSC, OSCQUERY, Announcement, OscQuery, ServiceInfo, Services
from csoundd.transport.server import HttpServer
from csoundd.transport.service import Greeting, SessionService
from csoundd.transport.session import Session, SessionRegistry, SessionRules
from csoundd.transport.websocket import WebSocketEndpoint

EVERYTHING: Final[frozenset[Scope]] = frozenset({"read", "control", "compile", "admin"})


LISTENED_FRAMES: Final = 1024
LISTENED_BLOCKS: Final = 128
"""How much waits for a listener who is slow: 2.7 s at 48 kHz."""


@cache
def _openrpc() -> dict[str, object]:
    """Made when somebody first asks: most daemons are never asked."""
    return openrpc()


DOCUMENTS: Final[dict[str, Callable[[], bytes]]] = {
    "/openrpc.json": lambda: json.dumps(_openrpc()).encode(),
    "/asyncapi.json": lambda: json.dumps(asyncapi()).encode(),
}


class Front:
    """Everything between the sockets and the engine."""

    def __init__(self, config: Config, engine: Engine, opinion: SecondOpinion) -> None:
        self._config, self._engine = config, engine
        self._watch = StallWatch()
        declared = {topic.name: topic.options for topic in TOPICS.values()}
        self._hub = Hub(engine, options_check(declared), limit=config.max_subscriptions)
        self._buffers = MessageBuffers(self._hub.log)
        self._callbacks = Callbacks(self._hub, self._subscriber)
        self._sessions = SessionRegistry(
            lambda encoder: SendQueue(encoder, self._watch),
            SessionRules(limit=config.max_sessions),
            ended=(self._ended,),
            resumed=(lambda session: self._hub.resume(session.queue),),
        )
        self._checker = OrcChecker(engine, opinion)
        self._dispatcher = Dispatcher(engine, self._services())
        self._dispatcher.promise = self._callbacks.promise

    def _services(self) -> dict[type[Family], ServiceFactory]:
        engine, sessions, options = self._engine, self._sessions, list(self._config.options)
        limits = {
            "frame": self._config.max_frame,
            "file": self._config.max_file,
            "subscriptions": self._config.max_subscriptions,
            "batch": BATCH_LIMIT,
        }
        greeting = Greeting(ServerInfo("csoundd", __version__), limits)
        return {
            SessionFamily: lambda caller: SessionService(sessions, engine, greeting, caller, self._cancel),
            EngineControl: lambda _: EngineService(engine, options),
            MessageBuffer: self._buffers.of,
            Streams: lambda caller: StreamService(self._hub, self._subscriber, caller),
            **dict.fromkeys(SERVED, self._callbacks.of),
            OrcCheck: lambda _: self._checker,
            Rpc: lambda _: RpcService(_openrpc()),
        }

    def _cancel(self, session: str, request: RequestId) -> bool:
        return self._dispatcher.cancel(session, request)

    def _subscriber(self, session: str) -> SendQueue:
        queue = self._sessions.get(session).queue
        assert isinstance(queue, SendQueue)
        return queue

    def _ended(self, session: Session) -> None:
        assert isinstance(session.queue, SendQueue)
        self._hub.drop(session.queue)
        self._buffers.forget(session.id)
        self._callbacks.forget(session.id)
        self._dispatcher.release(session.id)
        self._engine.release(session.id)

    @asynccontextmanager
    async def served(
        self, http: socket.socket, osc_udp: socket.socket, osc_tcp: socket.socket, oscquery: socket.socket
    ) -> AsyncIterator[None]:
        """Serve HTTP, WebSocket, OSC and OSCQuery on these sockets."""
        async with HttpServer(self._application(), [http], max_frame=self._config.max_frame):
            async with self._osc(osc_udp, osc_tcp) as osc, self._oscquery(osc, osc_udp, oscquery):
                yield
            self._listening.close()
            await self._dispatcher.close()
        self._sessions.close()

    def _application(self) -> Starlette:
        config = self._config
        policy = OriginPolicy(config.host, frozenset(config.allowed_hosts), frozenset(config.allowed_origins))
        websocket = WebSocketEndpoint(self._sessions, self._dispatcher, policy)
        rpc = RpcEndpoint(self._dispatcher, policy, EVERYTHING, config.max_frame)
        files = FilesEndpoint(
            Workspace(self._engine.options.workspace).resolve, FileRules(policy, EVERYTHING, config.max_file)
        )
        self._listening = ListenEndpoint(self._listener, self._engine.format, policy)
        routes = [*files.routes(), *self._listening.routes()]
        return application(websocket, rpc, lambda: self._engine.state, DOCUMENTS, routes)

    @asynccontextmanager
    async def _listener(self) -> AsyncIterator[FrameQueue]:
        """What sounds, for a client that is no session."""
        queue = FrameQueue(LISTENED_BLOCKS)
        await self._hub.subscribe(queue, "spout", {"format": "i16", "block": LISTENED_FRAMES})
        try:
            yield queue
        finally:
            self._hub.drop(queue)

    def _osc(self, udp: socket.socket, tcp: socket.socket) -> OscServer:
        return OscServer(
            self._dispatcher,
            self._engine,
            METHODS.values(),
            udp=udp,
            tcp=tcp,
            allow=dict(map(_allowance, self._config.osc_allow)),
            targets=[target(text, udp.family) for text in self._config.osc_targets],
            gone=[self._buffers.forget, self._engine.release],
        )

    @asynccontextmanager
    async def _oscquery(self, osc: OscServer, udp: socket.socket, http: socket.socket) -> AsyncIterator[None]:
        """Tell what OSC there is, over HTTP on ``http`` and by mDNS."""
        config = self._config
        host, port = udp.getsockname()[:2]
        policy = OriginPolicy(host, frozenset(config.allowed_hosts), frozenset(config.allowed_origins))
        info = ServiceInfo(f"csoundd on {socket.gethostname().partition('.')[0]}", host, port)
        query = OscQuery(self._engine, osc, info, policy, max_frame=config.max_frame)
        services = Services(host, {OSC: port, OSCQUERY: http.getsockname()[1]} if config.mdns else {})
        with closing(query):
            async with HttpServer(query, [http], max_frame=config.max_frame), Announcement(info.name, services):
                yield


def _allowance(text: str) -> tuple[str, Scope]:
    """``CIDR=scope`` as its two parts."""
    network, _, scope = text.partition("=")
    for known in get_args(Scope):
        if scope == known:
            return network, known
    raise BadConfig(f"osc_allow: {text!r} is not CIDR=scope with one of {', '.join(get_args(Scope))}")
