"""OSC packets: bytes to messages and bundles, and back; and packets on a byte stream. Pure, and quick.

All of OSC 1.0 and 1.1: the type tags ``i f s b h t d S c r m T F N I [ ]`` and nested bundles. :func:`parse` reads a
packet; to write one, :func:`message` puts an address and parts together, each part its type tags and its data. In a
stream packets stand between the END bytes of SLIP (OSC 1.1) or behind their length (OSC 1.0): :func:`framing_of`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct, error, unpack_from
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from csoundd.errors import LimitExceeded, ParseError
from csoundd.limits import OSC_NESTED

_BUNDLE: Final = b"#bundle\0"
_INT: Final = Struct(">i")
_LENGTH: Final = Struct(">I")
_INT64: Final = Struct(">q")
_NTP: Final = Struct(">Q")
_FLOAT: Final = Struct(">f")
_DOUBLE: Final = Struct(">d")
_INT_BITS: Final = 31
_PADDING: Final = (b"\0\0\0\0", b"\0\0\0", b"\0\0", b"\0")

_FRACTION: Final = 2**32
_ERA: Final = 2**32
_ERA_BEGINS: Final = 2**31
_UNIX_EPOCH: Final = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970."""

_IMMEDIATELY: Final = 1
"""The timetag that OSC 1.0 reserves for "immediately"."""


@dataclass(frozen=True, slots=True)
class Timetag:
    """A moment in the format of NTP: seconds since 1900, times 2 to the 32nd."""

    ntp: int

    @property
    def immediate(self) -> bool:
        """Whether it stands for no moment but for "immediately".

        That is 1 in OSC 1.0. Some programs send 0, or count from their own start and are in the first second then.
        """
        return self.ntp < _FRACTION

    @property
    def unix(self) -> float:
        """Seconds since 1970. The era of NTP ends in 2036: seconds below 2**31 are counted from there (RFC 4330, 3)."""
        seconds, fraction = divmod(self.ntp, _FRACTION)
        if seconds < _ERA_BEGINS:
            seconds += _ERA
        return seconds - _UNIX_EPOCH + fraction / _FRACTION

    @classmethod
    def of(cls, unix: float) -> Timetag:
        """The timetag of a moment in seconds since 1970."""
        whole = int(unix)
        return cls((whole + _UNIX_EPOCH) % _ERA * _FRACTION + int((unix - whole) * _FRACTION))


NOW: Final = Timetag(_IMMEDIATELY)


class Impulse:
    """The type of IMPULSE, the value of the tag ``I``: a button was pressed."""

    def __repr__(self) -> str:
        return "IMPULSE"


