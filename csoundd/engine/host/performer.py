"""The performance: what state it is in, whose cycles are due, and performing them.

The host's loop asks :meth:`Performer.wait` how long it may sleep and calls :meth:`Performer.turn`; the
families that start and stop things call the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, monotonic_ns
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.backends.backend import Backend
from csoundd.engine.host.clock import TOO_LATE, Clock
from csoundd.engine.link.ring import Field, Ring
from csoundd.errors import EngineError, WrongState
from csoundd.messages import Changed, Drive, Frames, Seconds, State

FREE_TURN: Final = Seconds(0.004)
"""About how long a drive without a clock performs between two looks at the link."""

FREE_MOST: Final = Frames(8192)
"""How much it performs at most between two looks, and keeps room for in the ring."""

FULL_RING_WAIT: Final = Seconds(0.001)
"""How long a drive without a clock waits for the front to read audio: it loses none."""

EXITED: Final = 256
"""What Csound returns after ``exitnow``."""

LOAD_SMOOTHING: Final = 0.05

Edge = Callable[[], None]
"""Called before a cycle while somebody waits for one."""


class Performer:
    """Drives one backend. ``sample`` counts the frames performed since the start and never goes back."""

    def __init__(self, backend: Backend, drive: Drive, ring: Ring, block: Frames, epoch: int) -> None:
        self.backend, self.drive, self.ring, self.epoch = backend, drive, ring, epoch
        self.state: State = "ready"
        self.status = 0
        self.sample, self.cycle = Frames(0), 0
        self.cpu_load, self.late_cycles = 0.0, 0
        self.capturing = False
        self.edge: Edge | None = None
        self.before_cycle: list[Edge] = []
        self.after_cycle: list[Edge] = []
        self.announce: Callable[[Changed], None] = lambda _: None
        self.on_start: Edge = lambda: None
        self.on_play: list[Edge] = []
        """Called before it plays; what one raises keeps it from playing."""
        self.on_halt: list[Edge] = []
        self._ended: list[Callable[[int], None]] = []
        self._block_wanted = block
        self._running_free = drive in {"free", "device"}
        self._spout: npt.NDArray[np.float64] = np.zeros((1, 1))
        self._output = self._spout[:0]
        self._ksmps, self._cycles_due, self._free_cycles = 1, 1, 1
        self.clock = Clock(1.0, Frames(1))

    def start(self) -> int:
        """Start Csound and learn its rates. Returns the API's code; 0 when it was started before."""
        if self.backend.started:
            return 0
        code = self.backend.start()
        if code == 0:
            self._lay_out()
        return code

    def _lay_out(self) -> None:
        backend = self.backend
        self._spout, self._ksmps = backend.spout(), backend.ksmps
        self._output = self._spout[:0]
        self._cycles_due = max(1, round(self._block_wanted / self._ksmps))
        self.clock = Clock(backend.sr, Frames(self._cycles_due * self._ksmps))
        self.ring.shape(backend.nchnls)
        self.ring.begin(self.sample)
        self.on_start()

    def started(self) -> None:
        """Take note that a call (``compileCommandLine``) started Csound by itself."""
        self._lay_out()

    def ensure_started(self) -> None:
        """Start Csound, or raise EngineError."""
        code = self.start()
        if code != 0:
            raise EngineError(f"Csound did not start (code {code})", returned=code)

    def play(self) -> None:
        """Perform from now on, in the drive's own time."""
        if self.drive == "step":
            raise WrongState(
                "in drive step only csound.performKsmps and csound.perform perform",
                hint="start the daemon with --drive clock to play",
            )
        self._run()

    def _run(self) -> None:
        if self.state == "ended":
            raise WrongState("the performance is over", hint="csound.rewindScore or csound.reset first")
        self.ensure_started()
        if self.state != "playing":
            for prepare in self.on_play:
                prepare()
            self.clock.anchor(self.sample)
            self.enter("playing")

    def pause(self) -> None:
        """Perform nothing until the next play."""
        if self.state == "playing":
            self.enter("paused")

    def stop(self) -> None:
        """End the performance for good."""
        if self.state != "ended":
            self._over(0, "stopped")

    def rewound(self) -> None:
        """Take note that the score stands at its beginning again: what had ended can be played."""
        if self.state == "ended":
            self.status = 0
            self.enter("ready", "rewound")

    def perform(self, ended: Callable[[int], None]) -> None:
        """Run to the end of the score; ``ended`` is told the API's code then."""
        if self.state == "playing":
            raise WrongState("the performance thread is playing", hint="thread.join waits for its end")
        self._run()
        self._running_free = self.drive != "clock"
        self._ended.append(ended)

    def join(self, ended: Callable[[int], None]) -> None:
        """Tell ``ended`` the thread's status once the performance is over."""
        if self.state == "ended":
            ended(self.status)
        else:
            self._ended.append(lambda _: ended(self.status))

    def step(self) -> bool:
        """Perform one cycle on demand: whether the performance is over."""
        if self.drive != "step":
            raise WrongState(f"in drive {self.drive} the engine performs by itself", hint="use --drive step")
        if self.state == "ended":
            return True
        self.ensure_started()
        if self.state != "playing":
            self.enter("playing")
        self._burst(1)
        return self.status != 0

    def enter(self, state: State, reason: str | None = None) -> None:
        """Change the state and say so."""
        if self.state == "playing":
            for halt in self.on_halt:
                halt()
        self.state = state
        self.announce(Changed("state", state, self.epoch, reason))

    def reset(self, epoch: int) -> None:
        """An engine that nothing was compiled in, with a new epoch: every handle of the old one is stale."""
        self._release_waiters(0)
        self.backend.reset()
        self.epoch, self.status = epoch, 0
        self.sample, self.cycle = Frames(0), 0
        self._running_free = self.drive in {"free", "device"}
        self.state = "ready"
        self.announce(Changed("reset", "ready", epoch))

    @property
    def runs(self) -> bool:
        """Whether it performs by itself right now, not only when it is told to step."""
        return self.state == "playing" and (self.drive != "step" or self._running_free)

    def pace(self, drive: Drive) -> None:
        """Perform in another drive from now on. Raises WrongState while it runs by itself, or for a device."""
        if drive == self.drive:
            return
        if "device" in {drive, self.drive}:
            raise WrongState("a device paces the performance from the start or never", hint="engine.restart {drive}")
        if self.runs:
            raise WrongState("the performance is running", hint="thread.pause or thread.stop first")
        self.drive, self._running_free = drive, drive == "free"
        if self.state == "playing":
            self.enter("paused", "it was stepped, and is in another drive now")
        self.announce(Changed("drive", self.state, self.epoch, f"the drive is {drive}"))

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
            self.announce(Changed("reanchored", self.state, self.epoch, reason))
        self._burst(self._cycles_due)
        ended, block = monotonic(), clock.block / clock.sr
        if ended - due > block:
            self.late_cycles += self._cycles_due
        self.cpu_load += LOAD_SMOOTHING * ((ended - begun) / block - self.cpu_load)

    def _burst(self, cycles: int) -> None:
        header = self.ring.header
        header[Field.SINCE_NS] = monotonic_ns()
        header[Field.PERFORMING] = 1
        code = self._watched(cycles) if self._watchers() else self._unwatched(cycles)
        header[Field.PERFORMING] = 0
        self.publish()
        if code:
            self._over(code, _reason(code))

    def _watchers(self) -> bool:
        return self.edge is not None or bool(self.before_cycle or self.after_cycle)

    def _unwatched(self, cycles: int) -> int:
        output = self._output_for(cycles) if self.capturing else None
        done, code = self.backend.burst(cycles, output)
        if output is not None:
            self.ring.write(output[: done * self._ksmps])
        self._count(done)
        return code

    def _output_for(self, cycles: int) -> npt.NDArray[np.float64]:
        """Room for what so many cycles put out, ``[cycles * ksmps, nchnls]``."""
        frames = cycles * self._ksmps
        if len(self._output) < frames:
            self._output = np.empty((frames, self._spout.shape[1]))
        return self._output[:frames]

    def _watched(self, cycles: int) -> int:
        for _ in range(cycles):
            if self.edge is not None:
                self.edge()
            if self.state != "playing":
                return 0
            for feed in tuple(self.before_cycle):
                feed()
            code = self.backend.cycle()
            if code:
                return code
            if self.capturing:
                self.ring.write(self._spout)
            self._count(1)
            for watch in self.after_cycle:
                watch()
        return 0

    def _count(self, cycles: int) -> None:
        self.cycle += cycles
        self.sample = Frames(self.sample + cycles * self._ksmps)

    def publish(self) -> None:
        """Put the counters where the front sees them without asking."""
        header = self.ring.header
        header[Field.SAMPLE] = self.sample
        header[Field.CYCLE] = self.cycle
        header[Field.LATE_CYCLES] = self.late_cycles
        header[Field.SCORE_TIME_US] = int(self.backend.score_time() * 1e6)

    def capture(self, wanted: bool) -> None:
        """Begin or end writing the output to the ring."""
        if wanted and not self.capturing:
            self.ring.begin(self.sample)
        self.capturing = wanted

    def score_time(self) -> Seconds:
        return self.backend.score_time()

    def _over(self, code: int, reason: str) -> None:
        self.status = code or 1
        self._running_free = self.drive in {"free", "device"}
        self.enter("ended", reason)
        self._release_waiters(0 if code == 0 else (1 if code > 0 else code))

    def _release_waiters(self, code: int) -> None:
        waiting, self._ended = self._ended, []
        for ended in waiting:
            ended(code)


def _reason(code: int) -> str:
    """What ``csoundPerformKsmps`` says of the end of a performance."""
    if code < 0:
        return "a performance error, or an end with a status"
    return "the orchestra ended it" if code & EXITED else "the score is over"
