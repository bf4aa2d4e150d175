"""OSC endpoints: datagrams over UDP, and connections over TCP, to packets of a sender, and back.

Each wake of the UDP socket takes what it holds, up to a bound that lets the event loop live: taking one datagram at a
time, as asyncio does, loses them at a quarter of the rate.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from time import monotonic
from typing import Final, cast

from csoundd.access import TokenBucket
from csoundd.codec.osc import Framing, framing_of
from csoundd.errors import CsounddError, LimitExceeded
from csoundd.limits import (
    DATAGRAM_BATCH,
    DATAGRAM_BYTES,
    DROPPED_HOSTS,
    DROPPED_SECONDS,
    OSC_REFUSAL_SECONDS,
    OSC_SENDERS,
    OSC_SENDERS_FORGOTTEN,
    OSC_TCP_PACKET_BYTES,
    OSC_UNREAD_BYTES,
    READ_TURN_SECONDS,
    TOKENLESS_FRAME_BYTES,
    UDP_BUFFER_BYTES,
    UDP_WAKE_SECONDS,
    UNSENT_DATAGRAMS,
)
from csoundd.metrics import Counts
from csoundd.transport.osc.router import Router
from csoundd.transport.osc.senders import (
    NO_SCOPE,
    Access,
    Deliver,
    Sender,
    TransportTraits,
    is_local,
    is_private_network,
)
from csoundd.transport.osc.source_filter import drop

_ROOM: Final = 65536
_numbers = count(1)

SocketAddress = tuple[str, int]


class UdpEndpoint:
    """One bound UDP socket, with a sender for each address. ``gone`` hears of senders that fell silent."""

    def __init__(
        self,
        sock: socket.socket,
        router: Router,
        access: Access,
        gone: Callable[[Sender], None],
        rates: PacketRates,
    ) -> None:
        self._rates = rates
        self._socket = sock
        self._router = router
        self._access = access
        self._gone = gone
        self._senders: dict[SocketAddress, Sender] = {}
        self._unsent: deque[tuple[bytes, SocketAddress]] = deque(maxlen=UNSENT_DATAGRAMS)
        self._transport: asyncio.DatagramTransport | None = None
        self._latest: Sender | None = None
        self._told: Sender | None = None
        self._followers: list[Callable[[Sender], None]] = []
        self._dropped: set[str] = set()
        """The hosts whose packets the system drops for the moment."""
        self.received = 0

    @property
    def senders(self) -> int:
        """How many senders are known."""
        return len(self._senders)

    async def open(self) -> None:
        """Begin to receive, in the running loop."""
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module takes it so
        _widen(self._socket)
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(self._socket, self._wake)
        except NotImplementedError:
            # The event loop of Windows hands out datagrams one at a time, and no other way.
            protocol = partial(_OneByOne, self.take_one)
            self._transport, _ = await loop.create_datagram_endpoint(protocol, sock=self._socket)

    def close(self) -> None:
        """Receive no more and close the socket."""
        if self._transport is not None:
            self._transport.close()
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        loop.remove_writer(self._socket)
        self._socket.close()

    def lapse(self, before: float) -> None:
        """Forget the senders from whom nothing has come since ``before``, in monotonic seconds."""
        for address, sender in list(self._senders.items()):
            if sender.seen < before:
                self._forget(address)

    def follow(self, told: Callable[[Sender], None]) -> None:
        """Let ``told`` hear who sent last, now and whenever that is somebody else."""
        self._followers.append(told)
        if self._latest is not None:
            told(self._latest)

    def send(self, packet: bytes, address: SocketAddress) -> None:
        """Send ``packet``; what the socket has no room for waits a moment, what is too much is lost."""
        if self._transport is not None:
            self._transport.sendto(packet, address)
            return
        if self._unsent:
            self._unsent.append((packet, address))
            return
        try:
            self._socket.sendto(packet, address)
        except BlockingIOError:
            self._unsent.append((packet, address))
            asyncio.get_running_loop().add_writer(self._socket, self._send_unsent)
        except OSError:
            # Nobody listens there, or no network leads there: to UDP that is as good as lost.
            pass

    def take_one(self, packet: bytes, address: SocketAddress) -> None:
        """Take one datagram that came from ``address``."""
        sender = self._latest = self._senders.get(address) or self._admit(address)
        sender.touch(monotonic())
        self.received += 1
        if self._rates.of(sender.host).take():
            self._router.route(packet, sender)
        else:
            self._refuse(packet, sender)
        self._tell_last()
        self._router.flush()

    def _send_unsent(self) -> None:
        while self._unsent:
            packet, address = self._unsent[0]
            try:
                self._socket.sendto(packet, address)
            except BlockingIOError:
                return
            except OSError:
                pass
            self._unsent.popleft()
        asyncio.get_running_loop().remove_writer(self._socket)

    def _wake(self) -> None:
        ends = monotonic() + UDP_WAKE_SECONDS
        while self._take_some() and monotonic() < ends:
            pass
        self._tell_last()
        self._router.flush()

    def _take_some(self) -> bool:
        """Take some datagrams; whether there may be more for this turn, which ends where a sender sends too many."""
        receive, take, senders, now = self._socket.recvfrom, self._router.route, self._senders, monotonic()
        last: Sender | None = None
        rate: TokenBucket | None = None
        is_too_much = False
        for taken in range(DATAGRAM_BATCH):
            try:
                packet, address = receive(_ROOM)
            except (BlockingIOError, InterruptedError):
                self.received += taken
                return False
            except OSError:
                # What an earlier datagram of ours met on its way; some systems say so here.
                continue
            sender = senders.get(address) or self._admit(address)
            if sender is not last:
                sender.touch(now)
                last = self._latest = sender
                rate = self._rates.of(sender.host)
            if rate is None or rate.take():
                take(packet, sender)
            else:
                is_too_much = True
                self._refuse(packet, sender)
                self._drop(sender.host)
        self.received += DATAGRAM_BATCH
        return not is_too_much

    def _refuse(self, packet: bytes, sender: Sender) -> None:
        """Leave a packet out, and say so now and then."""
        error = self._rates.refusal(sender.host)
        if error is not None:
            self._router.refuse(packet, sender, error)

    def _drop(self, host: str) -> None:
        """Have the system drop what comes from ``host`` for a moment."""
        if host not in self._dropped and len(self._dropped) < DROPPED_HOSTS:
            self._dropped.add(host)
            drop(self._socket, self._dropped)
            asyncio.get_running_loop().call_later(DROPPED_SECONDS, self._take_again, host)

    def _take_again(self, host: str) -> None:
        self._dropped.discard(host)
        drop(self._socket, self._dropped)

    def _tell_last(self) -> None:
        """Once for all that came in a wake: who sent its last datagram."""
        latest = self._latest
        if latest is not None and latest is not self._told:
            self._told = latest
            for told in self._followers:
                told(latest)

    def _admit(self, address: SocketAddress) -> Sender:
        """The sender at an address that is new, remembered if it may do anything here."""
        host = address[0]

        def other_port(port: int) -> tuple[str, Deliver]:
            other = (host, port, *address[2:])
            return udp_name(other), partial(self.send, address=other)

        scopes = self._access.scopes(host)
        # What an address of this network asks for does not reach further than to the neighbours who were allowed it.
        proven = bool(scopes) and is_private_network(host)
        traits = TransportTraits(proven=proven, lasting=False, limit=DATAGRAM_BYTES)
        deliver = partial(self.send, address=address)
        sender = Sender(udp_name(address), host, scopes, deliver, traits, other_port=other_port)
        if sender.scopes:
            if len(self._senders) >= OSC_SENDERS:
                self._make_room()
            self._senders[address] = sender
        return sender

    def _worth(self, address: SocketAddress) -> tuple[bool, bool, float]:
        """This machine's senders are worth most, then those who proved something: other addresses can be made up."""
        sender = self._senders[address]
        return is_local(sender.host), sender.proven, sender.seen

    def _make_room(self) -> None:
        """Forget some of those longest silent, first of them who are worth least."""
        known = sorted(self._senders, key=self._worth)
        for address in known[:OSC_SENDERS_FORGOTTEN]:
            self._forget(address)

    def _forget(self, address: SocketAddress) -> None:
        self._gone(self._senders.pop(address))


