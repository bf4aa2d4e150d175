"""An engine of its own in one module, as a package would bring it: a sine in Python, whose channel is ``freq``."""

from __future__ import annotations

from collections.abc import Iterable
from math import tau
from typing import Final

import numpy as np

from csoundd.api.channels import Channels
from csoundd.api.declare import MethodGroup
from csoundd.api.performance import Performance
from csoundd.api.score import Score
from csoundd.engine.csound.backend import (
    NOTHING,
    Backend,
    BackendContext,
    BackendOptions,
    Outputs,
    Points,
    Printout,
    Reading,
    Sounding,
    Wanted,
)
from csoundd.engine.csound.limits import Limits
from csoundd.engine.csound.spec import EngineFound, EngineSpec
from csoundd.messages import Frames, Seconds

SR: Final = 48_000.0
KSMPS: Final = 64
VERSION: Final = 1000
NO_CODE: Final = "a sine has nothing to compile"


class SineChannels(Channels):
    """Control channels."""

    def __init__(self, values: dict[str, float]) -> None:
        self._values = values

    def controlChannel(self, name: str) -> tuple[float, int]:
        return self._values.get(name, 0.0), 0

    def setControlChannel(self, name: str, val: float) -> None:
        self._values[name] = val


class SineScore(Score):
    """No score: only the time."""

    def __init__(self, sine: Sine) -> None:
        self._sine = sine

    def scoreTime(self) -> float:
        return self._sine.score_time()

    def isScorePending(self) -> bool:
        return False


class SinePerformance(Performance):
    """The rates."""

    def sr(self) -> float:
        return SR

    def ksmps(self) -> int:
        return KSMPS


class Sine:
    """A backend that fills its output with a sine."""

    name = "sine"
    version = VERSION
    sr, ksmps, nchnls, zerodbfs = SR, KSMPS, 1, 1.0
    opens_devices = False
    interrupt = None

    def __init__(self) -> None:
        self.started = False
        self.limits: Limits = {}
        self.reasons = {"csound.compileOrc": NO_CODE}
        self._values = {"freq": 440.0}
        self._spout = np.zeros((KSMPS, 1))
        self._cycles, self._phase = 0, 0.0
        self.groups: tuple[MethodGroup, ...] = (SineChannels(self._values), SineScore(self), SinePerformance())

    def start(self) -> int:
        self.started = True
        return 0

    def cycle(self) -> int:
        step = tau * self._values["freq"] / SR
        self._spout[:, 0] = 0.5 * np.sin(self._phase + step * np.arange(KSMPS))
        self._phase = (self._phase + step * KSMPS) % tau
        self._cycles += 1
        return 0

    def burst(self, cycles: int, output: Points | None) -> tuple[int, int]:
        for done in range(cycles):
            self.cycle()
            if output is not None:
                output[done * KSMPS : (done + 1) * KSMPS] = self._spout
        return cycles, 0

    def spout(self) -> Points:
        return self._spout

    def spin(self) -> Points:
        return np.zeros((KSMPS, 0))

    def score_time(self) -> Seconds:
        return Seconds(self._cycles * KSMPS / SR)

    def samples(self) -> Frames:
        return Frames(self._cycles * KSMPS)

    def has_printed(self) -> bool:
        return False

    def printed(self, wanted: Wanted) -> Printout:
        return NOTHING

    def table(self, number: int) -> Points | None:
        return None

    def modules(self) -> dict[str, str]:
        return {"audio": "", "midi": ""}

    def names(self) -> list[str]:
        return list(self._values)

    def kind(self, name: str) -> str:
        return "control" if name in self._values else ""

    def reading(self, name: str) -> Reading | None:
        return (lambda: self._values[name]) if name in self._values else None

    def silence(self) -> None:
        self._values["freq"] = 0.0

    def sounding(self) -> list[Sounding] | None:
        return None

    def instrument_outputs(self, names: Iterable[str]) -> Outputs | None:
        return None

    def reset(self) -> None:
        self._cycles, self.started = 0, False
        self._values.clear()
        self._values["freq"] = 440.0

    def close(self) -> None:
        self.started = False


class SineSpec(EngineSpec):
    """The spec of the sine engine."""

    name = "sine"

    def found(self) -> list[EngineFound]:
        return [EngineFound(self.name, "1.0", __file__, note="plays a sine")]

    def backend(self, options: BackendOptions, context: BackendContext) -> Backend:
        return Sine()


SPEC: Final = SineSpec()
