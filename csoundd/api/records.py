"""The structs that our own methods take and answer with, beside those of the API in :mod:`csoundd.api.values`.

They travel as objects with the names of the wire contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from csoundd.api.values import Array, ControlChannelHints, Json
from csoundd.messages import Frames, Scope, Seconds
from csoundd.values import EngineInfo


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
    """What is wrong with a piece of code, and where: lines and columns from 1, 0 where Csound names none."""

    line: int
    column: int
    message: str
    severity: Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class CompileReport:
    """What became of a piece of code: ``messages`` are the lines that Csound printed over it."""

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
    """Who is speaking, for the log."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Who is answering."""

    name: str
    version: str


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
class Pong:
    """The answer to ``session.ping``: the client's own ``t``, the server's Unix time, the engine's sample."""

    t: float
    wall: Seconds
    sample: Frames


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