class PacketRates:
    """How many packets an IP address may send: ``rate`` a second, of all its ports together."""

    def __init__(self, rate: float, counts: Counts) -> None:
        self._rate, self._counts = rate, counts
        self._buckets: dict[str, TokenBucket] = {}
        self._told: dict[str, float] = {}
        self.over_tcp = 0
        """Packets that came over TCP."""

    def of(self, host: str) -> TokenBucket:
        """What the address ``host`` has left."""
        bucket = self._buckets.get(host)
        if bucket is None:
            if len(self._buckets) >= OSC_SENDERS:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[host] = TokenBucket(self._rate, self._rate)
        return bucket

    def refusal(self, host: str) -> LimitExceeded | None:
        """Count a packet that is left out; the error to answer it with, None where one was answered a moment ago."""
        self._counts.limited("osc_packets")
        now = monotonic()
        if now - self._told.get(host, -OSC_REFUSAL_SECONDS) < OSC_REFUSAL_SECONDS:
            return None
        if len(self._told) >= OSC_SENDERS:
            self._told.clear()
        self._told[host] = now
        return LimitExceeded(f"more than {self._rate:g} packets a second", name="osc_packets", limit=self._rate)


class _OneByOne(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, SocketAddress], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: SocketAddress) -> None:
        self._take(data, addr)


