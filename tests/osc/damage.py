"""Packets as nobody should send them: what means something, damaged at random but the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from csoundd.codec.osc import NOW, Timetag, Value, bundle, int32, message, of_value, text


def seeds(addresses: Iterable[str]) -> list[bytes]:
    """Packets that mean something, among them one to each of ``addresses``, but for the channels'."""
    calls = [message(address, text("a"), int32(1)) for address in addresses]
    arguments: list[Value] = [1.0, "x", b"blob", None, [1, [2.0]], True, NOW]
    values = message("/chan/a", *map(of_value, arguments))
    patterns = [message(address, int32(1)) for address in ("/chan/*", "//a", "/{chan,csound}/[a-c]*", "/chan/{a,b")]
    nested = bundle(NOW, bundle(Timetag.of(4e9), *calls[:3]), values, bundle(NOW, *patterns))
    return [*calls, values, *patterns, nested, message("/event", text("i"), int32(1)), message("/sync", int32(1))]


def packets(chance: random.Random, originals: list[bytes]) -> Iterator[bytes]:
    """Without end: three damaged ones of ``originals``, then one that is random but for its first byte."""
    while True:
        for _ in range(3):
            yield _damaged(chance, chance.choice(originals))
        yield b"/" + chance.randbytes(chance.randrange(64))


def _damaged(chance: random.Random, packet: bytes) -> bytes:
    data = bytearray(packet)
    for _ in range(chance.randrange(5)):
        match chance.randrange(4):
            case 0:
                data[chance.randrange(len(data))] = chance.randrange(256)
            case 1:
                del data[chance.randrange(len(data)) & ~3 :][:4]
            case 2:
                data = data[: chance.randrange(4, len(data) + 1) & ~3] or data
            case _:
                position = chance.randrange(len(data)) & ~3
                data[position:position] = chance.randbytes(4)
    return bytes(data)
