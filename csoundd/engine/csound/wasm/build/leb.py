"""WebAssembly's encoding: numbers, counted texts, and bytes one after another."""

from __future__ import annotations


class Reader:
    """Reads WebAssembly's encoding."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        """An unsigned LEB128 number."""
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the highest bit says that there is more
                return value

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        self.at += size
        return self.data[self.at - size : self.at]

    def name(self) -> str:
        """A counted text."""
        return self.take(self.number()).decode()

    def more(self) -> bool:
        """Whether anything is left."""
        return self.at < len(self.data)


def number(value: int) -> bytes:
    """``value`` as unsigned LEB128."""
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits in each byte
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
