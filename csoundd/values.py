"""The records that cross from part to part, and on to clients: each declared once."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, field, is_dataclass
from typing import Final

import numpy as np

from csoundd.messages import Drive, State

PROTOCOL: Final = 1
"""The version of the wire contract. It only grows: what is added keeps the number."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """The rates of a started Csound.

    ``sr`` is in samples a second, ``ksmps`` in samples a cycle, ``nchnls`` the channels of the output, ``zerodbfs`` the
    amplitude of full scale.
    """

    sr: float
    ksmps: int
    nchnls: int
    zerodbfs: float


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine at a glance. ``version`` is Csound's times 1000; ``unsupported`` gives a reason by method.

    ``epoch`` rises whenever an engine begins anew, and with it handles turn stale. Without a host there is
    neither ``version`` nor ``pid``. ``scheduling`` is what the system granted to the performance thread;
    ``confined`` is what it holds the engine's process off from: ``files`` other than those it needs, ``programs``,
    ``tcp``;
    ``piece`` is the name of the piece that was loaded, null where that is not known;
    ``format`` has ``sr``, ``ksmps``, ``nchnls`` and ``zerodbfs`` once Csound has been started, and is empty before.
    """

    backend: str
    version: int | None
    state: State
    epoch: int
    pid: int | None
    drive: Drive
    unsupported: dict[str, str]
    scheduling: str
    format: dict[str, float]
    confined: list[str] = field(default_factory=list)
    piece: str | None = None


@dataclass(frozen=True, slots=True)
class PerformanceSeen:
    """How far a performance is, as its engine last showed; ``load`` is the share of real time that it takes.

    ``calls`` wait for the engine.
    """

    samples: int
    cycles: int
    late_cycles: int
    load: float
    calls: int


def as_whole(value: object) -> object:
    """A number without a fraction as an integer, anything else as it is: Lua, Godot and JavaScript send 1.0 for 1."""
    return int(value) if type(value) is float and value.is_integer() else value


def is_same(old: object, new: object) -> bool:
    """Whether nobody could tell ``new`` from ``old``: a number, a text, an array, or what is made of these.

    Not-a-number is the same as itself here. To ``==`` it never is, and a channel that holds it would change for ever.
    """
    match new:
        case np.ndarray():
            is_float = isinstance(old, np.ndarray) and new.dtype.kind == old.dtype.kind == "f"
            same = isinstance(old, np.ndarray) and np.array_equal(old, new, equal_nan=is_float)
        case float():
            same = old == new or (math.isnan(new) and isinstance(old, float) and math.isnan(old))
        case list() | tuple():
            same = isinstance(old, list | tuple) and len(old) == len(new) and all(map(is_same, old, new))
        case dict():
            same = isinstance(old, dict) and old.keys() == new.keys() and all(is_same(old[n], new[n]) for n in new)
        case _ if is_dataclass(new) and not isinstance(new, type):
            same = type(old) is type(new) and is_same(astuple(old), astuple(new))
        case _:
            same = old == new
    return bool(same)
