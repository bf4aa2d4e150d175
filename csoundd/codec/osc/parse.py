"""Stage 2, OSC: bytes to messages and bundles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct, error, unpack_from
from typing import Final

from csoundd.codec.osc.packets import IMPULSE, Bundle, Colour, Message, Midi, Packet, Timetag, Value
from csoundd.errors import ParseError

_BUNDLE: Final = b"#bundle\0"
_BUNDLE_DEPTH: Final = 16
_ARRAY_DEPTH: Final = 16

_INT: Final = Struct(">i").unpack_from
_LENGTH: Final = Struct(">I").unpack_from
_INT64: Final = Struct(">q").unpack_from
_TIMETAG: Final = Struct(">Q").unpack_from
_FLOAT: Final = Struct(">f").unpack_from
_DOUBLE: Final = Struct(">d").unpack_from

Read = Callable[[bytes, int], tuple[Value, int]]


def parse(packet: bytes) -> Packet:
    """The message or bundle that ``packet`` holds.

    Raises ParseError for anything else, with the ``address`` among its details where that much could be read.
    """
    return _packet(packet, _BUNDLE_DEPTH)


def _packet(packet: bytes, depth: int) -> Packet:
    if len(packet) % 4:
        raise ParseError(f"an OSC packet's size is a multiple of 4, and this one has {len(packet)} bytes")
    if packet.startswith(b"/"):
        return _message(packet)
    if packet.startswith(_BUNDLE):
        return _bundle(packet, depth)
    raise ParseError("an OSC packet begins with an address or with #bundle")


def _message(packet: bytes) -> Message:
    address, position = _text(packet, 0)
    if position == len(packet):
        return Message(address, "", [])
    try:
        return Message(address, *_arguments(packet, position))
    except error:
        raise ParseError("the arguments are cut short", address=address) from None
    except ParseError as fault:
        fault.details["address"] = address
        raise


def _arguments(packet: bytes, position: int) -> tuple[str, list[Value]]:
    comma, position = _text(packet, position)
    if not comma.startswith(","):
        raise ParseError("type tags begin with a comma")
    tags = comma[1:]
    values, position = _values(packet, tags, position)
    if position != len(packet):
        raise ParseError(f"{len(packet) - position} bytes follow the last argument")
    return tags, values


def _values(packet: bytes, tags: str, position: int) -> tuple[list[Value], int]:
    count = len(tags)
    if tags.count("f") == count:
        return list(unpack_from(f">{count}f", packet, position)), position + 4 * count
    values: list[Value] = []
    outer: list[list[Value]] = []
    for tag in tags:
        if tag == "[":
            values = _deeper(outer, values)
        elif tag == "]":
            values = _done(outer, values)
        else:
            value, position = _reader(tag)(packet, position)
            values.append(value)
    if outer:
        raise ParseError("an array is never closed")
    return values, position


def _deeper(outer: list[list[Value]], values: list[Value]) -> list[Value]:
    if len(outer) == _ARRAY_DEPTH:
        raise ParseError(f"arrays are nested more than {_ARRAY_DEPTH} deep")
    outer.append(values)
    return []


def _done(outer: list[list[Value]], values: list[Value]) -> list[Value]:
    if not outer:
        raise ParseError("an array is closed that was never opened")
    enclosing = outer.pop()
    enclosing.append(values)
    return enclosing


def _reader(tag: str) -> Read:
    reader = _READERS.get(tag)
    if reader is None:
        raise ParseError(f"there is no type tag {tag!r}")
    return reader


def _bundle(packet: bytes, depth: int) -> Bundle:
    if depth == 0:
        raise ParseError(f"bundles are nested more than {_BUNDLE_DEPTH} deep")
    try:
        (ntp,) = _TIMETAG(packet, 8)
        return Bundle(Timetag(ntp), [_packet(element, depth - 1) for element in _elements(packet)])
    except error:
        raise ParseError("a bundle is cut short") from None


def _elements(packet: bytes) -> Iterator[bytes]:
    position = 16
    while position < len(packet):
        (size,) = _LENGTH(packet, position)
        position += 4
        if size > len(packet) - position:
            raise ParseError("an element reaches beyond its bundle")
        yield packet[position : position + size]
        position += size


def _text(packet: bytes, position: int) -> tuple[str, int]:
    end = packet.find(b"\0", position)
    if end < 0:
        raise ParseError("a text has no end")
    try:
        text = packet[position:end].decode()
    except UnicodeDecodeError:
        raise ParseError("a text is neither ASCII nor UTF-8") from None
    return text, end + 4 & ~3


def _blob(packet: bytes, position: int) -> tuple[bytes, int]:
    (size,) = _LENGTH(packet, position)
    begin = position + 4
    end = begin + size
    if end > len(packet):
        raise ParseError("a blob reaches beyond the packet")
    return packet[begin:end], end + 3 & ~3


def _midi(packet: bytes, position: int) -> tuple[Midi, int]:
    if position + 4 > len(packet):
        raise ParseError("the arguments are cut short")
    return Midi(packet[position : position + 4]), position + 4


def _character(packet: bytes, position: int) -> tuple[str, int]:
    (code,) = _LENGTH(packet, position)
    try:
        return chr(code), position + 4
    except (ValueError, OverflowError):
        raise ParseError(f"there is no character {code}") from None


_READERS: Final[dict[str, Read]] = {
    "i": lambda packet, position: (_INT(packet, position)[0], position + 4),
    "f": lambda packet, position: (_FLOAT(packet, position)[0], position + 4),
    "d": lambda packet, position: (_DOUBLE(packet, position)[0], position + 8),
    "h": lambda packet, position: (_INT64(packet, position)[0], position + 8),
    "t": lambda packet, position: (Timetag(_TIMETAG(packet, position)[0]), position + 8),
    "r": lambda packet, position: (Colour(_LENGTH(packet, position)[0]), position + 4),
    "s": _text,
    "S": _text,
    "b": _blob,
    "c": _character,
    "m": _midi,
    "T": lambda _, position: (True, position),
    "F": lambda _, position: (False, position),
    "N": lambda _, position: (None, position),
    "I": lambda _, position: (IMPULSE, position),
}
