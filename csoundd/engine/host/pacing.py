"""When cycles are due: by the clock, by a device that waits itself, or as soon as there is room for them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from csoundd.engine.csound.backend import Backend
from csoundd.engine.host.clock import TOO_LATE, Clock
from csoundd.engine.host.cycles import Cycles
from csoundd.engine.link.ring import Ring
from csoundd.messages import Drive, Frames, Seconds, StateChanged

FREE_TURN: Final = Seconds(0.004)
"""About how long a drive without a clock performs between two looks at the link."""

FREE_MOST: Final = Frames(8192)
"""How much it performs at most between two looks, and keeps room for in the ring."""

FULL_RING_WAIT: Final = Seconds(0.001)
"""How long a drive without a clock waits for the front to read audio: it loses none."""

LOAD_SMOOTHING: Final = 0.05


class Pacing(Cycles):
    """Performs the cycles that are due in the drive."""

    def __init__(self, backend: Backend, drive: Drive, ring: Ring, block: Frames, epoch: int) -> None:
        super().__init__(backend, ring)
        self.drive, self.epoch = drive, epoch
        self.cpu_load = 0.0
        self.announce: Callable[[StateChanged], None] = lambda _: None
        self.clock = Clock(1.0, Frames(1))
        self._block_wanted = block
        self._running_free = drive in {"free", "device"}
        self._cycles_due, self._free_cycles = 1, 1

    def _lay_out(self) -> None:
        super()._lay_out()
        self._cycles_due = max(1, round(self._block_wanted / self._ksmps))
        self.clock = Clock(self.backend.sr, Frames(self._cycles_due * self._ksmps))

    @property
    def runs(self) -> bool:
        """Whether it performs by itself right now, not only when it is told to step."""
        return self.state == "playing" and (self.drive != "step" or self._running_free)

    def wait(self, now: float) -> float | None:
        """Seconds until the next cycles are due, None where none are."""
        if not self.runs:
            return None
        if self._running_free:
            return FULL_RING_WAIT if self._ring_full() else 0.0
        return max(0.0, self.clock.due(self.sample) - now)

    def turn(self) -> None:
        """Perform what is due."""
        if self.state != "playing":
            return
        if self.drive == "device":
            self._burst(self._cycles_due)
        elif self._running_free:
            if not self._ring_full():
                self._run_free()
        elif self.drive == "clock":
            self._keep_time()

    def _ring_full(self) -> bool:
        if not self.capturing or self.drive == "device":
            return False
        return self.ring.unread() > max(0, self.ring.capacity - max(FREE_MOST, self._ksmps))

    def _run_free(self) -> None:
        """Perform for about FREE_TURN, going by how long the last cycles took."""
        most = min(FREE_MOST, self.ring.capacity) // self._ksmps
        cycles = max(1, min(self._free_cycles, most))
        begun = monotonic()
        self._burst(cycles)
        spent = monotonic() - begun
        self._free_cycles = int(cycles * FREE_TURN / spent) if spent else 2 * cycles

    def _keep_time(self) -> None:
        clock, begun = self.clock, monotonic()
        due = clock.due(self.sample)
        if begun < due:
            return
        if begun - due > TOO_LATE:
            reason = f"the clock was {begun - due:.3f} s late and starts anew"
            clock.anchor(self.sample, begun)
            self.announce(StateChanged("reanchored", self.state, self.epoch, reason))
        self._burst(self._cycles_due)
        ended, block = monotonic(), clock.block / clock.sr
        if ended - due > block:
            self.late_cycles += self._cycles_due
        self.cpu_load += LOAD_SMOOTHING * ((ended - begun) / block - self.cpu_load)
