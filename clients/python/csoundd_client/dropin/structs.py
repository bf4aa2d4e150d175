"""The structs of libcsound that scripts make and read, with the same fields and types."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from csoundd_client import structs as wire
from csoundd_client.dropin.constants import (
    CSOUND_ARRAY_CHANNEL,
    CSOUND_AUDIO_CHANNEL,
    CSOUND_CONTROL_CHANNEL,
    CSOUND_INPUT_CHANNEL,
    CSOUND_OUTPUT_CHANNEL,
    CSOUND_PVS_CHANNEL,
    CSOUND_STRING_CHANNEL,
    MYFLT,
)

CAPTION: Final = 60

KINDS: Final = {
    "control": CSOUND_CONTROL_CHANNEL,
    "audio": CSOUND_AUDIO_CHANNEL,
    "string": CSOUND_STRING_CHANNEL,
    "pvs": CSOUND_PVS_CHANNEL,
    "array": CSOUND_ARRAY_CHANNEL,
}


@dataclass
class OpcodeDef:
    """An opcode: its name, the types that it gives and takes, its flags, and the bytes of its data."""

    name: str
    outtypes: str
    intypes: str
    flags: int
    size: int = 0


class ControlChannelHints(ctypes.Structure):
    """What a front end may know of a control channel."""

    _fields_ = (
        ("behav", ctypes.c_int),
        ("dflt", MYFLT),
        ("min", MYFLT),
        ("max", MYFLT),
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("attributes", ctypes.c_char_p),
    )


class ControlChannelInfo(ctypes.Structure):
    """A channel as ``listChannels`` gives it; ``type`` holds its kind and its direction."""

    _fields_ = (("name", ctypes.c_char_p), ("type", ctypes.c_int), ("hints", ControlChannelHints))


class Windat(ctypes.Structure):
    """A graph as its callbacks get it."""

    _fields_ = (
        ("windid", ctypes.POINTER(ctypes.c_uint)),
        ("fdata", ctypes.POINTER(MYFLT)),
        ("npts", ctypes.c_int32),
        ("caption", ctypes.c_char * CAPTION),
        ("waitflg", ctypes.c_int16),
        ("polarity", ctypes.c_int16),
        ("max", MYFLT),
        ("min", MYFLT),
        ("absmax", MYFLT),
        ("oabsmax", MYFLT),
        ("danflag", ctypes.c_int),
        ("absflag", ctypes.c_int),
    )


class CsoundParams(SimpleNamespace):
    """Csound's parameters by the names of its struct; texts are bytes, as libcsound has them."""


@dataclass
class ChannelInfo:
    """A channel of the software bus; ``mode`` is CSOUND_INPUT_CHANNEL, CSOUND_OUTPUT_CHANNEL or their sum."""

    name: str
    kind: str
    mode: int
    hints: dict[str, Any] | None

    def isoutput(self) -> bool:
        """Whether the orchestra writes to it."""
        return bool(self.mode & CSOUND_OUTPUT_CHANNEL)

    def isinput(self) -> bool:
        """Whether the orchestra reads it."""
        return bool(self.mode & CSOUND_INPUT_CHANNEL)


def mode_of(mode: int) -> int:
    """The direction of a channel in libcsound's bits: 1 on the wire is input, 2 output, 3 both."""
    return CSOUND_INPUT_CHANNEL * mode


def hints_of(hints: wire.ControlChannelHints) -> ControlChannelHints:
    """Hints as libcsound has them."""
    values = {name: getattr(hints, name) for name in wire.ControlChannelHints.__dataclass_fields__}
    if hints.attributes is not None:
        values["attributes"] = hints.attributes.encode()
    return ControlChannelHints(**values)


def hints_for(hints: ControlChannelHints) -> wire.ControlChannelHints:
    """Hints as they travel."""
    values = {name: getattr(hints, name) for name in wire.ControlChannelHints.__dataclass_fields__}
    if hints.attributes is not None:
        values["attributes"] = hints.attributes.decode(errors="replace")
    return wire.ControlChannelHints(**values)


def channel_of(channel: wire.ChannelInfo) -> ChannelInfo:
    """A channel as ``allocatedChannels`` gives it; hints are zeros where nobody has set any."""
    hints = channel.hints or wire.ControlChannelHints()
    shown = {name: getattr(hints, name) for name in ("min", "max", "width", "height")}
    return ChannelInfo(channel.name, channel.kind, mode_of(channel.mode), shown)


def listed(channel: wire.ChannelInfo) -> ControlChannelInfo:
    """A channel as ``listChannels`` gives it."""
    hints = ControlChannelHints() if channel.hints is None else hints_of(channel.hints)
    return ControlChannelInfo(channel.name.encode(), KINDS.get(channel.kind, 0) | mode_of(channel.mode), hints)


def windat_of(graph: dict[str, Any]) -> Windat:
    """A graph as its callbacks get it; the data live as long as the struct."""
    windat = Windat()
    data = graph.get("data")
    if data is not None:
        values = np.ascontiguousarray(data, dtype=np.float64)
        windat.fdata = (MYFLT * values.size)(*values.ravel())
        windat.npts = values.size
    windat.windid = ctypes.pointer(ctypes.c_uint(graph.get("id") or 0))
    windat.caption = (graph.get("caption") or "").encode()[: CAPTION - 1]
    for name in ("polarity", "max", "min", "absmax", "oabsmax"):
        setattr(windat, name, graph.get(name) or 0)
    return windat
