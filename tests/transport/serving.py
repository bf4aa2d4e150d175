"""A front without an engine, for tests: real sockets and sessions, and a dispatcher that answers by itself."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack
from starlette.routing import BaseRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from csoundd.access import Authenticator, AuthMode
from csoundd.access.tickets import Vouchers, cookies, tickets
from csoundd.api.values import ServerInfo
from csoundd.daemon.repeating import every
from csoundd.errors import CsounddError, MethodNotFound
from csoundd.limits import REVOCATION_SECONDS
from csoundd.messages import Absent, Failure, Frames, Incoming, Reply, Request, State
from csoundd.ports import Answer, Caller, Encoder, Sink
from csoundd.streams.backlog import DEFAULT_BOUNDS, Bounds
from csoundd.streams.send_queue import SendQueue, StallWatch
from csoundd.transport.authentication import CookieEndpoint
from csoundd.transport.http import CONNECTIONS, HttpServer, RpcEndpoint, application
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.proxies import TrustedProxies
from csoundd.transport.session import ServerHello, Session, SessionRegistry, SessionRules, SessionService
from csoundd.transport.sockets import ConnectionLimits
from csoundd.transport.websocket import WebSocketEndpoint
from csoundd.values import EngineInfo
from tests.transport.gate import authenticator_of, gate

SECOND = 5.0
"""How long a test waits before it fails."""


class StillEngine:
    """An engine as ``session.hello`` describes it."""

    state: State = "ready"
    reason: str | None = None

    def info(self) -> EngineInfo:
        return EngineInfo("fake", None, self.state, 1, None, "step", {}, "", {})

    def sample(self) -> Frames:
        return Frames(64)


class WatchedQueue(SendQueue):
    """Tells when its connection is gone."""

    def __init__(self, encoder: Encoder, watch: StallWatch, bounds: Bounds) -> None:
        super().__init__(encoder, watch, bounds)
        self.gone = asyncio.Event()

    def detach(self) -> None:
        super().detach()
        self.gone.set()

    def attach(self, sink: Sink) -> None:
        self.gone.clear()
        super().attach(sink)


class SmallDispatcher:
    """Answers ``echo`` at once, ``wait`` when the test says so, ``blob`` with as many bytes as asked for."""

    def __init__(self, authenticator: Authenticator) -> None:
        self.authenticator = authenticator
        self.registry: SessionRegistry | None = None
        self.calls: asyncio.Queue[tuple[Caller, Request | Failure]] = asyncio.Queue()
        self.waiting: list[Callable[[], None]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.engine = StillEngine()

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        if isinstance(incoming, list):
            answers: list[Reply | Failure] = []
            for item in incoming:
                self._one(caller, item, answers.append)
            if answers:
                answer(answers)
        else:
            self._one(caller, incoming, answer)

    def _one(self, caller: Caller, item: Request | Failure, answer: Callable[[Reply | Failure], None]) -> None:
        self.calls.put_nowait((caller, item))
        if isinstance(item, Failure):
            answer(item)
        elif isinstance(item.id, Absent):
            return
        elif item.method.startswith("session."):
            task = asyncio.create_task(self._session(caller, item, answer))
            self.tasks.add(task)
        elif item.method == "wait":
            self.waiting.append(lambda: answer(Reply(_id(item), "waited")))
        elif item.method == "blob" and isinstance(item.params, list):
            answer(Reply(_id(item), "x" * int(str(item.params[0]))))
        elif item.method == "echo":
            answer(Reply(_id(item), item.params))
        else:
            answer(Failure(_id(item), MethodNotFound()))

    async def _session(self, caller: Caller, item: Request, answer: Callable[[Reply | Failure], None]) -> None:
        assert self.registry is not None
        assert isinstance(item.params, dict)
        hello = ServerHello(ServerInfo("csoundd", "0"), {"frame": 1000})
        service: Any = SessionService(
            self.registry, self.engine, hello, caller, lambda *_: False, self.authenticator.with_token
        )
        try:
            result = await getattr(service, item.method.partition(".")[2])(**item.params)
        except CsounddError as error:
            answer(Failure(_id(item), error))
        else:
            answer(Reply(_id(item), result))


def _id(request: Request) -> Any:
    return request.id


@dataclass
class Front:
    port: int
    dispatcher: SmallDispatcher
    registry: SessionRegistry
    ended: asyncio.Queue[Session]
    resumed: asyncio.Queue[Session]
    tickets: Vouchers

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def connect(self, *subprotocols: str, origin: str | None = None, **options: Any) -> connect:
        """A client; ``async with`` opens and closes it."""
        return connect(
            self.url,
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            origin=None if origin is None else Origin(origin),
            proxy=None,
            compression=None,
            open_timeout=SECOND,
            **options,
        )


@dataclass(frozen=True)
class Settings:
    """Settings that a test may want smaller than in life."""

    rules: SessionRules = field(default_factory=SessionRules)
    bounds: Bounds = DEFAULT_BOUNDS
    policy: OriginPolicy = field(default_factory=OriginPolicy)
    patience: float = 10.0
    interval: float = 1.0
    max_frame: int = 1000
    routes: Sequence[BaseRoute] = ()
    readable: frozenset[str] = frozenset()
    limits: ConnectionLimits = CONNECTIONS
    state: Path | None = None
    auth: AuthMode = "auto"


@asynccontextmanager
async def serving(settings: Settings | None = None) -> AsyncIterator[Front]:
    """Run a front on a free port."""
    settings = settings or Settings()
    authenticator = authenticator_of(settings.state, settings.auth)
    dispatcher = SmallDispatcher(authenticator)
    ended: asyncio.Queue[Session] = asyncio.Queue()
    resumed: asyncio.Queue[Session] = asyncio.Queue()
    watch = StallWatch(settings.patience, settings.interval)
    registry = SessionRegistry(
        lambda encoder: WatchedQueue(encoder, watch, settings.bounds),
        settings.rules,
        authenticator.hold,
    )
    registry.on_end(ended.put_nowait)
    registry.on_resume(resumed.put_nowait)
    dispatcher.registry = registry
    websocket = WebSocketEndpoint(registry, dispatcher, max_frame=settings.max_frame)
    rpc = RpcEndpoint(dispatcher, settings.max_frame)
    url_tickets, browser_cookies = tickets(authenticator.is_good), cookies(authenticator.is_good)
    routes = [*CookieEndpoint(browser_cookies).routes(), *settings.routes]
    documents = {"/openrpc.json": lambda _: b'{"openrpc":"1.3.2"}'}
    app = application(websocket, rpc, lambda: (dispatcher.engine.state, dispatcher.engine.reason), documents, routes)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        guard = gate(app, authenticator, settings.policy, (url_tickets, browser_cookies), settings.readable)
        async with (
            every(REVOCATION_SECONDS, authenticator.end_what_is_over),
            HttpServer(
                TrustedProxies(guard, ()),
                [listening],
                max_frame=settings.max_frame,
                policy=settings.policy,
                limits=settings.limits,
            ),
        ):
            yield Front(port, dispatcher, registry, ended, resumed, url_tickets)
        registry.close()


async def ask(client: ClientConnection, method: str, params: object, request_id: object = 1) -> Any:
    """Send a request in the connection's encoding and receive the next frame."""
    call = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
    await client.send(msgpack.packb(call) if client.subprotocol == "csoundd.msgpack" else json.dumps(call))
    return await hear(client)


async def hear(client: ClientConnection) -> Any:
    """The next frame, decoded."""
    async with asyncio.timeout(SECOND):
        frame = await client.recv()
    return msgpack.unpackb(frame) if isinstance(frame, bytes) else json.loads(frame)
