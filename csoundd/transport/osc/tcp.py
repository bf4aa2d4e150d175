"""Stage 1, OSC over TCP: a stream to packets, by SLIP or by length, with a sender for each connection, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Final, cast

from csoundd.codec.osc import Framing, framing_of
from csoundd.errors import CsounddError
from csoundd.transport.osc.access import NOTHING, Access
from csoundd.transport.osc.receiver import Receiver
from csoundd.transport.osc.sender import Sender, Way

LARGEST: Final = 16 * 1024 * 1024 - 1
"""Bytes of the largest packet: one more, and its length would not begin with a zero."""

UNSENT: Final = 64 * 1024 * 1024
"""Bytes that a client may leave unread before its connection is cut."""

_numbers = count(1)


class Connection(asyncio.Protocol):
    """One connection. ``opened`` and ``gone`` hear of it."""

    def __init__(
        self,
        receiver: Receiver,
        access: Access,
        opened: Callable[[Connection], None],
        gone: Callable[[Connection], None],
    ) -> None:
        self._receiver = receiver
        self._access = access
        self._opened = opened
        self._gone = gone
        self._framing: Framing | None = None
        self._transport: asyncio.Transport
        self.sender: Sender

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find out who it is."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        scopes = self._access.scopes(peer[0]) if peer[0] else NOTHING
        name = f"osc:tcp:{peer[0]}:{peer[1]}:{next(_numbers)}"
        self.sender = Sender(name, peer[0], scopes, self._send, Way(proven=True, lasting=True, limit=LARGEST))
        self._opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """What belongs to the sender goes with the connection."""
        self._gone(self)

    def data_received(self, data: bytes) -> None:
        """Take the packets that ``data`` completes."""
        try:
            if self._framing is None:
                self._framing = framing_of(data[0], LARGEST)
            for packet in self._framing.feed(data):
                self._receiver.take(packet, self.sender)
        except CsounddError:
            self._transport.close()
        self._receiver.flush()

    def pause_writing(self) -> None:
        """Who does not read what we say is not listened to."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        self._transport.resume_reading()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _send(self, packet: bytes) -> None:
        if self._framing is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > UNSENT:
            self._transport.abort()
            return
        self._transport.write(self._framing.framed(packet))
