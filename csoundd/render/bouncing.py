"""Plays a live session again from its log, offline: the same calls between the same cycles give the same samples.

The calls are made by the very parts that made them live (``engine/host/build.py``): nothing here knows what any of them
does. Where the session ran in a workspace, this runs in a folder of its own and only reads there, so that an orchestra
which writes files does not write over those of the session.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import numpy as np

from csoundd.api import METHODS
from csoundd.engine.csound.backend import Backend, Line, Points
from csoundd.engine.host.build import build_engine, build_loop
from csoundd.engine.host.played import HEARD, HELD, OVER, PUSH, READ, START, entries_of, stamp_of
from csoundd.engine.host.system import PACED, Scheduling, flush_denormals
from csoundd.engine.link.memory import Ring, shared_file
from csoundd.engine.link.protocol import HostEnd, Kind, decode
from csoundd.engine.options import HostOptions
from csoundd.errors import CsounddError, EngineError
from csoundd.limits import RENDER_WARNINGS
from csoundd.messages import Handle
from csoundd.render.work import Played
from csoundd.syntax.csd import parse
from csoundd.syntax.options import lines_of
from csoundd.syntax.repeatable import of_options, of_the_clock

OPTION: Final = "csound.setOption"

SESSION: Final = "bounce"
"""The session that all handles belong to."""

TAKEN_ANEW: Final = "the session cannot be played again: "

CODE: Final = frozenset(method.name for method in METHODS.values() if method.spec.journal == "code")
"""The methods whose first argument is code, or names a file of it."""

Printed = Callable[[list[Line]], None]


class Unheard(HostEnd):
    """A link that nobody listens to: of what goes out over it, only what Csound prints is taken."""

    def __init__(self, connection: socket.socket, ring: Ring, printed: Printed) -> None:
        super().__init__(connection, ring)
        self._printed = printed

    def send(self, encoded: bytes) -> None:
        """Take what Csound has printed."""
        self.offer(encoded)

    def offer(self, encoded: bytes) -> None:
        """Take what Csound has printed."""
        kind, *rest = decode(encoded)
        if kind == Kind.MESSAGES:
            self._printed([(text, attr) for text, attr in rest[0]])


class Replay(AbstractContextManager["Replay"]):
    """One session, played again in the folder that this process runs in. ``printed`` is told what Csound prints.

    Raises EngineUnavailable where its engine does not run here.
    """

    def __init__(self, played: Played, folder: Path, printed: Printed) -> None:
        live = HostOptions.from_json(played.options)
        self._played, self._log = played, Path(played.log).read_bytes()
        self.differences: dict[str, None] = {}
        """What may sound otherwise than it did: code that goes by the clock, calls that had not failed before."""
        if live.drive in PACED:
            # As the process of the session had it.
            flush_denormals()
        # No device is opened, and no output of the session is written over.
        options = replace(live, drive="free", folder=str(folder), realtime=False, played_bytes=0)
        self._parts = ExitStack()
        ours, theirs = socket.socketpair()
        self._parts.callback(ours.close)
        theirs.close()
        ring = Ring(shared_file())
        link = Unheard(ours, ring, printed)
        engine = build_engine(options, link, ring)
        self._reads_card = live.drive == "device" and engine.backend.opens_devices
        self._look_at(live.options)
        self._performer, self._ring, self._handles = engine.performer, ring, engine.context.handles
        self._inputs = engine.context.inputs
        self.backend: Backend = engine.backend
        _, self._calls = self._parts.enter_context(build_loop(engine, link, ring, Scheduling(realtime=False), options))
        self._performer.capture(wanted=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._parts.close()

    def blocks(self) -> Iterator[Points]:
        """The output, ``[frames, nchnls]`` at a time, from and to where it is wanted.

        Raises EngineError where it does not go as it went.
        """
        played, frames = self._played, 0
        for block in self._all():
            sr = self.backend.sr
            first = round(played.start * sr) - frames
            last = len(block) if played.until is None else round(played.until * sr) - frames
            frames += len(block)
            wanted = block[max(0, first) : max(0, min(last, len(block)))]
            if len(wanted):
                yield wanted

    def _all(self) -> Iterator[Points]:
        performer = self._performer
        for cycle, method, args in entries_of(self._log):
            last = self._last()
            yield from self._until(min(cycle, last))
            if cycle >= last and self._played.until is not None and cycle > 0:
                return
            if performer.cycle < cycle:
                raise self._taken_anew(f"it ended after {self._at()}, and had gone on")
            if method == OVER:
                if performer.advance(1):
                    raise self._taken_anew(f"it went on after {self._at()}, where it had ended")
            elif not self._pass(method, args):
                self._play(method, args)
        last = self._last()
        yield from self._until(last)
        if performer.cycle < min(last, self._played.cycles):
            raise self._taken_anew(f"it ended after {self._at()}, and had gone on")

    def _last(self) -> int:
        """The cycle at which the wanted part ends, as far as can be told."""
        until, backend = self._played.until, self.backend
        if until is None or not backend.started:
            return self._played.cycles
        return ceil(round(until * backend.sr) / backend.ksmps)

    def _until(self, cycle: int) -> Iterator[Points]:
        """Perform until ``cycle``, or to the end."""
        performer = self._performer
        while performer.cycle < cycle:
            begun = performer.sample
            if not performer.advance(cycle - performer.cycle):
                return
            first, frames = self._ring.read(begun, performer.epoch)
            if first != begun or len(frames) != performer.sample - begun:
                raise EngineError(f"{TAKEN_ANEW}some of its output is missing")
            yield frames

    def _taken_anew(self, problem: str) -> EngineError:
        return EngineError(f"{TAKEN_ANEW}{problem}", hint="; ".join(self.differences) or None)

    def _at(self) -> str:
        return f"{self._performer.sample / self.backend.sr:.3f} s"

    def _pass(self, method: str, args: list[object]) -> bool:
        """Let happen what happened between the calls: whether this entry is that, and no call."""
        match method:
            case _ if method == START:
                self._performer.ensure_started()
            case _ if method == HEARD:
                self.backend.spin()[:] = np.asarray(args[0]) * self.backend.zerodbfs
            case _ if method == HELD:
                self._inputs.hold(
                    *cast("tuple[dict[str, float | str | None], list[int], list[int], bytes]", tuple(args))
                )
            case _ if method == READ:
                name, *stamp = args
                if stamp_of(str(name)) != tuple(stamp):
                    self._differs(f"{Path(str(name)).name} is not the file any more that was read")
            case _:
                return False
        return True

    def _play(self, method: str, args: list[object]) -> None:
        match args:
            case ["invalue", [values, default, _]] if method == PUSH:
                # When they grew too old by the clock is not known.
                args = ["invalue", [values, default, None]]
        if method in CODE and args and isinstance(args[0], str):
            for reason in of_the_clock(args[0]):
                self._differs(reason)
            self._look_at([word for line in lines_of(parse(args[0]).options) for word in line.words])
        elif method == OPTION:
            self._look_at([str(word) for word in args])
        try:
            result = self._calls.invoke(method, args, SESSION)
        except EngineError:
            # It may have failed before: then that is how it was played.
            return
        except CsounddError as error:
            self._differs(f"{method} failed at {self._performer.sample}: {error.message}")
            return
        if isinstance(result, Handle):
            self._handles.free(result)

    def _look_at(self, options: Sequence[str]) -> None:
        """Tell what of Csound's options may make it another thing, as a device that Csound reads by itself."""
        reason = of_options(options)
        if reason is None and self._reads_card:
            reason = next((f"sound comes from a device ({word})" for word in options if word.startswith("-iadc")), None)
        if reason is not None:
            self._differs(reason)

    def _differs(self, reason: str) -> None:
        if len(self.differences) < RENDER_WARNINGS:
            self.differences[reason] = None