IMPULSE: Final = Impulse()


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour (tag ``r``), eight bits each of red, green, blue and alpha."""

    rgba: int


@dataclass(frozen=True, slots=True)
class Midi:
    """A MIDI message (tag ``m``): port, status and two data bytes."""

    data: bytes


Value = int | float | str | bytes | bool | None | Impulse | Timetag | Colour | Midi | list["Value"]
"""One argument. What stood between ``[`` and ``]`` is a list."""


@dataclass(frozen=True, slots=True)
class Message:
    """An address and its arguments; ``tags`` are their types, without the comma."""

    address: str
    tags: str
    arguments: list[Value]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message of a bundle that is none: its address, if that much could be read, and what is wrong with it."""

    address: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages and bundles that belong together at one moment, and messages among them that cannot be read.

    OSC 1.0 has a server discard a message whose type tags it does not know, and says nothing of those beside it.
    """

    timetag: Timetag
    elements: list[Message | Bundle | Unreadable]


Packet = Message | Bundle
Read = Callable[[bytes, int], tuple[Value, int]]


def parse(packet: bytes) -> Packet:
    """The message or bundle that ``packet`` holds.

    Raises ParseError for anything else, with the ``address`` among its details where that much could be read. In a
    bundle that is whole, a message that cannot be read stands for itself, and the rest is read.
    """
    return _packet(packet, OSC_NESTED)


def _packet(packet: bytes, depth: int) -> Packet:
    if len(packet) % 4:
        raise ParseError(f"an OSC packet's size is a multiple of 4, and this one has {len(packet)} bytes")
    if packet.startswith(b"/"):
        return _message(packet)
    if packet.startswith(_BUNDLE):
        return _bundle(packet, depth)
    raise ParseError("an OSC packet begins with an address or with #bundle")


def _message(packet: bytes) -> Message:
    address, position = _read_text(packet, 0)
    if position == len(packet):
        # OSC 1.0: "some older implementations of OSC may omit the OSC Type Tag string".
        return Message(address, "", [])
    try:
        return Message(address, *_arguments(packet, position))
    except error:
        raise ParseError("the arguments are cut short", address=address) from None
    except ParseError as fault:
        fault.details["address"] = address
        raise


def _arguments(packet: bytes, position: int) -> tuple[str, list[Value]]:
    """The type tags that begin at ``position``, and all the arguments."""
    comma, position = _read_text(packet, position)
    if not comma.startswith(","):
        raise ParseError("type tags begin with a comma")
    values, position = _values(packet, comma[1:], position)
    if position != len(packet):
        raise ParseError(f"{len(packet) - position} bytes follow the last argument")
    return comma[1:], values


def _values(packet: bytes, tags: str, position: int) -> tuple[list[Value], int]:
    """The arguments with ``tags`` that begin at ``position``, and where they end."""
    count = len(tags)
    if tags.count("f") == count:
        return list(unpack_from(f">{count}f", packet, position)), position + 4 * count
    values: list[Value] = []
    outer: list[list[Value]] = []
    for tag in tags:
        if tag == "[":
            if len(outer) == OSC_NESTED:
                raise ParseError(f"arrays are nested more than {OSC_NESTED} deep")
            outer.append(values)
            values = []
        elif tag == "]":
            if not outer:
                raise ParseError("an array is closed that was never opened")
            array, values = values, outer.pop()
            values.append(array)
        else:
            read = _READERS.get(tag)
            if read is None:
                raise ParseError(f"there is no type tag {tag!r}")
            value, position = read(packet, position)
            values.append(value)
    if outer:
        raise ParseError("an array is never closed")
    return values, position


def _bundle(packet: bytes, depth: int) -> Bundle:
    if depth == 0:
        raise ParseError(f"bundles are nested more than {OSC_NESTED} deep")
    elements: list[Packet | Unreadable] = []
    try:
        (ntp,) = _NTP.unpack_from(packet, 8)
        position = 16
        while position < len(packet):
            (size,) = _LENGTH.unpack_from(packet, position)
            position += 4
            if size > len(packet) - position:
                raise ParseError("an element reaches beyond its bundle")
            elements.append(_element(packet[position : position + size], depth - 1))
            position += size
    except error:
        raise ParseError("a bundle is cut short") from None
    return Bundle(Timetag(ntp), elements)


def _element(packet: bytes, depth: int) -> Packet | Unreadable:
    if not packet.startswith(b"/"):
        return _packet(packet, depth)
    try:
        return _packet(packet, depth)
    except ParseError as fault:
        address = fault.details.get("address")
        return Unreadable(address if isinstance(address, str) else None, fault.message)


def _read_text(packet: bytes, position: int) -> tuple[str, int]:
    end = packet.find(b"\0", position)
    if end < 0:
        raise ParseError("a text has no end")
    try:
        text = packet[position:end].decode()
    except UnicodeDecodeError:
        raise ParseError("a text is neither ASCII nor UTF-8") from None
    return text, end + 4 & ~3


def _read_blob(packet: bytes, position: int) -> tuple[bytes, int]:
    (size,) = _LENGTH.unpack_from(packet, position)
    begin = position + 4
    end = begin + size
    if end > len(packet):
        raise ParseError("a blob reaches beyond the packet")
    return packet[begin:end], end + 3 & ~3


def _read_midi(packet: bytes, position: int) -> tuple[Midi, int]:
    if position + 4 > len(packet):
        raise ParseError("the arguments are cut short")
    return Midi(packet[position : position + 4]), position + 4


def _read_character(packet: bytes, position: int) -> tuple[str, int]:
    (code,) = _LENGTH.unpack_from(packet, position)
    try:
        return chr(code), position + 4
    except (ValueError, OverflowError):
        raise ParseError(f"there is no character {code}") from None


_READERS: Final[dict[str, Read]] = {
    "i": lambda packet, position: (_INT.unpack_from(packet, position)[0], position + 4),
    "f": lambda packet, position: (_FLOAT.unpack_from(packet, position)[0], position + 4),
    "d": lambda packet, position: (_DOUBLE.unpack_from(packet, position)[0], position + 8),
    "h": lambda packet, position: (_INT64.unpack_from(packet, position)[0], position + 8),
    "t": lambda packet, position: (Timetag(_NTP.unpack_from(packet, position)[0]), position + 8),
    "r": lambda packet, position: (Colour(_LENGTH.unpack_from(packet, position)[0]), position + 4),
    "s": _read_text,
    "S": _read_text,
    "b": _read_blob,
    "c": _read_character,
    "m": _read_midi,
    "T": lambda _, position: (True, position),
    "F": lambda _, position: (False, position),
    "N": lambda _, position: (None, position),
    "I": lambda _, position: (IMPULSE, position),
}

Part = tuple[str, bytes]
"""The type tags of some arguments, and the arguments."""

Numbers = npt.NDArray[np.generic]


def message(address: str, *parts: Part) -> bytes:
    """The message to ``address`` with the arguments of all ``parts``."""
    tags = "".join([tags for tags, _ in parts])
    return b"".join([_padded(address), _padded(f",{tags}"), *[data for _, data in parts]])


def bundle(timetag: Timetag, *elements: bytes) -> bytes:
    """The bundle of ``elements``, which are packets."""
    sized = b"".join(_LENGTH.pack(len(element)) + element for element in elements)
    return _BUNDLE + _NTP.pack(timetag.ntp) + sized


def text(value: str) -> Part:
    """A text. OSC has none with a zero in it, so zeros go."""
    return "s", _padded(value)


def int32(value: int) -> Part:
    """An integer of 32 bits."""
    return "i", _INT.pack(value)


def double(value: float) -> Part:
    """A number in 64 bits."""
    return "d", _DOUBLE.pack(value)


def float32(value: float) -> Part:
    """A number in 32 bits, infinite where it is too large."""
    try:
        return "f", _FLOAT.pack(value)
    except OverflowError:
        return "f", _FLOAT.pack(math.copysign(math.inf, value))


def doubles(values: Numbers) -> Part:
    """An array's numbers in row order, each in 64 bits."""
    return "d" * values.size, values.astype(">f8").tobytes()


