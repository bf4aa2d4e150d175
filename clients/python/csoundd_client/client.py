"""What a program holds: every method of the contract, its streams, batches and clock, over one session."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Generator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Unpack
from urllib.parse import urlsplit, urlunsplit

from csoundd_client.batch import Batch
from csoundd_client.call import Call
from csoundd_client.clock import Clock, measure
from csoundd_client.codec import CODECS, CodecName
from csoundd_client.failures import ConnectionFailed
from csoundd_client.methods import Methods
from csoundd_client.session import Session, Settings
from csoundd_client.stream import Subscription
from csoundd_client.structs import Welcome
from csoundd_client.topics import Topics
from csoundd_client.values import LatePolicy, Params, Reply, Timing, When

DEFAULT_URL: Final = "ws://127.0.0.1:7700/ws"

SetUp = Callable[["Client"], Awaitable[None]]
"""Makes an empty engine what a program needs."""

_SCHEMES: Final = {"http": "ws", "https": "wss"}


class Client(Methods, Topics):
    """A session with a daemon; ``connect`` makes one.

    Methods return futures: the call is on its way at once, ``await`` gives its result or raises its error. So
    calls that do not wait for each other need no tasks. To cancel one, also by a timeout around its ``await``,
    cancels it on the server, by its ``id``. Without a connection they fail with ConnectionLost; no call is ever sent
    twice.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._held = session
        self._registry = session.subscriptions

    @property
    def welcome(self) -> Welcome:
        """How the server greeted us: its version, the session, our scopes, its limits."""
        return self._held.welcome

    @property
    def connected(self) -> bool:
        """Whether calls can be made right now, or the connection is being restored."""
        return self._held.connected

    async def ready(self) -> None:
        """Wait until the connection is there again. Raises ConnectionLost or Unauthorized where it will not be.

        Raises DaemonRestarted, once, where another daemon has answered: nothing of this program is there any more.
        """
        await self._held.ready()

    def call(
        self,
        method: str,
        /,
        *params: object,
        at: When | None = None,
        late: LatePolicy | None = None,
        deadline: float | None = None,
        **named: object,
    ) -> Call[Reply]:
        """Call any method, with parameters by position or by name; the reply has the receipt."""
        return self._held.call(method, _params(params, named), {"at": at, "late": late, "deadline": deadline})

    async def notify(
        self, method: str, /, *params: object, at: When | None = None, late: LatePolicy | None = None, **named: object
    ) -> None:
        """Call any method without an answer, not even an error. Waits only where the socket is full.

        Raises ConnectionLost.
        """
        await self._held.notify(method, _params(params, named), {"at": at, "late": late})

    def batch(self, *, atomic: bool = True, **timing: Unpack[Timing]) -> Batch:
        """Gather calls. Atomic ones run in order at one cycle edge; others are only sent together."""
        if timing and not atomic:
            raise ValueError("only an atomic batch runs at one moment: give the time to its calls")
        return Batch(self._held, timing, atomic=atomic)

    def subscribe(self, topic: str, *, queue: int = 256, **options: object) -> Subscription[Any]:
        """Any topic, with its options by the names of the contract. ``queue`` is how many frames wait here at most."""
        return self._subscription(topic, options, None, queue=queue)

    async def clock(self, times: int = 9) -> Clock:
        """Compare clocks with the server, the median of several answers."""
        return await measure(self.session.ping, times)

    async def close(self) -> None:
        """End the session. Calls still waiting fail, streams end."""
        await self._held.close()


class Connecting:
    """A connection on its way: ``async with`` it for as long as a block lasts, or ``await`` it and close the client."""

    def __init__(self, settings: Settings, on_restart: SetUp | None = None) -> None:
        self._settings = settings
        self._on_restart = on_restart
        self._client: Client | None = None

    def __await__(self) -> Generator[Any, None, Client]:
        """The client, once the connection is there. Whoever awaits it ends it with ``await client.close()``."""
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Client:
        if self._client is not None:
            raise RuntimeError("this connection has been made: call connect() for another")
        session = Session(self._settings, None if self._on_restart is None else self._set_up)
        self._client = Client(session)
        await session.open()
        return self._client

    async def _set_up(self) -> None:
        assert self._client is not None
        assert self._on_restart is not None
        await self._on_restart(self._client)

    async def __aexit__(self, *_exc: object) -> None:
        if self._client is not None:
            await self._client.close()


def connect(
    url: str = DEFAULT_URL,
    *,
    codec: CodecName = "msgpack",
    token: str | None = None,
    receipts: bool = False,
    name: str = "csoundd-client",
    reconnect: bool = True,
    heartbeat: float | None = 20.0,
    timeout: float = 10.0,
    tls: ssl.SSLContext | None = None,
    on_restart: SetUp | None = None,
) -> Connecting:
    """Make a connection to a daemon, for as long as an ``async with`` block lasts or, awaited, until it is closed.

    That is ``async with connect() as cs:``, or ``cs = await connect()`` and at last ``await cs.close()``.
    ``url`` may leave out the path; ``receipts`` asks for a note of where each call landed, ``reconnect`` for a
    new connection whenever this one is lost. A daemon that was silent for ``heartbeat`` seconds is asked for a
    sign of life, and given up after as many more; ``timeout`` seconds are what a connection may take.
    A daemon that was started anew has an empty engine: ``on_restart`` is awaited with the client then, before other
    calls are made, to compile and set everything again; without it they raise DaemonRestarted until ``ready()`` has.

    Raises ConnectionFailed, Unauthorized for a wrong token, InvalidParams for a server of another protocol.
    """
    hello = greeting(name, token=token, receipts=receipts)
    settings = Settings(address(url), CODECS[codec], hello, reconnect, heartbeat, timeout, tls)
    return Connecting(settings, on_restart)


def greeting(
    name: str, *, token: str | None = None, receipts: bool = False, linger: float | None = None
) -> dict[str, Any]:
    """What a session says of itself."""
    hello: dict[str, Any] = {"client": {"name": name, "version": _version()}, "receipts": receipts}
    if linger is not None:
        hello["linger"] = linger
    return hello if token is None else hello | {"token": token}


def _params(params: tuple[object, ...], named: dict[str, object]) -> Params:
    if params and named:
        raise TypeError("parameters are given all by position or all by name")
    return named or list(params)


def address(url: str) -> str:
    """The whole of an address that may leave out the scheme and the path."""
    try:
        parts = urlsplit(url if "://" in url else f"ws://{url}")
    except ValueError as error:
        raise ConnectionFailed(f"no connection to {url}: {error}") from error
    return urlunsplit(
        (_SCHEMES.get(parts.scheme, parts.scheme), parts.netloc, parts.path.rstrip("/") or "/ws", parts.query, "")
    )


def _version() -> str:
    try:
        return version("csoundd-client")
    except PackageNotFoundError:
        return "0"
