"""Stage 1, OSC over UDP: datagrams to packets, with a sender for each address, and back.

Each wake takes what the socket holds, up to a bound that lets the event loop live: taking one at a time, as asyncio
does, loses datagrams at a quarter of the rate.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Final

from csoundd.errors import InvalidParams
from csoundd.transport.osc.access import Access, is_local
from csoundd.transport.osc.receiver import Receiver
from csoundd.transport.osc.sender import Deliver, Sender, Way

LARGEST: Final = 65507
"""Bytes of the largest datagram."""

SENDERS: Final = 4096
FORGOTTEN: Final = 256
"""How many senders are forgotten at once where there are too many."""

BATCH: Final = 64
"""Datagrams between two looks at the clock."""

WAKE: Final = 0.002
"""Seconds after which a wake ends even where the socket holds more."""

_BUFFER: Final = 16 * 1024 * 1024
_UNSENT: Final = 1000
_ROOM: Final = 65536

Address = tuple[str, int]


class UdpEndpoint:
    """One bound UDP socket. ``gone`` hears of senders that fell silent."""

    def __init__(self, sock: socket.socket, receiver: Receiver, access: Access, gone: Callable[[Sender], None]) -> None:
        self._socket = sock
        self._receiver = receiver
        self._access = access
        self._gone = gone
        self._senders: dict[Address, Sender] = {}
        self._unsent: deque[tuple[bytes, Address]] = deque(maxlen=_UNSENT)
        self._transport: asyncio.DatagramTransport | None = None
        self._latest: Sender | None = None
        self._spoke: Sender | None = None
        self._followers: list[Callable[[Sender], None]] = []
        self.received = 0

    async def open(self) -> None:
        """Begin to receive, in the running loop."""
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module takes it so
        _widen(self._socket)
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(self._socket, self._wake)
        except NotImplementedError:
            # The event loop of Windows hands out datagrams one at a time, and no other way.
            self._transport, _ = await loop.create_datagram_endpoint(lambda: _OneByOne(self._one), sock=self._socket)

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
        """Forget the senders from whom nothing has come since ``before``."""
        for address, sender in list(self._senders.items()):
            if sender.seen < before:
                self._forget(address)

    def follow(self, told: Callable[[Sender], None]) -> None:
        """Let ``told`` hear who sent last, whenever that is somebody else."""
        self._followers.append(told)
        if self._latest is not None:
            told(self._latest)

    def port_of(self, sender: Sender, port: int) -> tuple[str, Deliver]:
        """The name of another port of the host of ``sender``, and what sends there."""
        for address, known in self._senders.items():
            if known is sender:
                other = (address[0], port, *address[2:])
                return name_of(other), partial(self.send, address=other)
        raise InvalidParams("another port is for senders over UDP")

    def send(self, packet: bytes, address: Address) -> None:
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
        ends = monotonic() + WAKE
        while self._take_some() and monotonic() < ends:
            pass
        self._tell_last()
        self._receiver.flush()

    def _take_some(self) -> bool:
        """Take some datagrams; whether there may be more."""
        receive, take, senders, now = self._socket.recvfrom, self._receiver.take, self._senders, monotonic()
        for taken in range(BATCH):
            try:
                packet, address = receive(_ROOM)
            except (BlockingIOError, InterruptedError):
                self.received += taken
                return False
            except OSError:
                # What an earlier datagram of ours met on its way; some systems say so here.
                continue
            sender = self._latest = senders.get(address) or self._admit(address)
            sender.seen = now
            take(packet, sender)
        self.received += BATCH
        return True

    def _one(self, packet: bytes, address: Address) -> None:
        sender = self._latest = self._senders.get(address) or self._admit(address)
        sender.seen = monotonic()
        self.received += 1
        self._receiver.take(packet, sender)
        self._tell_last()
        self._receiver.flush()

    def _tell_last(self) -> None:
        """Once for all that came in a wake: who sent its last datagram."""
        latest = self._latest
        if latest is not None and latest is not self._spoke:
            self._spoke = latest
            for told in self._followers:
                told(latest)

    def _admit(self, address: Address) -> Sender:
        """The sender at an address that is new, remembered if it may do anything here."""
        host = address[0]
        way = Way(proven=is_local(host), lasting=False, limit=LARGEST)
        deliver = partial(self.send, address=address)
        sender = Sender(name_of(address), host, self._access.scopes(host), deliver, way)
        if sender.scopes:
            if len(self._senders) >= SENDERS:
                self._make_room()
            self._senders[address] = sender
        return sender

    def _make_room(self) -> None:
        """Forget some of those longest silent, first of them who proved nothing: addresses can be made up."""
        known = sorted(self._senders, key=lambda address: (self._senders[address].proven, self._senders[address].seen))
        for address in known[:FORGOTTEN]:
            self._forget(address)

    def _forget(self, address: Address) -> None:
        self._gone(self._senders.pop(address))


class _OneByOne(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, Address], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._take(data, addr)


def name_of(address: Address) -> str:
    """What the sender at ``address`` is called."""
    return f"osc:udp:{address[0]}:{address[1]}"


def _widen(sock: socket.socket) -> None:
    """Let the system keep more for us while we are busy, as much as it allows."""
    for option in (getattr(socket, "SO_RCVBUFFORCE", 33), socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
            return
