"""OSC packets on a byte stream: between the END bytes of SLIP (OSC 1.1) or behind their length (OSC 1.0)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final, Protocol

from csoundd.errors import LimitExceeded, ParseError

_END: Final = b"\xc0"
_ESCAPE: Final = b"\xdb"
_ESCAPED_END: Final = b"\xdb\xdc"
_ESCAPED_ESCAPE: Final = b"\xdb\xdd"
_LENGTH: Final = Struct(">I")


class Framing(Protocol):
    """One way to tell packets apart in a stream."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The packets that ``data`` completes. Raises LimitExceeded for one that is too large."""

    def encode(self, packet: bytes) -> bytes:
        """``packet`` as it goes on the stream."""


class SlipFraming:
    """RFC 1055: an END byte around each packet; what would look like one inside it is escaped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The packets that ``data`` completes. Raises LimitExceeded for one that is too large."""
        *ends, rest = data.split(_END)
        for end in ends:
            packet = bytes(self._rest + end)
            self._rest.clear()
            if packet:
                yield packet.replace(_ESCAPED_END, _END).replace(_ESCAPED_ESCAPE, _ESCAPE)
        self._rest += rest
        _check(len(self._rest), self._limit)

    def encode(self, packet: bytes) -> bytes:
        """``packet`` between two END bytes."""
        return _END + packet.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(_END, _ESCAPED_END) + _END


class LengthFraming:
    """The size of each packet before it, in four bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The packets that ``data`` completes. Raises LimitExceeded for one that is too large."""
        rest = self._rest
        rest += data
        begin = 0
        while len(rest) - begin >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(rest, begin)
            _check(size, self._limit)
            end = begin + _LENGTH.size + size
            if end > len(rest):
                break
            yield bytes(rest[begin + _LENGTH.size : end])
            begin = end
        del rest[:begin]

    def encode(self, packet: bytes) -> bytes:
        """``packet`` behind its size."""
        return _LENGTH.pack(len(packet)) + packet


def framing_of(first: int, limit: int) -> Framing:
    """The framing of a stream that begins with the byte ``first``.

    SLIP begins with END or with the packet itself, a length with a zero as long as packets are below 16 MiB.
    Raises ParseError for any other byte.
    """
    if first == 0:
        return LengthFraming(limit)
    if first in b"\xc0/#":
        return SlipFraming(limit)
    raise ParseError("the stream begins neither with SLIP nor with a length")


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise LimitExceeded(f"a packet is larger than {limit} bytes", limit=limit)
