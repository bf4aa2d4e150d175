"""The types that signatures of the API are written in, beside Python's own.

Structs are dataclasses with the API's field names, or of our own methods with those of the wire contract; they travel
as objects.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

from csoundd.limits import LONGEST_LINGER_SECONDS, LONGEST_TIME_SECONDS
from csoundd.messages import Frames, Handle, Scope, Seconds, State, StreamRef
from csoundd.values import EngineInfo


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a parameter takes, both ends among them. Neither not-a-number nor infinity is a number here."""

    least: float
    most: float


Linger = Annotated[float, Range(0.0, LONGEST_LINGER_SECONDS)]
"""Seconds for which a session waits for its client to come back."""

CInt = Annotated[int, Range(-(2**31), 2**31 - 1)]
"""What Csound's API takes as a C ``int``: a larger number would be cut, and mean another one."""

Finite = Annotated[float, Range(-sys.float_info.max, sys.float_info.max)]
"""A number that is one."""

Time = Annotated[float, Range(-LONGEST_TIME_SECONDS, LONGEST_TIME_SECONDS)]
"""A time or a duration."""

Array = npt.NDArray[Any]
"""Numbers in one dimension and more. A parameter of this type also accepts plain (nested) lists of numbers."""

Samples = npt.NDArray[np.float64]
"""One-dimensional audio or p-fields as 64-bit floats. Plain lists of numbers are accepted."""

PFields = list[Finite | str] | Annotated[Array, Range(-sys.float_info.max, sys.float_info.max)]
"""The p-fields of an event from p1 on, in one dimension. A string (an instrument, a file) makes a string event."""

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
    """Hints for showing a control channel (``behav``: 0 none, 1 int, 2 lin, 3 exp)."""

    behav: CInt = 0
    dflt: Finite = 0.0
    min: Finite = 0.0
    max: Finite = 0.0
    x: CInt = 0
    y: CInt = 0
    width: CInt = 0
    height: CInt = 0
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
    "CInt",
    "CallRequest",
    "Callback",
    "ChannelInfo",
    "ChannelKind",
    "ChannelMode",
    "ChannelRef",
    "ControlChannelHints",
    "Finite",
    "Handle",
    "Json",
    "Linger",
    "MidiDevice",
    "PFields",
    "Range",
    "Samples",
    "StreamRef",
    "Time",
]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel and what it holds: a number, a text, or an array."""

    name: str
    kind: str
    mode: int
    hints: ControlChannelHints | None
    value: Json


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A fault in a piece of code and its place: lines and columns from 1, 0 where Csound names none.

    They count in ``file``, which the code includes, and where that is empty in the code itself.
    """

    line: int
    column: int
    message: str
    severity: Literal["error", "warning"]
    file: str = ""


@dataclass(frozen=True, slots=True)
class CompileReport:
    """The result of compiling a piece of code: ``messages`` are the lines that Csound printed over it."""

    ok: bool
    diagnostics: list[Diagnostic]
    messages: list[str]


@dataclass(frozen=True, slots=True)
class Landing:
    """A moment of the performance: samples and cycles since its start, and seconds of score."""

    sample: Frames
    cycle: int
    scoreTime: Seconds


@dataclass(frozen=True, slots=True)
class RemoteOpcode:
    """A remote opcode: the names of the values that clients feed, and of those that they hear."""

    name: str
    outputs: list[str]
    inputs: list[str]


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The client's name and version, for the log."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The server's name and version. ``instance`` is another one whenever a daemon is started."""

    name: str
    version: str
    instance: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to ``session.hello``: the session's name, what it may do, and the server's limits by name."""

    protocol: int
    server: ServerInfo
    engine: EngineInfo
    session: str
    scopes: list[Scope]
    limits: dict[str, float]


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """A limit: its value, how much is used where that is told, how often it was come to, its setting, and of what."""

    value: float | None
    used: float | None
    hits: int
    setting: str | None
    what: str


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of the daemon. Times are Unix times and seconds."""

    version: str
    protocol: int
    started: float
    uptime: float
    auth: str
    encrypted: bool
    certificateSeconds: float | None
    engine: str
    state: State
    reason: str | None
    restarts: int
    load: float
    connections: dict[str, int]
    sessions: int
    subscriptions: int
    limits: dict[str, LimitStatus]


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token, without what it is recognised by. Times are Unix times; null is no limit."""

    id: str
    name: str
    scope: Scope
    channels: list[str] | None
    readChannels: list[str] | None
    created: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was made, which is told this once."""

    token: str
    id: str
    name: str
    scope: Scope
    channels: list[str] | None
    readChannels: list[str] | None
    created: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class NewPairing:
    """A link that pairs a device, which is told this once.

    ``svg`` is a QR code of it, as an element for a page, and ``seconds`` how long it is good for. ``authority`` is the
    SHA-256 fingerprint of the daemon's own authority, which a phone shows before it trusts it; null where it has none.
    """

    id: str
    link: str
    svg: str
    seconds: float
    authority: str | None


@dataclass(frozen=True, slots=True)
class PairingInfo:
    """A pairing, without its link. ``token`` is the one that it has given, null while it waits."""

    id: str
    name: str
    scope: Scope
    channels: list[str] | None
    readChannels: list[str] | None
    seconds: float
    token: TokenInfo | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket, and the seconds for which it is good."""

    ticket: str
    expires: float


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to ``session.ping``: the client's own ``t``, the server's Unix time, the engine's sample."""

    t: float
    wall: Seconds
    sample: Frames


@dataclass(frozen=True, slots=True)
class OpcodeInfo:
    """One form of an opcode: the types of its outputs and inputs in Csound's letters, and its flags."""

    name: str
    outputs: str
    inputs: str
    flags: int


@dataclass(frozen=True, slots=True)
class InstrumentInfo:
    """An instrument: its name, empty where it has none, and its number, null where Csound has not given one yet."""

    name: str
    number: int | None


@dataclass(frozen=True, slots=True)
class TableLength:
    """A function table by its number, and how many points it has without its guard point."""

    table: int
    length: int


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A function table: its length, its GEN number and that routine's arguments."""

    table: int
    length: int
    args: Array
