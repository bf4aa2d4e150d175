"""OSC packets from words and back, by python-osc's types: a codec that is not the daemon's own.

Only its types are used: its messages know no ``I``, ``S`` and ``c`` (docs/upstream-faults.md#python-osc-tags), and its
bundles never end where an element has a negative size (docs/upstream-faults.md#python-osc-bundle).
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pythonosc.parsing import ntp, osc_types

from csoundd.limits import OSC_NESTED

_BUNDLE: Final = b"#bundle\0"
_IMMEDIATELY: Final = 1


class BadWordError(ValueError):
    """An argument that its type tag does not fit."""


class BadPacketError(ValueError):
    """Bytes that are no OSC packet."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came."""

    address: str
    tags: str
    values: list[Any]
    moment: float | None
    """When it is to be done, in Unix seconds, by the timetag of its bundle; None for at once."""


def packet_of(address: str, values: list[Any], tags: str) -> bytes:
    """The packet of a message whose ``values`` fit ``tags``, as :func:`guessed` and :func:`typed` make them."""
    written = (_WRITERS[tag](value) for tag, value in zip(tags.translate(_BARE), values, strict=True))
    return b"".join((osc_types.write_string(address), osc_types.write_string(f",{tags}"), *written))


def guessed(value: Any) -> tuple[str, list[Any]]:
    """The type tags of a value of JSON, and the values that go with them.

    A list is an array, an object a text of JSON.
    Raises BadWordError for a whole number of more than 64 bits.
    """
    match value:
        case True | False | None:
            return {True: "T", False: "F", None: "N"}[value], []
        case int():
            return _integer(value)
        case float():
            return ("f" if _fits(">f", value) else "d"), [value]
        case list():
            inner = [guessed(each) for each in value]
            return f"[{''.join(tags for tags, _ in inner)}]", [each for _, values in inner for each in values]
        case str():
            return "s", [value]
        case _:
            return "s", [json.dumps(value, ensure_ascii=False)]


def _integer(value: int) -> tuple[str, list[Any]]:
    for tag, form in (("i", ">i"), ("h", ">q")):
        if _fits(form, value):
            return tag, [value]
    raise BadWordError(f"{value} has more than 64 bits; as a double it is --tags d")


def _fits(form: str, value: float) -> bool:
    try:
        struct.pack(form, value)
    except (struct.error, OverflowError):
        return False
    return True


def typed(words: list[str], tags: str) -> list[Any]:
    """The values of ``words`` by ``tags``. Raises BadWordError where a tag is unknown, or its word does not fit it."""
    depth = 0
    for tag in tags:
        if tag not in _READ_WORD and tag not in "TFNI[]":
            raise BadWordError(f"there is no type tag {tag!r}: i h f d s S b c m r t, and T F N I [ ] without a word")
        depth += (tag == "[") - (tag == "]")
        if depth < 0:
            raise BadWordError("a ] stands before its [")
    if depth:
        raise BadWordError("a [ is never closed")
    taking = tags.translate(_BARE)
    if len(taking) != len(words):
        raise BadWordError(f"the tags {tags} take {len(taking)} arguments, and there are {len(words)}")
    return [_typed(word, tag) for word, tag in zip(words, taking, strict=True)]


def _typed(word: str, tag: str) -> Any:
    try:
        value = _READ_WORD[tag](word)
        _WRITERS[tag](value)
    except (ValueError, TypeError, OverflowError, struct.error, osc_types.BuildError):
        raise BadWordError(f"{word!r} does not fit the type tag {tag}") from None
    except OSError as error:
        raise BadWordError(f"{word[1:]} cannot be read: {error}") from None
    return value


def messages_in(packet: bytes) -> Iterator[Message]:
    """The messages of a packet, those of bundles in the order in which they stand. Raises BadPacketError."""
    try:
        yield from _messages(packet, None, OSC_NESTED)
    except (osc_types.ParseError, struct.error, UnicodeDecodeError) as error:
        raise BadPacketError(str(error)) from None


def _messages(packet: bytes, moment: float | None, depth: int) -> Iterator[Message]:
    if not packet.startswith(_BUNDLE):
        yield _message(packet, moment)
        return
    if depth == 0:
        raise BadPacketError(f"bundles are nested more than {OSC_NESTED} deep")
    timetag, position = _number(osc_types.get_uint64, packet, len(_BUNDLE), 8)
    moment = None if timetag == _IMMEDIATELY else _unix(timetag)
    while position < len(packet):
        size, position = _number(osc_types.get_int, packet, position, 4)
        if not 0 < size <= len(packet) - position:
            raise BadPacketError(f"an element of a bundle says that it has {size} bytes")
        yield from _messages(packet[position : position + size], moment, depth - 1)
        position += size


