"""The types that signatures of the API are written in, beside Python's own.

Structs are dataclasses with the API's field names; they travel as objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from csoundd.messages import Handle, StreamRef

Array = npt.NDArray[Any]
"""Numbers in any shape. A parameter of this type also accepts plain (nested) lists of numbers."""

Samples = npt.NDArray[np.float64]
"""One-dimensional audio or p-fields as 64-bit floats. Plain lists of numbers are accepted."""

PFields = list[float | str] | Array
"""The p-fields of an event from p1 on. A string (a named instrument, a file) makes a string event."""

Callback = StreamRef | None
"""Where the API takes a function: the topic that is fed instead, or null to remove it."""

Json = Any
"""Any value that can travel."""

ChannelKind = Literal["control", "audio", "string", "pvs", "array"]
ChannelMode = Literal["r", "w", "rw"]
"""What the orchestra does with a channel: reads it, writes it, both."""

ChannelRef = Handle | str
"""Where the API takes a pointer to a channel's data: the channel's handle, or simply its name."""


@dataclass(frozen=True, slots=True)
class ControlChannelHints:
    """What a front end may know of a control channel (``behav``: 0 none, 1 int, 2 lin, 3 exp)."""

    behav: int = 0
    dflt: float = 0.0
    min: float = 0.0
    max: float = 0.0
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    attributes: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel of the software bus (``mode``: 1 input, 2 output, 3 both)."""

    name: str
    kind: str
    mode: int
    hints: ControlChannelHints | None


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """An audio device as Csound's module reports it."""

    deviceName: str
    deviceId: str
    rtModule: str
    maxNchnls: int
    isOutput: bool


@dataclass(frozen=True, slots=True)
class MidiDevice:
    """A MIDI device as Csound's module reports it."""

    deviceName: str
    interfaceName: str
    deviceId: str
    midiModule: str
    isOutput: bool


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A call inside a call: one of the requests that ``engine.batch`` and the queued tasks run."""

    method: str
    params: list[Any] | dict[str, Any] = field(default_factory=list)


__all__ = [
    "Array",
    "AudioDevice",
    "CallRequest",
    "Callback",
    "ChannelInfo",
    "ChannelKind",
    "ChannelMode",
    "ChannelRef",
    "ControlChannelHints",
    "Handle",
    "Json",
    "MidiDevice",
    "PFields",
    "Samples",
    "StreamRef",
]
