"""Stage 1, OSC: the server on its sockets, and what its parts need of each other."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import TracebackType
from typing import Final, Self, TypeVar

from csoundd import __version__
from csoundd.errors import CsounddError, EngineUnavailable, Forbidden
from csoundd.messages import Scope
from csoundd.transport.osc import replies
from csoundd.transport.osc.access import Access
from csoundd.transport.osc.addresses import Addresses
from csoundd.transport.osc.desk import Desk
from csoundd.transport.osc.feedback import RATE, Feedback, Subscription
from csoundd.transport.osc.last import LastSender
from csoundd.transport.osc.notes import Notes
from csoundd.transport.osc.ports import CancellingDispatcher, EnginePort, Method
from csoundd.transport.osc.receiver import Receiver
from csoundd.transport.osc.sender import Deliver, Exchange, Sender, Way
from csoundd.transport.osc.sets import Sets
from csoundd.transport.osc.steps import Runner
from csoundd.transport.osc.tcp import Connection
from csoundd.transport.osc.udp import UdpEndpoint, name_of

LAPSE: Final = 60.0
"""Seconds of silence after which a sender over UDP is forgotten, with its subscriptions and handles."""

EVERY_CHANNEL: Final = "/chan/*"

_AGAIN: Final = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """A fixed subscription, for a controller that only listens: an IP address, a port, a pattern, and Hz.

    With ``host`` None it is whoever sent last over UDP, at ``port`` or, with 0, at the port it sent from.
    """

    host: str | None
    port: int
    pattern: str = "*"
    rate: float = RATE


class OscServer:
    """Serves OSC while it is entered, on sockets bound by the caller; it closes them.

    ``allow`` gives networks other than this machine a scope, ``targets`` are told of channels without asking, and
    ``gone`` hears the id of each sender that is no more.
    """

    def __init__(  # noqa: PLR0913 - the neighbours and the settings
        self,
        dispatcher: CancellingDispatcher,
        engine: EnginePort,
        methods: Iterable[Method],
        *,
        udp: socket.socket,
        tcp: socket.socket,
        allow: Mapping[str, Scope] | None = None,
        targets: Iterable[Target] = (),
        gone: Iterable[Callable[[str], None]] = (),
        lapse: float = LAPSE,
    ) -> None:
        self._engine = engine
        self._access = Access(allow)
        self._feedback = Feedback(engine)
        runner = Runner(dispatcher)
        self._desk = Desk(engine, self._feedback, runner, self, __version__)
        notes = Notes(runner)
        engine.listen(notes.hear)
        sets = Sets(engine, _refused, self._feedback.noted)
        addresses = Addresses(methods, runner, self._desk.addresses, notes.addresses)
        self.receiver = Receiver(addresses, runner, sets)
        self.addresses = addresses.all
        self.udp = UdpEndpoint(udp, self.receiver, self._access, self._forget)
        self._tcp = tcp
        self._targets = tuple(targets)
        self._told_gone = tuple(gone)
        self._lapse = lapse
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None
        self._fixing: asyncio.Task[None] | None = None
        self._following: dict[str, asyncio.Task[object]] = {}
        self._last: list[LastSender] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await self.udp.open()
        self._server = await loop.create_server(self._connection, sock=self._tcp)
        self._sweep()
        self._fixing = loop.create_task(self._fix(list(self._targets)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in (self._sweeping, self._fixing, *self._following.values()):
            if running is not None:
                running.cancel()
        for last in self._last:
            last.close()
        self._desk.close()
        self.udp.close()
        for connection in list(self._connections):
            connection.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def port_of(self, sender: Sender, port: int) -> tuple[str, Deliver]:
        """The name of another port of the host of ``sender``, and what sends there."""
        return self.udp.port_of(sender, port)

    def may_read(self, host: str) -> bool:
        """Whether somebody at the IP address ``host`` may know what there is."""
        return "read" in self._access.scopes(host)

    def admit(self, name: str, host: str, deliver: Deliver, limit: int) -> Sender:
        """A sender that is connected by other means: what ``receiver`` takes from it is answered by ``deliver``.

        ``limit`` is the largest packet that it takes. Raises Forbidden for one that may do nothing here.
        """
        scopes = self._access.scopes(host)
        if not scopes:
            raise Forbidden(f"{host} may do nothing here", hint="--osc-allow gives networks a scope")
        return Sender(name, host, scopes, deliver, Way(proven=True, lasting=True, limit=limit))

    def follow(self, sender: Sender, told: Deliver) -> None:
        """Tell ``told`` of every channel's value, then of each change that ``sender`` did not make itself."""
        subscribed = partial(self._feedback.subscribe, sender, sender.id, told, EVERY_CHANNEL, RATE)
        self._following[sender.id] = asyncio.get_running_loop().create_task(_until_there(subscribed))

    def dismiss(self, sender: Sender) -> None:
        """A sender that was admitted is no more."""
        following = self._following.pop(sender.id, None)
        if following is not None:
            following.cancel()
        self._forget(sender)

    def _connection(self) -> Connection:
        return Connection(self.receiver, self._access, self._connections.add, self._lost)

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._forget(connection.sender)

    def _forget(self, sender: Sender) -> None:
        self._feedback.gone(sender)
        self._engine.release(sender.id)
        for told in self._told_gone:
            told(sender.id)

    async def _fix(self, targets: list[Target]) -> None:
        """Subscribe the fixed targets, as soon as there is an engine."""
        for number, target in enumerate(targets):
            if target.host is None:
                name, deliver = f"last:{number}", _to_nobody
            else:
                address = (target.host, target.port)
                name, deliver = name_of(address), partial(self.udp.send, address=address)
            fixed = partial(self._feedback.fix, name, deliver, target.pattern, target.rate)
            subscription = await _until_there(fixed)
            if target.host is None:
                self._follow_last(subscription, target.port)

    def _follow_last(self, subscription: Subscription, port: int) -> None:
        def way(sender: Sender) -> tuple[str, Deliver]:
            return self.udp.port_of(sender, port) if port else (sender.id, sender.deliver)

        last = LastSender(self._feedback, subscription, way)
        self._last.append(last)
        self.udp.follow(last.spoke)

    def _sweep(self) -> None:
        before = monotonic() - self._lapse
        self._feedback.lapse(before)
        self.udp.lapse(before)
        self._sweeping = asyncio.get_running_loop().call_later(self._lapse / 12, self._sweep)


async def _until_there(subscribe: Callable[[], Coroutine[None, None, T]]) -> T:
    """Subscribe, as soon as there is an engine."""
    while True:
        try:
            return await subscribe()
        except EngineUnavailable:
            await asyncio.sleep(_AGAIN)


def _to_nobody(_packet: bytes) -> None:
    """Where feedback goes that has no address yet."""


def _refused(sender: Sender, address: str, error: CsounddError) -> None:
    replies.fail(Exchange(sender, len(address)), address, error)
