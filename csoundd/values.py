"""The records that cross from part to part, and on to clients: each declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
