"""The HTTP and WebSocket server on its sockets.

Of uvicorn it takes the protocols; signals, logging, the event loop and the way to stop are the daemon's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from email.utils import formatdate
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from csoundd.limits import ACCEPT_BACKLOG, HTTP_GRACE_SECONDS
from csoundd.transport.connection import WebSocketProtocol

_TICK: Final = 1.0


class HttpServer:
    """Serves ``app`` on ``sockets``, which the caller has bound, while it is entered.

    ``max_frame`` bounds an incoming WebSocket message. Leaving closes the sockets, tells WebSocket clients that
    the server goes away (1001), and cuts off who does not answer.
    """

    def __init__(self, app: ASGIApp, sockets: list[socket.socket], *, max_frame: int) -> None:
        self._config = uvicorn.Config(
            app,
            ws=WebSocketProtocol,
            ws_max_size=max_frame,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
        )
        self._config.load()
        self._state = ServerState()
        self._sockets = sockets
        self._servers: list[asyncio.Server] = []
        self._clock: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._tick()
        for sock in self._sockets:
            self._servers.append(await loop.create_server(self._protocol, sock=sock, backlog=ACCEPT_BACKLOG))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._clock is not None:
            self._clock.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(self._state.tasks, timeout=HTTP_GRACE_SECONDS)
            for task in late:
                task.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()

    def _protocol(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self._config.http_protocol_class
        loop = asyncio.get_running_loop()
        return protocol(config=self._config, server_state=self._state, app_state={}, _loop=loop)

    def _tick(self) -> None:
        """Keep the Date header right."""
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self._clock = asyncio.get_running_loop().call_later(_TICK, self._tick)
