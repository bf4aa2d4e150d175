"""``thread.record``: the engine's output into a WAV file of the workspace.

Takes what the front hears of the ring and hands it to a thread of its own: neither the performance nor the front
waits for the disk. A recording begins and ends at the very sample where its command lands.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, cast

from csoundd.engine.detours.take import Take
from csoundd.engine.engine import Engine
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineError, Forbidden, NotFound, WrongState
from csoundd.messages import Changed, Command, Done, Outcome, Sounded, warning
from csoundd.wav import Bits

log = logging.getLogger("csoundd.engine")

RECENT_FRAMES: Final = 262_144
"""How much of what was heard before a recording's first sample is known is kept: more than the ring holds."""


class Recorder:
    """Records one engine, one file at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._take: Take | None = None
        self._announced = 0
        self._recent: deque[Sounded] = deque()
        self._epoch = 0
        self._closing: set[asyncio.Task[None]] = set()
        engine.detours |= {"thread.record": self.record, "thread.stopRecord": self.stop}
        engine.on(Sounded, self._take_in)
        engine.on(Changed, self._change)

    def record(self, command: Command, done: Done) -> None:
        """Begin at the sample where ``command`` lands."""
        filename, bits, _numbufs = cast("tuple[str, Bits, int]", tuple(command.args))
        try:
            path = Workspace(self._engine.options.workspace).resolve(filename)
        except CsounddError as refusal:
            done(Outcome(error=refusal))
            return
        self._announced += 1
        self._engine.capture(True, by="recorder")  # noqa: FBT003 - the argument is the point
        self._mark(command, partial(self._landed, partial(self._begin, path, filename, bits), done))

    def stop(self, command: Command, done: Done) -> None:
        """End at the sample where ``command`` lands, and answer when the file is whole."""
        self._mark(command, partial(self._stopped, done))

    def _mark(self, command: Command, landed: Done) -> None:
        """Learn where ``command`` lands: its place in the order of commands, and its time, are those of a sync."""
        mark = Command("engine.sync", [], command.session, command.at, command.late, command.deadline, command.request)
        self._engine.submit(mark, landed)

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
        if self._take is not None:
            raise WrongState(f"{self._take.name} is being recorded", hint="thread.stopRecord ends it")
        try:
            take = Take(path, filename, bits, sample, self._engine)
        except OSError as problem:
            raise _unwritable(filename, problem) from None
        self._take, self._epoch = take, self._engine.epoch
        for event in self._recent:
            take.hear(event)

    def _stopped(self, done: Done, outcome: Outcome) -> None:
        receipt = outcome.receipt
        if outcome.error is not None or receipt is None or receipt.dropped:
            done(Outcome(None, outcome.error, receipt))
            return
        self._engine.hear()
        finishing = self._finish(receipt.sample)
        finishing.add_done_callback(lambda task: done(Outcome(None, _error_of(task), receipt)))

    def _change(self, event: Changed) -> None:
        match event:
            case Changed("died"):
                if self._take is not None:
                    self._take.interrupted()
                    self._epoch = 0
            case Changed(state=state, epoch=epoch) if self._take is not None:
                restored = self._epoch in (0, epoch)
                if state == "ended" and restored:
                    self._engine.hear()
                if state in {"ended", "failed"} or not restored:
                    self._abandon()
                elif state not in {"offline", "starting"}:
                    self._epoch = epoch

    def _take_in(self, event: Sounded) -> None:
        if self._announced:
            self._recent.append(event)
            while sum(len(kept.frames) for kept in self._recent) > RECENT_FRAMES:
                self._recent.popleft()
        take = self._take
        if take is None:
            return
        missing = take.hear(event)
        if missing:
            self._engine.emit(warning(f"{take.name} lacks {missing:.3f} s of sound; silence is in their place"))
        if take.over:
            self._abandon()

    def _abandon(self) -> None:
        """The recording is over without anybody having said so; what went wrong with it is a message."""
        assert self._take is not None
        name = self._take.name

        def tell(task: asyncio.Task[None]) -> None:
            error = _error_of(task)
            if error is not None:
                self._engine.emit(warning(f"{name}: {error.message}"))

        self._finish(None).add_done_callback(tell)

    def _finish(self, sample: int | None) -> asyncio.Task[None]:
        take, self._take = self._take, None
        self._tidy()
        task = asyncio.get_running_loop().create_task(self._finished(take, sample, set(self._closing)))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _finished(self, take: Take | None, sample: int | None, before: set[asyncio.Task[None]]) -> None:
        if before:
            await asyncio.wait(before)
        if take is None:
            return
        try:
            await asyncio.wrap_future(take.close(sample))
        except OSError as problem:
            log.warning("recording %s ended early: %s", take.name, problem)
            raise EngineError(f"the recording {take.name} ended early: {problem.strerror}") from None

    def _tidy(self) -> None:
        if not self._announced:
            self._recent.clear()
            self._engine.capture(self._take is not None, by="recorder")

    async def close(self) -> None:
        """Complete the file that is being written."""
        if self._take is not None:
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