def udp_name(address: SocketAddress) -> str:
    """The name of the sender at ``address``."""
    return f"osc:udp:{address[0]}:{address[1]}"


def _widen(sock: socket.socket) -> None:
    """Let the system keep more for us while we are busy, as much as it allows."""
    for option in (getattr(socket, "SO_RCVBUFFORCE", 33), socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, option, UDP_BUFFER_BYTES)
            return


class TcpConnection(asyncio.Protocol):
    """One connection over TCP, whose first byte tells its framing. ``opened`` and ``gone`` hear of it."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a connection has to do with
        self,
        router: Router,
        access: Access,
        opened: Callable[[TcpConnection], None],
        gone: Callable[[TcpConnection], None],
        rates: PacketRates,
        counts: Counts,
    ) -> None:
        self._rates, self._counts = rates, counts
        self._is_unread = self._is_early = False
        """Whether it leaves its answers unread, and whether it has sent more than it may for a moment."""
        self._router = router
        self._access = access
        self._opened = opened
        self._gone = gone
        self._framing: Framing | None = None
        self._packets: Iterator[bytes] = iter(())
        """Those of what arrived last, as far as they have not been taken."""
        self._arrived: deque[bytes] = deque()
        self._transport: asyncio.Transport
        self.sender: Sender

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find out who it is."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        scopes = self._access.scopes(peer[0]) if peer[0] else NO_SCOPE
        name = f"osc:tcp:{peer[0]}:{peer[1]}:{next(_numbers)}"
        # Who may do nothing here is told so, and sends no megabytes for it.
        self._limit = OSC_TCP_PACKET_BYTES if scopes else TOKENLESS_FRAME_BYTES
        traits = TransportTraits(proven=True, lasting=True, limit=OSC_TCP_PACKET_BYTES)
        self.sender = Sender(name, peer[0], scopes, self._send, traits)
        self._opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """End what belongs to the sender."""
        self._gone(self)

    def data_received(self, data: bytes) -> None:
        """Take the packets that ``data`` completes. Of a sender that sends too many no more are taken for a moment."""
        self._arrived.append(data)
        if not self._is_early:
            self._take()

    def _take(self) -> None:
        """Take packets that have arrived, for as long as a turn is."""
        rate, ends = self._rates.of(self.sender.host), monotonic() + READ_TURN_SECONDS
        try:
            while (packet := self._next_packet()) is not None:
                self._rates.over_tcp += 1
                self._router.route(packet, self.sender)
                if not rate.take():
                    rate.spend(1.0)
                    self._rates.refusal(self.sender.host)
                    self._rest(rate.wait())
                    break
                if monotonic() >= ends:
                    # A quarter of a megabyte comes at once, which is thousands of packets.
                    self._rest(0.0)
                    break
        except CsounddError:
            self._transport.close()
        self._router.flush()

    def _next_packet(self) -> bytes | None:
        while (packet := next(self._packets, None)) is None and self._arrived:
            data = self._arrived.popleft()
            if self._framing is None:
                self._framing = framing_of(data[0], self._limit)
            self._packets = self._framing.feed(data)
        return packet

    def pause_writing(self) -> None:
        """Take nothing from a client that does not read its answers."""
        self._is_unread = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Take from it again: it reads."""
        self._is_unread = False
        self._resume()

    def _rest(self, seconds: float) -> None:
        self._is_early = True
        self._transport.pause_reading()
        loop = asyncio.get_running_loop()
        if seconds:
            loop.call_later(seconds, self._rested)
        else:
            loop.call_soon(self._rested)

    def _rested(self) -> None:
        self._is_early = False
        if not self._transport.is_closing():
            self._take()
        self._resume()

    def _resume(self) -> None:
        if not self._is_unread and not self._is_early and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _send(self, packet: bytes) -> None:
        if self._framing is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > OSC_UNREAD_BYTES:
            self._counts.stalled += 1
            self._transport.abort()
            return
        self._transport.write(self._framing.encode(packet))
