"""What is shown of renders: for people bars and lines with levels, for programs lines of JSON."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TextIO

from csoundd.cli.program import say
from csoundd.errors import CsounddError
from csoundd.limits import LOUDNESS_CHANNELS, LOUDNESS_SAMPLES, LOUDNESS_SECONDS
from csoundd.render.cache import UNWRITABLE
from csoundd.render.dryrun import Input, Inputs
from csoundd.render.piece import Render
from csoundd.render.pool import RenderFailed
from csoundd.render.shards import Shard
from csoundd.render.work import Levels, Result, Stem, StemSum

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PIPE: Final = "-"
"""Standard output, as the name of a file."""


@dataclass(slots=True)
class Running:
    """A render that has begun, and what is shown of it."""

    render: Render
    report: Report
    task: TaskID | None
    since: float
    seconds: float = 0.0
    length: float | None = None
    """About how many seconds there will be, once it was looked for."""

    is_looked_at: bool = False

    def told(self, event: dict[str, Any]) -> None:
        """Show what it tells."""
        self.report.progress(self, event)


class Report:
    """What is printed of renders: for people a bar for each that runs and a line for each that is done, or JSON."""

    def __init__(self, *, as_json: bool, to_stderr: bool) -> None:
        self._as_json, self._to_stderr = as_json, to_stderr
        self._bars = _bars() if sys.stderr.isatty() and not as_json else None
        self._not_kept = ""
        self.failures = self.warnings = 0

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show bars while it lasts."""
        with self._bars or nullcontext():
            yield

    def share(self, share: Shard, renders: int, of: int) -> None:
        """How many of all renders are this machine's, where it is one of several."""
        if share.count == 1:
            return
        if self._as_json:
            values = {"event": "shard", "index": share.index, "count": share.count, "renders": renders, "of": of}
            self._line(values)
        else:
            self._print(f"shard {share}: {renders} of {of} renders")

    def begin(self, render: Render) -> Running:
        """A render begins."""
        task = None if self._bars is None else self._bars.add_task(render.name, total=None, shown="")
        return Running(render, self, task, monotonic())

    def progress(self, running: Running, event: dict[str, Any]) -> None:
        """A render tells how far it is."""
        if event["event"] != "progress":
            if self._as_json:
                self._json(running.render, event)
            return
        if not running.is_looked_at:
            # Not before: most pieces are over by now, and nobody asks what is left of them.
            running.is_looked_at, running.length = True, running.render.seconds
        running.seconds = event["seconds"]
        speed = running.seconds / max(monotonic() - running.since, 1e-6)
        if self._as_json:
            left = None if running.length is None else max(0.0, running.length - running.seconds) / max(speed, 1e-6)
            self._json(running.render, event | {"speed": round(speed, 2), "eta": left and round(left, 2)})
        elif self._bars is not None and running.task is not None:
            shown = f"{event['score_time']:8.2f} s {speed:6.1f}x"
            self._bars.update(running.task, total=running.length, completed=running.seconds, shown=shown)

    def done(self, running: Running, result: Result, log: list[str]) -> None:
        """A render is done, and its file under its name."""
        self.warnings += result.warning_count + result.levels.not_numbers
        took = monotonic() - running.since
        speed = result.seconds / max(took, 1e-6)
        if self._as_json:
            files = running.render.stems
            stems = [asdict(stem) | {"output": str(files[stem.name])} for stem in result.stems]
            values = asdict(result) | {
                "stems": stems,
                "event": "done",
                "seconds": result.seconds,
                "took": round(took, 3),
                "log": log,
            }
            self._json(running.render, values | {"speed": round(speed, 2)})
            return
        self._print(
            f"{self._name(running.render.output)}: {result.seconds:.2f} s{' (cut)' if result.cut else ''}"
            f"{', rendered before' if result.cached else f' in {took:.2f} s, {speed:.1f}x'};"
            f" {_levels(result.levels, result)}"
        )
        for stem in result.stems:
            self._print(f"  {self._name(running.render.stems[stem.name])}: {_stem(stem, result)}")
        if result.stems:
            self._print(f"  {_sum(result.stem_sum)}")
        if result.late:
            self._print(f"  read while it played, and not known before: {', '.join(result.late)}")
        if result.not_kept and result.not_kept != self._not_kept:
            # One that cannot be written is so for all, and is told once.
            self._not_kept = result.not_kept if result.not_kept.startswith(UNWRITABLE) else ""
            self._print(f"  not kept for another time: {result.not_kept}")
        for line in result.warnings:
            self._print(f"  {line}")
        if (more := result.warning_count - len(result.warnings)) > 0:
            self._print(f"  … and {more} more like these")

    def inputs(self, render: Render, inputs: Inputs, found: list[Input]) -> None:
        """What a piece reads, and what of it is missing."""
        self.failures += bool(inputs.missing)
        if self._as_json:
            missing = [asdict(each) for each in inputs.missing]
            listed = [asdict(each) | {"path": str(each.path)} for each in found]
            values = {"inputs": listed, "missing": missing, "looked_in": inputs.looked_in, "later": inputs.later}
            self._json(render, {"event": "inputs"} | values)
            return
        self._print(f"{render.piece.name}{render.variant} reads {len(found)} file{'' if len(found) == 1 else 's'}")
        for each in found:
            self._print(f"  {each.sha256[:16]} {each.bytes:>12} {each.path}")
        for name in dict.fromkeys(each.name for each in inputs.missing):
            self._print(f"  {name} is missing: looked for in {', '.join(inputs.looked_in)}")
        if inputs.later:
            self._print(f"  there may be more: {inputs.later}")

    def unreadable(self, name: str, problem: str) -> None:
        """A piece cannot be read."""
        self.failures += 1
        if self._as_json:
            self._line({"event": "failed", "piece": name, "output": None, "variant": "", **_failure(problem)})
        else:
            say(f"{name}: {problem}")

    def failed(self, render: Render, failure: CsounddError) -> None:
        """A render came to nothing."""
        self.failures += 1
        problem, hint = failure.message, failure.hint
        log = failure.log if isinstance(failure, RenderFailed) else []
        if self._as_json:
            self._json(render, {"event": "failed", **_failure(problem, hint, log)})
        else:
            say(f"{render.piece.name}{render.variant}: {problem}" + (f"\n  ({hint})" if hint else ""))

    def end(self, running: Running) -> None:
        """Show no more of a render."""
        if self._bars is not None and running.task is not None:
            self._bars.remove_task(running.task)

    def _name(self, path: Path) -> str:
        """What a file is called from here."""
        if self._to_stderr:
            return PIPE
        near = os.path.relpath(path)
        return str(path) if near.startswith("..") else near

    def _print(self, line: str) -> None:
        if self._bars is not None and (self._to_stderr or sys.stdout.isatty()):
            # Above the bars.
            self._bars.console.print(line, soft_wrap=True, highlight=False)
        else:
            print(line, file=self._stream, flush=True)

    def _json(self, render: Render, event: dict[str, Any]) -> None:
        output = PIPE if self._to_stderr else str(render.output)
        values = {"event": event["event"], "piece": render.piece.name, "output": output, "variant": render.variant}
        self._line(values | event)

    def _line(self, values: dict[str, Any]) -> None:
        print(json.dumps(values), file=self._stream, flush=True)

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self._to_stderr else sys.stdout


