"""``thread.record``: the engine's output into a WAV file of the workspace.

Takes what the front hears of the ring and hands it to a thread of its own: neither the performance nor the front
waits for the disk. A recording begins and ends at the very sample where its command lands.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineError, Forbidden, NotFound, WrongState
from csoundd.limits import RECENT_FRAMES, RECORDER_WAITING_BYTES
from csoundd.messages import AudioBlock, Command, Done, Frames, Outcome, StateChanged, warning
from csoundd.wav import Bits, WavWriter

log = logging.getLogger("csoundd.engine")

UNHEARD: Final = (48000.0, 1)
"""Rate and channels of a recording that nothing was ever heard of."""


class Recording:
    """A recording from ``sample`` on. Raises OSError where ``path`` cannot be written.

    What is missing between two samples becomes silence, also the time that the engine was away after a crash.
    """

    def __init__(self, path: Path, name: str, bits: Bits, sample: int, engine: Engine) -> None:
        self.name = name
        self.over = False
        """Whether nothing more can go into the file: the disk refused, or the sound has other channels now."""
        self._engine = engine
        self._next = sample
        self._frames = self._nchnls = 0
        self._away_since: float | None = None
        self._queued = self._written = 0
        self._failure: OSError | None = None
        self._wav = WavWriter(path, bits)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        form = engine.format()
        if form is not None:
            self._nchnls = form.nchnls
            self._wav.begin(form.sr, form.nchnls)

    def _rate(self) -> float:
        form = self._engine.format()
        return UNHEARD[0] if form is None else form.sr

    def interrupted(self) -> None:
        """The engine died; another will go on, and count its samples from 0."""
        if self._away_since is None:
            self._away_since = monotonic()

    def add(self, event: AudioBlock) -> float:
        """Take what belongs to the recording; how many seconds before it are missing."""
        sample, frames = event.sample, event.frames
        if self._away_since is not None:
            self._next, self._away_since = sample - self._time_away(len(frames)), None
        early = self._next - sample
        if early > 0:
            sample, frames = Frames(sample + early), frames[early:]
        if self.over or not len(frames) or not self._fits(frames):
            return 0.0
        silence = sample - self._next
        if not self._write(frames, silence):
            return 0.0
        self._next = sample + len(frames)
        return silence / self._rate()

    def _time_away(self, frames: int) -> int:
        if self._away_since is None or self._engine.options.drive not in {"clock", "device"}:
            return 0
        return max(0, round((monotonic() - self._away_since) * self._rate()) - frames)

    def _fits(self, frames: npt.NDArray[np.float64]) -> bool:
        self._nchnls = self._nchnls or frames.shape[1]
        self.over = frames.shape[1] != self._nchnls or self._failure is not None
        return not self.over

    def _write(self, frames: npt.NDArray[np.float64], silence: int) -> bool:
        """Queue ``frames`` for the disk; false where too much waits for it already."""
        if self._queued - self._written > RECORDER_WAITING_BYTES:
            if self._engine.options.drive != "free":
                return False
            # Nothing paces this drive: it can wait, and then nothing is lost.
            self._disk.submit(lambda: None).result()
        self._queued += frames.nbytes
        self._frames += silence + len(frames)
        form = self._engine.format()
        full = 1.0 if form is None else form.zerodbfs
        self._disk.submit(self._append, frames / full, self._rate(), silence)
        return True

    def _append(self, frames: npt.NDArray[np.float64], sr: float, silence: int) -> None:
        self._written += frames.nbytes
        if self._failure is None:
            try:
                self._wav.write(frames, sr, silence=silence)
            except OSError as problem:
                self._failure = problem

    def close(self, sample: int | None) -> Future[None]:
        """Complete the file, with nothing from ``sample`` on; the result comes when it is whole, or an OSError."""
        surplus = 0 if sample is None or self._away_since is not None else max(0, self._next - sample)
        closed = self._disk.submit(self._complete, max(0, self._frames - surplus), self._rate())
        self._disk.shutdown(wait=False)
        return closed

    def _complete(self, frames: int, sr: float) -> None:
        try:
            self._wav.begin(sr, self._nchnls or UNHEARD[1])
            self._wav.cut(frames)
        finally:
            self._wav.close()
        if self._failure is not None:
            raise self._failure


class Recorder(Interceptor):
    """Records one engine, one file at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._recording: Recording | None = None
        self._announced = 0
        self._recent: deque[AudioBlock] = deque()
        self._epoch = 0
        self._closing: set[asyncio.Task[None]] = set()
        self._refused: CsounddError | None = None
        """Why the last recording ended by itself before its time, until somebody who stops it was told."""
        self._listening = False
        engine.on(StateChanged, self._change)

    def intercepts(self) -> Mapping[str, Intercept]:
        """A recording's begin and end."""
        return {"thread.record": self._record, "thread.stopRecord": self._stop}

    def _record(self, proceed: Call, command: Command, done: Done) -> None:
        """Begin at the sample where ``command`` lands."""
        filename, bits, _numbufs = cast("tuple[str, Bits, int]", tuple(command.args))
        try:
            path = Workspace(self._engine.options.workspace).resolve(filename)
        except CsounddError as refusal:
            done(Outcome(error=refusal))
            return
        self._announced += 1
        self._listen(wanted=True)
        self._mark(proceed, command, partial(self._landed, partial(self._begin, path, filename, bits), done))

    def _stop(self, proceed: Call, command: Command, done: Done) -> None:
        """End at the sample where ``command`` lands, and answer when the file is whole."""
        self._mark(proceed, command, partial(self._stopped, done))

    def _mark(self, proceed: Call, command: Command, landed: Done) -> None:
        """Learn where ``command`` lands: its place in the order of commands, and its time, are those of a sync."""
        mark = Command("engine.sync", [], command.session, command.at, command.late, command.deadline, command.request)
        proceed(mark, landed)

    def _landed(self, begin: Callable[[int], None], done: Done, outcome: Outcome) -> None:
        self._announced -= 1
        receipt, error = outcome.receipt, outcome.error
        if error is None and receipt is not None and not receipt.dropped:
            try:
                begin(receipt.sample)
            except CsounddError as refusal:
                error = refusal
        self._tidy()
        done(Outcome(None, error, receipt))

    def _begin(self, path: Path, filename: str, bits: Bits, sample: int) -> None:
        if self._recording is not None:
            raise WrongState(f"{self._recording.name} is being recorded", hint="thread.stopRecord ends it")
        if self._engine.state == "ended":
            hint = "csound.rewindScore or csound.reset, and thread.play, begin another"
            raise WrongState("the performance is over: there is nothing to record", hint=hint)
        try:
            recording = Recording(path, filename, bits, sample, self._engine)
        except OSError as problem:
            raise _unwritable(filename, problem) from None
        self._recording, self._epoch, self._refused = recording, self._engine.epoch, None
        for event in self._recent:
            recording.add(event)

    def _stopped(self, done: Done, outcome: Outcome) -> None:
        receipt = outcome.receipt
        if outcome.error is not None or receipt is None or receipt.dropped:
            done(Outcome(None, outcome.error, receipt))
            return
        self._engine.deliver_audio()

        def finished(task: asyncio.Task[None]) -> None:
            error = _error_of(task) or self._refused
            self._refused = None
            done(Outcome(None, error, receipt))

        self._finish(receipt.sample).add_done_callback(finished)

    def _change(self, event: StateChanged) -> None:
        match event:
            case StateChanged("died"):
                if self._recording is not None:
                    self._recording.interrupted()
                    self._epoch = 0
            case StateChanged(state=state, epoch=epoch) if self._recording is not None:
                restored = self._epoch in (0, epoch)
                if state == "ended" and restored:
                    self._engine.deliver_audio()
                if state in {"ended", "failed"} or not restored:
                    self._abandon()
                elif state not in {"offline", "starting"}:
                    self._epoch = epoch

    def _add(self, event: AudioBlock) -> None:
        if self._announced:
            self._recent.append(event)
            while sum(len(kept.frames) for kept in self._recent) > RECENT_FRAMES:
                self._recent.popleft()
        recording = self._recording
        if recording is None:
            return
        missing = recording.add(event)
        if missing:
            self._engine.emit(warning(f"{recording.name} lacks {missing:.3f} s of sound; silence is in their place"))
        if recording.over:
            self._abandon()

    def _abandon(self) -> None:
        """The recording is over without anybody having said so; what went wrong with it is a message."""

        def tell(task: asyncio.Task[None]) -> None:
            self._refused = _error_of(task)
            if self._refused is not None:
                self._engine.emit(warning(self._refused.message))

        self._finish(None).add_done_callback(tell)

    def _finish(self, sample: int | None) -> asyncio.Task[None]:
        recording, self._recording = self._recording, None
        self._tidy()
        task = asyncio.get_running_loop().create_task(self._finished(recording, sample, set(self._closing)))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        if recording is not None:
            task.add_done_callback(partial(self._tell, recording.name))
        return task

    def _tell(self, name: str, task: asyncio.Task[None]) -> None:
        error = _error_of(task)
        self._engine.recorded(name, None if error is None else error.message)

    async def _finished(self, recording: Recording | None, sample: int | None, before: set[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        if recording is None:
            return
        try:
            await asyncio.wrap_future(recording.close(sample))
        except OSError as problem:
            log.warning("recording %s ended early: %s", recording.name, problem)
            raise EngineError(f"the recording {recording.name} ended early: {problem.strerror}") from None

    def _tidy(self) -> None:
        if not self._announced:
            self._recent.clear()
            self._listen(wanted=self._recording is not None)

    def _listen(self, *, wanted: bool) -> None:
        """Hear what sounds while something is recorded, or about to be."""
        if wanted != self._listening:
            self._listening = wanted
            (self._engine.on if wanted else self._engine.off)(AudioBlock, self._add)
            self._engine.capture(wanted, by="recorder")

    async def close(self) -> None:
        """Complete the file that is being written."""
        if self._recording is not None:
            self._abandon()
        while self._closing:
            await asyncio.wait(self._closing)


def _error_of(task: asyncio.Task[None]) -> CsounddError | None:
    error = task.exception()
    return error if isinstance(error, CsounddError) else None


def _unwritable(filename: str, problem: OSError) -> CsounddError:
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return NotFound(f"there is no folder for {filename!r}")
    if isinstance(problem, IsADirectoryError | PermissionError):
        return Forbidden(f"{filename!r} cannot be written")
    return EngineError(f"{filename!r} cannot be written: {problem.strerror}")
