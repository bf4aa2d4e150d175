"""Sockets that connections come in on: accepted one by one, within limits, and watched for peers that are gone.

An event loop's own server ends a connection that it has no descriptor for (uvloop) and says nothing, and takes any
number from one address. Here each failure to accept is logged and tried again, and who has too many is told so.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Final

from csoundd.access import SourceRates
from csoundd.access.authenticator import is_loopback
from csoundd.limits import (
    ACCEPT_AGAIN_SECONDS,
    ACCEPT_BACKLOG,
    ACCEPTED_AT_ONCE,
    DESCRIPTORS,
    DESCRIPTORS_RESERVED,
    EARLY_SECONDS,
    FIRST_REQUEST_SECONDS,
    KEEPALIVE_IDLE_SECONDS,
    KEEPALIVE_PROBE_SECONDS,
    KEEPALIVE_PROBES,
    LOGGED_SOURCES,
    REFUSALS_LOGGED_SECONDS,
    SOURCE_CONNECTING,
    TLS_HANDSHAKE_SECONDS,
)
from csoundd.metrics import Counts

log = logging.getLogger("csoundd.transport")

_INTERNET: Final = frozenset({socket.AF_INET, socket.AF_INET6})
_PASSING: Final = frozenset({errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.EINTR, errno.ENETDOWN})
"""What is over with the one connection that it befell."""


def authority(host: str, port: int) -> str:
    """``host:port`` as URLs write it (RFC 3986, section 3.2): an IPv6 address stands in brackets."""
    bare = host.strip("[]")
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"


def tune(sock: socket.socket) -> None:
    """Send small packets at once, and notice a peer that is gone within a minute, where the system can do so."""
    if sock.family not in _INTERNET:
        return
    options = [
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        # asyncio does so only for listeners that were made with an explicit protocol number:
        # docs/upstream-faults.md#asyncio-nodelay.
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ]
    times = {
        "TCP_KEEPIDLE": KEEPALIVE_IDLE_SECONDS,
        "TCP_KEEPALIVE": KEEPALIVE_IDLE_SECONDS,  # macOS has this name for it
        "TCP_KEEPINTVL": KEEPALIVE_PROBE_SECONDS,
        "TCP_KEEPCNT": KEEPALIVE_PROBES,
        # What is unacknowledged for so long is lost: keepalive does not count while there is something to send.
        "TCP_USER_TIMEOUT": 1000 * (KEEPALIVE_IDLE_SECONDS + KEEPALIVE_PROBES * KEEPALIVE_PROBE_SECONDS),
    }
    options += [(socket.IPPROTO_TCP, getattr(socket, name), n) for name, n in times.items() if hasattr(socket, name)]
    for level, option, value in options:
        with contextlib.suppress(OSError):
            sock.setsockopt(level, option, value)


def descriptors() -> int:
    """How many descriptors this process may have, after it has asked for as many as it can get."""
    if sys.platform == "win32":
        return 1 << 16
    import resource  # noqa: PLC0415 - it does not exist everywhere

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if most == resource.RLIM_INFINITY else min(most, DESCRIPTORS)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The most connections of a listener at once, in ``total`` and of one ``source``, an IP address.

    ``name`` is what the log calls the listener.
    """

    name: str
    total: int
    source: int
    labels: tuple[str, str] = ("connections", "source_connections")
    """The names of the two among the limits."""

    def within(self, available: int) -> ConnectionLimits:
        """The same, made smaller until ``available`` descriptors are enough; one source never takes more than half."""
        total = max(2, min(self.total, available))
        return replace(self, total=total, source=max(1, min(self.source, total // 2)))


def limits_within(limit: int, *wanted: ConnectionLimits) -> list[ConnectionLimits]:
    """``wanted`` for several listeners, made smaller so that ``limit`` descriptors are enough and some are left."""
    available = max(0, limit - DESCRIPTORS_RESERVED)
    needed = sum(each.total for each in wanted)
    return [each.within(available * each.total // needed) for each in wanted]


class _Accepted(socket.socket):
    """A connection that tells ``left`` of its end.

    asyncio closes the socket then, and uvloop takes the descriptor out of it. The protocol cannot tell: a connection
    changes it when it becomes a WebSocket.
    """

    def __init__(self, sock: socket.socket, left: Callable[[], None]) -> None:
        super().__init__(fileno=sock.detach())
        self._left: Callable[[], None] | None = left

    def close(self) -> None:
        """Close the socket."""
        super().close()
        self._tell()

    def detach(self) -> int:
        """Let go of the descriptor, and return it."""
        descriptor = super().detach()
        self._tell()
        return descriptor

    def _tell(self) -> None:
        left, self._left = self._left, None
        if left is not None:
            left()


_HANDSHAKE: Final = b"\x16"
"""The first byte of a connection that is to be encrypted (RFC 8446, 5.1), which begins no request."""

_PLAIN: Final = (
    b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 28\r\n\r\n"
    b"this port speaks https, wss\n"
)


def _say_and_close(sock: socket.socket, answer: bytes) -> None:
    with contextlib.suppress(OSError), sock:
        sock.setblocking(False)  # noqa: FBT003 - the socket module takes it so
        # What the client has sent already would turn the end of the connection into a reset.
        with contextlib.suppress(BlockingIOError):
            sock.recv(1 << 16)
        sock.send(answer)
        sock.shutdown(socket.SHUT_WR)


async def _speaks_tls(sock: socket.socket) -> bool:
    """Whether the client begins a handshake. Raises TimeoutError for one that begins nothing."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sock, readable.set)
    try:
        async with asyncio.timeout(FIRST_REQUEST_SECONDS):
            await readable.wait()
    finally:
        loop.remove_reader(sock)
    return sock.recv(1, socket.MSG_PEEK) == _HANDSHAKE


class Listener:
    """Accepts connections on ``sock``, which it closes, from :meth:`open` to :meth:`close`.

    ``protocol`` makes what serves a connection. Who comes beyond ``limits`` is sent ``refusal`` and cut off. An IP
    address may connect ``connecting`` times a second. With ``tls`` a connection is encrypted; of those that are not,
    ``plain`` says by the address which are taken.
    """

    def __init__(  # noqa: PLR0913 - the socket and the rules for it
        self,
        sock: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        limits: ConnectionLimits,
        refusal: bytes = b"",
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        plain: Callable[[str], bool] = is_loopback,
        counts: Counts | None = None,
        connecting: float = SOURCE_CONNECTING,
    ) -> None:
        self._counts = Counts() if counts is None else counts
        self._connecting, self._rates = connecting, SourceRates(connecting, limits.source)
        self._tls, self._plain = tls, plain
        self._socket, self._protocol = sock, protocol
        self._limits, self._refusal = limits, refusal
        self._open: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._again: asyncio.TimerHandle | None = None
        self._is_reading = False
        self._server: asyncio.Server | None = None
        self._logged: dict[str, float] = {}

    async def open(self) -> None:
        """Begin to accept, in the running loop."""
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module takes it so
        self._socket.listen(ACCEPT_BACKLOG)
        try:
            self._read()
        except NotImplementedError:
            # The event loop of Windows accepts by itself, and in no other way.
            loop = asyncio.get_running_loop()
            context = None if self._tls is None else self._tls()
            self._server = await loop.create_server(
                self._protocol, sock=self._socket, backlog=ACCEPT_BACKLOG, ssl=context
            )

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._open.total()

    def close(self) -> None:
        """Accept no more and close the socket."""
        if self._server is not None:
            self._server.close()
            return
        if self._again is not None:
            self._again.cancel()
        self._pause()
        for task in self._tasks:
            task.cancel()
        self._socket.close()

    def _read(self) -> None:
        self._again = None
        asyncio.get_running_loop().add_reader(self._socket, self._accept)
        self._is_reading = True

    def _pause(self) -> None:
        if self._is_reading:
            self._is_reading = False
            asyncio.get_running_loop().remove_reader(self._socket)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                sock, address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as problem:
                if problem.errno in _PASSING:
                    continue
                # Nothing but waiting helps where there are no descriptors or no memory: those who come wait as well.
                reason = (os.strerror(problem.errno) if problem.errno else str(problem)).lower()
                self._log("accept", f"cannot accept connections: {reason}; trying again")
                self._pause()
                self._again = asyncio.get_running_loop().call_later(ACCEPT_AGAIN_SECONDS, self._read)
                return
            self._serve(sock, str(address[0]) if address else "")

    def _serve(self, sock: socket.socket, source: str) -> None:
        if self._open.total() >= self._limits.total:
            self._counts.limited(self._limits.labels[0])
            self._refuse(sock, source, f"{self._limits.total} connections are open, the most there may be")
        elif self._open[source] >= self._limits.source:
            self._counts.limited(self._limits.labels[1])
            self._refuse(sock, source, f"{self._limits.source} of its connections are open, the most there may be")
        elif (wait := self._rates.wait(source)) > EARLY_SECONDS:
            self._counts.limited("connecting")
            self._refuse(sock, source, f"it connects more than {self._connecting:g} times a second")
        else:
            self._open[source] += 1
            sock.setblocking(False)  # noqa: FBT003 - the socket module takes it so
            tune(sock)
            task = asyncio.get_running_loop().create_task(self._connect(sock, source, wait))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _refuse(self, sock: socket.socket, source: str, why: str) -> None:
        self._counts.refused("connection")
        self._log(source, f"a connection from {source} was refused: {why}")
        _say_and_close(sock, self._refusal)

    async def _connect(self, sock: socket.socket, source: str, wait: float) -> None:
        accepted = _Accepted(sock, partial(self._left, source))
        try:
            if wait:
                self._counts.limited("connecting")
                await asyncio.sleep(wait)
            context = None
            if self._tls is not None:
                if await _speaks_tls(accepted):
                    context = self._tls()
                elif not self._plain(source):
                    self._counts.refused("not encrypted")
                    self._log(source, f"a connection from {source} was refused: it is not encrypted")
                    _say_and_close(accepted, _PLAIN)
                    return
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                accepted,
                ssl=context,
                ssl_handshake_timeout=None if context is None else TLS_HANDSHAKE_SECONDS,
            )
        except (OSError, TimeoutError, asyncio.CancelledError):
            accepted.close()

    def _left(self, source: str) -> None:
        self._open[source] -= 1
        if self._open[source] <= 0:
            del self._open[source]

    def _log(self, key: str, text: str) -> None:
        """Say it, unless it was said a moment ago."""
        now = monotonic()
        if now - self._logged.get(key, -REFUSALS_LOGGED_SECONDS) < REFUSALS_LOGGED_SECONDS:
            return
        self._logged = {key: at for key, at in self._logged.items() if now - at < REFUSALS_LOGGED_SECONDS}
        if len(self._logged) < LOGGED_SOURCES:
            self._logged[key] = now
            log.warning("%s: %s", self._limits.name, text)
