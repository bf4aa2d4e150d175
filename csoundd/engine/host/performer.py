"""The performance: what state it is in, and who waits for its end. Its cycles are in ``pacing.py`` and ``cycles.py``.

The host's loop asks :meth:`Performer.wait` how long it may sleep and calls :meth:`Performer.turn`; the
families that start and stop things call the rest.
"""

from __future__ import annotations

from collections.abc import Callable

from csoundd.engine.csound.backend import Backend
from csoundd.engine.host.cycles import Edge
from csoundd.engine.host.pacing import Pacing
from csoundd.engine.link.ring import Ring
from csoundd.errors import EngineError, WrongState
from csoundd.messages import Drive, Frames, State, StateChanged


class Performer(Pacing):
    """Drives one backend from state to state."""

    def __init__(self, backend: Backend, drive: Drive, ring: Ring, block: Frames, epoch: int) -> None:
        super().__init__(backend, drive, ring, block, epoch)
        self.status = 0
        self.on_start: Edge = lambda: None
        self.on_play: list[Edge] = []
        """Called before it plays; what one raises keeps it from playing."""
        self.on_halt: list[Edge] = []
        self._ended: list[Callable[[int], None]] = []

    def start(self) -> int:
        """Start Csound and learn its rates. Returns the API's code; 0 when it was started before."""
        if self.backend.started:
            return 0
        code = self.backend.start()
        if code == 0:
            self.started()
        return code

    def started(self) -> None:
        """Take note that Csound has been started: here, or by a call (``compileCommandLine``) by itself."""
        self._lay_out()
        self.on_start()

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
        self.announce(StateChanged("state", state, self.epoch, reason))

    def reset(self, epoch: int) -> None:
        """An engine that nothing was compiled in, with a new epoch: every handle of the old one is stale."""
        self._release_waiters(0)
        self.backend.reset()
        self.epoch, self.status = epoch, 0
        self.sample, self.cycle = Frames(0), 0
        self._running_free = self.drive in {"free", "device"}
        self.state = "ready"
        self.announce(StateChanged("reset", "ready", epoch))

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
        self.announce(StateChanged("drive", self.state, self.epoch, f"the drive is {drive}"))

    def _over(self, code: int, reason: str) -> None:
        self.status = code or 1
        self._running_free = self.drive in {"free", "device"}
        self.enter("ended", reason)
        self._release_waiters(0 if code == 0 else (1 if code > 0 else code))

    def _release_waiters(self, code: int) -> None:
        waiting, self._ended = self._ended, []
        for ended in waiting:
            ended(code)
