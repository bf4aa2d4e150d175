"""The performance: its state, its cycles and when they are due.

The host's loop asks :meth:`Performer.wait` how long it may sleep and calls :meth:`Performer.turn`; the methods that
start and stop the performance call the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import monotonic, monotonic_ns
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.backend import Backend
from csoundd.engine.host.output import Output
from csoundd.engine.link.memory import Field, Ring
from csoundd.errors import EngineError, WrongState
from csoundd.limits import FREE_BURST_CYCLES, FREE_TURN_FRAMES, FREE_TURN_SECONDS, FULL_RING_SECONDS, REANCHOR_SECONDS
from csoundd.messages import Drive, Frames, Seconds, State, StateChanged

LOAD_SMOOTHING: Final = 0.05

EXITED: Final = 256
"""What Csound returns after ``exitnow``."""

Hook = Callable[[], None]
"""Called at a cycle, or at a change of state."""


class Hooks:
    """The functions that are called at one point of the performance, in the order in which they were added."""

    def __init__(self) -> None:
        self.functions: tuple[Hook, ...] = ()

    def add(self, function: Hook) -> None:
        """Have ``function`` called from now on, once however often it is added."""
        if function not in self.functions:
            self.functions += (function,)

    def remove(self, function: Hook) -> None:
        """Have it called no more, if it is."""
        self.functions = tuple(known for known in self.functions if known != function)


class Clock:
    """The wall clock, divided by the sample rate. Deadlines do not drift: each is counted from the anchor."""

    def __init__(self, sr: float, block: Frames) -> None:
        self.sr = sr
        self.block = block
        self._time = Seconds(0.0)
        self._sample = Frames(0)

    def anchor(self, sample: Frames, now: float | None = None) -> None:
        """Let ``sample`` be due now."""
        self._time = Seconds(monotonic() if now is None else now)
        self._sample = sample

    def due(self, sample: Frames) -> Seconds:
        """The monotonic time at which ``sample`` is due."""
        return Seconds(self._time + (sample - self._sample) / self.sr)


class Performer:
    """Drives one backend from state to state.

    ``sample`` counts the frames performed since the start and never goes back before a reset. The hooks in ``on_play``
    are called before it plays, and what one raises keeps it from playing; those in ``on_halt`` after it stopped; those
    in ``on_start`` once Csound was started, in ``on_over`` when a cycle has ended the performance; those in
    ``before_cycle`` and ``after_cycle`` around each cycle. While there is one of the last two, or somebody watches
    the edges, the cycles are performed one by one, else many in a call.
    """

    def __init__(
        self, backend: Backend, drive: Drive, ring: Ring, output: Output, *, block: Frames, epoch: int
    ) -> None:
        self.backend, self.ring, self.drive, self.epoch = backend, ring, drive, epoch
        self._output = output
        self.state: State = "ready"
        self.status = 0
        self.sample, self.cycle, self.late_cycles = Frames(0), 0, 0
        self.cpu_load = 0.0
        self.clock = Clock(1.0, Frames(1))
        self.capturing = False
        self.on_play, self.on_halt = Hooks(), Hooks()
        self.before_cycle, self.after_cycle = Hooks(), Hooks()
        self.on_start, self.on_over = Hooks(), Hooks()
        self._edge: Hook | None = None
        self._count_each = False
        self._waiting: list[Callable[[int], None]] = []
        self._block_wanted = block
        self._running_free = drive in {"free", "device"}
        self._performing = False
        """Whether it plays because :meth:`perform` was called."""
        self._cycles_due, self._free_cycles = 1, 1
        self._spout: npt.NDArray[np.float64] = np.zeros((1, 1))
        self._burst_output = self._spout[:0]
        self._ksmps = 1
        self._is_started = False

    # From state to state.

    def start(self) -> int:
        """Start Csound and learn its rates. Returns the API's code; 0 when it was started before."""
        if self._is_started:
            return 0
        # A compileCommandLine has started Csound by itself: then this learns its rates.
        code = self.backend.start()
        if code != 0:
            return code
        backend, self._is_started = self.backend, True
        self._spout, self._ksmps = backend.spout(), backend.ksmps
        self._burst_output = self._spout[:0]
        self.ring.shape(backend.nchnls)
        self.ring.begin(self.sample, self.epoch)
        self._cycles_due = max(1, round(self._block_wanted / self._ksmps))
        self.clock = Clock(backend.sr, Frames(self._cycles_due * self._ksmps))
        self._output.tell_format()
        for started in self.on_start.functions:
            started()
        return 0

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
                hint="engine.drive with clock lets it play (csoundd serve --drive clock from the start)",
            )
        self._run()

    def _run(self) -> None:
        if self.state == "ended":
            raise WrongState("the performance is over", hint="csound.rewindScore or csound.reset first")
        self.ensure_started()
        if self.state != "playing":
            for prepare in self.on_play.functions:
                prepare()
            self.clock.anchor(self.sample)
            self.enter("playing")

    def pause(self) -> None:
        """Perform nothing until the next play."""
        if self.state == "playing":
            self._pause()

    def _pause(self, reason: str | None = None) -> None:
        if self.drive == "step":
            # What csound.perform ran to the end is stepped again, unless that is called again.
            self._running_free = False
        self.enter("paused", reason)

    def abandon(self, reason: str) -> None:
        """Perform nothing more for one who is gone: a performance that :meth:`perform` began is paused."""
        if self.state == "playing" and self._performing:
            self._pause(reason)

    def stop(self) -> None:
        """End the performance for good."""
        if self.state != "ended":
            self._end(0, "stopped")

    def rewound(self) -> None:
        """Take note that the score stands at its beginning again: what had ended can be played."""
        if self.state == "ended":
            self.status = 0
            self.enter("ready", "rewound")

    def resume(self, state: State) -> None:
        """Perform as an engine did that was in ``state``. Raises EngineError where Csound does not start."""
        if state in {"playing", "paused"}:
            self._run()
        if state == "paused":
            self.pause()
        if state == "ended":
            self.stop()

    def perform(self, ended: Callable[[int], None]) -> None:
        """Run to the end of the score; ``ended`` is told the API's code then."""
        if self.state == "playing":
            raise WrongState("the performance thread is playing", hint="thread.join waits for its end")
        self._run()
        self._running_free = self.drive != "clock"
        self._performing = True
        self._waiting.append(ended)

    def join(self, ended: Callable[[int], None]) -> None:
        """Tell ``ended`` the thread's status once the performance is over."""
        if self.state == "ended":
            ended(self.status)
        else:
            self._waiting.append(lambda _: ended(self.status))

    def step(self) -> bool:
        """Perform one cycle on demand: whether the performance is over."""
        if self.drive != "step":
            raise WrongState(
                f"in drive {self.drive} the engine performs by itself", hint="engine.drive with step first"
            )
        if self.state == "ended":
            return True
        self.ensure_started()
        if self.state != "playing":
            self.enter("playing")
        self._burst(1)
        return self.status != 0

    def advance(self, cycles: int) -> int:
        """Perform up to so many cycles now, whatever the drive and the state: how many there were before an end."""
        self.ensure_started()
        if self.state != "playing":
            self.enter("playing")
        begun, most = self.cycle, max(1, min(FREE_TURN_FRAMES, self.ring.capacity) // self._ksmps)
        self._burst(min(cycles, most))
        return self.cycle - begun

    def enter(self, state: State, reason: str | None = None) -> None:
        """Change the state and say so."""
        if self.state == "playing":
            for halt in self.on_halt.functions:
                halt()
        self._performing = self._performing and state == "playing"
        self.state = state
        self.announce("state", reason)

    def announce(self, event: str, reason: str | None = None) -> None:
        """Tell the front what has happened, after where the performance is and all that was printed before."""
        self._publish()
        self._output.announce(StateChanged(event, self.state, self.epoch, reason))

    def reset(self) -> None:
        """An engine that nothing was compiled in, with a new epoch: every handle of the old one is stale."""
        self._release_waiters(0)
        self.backend.reset()
        self._is_started = False
        self.epoch, self.status = self.epoch + 1, 0
        self.sample, self.cycle = Frames(0), 0
        self._running_free = self.drive in {"free", "device"}
        self.state, self._performing = "ready", False
        self.announce("reset")

    def pace(self, drive: Drive, *, running: bool = False) -> None:
        """Perform in another drive from now on. Raises WrongState for a device, and while it runs by itself.

        With ``running`` what runs by itself goes on in ``drive``, and is paused where nothing runs there by itself.
        """
        if drive == self.drive:
            return
        if "device" in {drive, self.drive}:
            raise WrongState(
                "an engine cannot change to or from drive device while it lives",
                hint="call engine.restart with the drive",
            )
        ran = self.runs
        if ran and not running:
            raise WrongState("the performance is running", hint="thread.pause or thread.stop first")
        self.drive, self._running_free = drive, drive == "free"
        if ran and drive != "step":
            self.clock.anchor(self.sample)
        elif self.state == "playing":
            self.enter("paused", "it was stepped, and is in another drive now")
        self.announce("drive", f"the drive is {drive}")

    def _end(self, code: int, reason: str) -> None:
        self.status = code or 1
        self._running_free = self.drive in {"free", "device"}
        self.enter("ended", reason)
        self._release_waiters(0 if code == 0 else (1 if code > 0 else code))

    def _release_waiters(self, code: int) -> None:
        waiting, self._waiting = self._waiting, []
        for ended in waiting:
            ended(code)

    # When cycles are due.

    @property
    def runs(self) -> bool:
        """Whether it performs by itself right now, not only when it is told to step."""
        return self.state == "playing" and (self.drive != "step" or self._running_free)

    def wait(self, now: float) -> float:
        """Seconds until the next cycles are due, infinite where none are."""
        if self.state != "playing":
            return inf
        if self._running_free:
            return FULL_RING_SECONDS if self._ring_full() else 0.0
        return inf if self.drive == "step" else max(0.0, self.clock.due(self.sample) - now)

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
        return self.ring.unread() > max(0, self.ring.capacity - max(FREE_TURN_FRAMES, self._ksmps))

    def _run_free(self) -> None:
        """Perform for about FREE_TURN_SECONDS, going by how long the last cycles took."""
        most = min(FREE_TURN_FRAMES, self.ring.capacity) // self._ksmps
        wanted = max(1, min(self._free_cycles, most))
        begun, spent = monotonic(), 0.0
        # A thousand notes that begin make a cycle a thousand times as long as the one before it: as many as were quick
        # then would keep the link waiting until the watchdog ends the host.
        done, burst = 0, 1
        while done < wanted and self.state == "playing" and spent < FREE_TURN_SECONDS:
            burst = min(burst, wanted - done)
            self._burst(burst)
            done += burst
            burst = min(2 * burst, FREE_BURST_CYCLES)
            spent = monotonic() - begun
        self._free_cycles = int(done * FREE_TURN_SECONDS / spent) if spent else 2 * done

    def _keep_time(self) -> None:
        clock, begun = self.clock, monotonic()
        due = clock.due(self.sample)
        if begun < due:
            return
        if begun - due > REANCHOR_SECONDS:
            clock.anchor(self.sample, begun)
            self.announce("reanchored", f"the clock was {begun - due:.3f} s late and starts anew")
        self._burst(self._cycles_due)
        ended, block = monotonic(), clock.block / clock.sr
        if ended - due > block:
            self.late_cycles += self._cycles_due
        self.cpu_load += LOAD_SMOOTHING * ((ended - begun) / block - self.cpu_load)

    # The cycles themselves.

    def watch_edges(self, edge: Hook | None) -> None:
        """Call ``edge`` before every cycle, before any other hook; None for nobody."""
        self._edge = edge

    def count_each(self, wanted: bool) -> None:
        """Have the samples counted cycle by cycle, not burst by burst, as what tells of a cycle needs it."""
        self._count_each = wanted

    def count_late(self, cycles: int) -> None:
        """Take note of cycles that came too late for whoever paces the performance."""
        self.late_cycles += cycles

    def capture(self, wanted: bool) -> None:
        """Begin or end writing the output to the ring."""
        if wanted and not self.capturing:
            self.ring.begin(self.sample, self.epoch)
        self.capturing = wanted

    def score_time(self) -> Seconds:
        """The score time, in seconds."""
        return self.backend.score_time()

    def _burst(self, cycles: int) -> None:
        header = self.ring.header
        header[Field.SINCE_NS] = monotonic_ns()
        header[Field.PERFORMING] = 1
        hooks = self.before_cycle.functions or self.after_cycle.functions
        one_by_one = hooks or self._count_each or self._edge is not None
        code = self._one_by_one(cycles) if one_by_one else self._at_once(cycles)
        header[Field.PERFORMING] = 0
        self._publish()
        if code:
            for over in self.on_over.functions:
                over()
        if code < 0:
            self._end(code, "a performance error, or an end with a status")
        elif code:
            self._end(code, "the orchestra ended it" if code & EXITED else "the score is over")

    def _at_once(self, cycles: int) -> int:
        output = None
        if self.capturing:
            frames = cycles * self._ksmps
            if len(self._burst_output) < frames:
                self._burst_output = np.empty((frames, self._spout.shape[1]))
            output = self._burst_output[:frames]
        done, code = self.backend.burst(cycles, output)
        if output is not None:
            self.ring.write(output[: done * self._ksmps])
        self.cycle += done
        self.sample = Frames(self.sample + done * self._ksmps)
        return code

    def _one_by_one(self, cycles: int) -> int:
        header = self.ring.header
        for _ in range(cycles):
            if self._edge is not None:
                self._edge()
            if self.state != "playing":
                return 0
            for before in self.before_cycle.functions:
                before()
            code = self.backend.cycle()
            if code:
                return code
            if self.capturing:
                self.ring.write(self._spout)
            self.cycle += 1
            self.sample = Frames(self.sample + self._ksmps)
            header[Field.CALLBACK_SAMPLE] = self.sample
            for after in self.after_cycle.functions:
                after()
        return 0

    def _publish(self) -> None:
        """Put the counters where the front sees them without asking."""
        header = self.ring.header
        header[Field.SAMPLE] = header[Field.CALLBACK_SAMPLE] = self.sample
        header[Field.CYCLE] = self.cycle
        header[Field.UNPACED] = self.state == "playing" and self._running_free and self.drive != "device"
        header[Field.LATE_CYCLES] = self.late_cycles
        header[Field.LOAD_PPM] = int(self.cpu_load * 1e6)
        header[Field.SCORE_TIME_US] = int(self.backend.score_time() * 1e6)