def _failure(problem: str, hint: str | None = None, log: Sequence[str] = ()) -> dict[str, Any]:
    return {"message": problem, "hint": hint, "log": list(log)}


def _bars() -> Progress:
    """A bar for each render that runs, with its score time, its speed and the time that is left."""
    from rich.console import Console  # noqa: PLC0415 - it takes 80 ms to import, and only a terminal shows bars
    from rich.progress import (  # noqa: PLC0415 - as above
        BarColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[shown]}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True, markup=False, emoji=False),
        transient=True,
    )


def _stem(stem: Stem, result: Result) -> str:
    if stem.levels.peak is not None:
        return _levels(stem.levels, result)
    if stem.is_instrument:
        return "silent: what it sends to other instruments is in their stems"
    return "silent: there is nothing in the channel at the end of each cycle"


def _sum(found: StemSum | None) -> str:
    if found is None:
        return "the sum of the stems is not compared to the mix: the files' format changes all samples"
    if not found.difference:
        return "the sum of the stems is the mix"
    apart = f"{_db(20 * math.log10(found.difference))} dBFS"
    if found.is_mix:
        return f"the sum of the stems is the mix, but for rounding by {apart} at most"
    return f"the sum of the stems is not the mix: they differ by {apart} at most, at {found.seconds:.3f} s"


def _levels(levels: Levels, result: Result) -> str:
    return (
        f"peak {_db(levels.peak)} dBFS, true peak {_db(levels.true_peak)} dBTP, RMS {_db(levels.rms)} dBFS,"
        f" loudness {_loudness(levels, result)},"
        f" {levels.clipped or 'no'} samples clipped"
        + (f", {levels.not_numbers} samples are no numbers" if levels.not_numbers else "")
    )


def _loudness(levels: Levels, result: Result) -> str:
    """The loudness, or why it is not measured, where one would not see."""
    if levels.loudness is not None:
        return f"{levels.loudness:.1f} LUFS"
    if result.seconds < LOUDNESS_SECONDS:
        return f"not measured (below {LOUDNESS_SECONDS} s)"
    if levels.peak is not None and result.nchnls > LOUDNESS_CHANNELS:
        return f"not measured (above {LOUDNESS_CHANNELS} channels)"
    if result.frames * result.nchnls > LOUDNESS_SAMPLES:
        return "not measured (too long)"
    return "not measured"


def _db(level: float | None, otherwise: str = "-inf") -> str:
    return otherwise if level is None else f"{level:.1f}"