def _message(packet: bytes, moment: float | None) -> Message:
    if not packet.startswith(b"/"):
        raise BadPacketError("it begins neither with an address nor with #bundle")
    address, position = osc_types.get_string(packet, 0)
    if position == len(packet):
        return Message(address, "", [], moment)
    tags, position = osc_types.get_string(packet, position)
    if not tags.startswith(","):
        raise BadPacketError("its type tags do not begin with a comma")
    return Message(address, tags[1:], _values(packet, tags[1:], position), moment)


def _values(packet: bytes, tags: str, position: int) -> list[Any]:
    lists: list[list[Any]] = [[]]
    for tag in tags:
        if tag == "[":
            lists.append([])
        elif tag == "]" and len(lists) > 1:
            lists[-2].append(lists.pop())
        elif tag in _READERS:
            value, position = _READERS[tag](packet, position)
            lists[-1].append(value)
        else:
            raise BadPacketError(f"there is no type tag {tag!r} here")
        if len(lists) > OSC_NESTED:
            raise BadPacketError(f"arrays are nested more than {OSC_NESTED} deep")
    if len(lists) > 1:
        raise BadPacketError("an array is never closed")
    return lists[0]


def _number(read: Callable[[bytes, int], tuple[Any, int]], packet: bytes, position: int, size: int) -> tuple[Any, int]:
    # python-osc copies all that follows a number before it reads it, which takes minutes for a megabyte of numbers:
    # docs/upstream-faults.md#python-osc-quadratic.
    value, taken = read(packet[position : position + size], 0)
    return value, position + taken


def _blob(packet: bytes, position: int) -> tuple[bytes, int]:
    size, position = _number(osc_types.get_int, packet, position, 4)
    if not 0 <= size <= len(packet) - position:
        raise BadPacketError(f"a blob says that it has {size} bytes")
    return packet[position : position + size], position + (size + 3 & ~3)


def _get_character(packet: bytes, position: int) -> tuple[str, int]:
    code, position = osc_types.get_int(packet, position)
    if code not in range(sys.maxunicode + 1):
        raise BadPacketError(f"there is no character {code}")
    return chr(code), position


def _unix(timetag: int) -> float:
    return ntp.ntp_to_system_time(struct.pack(">Q", timetag))


def _time(word: str) -> float:
    return osc_types.IMMEDIATELY if word == "now" else float(word)


def _bytes(word: str) -> bytes:
    return Path(word[1:]).read_bytes() if word.startswith("@") else bytes.fromhex(word)


def _four(word: str) -> tuple[int, ...]:
    four = tuple(bytes.fromhex(word))
    if len(four) != len("pbdd"):
        raise ValueError(word)
    return four


_BARE: Final = {ord(tag): None for tag in "TFNI[]"}
_READ_WORD: Final[dict[str, Callable[[str], Any]]] = {
    "i": int,
    "h": int,
    "f": float,
    "d": float,
    "s": str,
    "S": str,
    "b": _bytes,
    "c": str,
    "m": _four,
    "r": lambda word: int.from_bytes(bytes(_four(word))),
    "t": _time,
}
_WRITERS: Final[dict[str, Callable[[Any], bytes]]] = {
    "i": osc_types.write_int,
    "h": osc_types.write_int64,
    "f": osc_types.write_float,
    "d": osc_types.write_double,
    "s": osc_types.write_string,
    "S": osc_types.write_string,
    # python-osc refuses an empty blob, which OSC allows: docs/upstream-faults.md#python-osc-tags.
    "b": lambda value: osc_types.write_blob(value) if value else osc_types.write_int(0),
    "c": lambda value: osc_types.write_int(ord(value)),
    "m": osc_types.write_midi,
    "r": osc_types.write_rgba,
    "t": osc_types.write_date,
}
_READERS: Final[dict[str, Callable[[bytes, int], tuple[Any, int]]]] = {
    "i": lambda packet, position: _number(osc_types.get_int, packet, position, 4),
    "h": lambda packet, position: _number(osc_types.get_int64, packet, position, 8),
    "f": lambda packet, position: _number(osc_types.get_float, packet, position, 4),
    "d": lambda packet, position: _number(osc_types.get_double, packet, position, 8),
    "s": osc_types.get_string,
    "S": osc_types.get_string,
    "b": _blob,
    "c": lambda packet, position: _number(_get_character, packet, position, 4),
    "m": lambda packet, position: _number(osc_types.get_midi, packet, position, 4),
    "r": lambda packet, position: _number(osc_types.get_rgba, packet, position, 4),
    "t": lambda packet, position: _number(osc_types.get_uint64, packet, position, 8),
    "T": lambda _, position: (True, position),
    "F": lambda _, position: (False, position),
    "N": lambda _, position: (None, position),
    "I": lambda _, position: (None, position),
}