def floats(values: Numbers) -> Part:
    """An array's numbers in row order, each in 32 bits."""
    with np.errstate(over="ignore"):
        return "f" * values.size, values.astype(">f4").tobytes()


def blob(value: bytes) -> Part:
    """Bytes as they are."""
    return "b", _LENGTH.pack(len(value)) + value + bytes(-len(value) % 4)


def of_value(value: Value) -> Part:
    """Any value that a packet can hold, under the tag that fits it; numbers are ``i``, ``h`` or ``d``."""
    return _BUILDERS[type(value)](value)


def rebuilt(parsed: Message) -> bytes:
    """The packet that ``parsed`` was read from, or one that says the same."""
    if not set(parsed.tags) <= _BY_TAG.keys():
        return message(parsed.address, *map(of_value, parsed.arguments))
    parts = (_BY_TAG[tag](value) for tag, value in zip(parsed.tags, parsed.arguments, strict=True))
    return message(parsed.address, *parts)


def _whole(value: int) -> Part:
    return ("h", _INT64.pack(value)) if value.bit_length() > _INT_BITS else int32(value)


def _array(values: list[Value]) -> Part:
    inner = [of_value(item) for item in values]
    return f"[{''.join(tags for tags, _ in inner)}]", b"".join(data for _, data in inner)


_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = {
    int: _whole,
    float: double,
    str: text,
    bytes: blob,
    bool: lambda value: ("T" if value else "F", b""),
    type(None): lambda _: ("N", b""),
    Impulse: lambda _: ("I", b""),
    Timetag: lambda value: ("t", _NTP.pack(value.ntp)),
    Colour: lambda value: ("r", _LENGTH.pack(value.rgba)),
    Midi: lambda value: ("m", value.data),
    list: _array,
}
_BY_TAG: Final[dict[str, Callable[[Any], Part]]] = {"f": float32, "i": int32, "s": text, "d": double}


def _padded(value: str) -> bytes:
    encoded = value.encode("utf-8", "replace")
    if b"\0" in encoded:
        encoded = encoded.replace(b"\0", b"")
    return encoded + _PADDING[len(encoded) & 3]


_END: Final = b"\xc0"
_ESCAPE: Final = b"\xdb"
_ESCAPED_END: Final = b"\xdb\xdc"
_ESCAPED_ESCAPE: Final = b"\xdb\xdd"


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
        raise LimitExceeded(f"a packet is larger than {limit} bytes", name="osc_packet", limit=limit)
