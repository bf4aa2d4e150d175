"""The OSC server on its sockets, and what its parts are given."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import TracebackType
from typing import Final, Self, TypeVar

from csoundd import __version__
from csoundd.errors import CsounddError, EngineUnavailable, Forbidden
from csoundd.limits import (
    LAPSE_SECONDS,
    OSC_CONNECTIONS,
    OSC_SOURCE_CONNECTIONS,
    OSC_SOURCE_PACKETS,
    SOURCE_CONNECTING,
    TARGET_AGAIN_SECONDS,
)
from csoundd.messages import Scope
from csoundd.metrics import Counts
from csoundd.ports import Dispatcher, EnginePort
from csoundd.transport.osc.addresses import Address, AddressSpace, Method
from csoundd.transport.osc.calls import CallRunner
from csoundd.transport.osc.channels import ChannelAddresses, CoalescingWriter
from csoundd.transport.osc.commands import BackgroundTasks, CommandServices, NoteSender, ServerCommands
from csoundd.transport.osc.endpoints import PacketRates, TcpConnection, UdpEndpoint, udp_name
from csoundd.transport.osc.notes import NoteCommands
from csoundd.transport.osc.router import Observer, Router
from csoundd.transport.osc.senders import Access, Deliver, Sender, TransportTraits
from csoundd.transport.osc.subscriptions import RATE, Feedback, FollowLastSender, Subscription
from csoundd.transport.sockets import ConnectionLimits, Listener

GROUPS: Final = (ServerCommands, NoteCommands)
"""The classes that declare csoundd's own addresses."""

log = logging.getLogger("csoundd.osc")

CONNECTIONS: Final = ConnectionLimits(
    "OSC over TCP", OSC_CONNECTIONS, OSC_SOURCE_CONNECTIONS, ("osc_connections", "osc_source_connections")
)

EVERY_CHANNEL: Final = "/chan/*"

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
    ``gone`` hears the id of each sender that is no more. ``groups`` make the objects whose classes declare addresses.
    An IP address may send ``packets`` and, over TCP, connect ``connecting`` times a second.
    """

    def __init__(  # noqa: PLR0913 - the parts around it and the settings
        self,
        dispatcher: Dispatcher,
        engine: EnginePort,
        methods: Iterable[Method],
        *,
        udp: socket.socket,
        tcp: socket.socket,
        allow: Mapping[str, Scope] | None = None,
        targets: Iterable[Target] = (),
        gone: Iterable[Callable[[str], None]] = (),
        lapse: float = LAPSE_SECONDS,
        groups: Iterable[Callable[[CommandServices], object]] = GROUPS,
        limits: ConnectionLimits = CONNECTIONS,
        packets: float = OSC_SOURCE_PACKETS,
        connecting: float = SOURCE_CONNECTING,
        counts: Counts | None = None,
    ) -> None:
        counts = Counts() if counts is None else counts
        self._rates = rates = PacketRates(packets, counts)
        self._engine = engine
        self._access = Access(allow)
        self._feedback = Feedback(engine)
        self._tasks = BackgroundTasks()
        runner = CallRunner(dispatcher)
        services = CommandServices(engine, runner, NoteSender(engine), self._feedback, self._tasks, __version__)
        channels = ChannelAddresses(runner, self._feedback.written)
        space = AddressSpace(methods, [group(services) for group in groups], channels, dispatcher)
        self.addresses: Mapping[str, Address] = space.addresses
        """Every address but those of channels."""
        self.router = Router(space, channels, CoalescingWriter(dispatcher, self._feedback.written), runner)
        self.udp = UdpEndpoint(udp, self.router, self._access, self._forget, rates)
        self._connections: set[TcpConnection] = set()
        opened, lost = self._connections.add, self._lost
        connection = partial(TcpConnection, self.router, self._access, opened, lost, rates, counts)
        self._listener = Listener(tcp, connection, limits, counts=counts, connecting=connecting)
        self._targets = tuple(targets)
        self._told_gone = tuple(gone)
        self._lapse = lapse
        self._sweeping: asyncio.TimerHandle | None = None
        self._fixing: asyncio.Task[None] | None = None
        self._following: dict[str, asyncio.Task[object]] = {}
        self._followers: list[FollowLastSender] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await self.udp.open()
        await self._listener.open()
        self._sweep()
        self._fixing = loop.create_task(self._fix(list(self._targets)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for running in (self._sweeping, self._fixing, *self._following.values()):
            if running is not None:
                running.cancel()
        for follower in self._followers:
            follower.close()
        self._tasks.close()
        self.udp.close()
        self._listener.close()
        for connection in list(self._connections):
            connection.close()

    @property
    def connections(self) -> int:
        """How many connections over TCP are open."""
        return len(self._connections)

    @property
    def tcp_packets(self) -> int:
        """How many packets have come over TCP."""
        return self._rates.over_tcp

    def may_read(self, host: str) -> bool:
        """Whether somebody at the IP address ``host`` may know what there is."""
        return "read" in self._access.scopes(host)

    def admit(self, name: str, host: str, deliver: Deliver, limit: int) -> Sender:
        """A sender that is connected by other means: what ``router`` takes from it is answered by ``deliver``.

        ``limit`` is the largest packet that it takes, in bytes. Raises Forbidden for one that may do nothing here.
        """
        scopes = self._access.scopes(host)
        if not scopes:
            raise Forbidden(f"{host} may do nothing here", hint="--osc-allow gives networks a scope")
        return Sender(name, host, scopes, deliver, TransportTraits(proven=True, lasting=True, limit=limit))

    def follow(self, sender: Sender, told: Deliver, failed: Callable[[CsounddError], None]) -> None:
        """Tell ``told`` of every channel's value, then of each change that ``sender`` did not make itself.

        ``failed`` is told why where that cannot be done.
        """

        async def subscribe() -> None:
            try:
                await self._feedback.subscribe(sender, sender.id, told, EVERY_CHANNEL, RATE)
            except EngineUnavailable:
                raise
            except CsounddError as error:
                failed(error)

        self._following[sender.id] = asyncio.get_running_loop().create_task(_until_there(subscribe))

    def observe(self, observer: Observer) -> None:
        """Let ``observer`` hear of every message from now on that is served and goes to no channel."""
        self.router.observe(observer)

    def dismiss(self, sender: Sender) -> None:
        """A sender that was admitted is no more."""
        following = self._following.pop(sender.id, None)
        if following is not None:
            following.cancel()
        self._forget(sender)

    def _lost(self, connection: TcpConnection) -> None:
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
                name, deliver = udp_name(address), partial(self.udp.send, address=address)
            fixed = partial(self._feedback.fix, name, deliver, target.pattern, target.rate)
            try:
                subscription = await _until_there(fixed)
            except CsounddError as error:
                log.warning("the target %s is not fed: %s", name, error.message)
                continue
            if target.host is None:
                self._follow_last(subscription, target.port)

    def _follow_last(self, subscription: Subscription, port: int) -> None:
        def route(sender: Sender) -> tuple[str, Deliver]:
            return sender.at_port(port) if port else (sender.id, sender.deliver)

        follower = FollowLastSender(self._feedback, subscription, route)
        self._followers.append(follower)
        self.udp.follow(follower.sent)

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
            await asyncio.sleep(TARGET_AGAIN_SECONDS)


def _to_nobody(_packet: bytes) -> None:
    """Drop feedback that has no address yet."""
