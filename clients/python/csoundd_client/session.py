"""The session with a daemon, which outlives its connections: hello, resuming, beginning anew.

It takes calls from the client and hands them to the connection there is. While there is none they fail at
once: a call that waited for a connection would come at a moment that nobody meant.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from csoundd_client.call import Call
from csoundd_client.codec import Codec
from csoundd_client.connection import Connection, Waiting
from csoundd_client.envelope import UNTIMED
from csoundd_client.errors import Forbidden, Unauthorized
from csoundd_client.failures import (
    ConnectionFailed,
    ConnectionLost,
    CsounddError,
    DaemonRestarted,
    RemoteError,
    SessionOver,
)
from csoundd_client.shape import reader
from csoundd_client.structs import Welcome
from csoundd_client.subscriptions import Subscriptions
from csoundd_client.values import Params, Reader, Timing

_log = logging.getLogger("csoundd_client")

PROTOCOL: Final = 1
RESUMABLE: Final = 30.0
"""Seconds for which the daemon keeps a session that has lost its connection."""

_SLOWEST: Final = 5.0
_HOPELESS: Final = (Unauthorized, Forbidden, SessionOver)
_OVER: Final = (
    "the connection was lost for so long that the daemon has ended the session, and what it had of the engine"
)
_SETTING_UP: Final = ContextVar("_SETTING_UP", default=False)
"""Whether the calls are those that make a new daemon what the last one was."""

_WELCOME: Final = reader(Welcome)


@dataclass(frozen=True)
class Settings:
    """How to reach a daemon, and as whom. ``timeout`` and ``heartbeat`` are in seconds.

    ``renew`` says whether a new session may take the place of one that the daemon does not keep any more.
    """

    url: str
    codec: Codec
    hello: dict[str, Any]
    reconnect: bool
    heartbeat: float | None
    timeout: float
    tls: ssl.SSLContext | None
    renew: bool = True


class Session:
    """Calls and subscriptions over one connection after the other."""

    def __init__(self, settings: Settings, set_up: Callable[[], Awaitable[None]] | None = None) -> None:
        """``set_up`` is run when another daemon has answered, before anybody else's calls are made of it."""
        self.subscriptions = Subscriptions(self.request)
        self._set_up = set_up
        self._restart: DaemonRestarted | None = None
        self.welcome: Welcome
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | None = None
        self._settled = asyncio.Event()
        self._restoring: asyncio.Task[None] | None = None
        self._over: CsounddError | None = None
        self._why = ConnectionLost("there is no connection yet")

    @property
    def connected(self) -> bool:
        """Whether calls can be made right now."""
        return self._connection is not None

    @property
    def listener(self) -> Callable[[float], bool] | None:
        """What takes in what comes while the loop does not run, None where only the loop can."""
        return None if self._connection is None else self._connection.listener

    async def open(self) -> None:
        """Connect for the first time. Raises ConnectionFailed, or what refused the session."""
        await self._establish(None)
        self._settled.set()

    async def close(self) -> None:
        """Say farewell; calls still waiting fail."""
        connection, self._connection = self._connection, None
        self._finish(None)
        if self._restoring is not None:
            self._restoring.cancel()
        if connection is not None:
            await connection.close()

    async def ready(self) -> None:
        """Wait for a connection where it is being restored. Raises why there will be none.

        Raises DaemonRestarted once after another daemon has answered; from then on calls are made again.
        """
        await self._settled.wait()
        if self._over is not None:
            raise self._over
        restart, self._restart = self._restart, None
        if restart is not None:
            raise restart

    def request(self, method: str, params: Params, timing: Timing, read: Reader | None = None) -> Call[Any]:
        """The result of a call as it will be.

        Without a connection it is ConnectionLost, and DaemonRestarted while the program has not heard of a restart.
        """
        try:
            connection = self._usable()
        except ConnectionLost as refusal:
            return _failed(Call(loop=self._loop), refusal)
        return connection.request(method, params, timing, read)

    def call(self, method: str, params: Params, timing: Timing) -> Call[Any]:
        """The same with the whole Reply."""
        try:
            connection = self._usable()
        except ConnectionLost as refusal:
            return _failed(Call(loop=self._loop), refusal)
        return connection.request(method, params, timing, whole=True)

    def send(self, message: dict[str, Any], waiting: Waiting[Any]) -> None:
        """Send one request, whose reply ``waiting`` takes."""
        try:
            connection = self._usable()
        except ConnectionLost as refusal:
            waiting.future.set_exception(refusal)
            return
        connection.send(message, waiting)

    def gather(self, calls: Sequence[tuple[dict[str, Any], Waiting[Any]]]) -> None:
        """Send many calls as one JSON-RPC batch."""
        try:
            connection = self._usable()
        except ConnectionLost as refusal:
            for _, waiting in calls:
                waiting.future.set_exception(refusal)
            return
        connection.gather(calls)

    async def notify(self, method: str, params: Params, timing: Timing) -> None:
        """Send a call that wants no answer. Raises ConnectionLost."""
        await self._usable().notify(method, params, timing)

    def _usable(self) -> Connection:
        """The connection. Raises ConnectionLost without one, DaemonRestarted until the program has heard of that."""
        if self._connection is None:
            raise self._gone()
        if self._restart is not None and not _SETTING_UP.get():
            raise self._restart
        return self._connection

    def _gone(self) -> ConnectionLost:
        hint = None if self._settled.is_set() else "it is being restored: await ready()"
        return ConnectionLost(self._why.message, close_code=self._why.close_code, hint=hint)

    def _ended(self, connection: Connection, error: ConnectionLost) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        self._why = error
        if not self._settings.reconnect:
            self._finish(error)
            return
        self._settled.clear()
        self._restoring = self._loop.create_task(self._restore())

    def _finish(self, error: CsounddError | None) -> None:
        self._over = error or ConnectionLost("the client was closed", close_code=1000)
        self._why = self._over if isinstance(self._over, ConnectionLost) else ConnectionLost(self._over.message)
        self.subscriptions.end(error)
        self._settled.set()

    async def _restore(self) -> None:
        """Connect again until it succeeds or is hopeless."""
        lost_at = self._loop.time()
        _log.info("%s; connecting again", self._why)
        for delay in _delays():
            await asyncio.sleep(delay)
            in_time = self._loop.time() - lost_at < RESUMABLE
            try:
                if not in_time and not self._settings.renew:
                    raise SessionOver(_OVER)
                await self._establish(self.welcome.session if in_time else None)
            except _HOPELESS as error:
                self._finish(error)
                return
            except CsounddError as error:
                _log.info("no connection yet: %s", error)
            else:
                await self._begin_anew()
                return

    async def _begin_anew(self) -> None:
        """Have the program do what a daemon needs that was started anew, where it has said how; then go on."""
        connection = self._connection
        if self._restart is not None and self._set_up is not None:
            _SETTING_UP.set(True)
            try:
                await self._set_up()
                self._restart = None
            except Exception:  # noqa: BLE001 - whatever a program raises
                # The program hears of it by its next call.
                _log.exception("what on_restart does failed")
        if self._connection is connection:
            self._settled.set()

    async def _establish(self, resume: str | None) -> None:
        connection = Connection(self._settings.codec, self.subscriptions.deliver, self._ended)
        await connection.open(self._settings.url, self._settings.tls, self._settings.timeout)
        try:
            async with asyncio.timeout(self._settings.timeout):
                welcome = await self._hello(connection, resume)
                await self.subscriptions.restore(connection.request, resumed=welcome.session == resume)
        except TimeoutError:
            connection.abort()
            raise ConnectionFailed(f"{self._settings.url} does not answer") from None
        except BaseException:
            connection.abort()
            raise
        if connection.lost is not None:
            raise connection.lost
        connection.limit = welcome.limits.get("frame", connection.limit)
        if hasattr(self, "welcome") and welcome.server.instance != self.welcome.server.instance:
            self._restart = DaemonRestarted(
                "the daemon was started anew: its engine has nothing of what this program has compiled and set",
                hint="await ready() once, then compile and set it again; connect(on_restart=...) does so by itself",
            )
            _log.warning("%s", self._restart)
        self.welcome = welcome
        self._connection = connection
        if self._settings.heartbeat is not None:
            connection.watch(self._settings.heartbeat)

    async def _hello(self, connection: Connection, resume: str | None) -> Welcome:
        if resume is not None:
            try:
                return await self._greet(connection, {"resume": resume})
            except RemoteError as error:
                if not self._settings.renew:
                    raise SessionOver(_OVER) from error
                _log.info("the session is gone, a new one begins: %s", error)
        return await self._greet(connection, {})

    async def _greet(self, connection: Connection, more: dict[str, str]) -> Welcome:
        hello = {"protocol": PROTOCOL, **self._settings.hello, **more}
        welcome: Welcome = await connection.request("session.hello", hello, UNTIMED, _WELCOME)
        return welcome


def _failed(call: Call[Any], error: ConnectionLost) -> Call[Any]:
    call.set_exception(error)
    return call


def _delays() -> Iterator[float]:
    """At once, then after 0.1 s and so on to 5 s, no two clients alike."""
    yield 0.0
    delay = 0.1
    while True:
        yield delay * random.uniform(0.5, 1.5)  # noqa: S311 - it spreads load, it hides nothing
        delay = min(2 * delay, _SLOWEST)
