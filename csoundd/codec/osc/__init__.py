"""Stage 2, OSC: packets to messages and bundles and back, and their framing on a stream. Pure, and quick.

All of OSC 1.0 and 1.1: the type tags ``i f s b h t d S c r m T F N I [ ]``, nested bundles, SLIP and length prefixes.
"""

from __future__ import annotations

from csoundd.codec.osc.build import (
    Part,
    blob,
    bundle,
    double,
    doubles,
    float32,
    floats,
    int32,
    message,
    of_value,
    rebuilt,
    text,
)
from csoundd.codec.osc.framing import Framing, LengthFraming, SlipFraming, framing_of
from csoundd.codec.osc.packets import IMPULSE, NOW, Bundle, Colour, Impulse, Message, Midi, Packet, Timetag, Value
from csoundd.codec.osc.parse import parse

__all__ = [
    "IMPULSE",
    "NOW",
    "Bundle",
    "Colour",
    "Framing",
    "Impulse",
    "LengthFraming",
    "Message",
    "Midi",
    "Packet",
    "Part",
    "SlipFraming",
    "Timetag",
    "Value",
    "blob",
    "bundle",
    "double",
    "doubles",
    "float32",
    "floats",
    "framing_of",
    "int32",
    "message",
    "of_value",
    "parse",
    "rebuilt",
    "text",
]
