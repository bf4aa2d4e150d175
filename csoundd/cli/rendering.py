"""``csoundd render``: pieces become sound files, without a daemon."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from csoundd.cli.program import FAILED, refuse, run_to_end, say, value_of
from csoundd.engine.csound.registry import CHOICES, check_name
from csoundd.errors import CsounddError, EngineError, EngineUnavailable, InvalidParams
from csoundd.limits import (
    LOUDNESS_CHANNELS,
    LOUDNESS_SAMPLES,
    LOUDNESS_SECONDS,
    RENDER_CACHE_BYTES,
    RENDER_LONGEST_SECONDS,
    RENDERS_AWAY,
)
from csoundd.render.cache import UNWRITABLE, Cache, default_folder
from csoundd.render.dryrun import Input, Inputs
from csoundd.render.formats import FORMATS, Format
from csoundd.render.piece import Piece, Render, Settings, renders
from csoundd.render.pool import Pool, RenderFailed, WarmProcess
from csoundd.render.shards import LIST, Named, Shard, pieces_of
from csoundd.render.system import memory_bytes, processors
from csoundd.render.work import Levels, Result, Stem, StemSum
from csoundd.render.workshop import Workshop

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from csoundd.cli.remote_renders import Away, RemoteWorkshop

WARNED: Final = 3

PIPE: Final = "-"
MEMORY_SHARE: Final = 0.75
"""How much of the memory one render may take, unless it is told."""

MIB: Final = 1 << 20
OF_HERE: Final = ("cache", "cache_size")
"""Options that say nothing to a daemon: they are refused where it is to render, unless the environment set them."""

CACHE_IN_OUTPUT: Final = ".csoundd-renders"
"""Where the renders of a shard are kept, in the folder of the outputs: whoever shares that finds them."""

Pieces = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PIECE.csd...",
        help="the pieces: files, folders, patterns, or @FILE that lists them; - reads one from standard input",
    ),
]
From = Annotated[
    Path | None, typer.Option("--from", metavar="FILE", help="a file that lists pieces, one on each line, as @FILE")
]
ShardName = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        envvar="CSOUNDD_SHARD",
        help="render the I-th of N shares of all; /N or auto in a task of an array of jobs (Slurm, Kubernetes, …)",
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE|DIR|-", help="where to; - writes WAV to standard output"),
]
Sets = Annotated[list[str] | None, typer.Option("--set", metavar="CHANNEL=VALUE", help="set a channel; repeatable")]
Macros = Annotated[list[str] | None, typer.Option("--macro", metavar="NAME=VALUE", help="define a macro; repeatable")]
Options = Annotated[
    list[str] | None, typer.Option("--option", metavar="OPTION", help="an option of Csound's; repeatable")
]
Sweeps = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="NAME=A,B,...",
        help="render once for each value of a channel, or of a macro ($NAME); several: each combination",
    ),
]
StemNames = Annotated[
    str | None,
    typer.Option(
        "--stems",
        metavar="NAME,...",
        help="instruments and audio channels that become files of their own beside the mix: OUT-NAME.wav",
    ),
]
EngineName = Annotated[str, typer.Option("--engine", metavar="ENGINE", help=CHOICES)]
FormatName = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help=f"{', '.join(FORMATS)}; else what the piece says")
]
Duration = Annotated[
    float | None,
    typer.Option(
        "--max-duration",
        metavar="SECONDS",
        min=0.0,
        max=RENDER_LONGEST_SECONDS,
        help="cut each piece then",
    ),
]
Limit = Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", min=0.0, help="give up a render then")]
Memory = Annotated[
    int | None,
    typer.Option("--max-memory", metavar="MIB", min=16, help="of one render; three quarters of all there is"),
]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", metavar="N", min=1, help="at a time; one for each processor")]
AsJson = Annotated[bool, typer.Option("--json", help="print events as lines of JSON, for programs")]
Strict = Annotated[bool, typer.Option("--strict", help=f"exit with status {WARNED} where Csound warned of anything")]
NoCache = Annotated[
    bool, typer.Option("--no-cache", envvar="CSOUNDD_NO_CACHE", help="render everything, and keep nothing")
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        envvar="CSOUNDD_RENDER_CACHE",
        help="where renders are kept, to be found when they are asked for again; in your cache folder",
    ),
]
CacheSize = Annotated[
    int, typer.Option("--cache-size", metavar="MIB", min=0, help="the most that is kept: what was wanted last")
]
Url = Annotated[
    str | None,
    typer.Option("--url", envvar="CSOUNDD_URL", help="have a daemon do it, whose files need not be here"),
]
State = Annotated[Path | None, typer.Option("--state", help="have the daemon do it that was given this folder")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", "--inputs", help="render nothing: list what the pieces read, and what is missing of it"),
]


def render(
    context: typer.Context,
    pieces: Pieces = None,
    output: Output = None,
    set_: Sets = None,
    macro: Macros = None,
    option: Options = None,
    sweep: Sweeps = None,
    engine: EngineName = "auto",
    format_: FormatName = None,
    max_duration: Duration = None,
    timeout: Limit = None,
    max_memory: Memory = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
    strict: Strict = False,
    no_cache: NoCache = False,
    cache: CacheFolder = None,
    cache_size: CacheSize = RENDER_CACHE_BYTES // MIB,
    dry_run: DryRun = False,
    from_: From = None,
    shard: ShardName = None,
    url: Url = None,
    state: State = None,
    stems: StemNames = None,
) -> None:
    """Render pieces to sound files, without a daemon, or with --url or --state as jobs of one.

    The samples are those that Csound's own command writes. Several pieces, and a sweep, go to the folder DIR under
    their own names. A file is under its name when it is whole, and not before. Exit status: 0 done, 1 failed, 2 usage,
    3 warnings under --strict, 130 interrupted.
    """
    here = Path.cwd()
    try:
        check_name(engine)
    except ValueError as error:
        refuse(f"--engine: {error}")
    away = _daemon(context, url, state, caches=not no_cache)
    warm = _warm(context) if away is None else None
    most = _memory(away) if max_memory is None else max_memory * MIB
    wanted = format_named(format_)
    macros = {name: str(value) for name, value in _pairs("--macro", macro, numbers=False)}
    channels = dict(_pairs("--set", set_))
    named = _stems(stems, to_pipe=output == PIPE)
    settings = Settings(channels, macros, tuple(option or ()), wanted, max_duration, most, named)
    target = None if output in {None, PIPE} else Path(str(output))
    words = [*(pieces or []), *([f"{LIST}{from_}"] if from_ is not None else [])]
    try:
        share = Shard(0, 1) if shard is None else Shard.named(shard, os.environ)
        read, unreadable = _read(pieces_of(words), here)
        swept = _swept(sweep)
        every = renders(read, None if output == PIPE else output, settings, swept, here)
    except InvalidParams as error:
        refuse(_sentence(error))
    except OSError as error:
        refuse(f"{error.filename}: {(error.strerror or str(error)).lower()}")
    if not words:
        refuse("which pieces? name their files, folders or lists, or - for standard input")
    many = len(every) + len(unreadable) > 1 or any(each.piece.beneath for each in every)
    into = many or (output or "").endswith((os.sep, "/"))
    if output == PIPE and many:
        refuse("only one piece goes to standard output: -o DIR takes several")
    _tell_of_misspelt([*channels, *macros, *swept], read)
    report = Report(as_json=as_json, to_stderr=output == PIPE)
    todo = share.of_all(every)
    report.share(share, len(todo), len(every))
    for name, problem in unreadable:
        if share.takes(name):
            report.unreadable(name, problem)
    kept = None if no_cache else _Kept(_cache_folder(cache, target, share), cache_size * MIB)
    at_once = jobs or (processors() if away is None else RENDERS_AWAY)
    batch = _Batch(todo, engine, here, timeout, at_once, report, kept, warm, into, dry_run, away)
    run_to_end(_to_pipe(batch) if output == PIPE and not dry_run else batch.run())
    if report.failures:
        raise typer.Exit(FAILED)
    if strict and report.warnings:
        say(f"{report.warnings} warnings, and --strict was given")
        raise typer.Exit(WARNED)


def _warm(context: typer.Context) -> WarmProcess | None:
    """What renders are forked from, where the system can, until the command is over."""
    if sys.platform != "linux":
        return None
    warm = WarmProcess.fork()
    context.call_on_close(warm.close)
    return warm


def _stems(word: str | None, *, to_pipe: bool) -> tuple[str, ...]:
    if word is None:
        return ()
    if to_pipe:
        refuse("stems are files beside the mix: -o FILE, and not standard output")
    names = [name.strip() for name in word.split(",")]
    if not all(names):
        refuse(f"--stems takes NAME,..., not {word!r}")
    return tuple(dict.fromkeys(names))


def format_named(name: str | None) -> Format | None:
    """The format that an option names, None for none; one that there is not is refused."""
    if name is not None and name not in FORMATS:
        refuse(f"--format: there is no {name}; there are {', '.join(FORMATS)}")
    return next((each for each in FORMATS if each == name), None)


def _memory(away: Away | None) -> int:
    """Bytes that a render may take, unless it is told: a daemon has a bound of its own, which is 0 here."""
    return int(MEMORY_SHARE * memory_bytes()) if away is None else 0


def _cache_folder(named: Path | None, target: Path | None, share: Shard) -> Path:
    """Where renders are kept: what several machines share is beside their outputs, which they share anyway."""
    if named is None and share.count > 1 and target is not None:
        named = target / CACHE_IN_OUTPUT
    return (named or default_folder()).absolute()


def _daemon(context: typer.Context, url: str | None, state: Path | None, *, caches: bool) -> Away | None:
    """The daemon that is to render, None where none is to: what it would not heed is refused."""
    if not url and state is None:
        return None
    for name in OF_HERE:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            flag = f"--{name.replace('_', '-')}"
            refuse(f"{flag} is for renders without --url and --state: a daemon keeps its own, in its folder of renders")
    from csoundd.cli.remote_renders import Away  # noqa: PLC0415 - to import the client takes longer than many a render

    return Away(url or None, state, caches=caches)


def _read(pieces: Iterable[Named], here: Path) -> tuple[list[Piece], list[tuple[str, str]]]:
    """The pieces, and those that cannot be read with the reason."""
    found, unreadable = [], []
    for name, beneath in pieces:
        try:
            piece = Piece.of(name, sys.stdin.buffer.read(), here) if name == PIPE else Piece.read(Path(name))
            found.append(replace(piece, beneath=beneath))
        except OSError as error:
            unreadable.append((name, f"it cannot be read: {(error.strerror or str(error)).lower()}"))
        except CsounddError as error:
            unreadable.append((name, _sentence(error)))
    return found, unreadable


def _sentence(error: CsounddError) -> str:
    return f"{error.message}: {error.hint}" if error.hint else error.message


def _pairs(flag: str, words: Iterable[str] | None, *, numbers: bool = True) -> Iterator[tuple[str, float | str]]:
    for word in words or ():
        name, found, value = word.partition("=")
        if not name or not (found or flag == "--macro"):
            refuse(f"{flag} takes NAME=VALUE, not {word!r}")
        yield name, _value(value) if numbers else value


def _value(word: str) -> float | str:
    """A number where the word is one, else the text that it is."""
    value = value_of(word) if not word.startswith("@") else word
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else word.strip('"')


def _swept(words: Iterable[str] | None) -> dict[str, list[float | str]]:
    swept: dict[str, list[float | str]] = {}
    for name, values in _pairs("--sweep", words, numbers=False):
        if name in swept:
            refuse(f"--sweep {name} is there twice: --sweep {name}=1,2 takes several values")
        swept[name] = [_value(value) for value in str(values).split(",")]
    return swept


def _tell_of_misspelt(names: Iterable[str], pieces: Sequence[Piece]) -> None:
    """Say which names of channels and macros no piece has in it. What is included is not looked at."""
    if any("#include" in piece.text for piece in pieces):
        return
    for name in names if pieces else ():
        word = re.compile(rf"(?<!\w){re.escape(name.removeprefix('$'))}(?!\w)")
        if not any(word.search(piece.text) for piece in pieces):
            say(f"{name} stands nowhere in what is rendered: it changes nothing, unless the name is made at run time")


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where renders are kept, and how much of them."""

    folder: Path
    most_bytes: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """The renders of one command."""

    renders: Sequence[Render]
    engine: str
    here: Path
    seconds: float | None
    jobs: int
    report: Report
    kept: _Kept | None
    warm: WarmProcess | None
    into: bool
    """Whether the folders of the outputs are made where there are none."""

    dry: bool
    away: Away | None

    async def run(self) -> None:
        """Do all renders, so many at a time."""
        if not self.renders:
            return
        jobs = min(self.jobs, len(self.renders))
        waiting = iter(self.renders)

        async def work(workshop: Workshop | RemoteWorkshop) -> None:
            for each in waiting:
                await self._render(each, workshop)

        try:
            with self.report.shown():
                async with self._workshop(jobs) as workshop, asyncio.TaskGroup() as group:
                    for _ in range(jobs):
                        group.create_task(work(workshop))
        except BaseExceptionGroup as several:
            # What a report cannot be written to is so for all, and the first is what is told.
            raise several.exceptions[0] from None

    @asynccontextmanager
    async def _workshop(self, jobs: int) -> AsyncIterator[Workshop | RemoteWorkshop]:
        """What renders, so many at a time: a pool, or a daemon."""
        if self.away is not None:
            async with self.away.workshop(self.engine, self.here) as remote:
                yield remote
            return
        try:
            started = await Pool.start(self.engine, jobs, warm=self.warm)
        except EngineUnavailable as error:
            refuse(_sentence(error), FAILED)
        async with started as pool:
            cache = None
            if self.kept is not None:
                cache = await asyncio.to_thread(Cache.of, self.kept.folder, pool.engine, self.kept.most_bytes)
            yield Workshop(pool, self.here, cache)

    async def _render(self, each: Render, workshop: Workshop | RemoteWorkshop) -> None:
        running = self.report.begin(each)
        try:
            if self.dry:
                self.report.inputs(each, *await workshop.inputs(each))
                return
            if self.into:
                await asyncio.to_thread(_made, each.output.parent)
            result, log = await workshop.render(each, running.told, self.seconds)
            self.report.done(running, result, log)
        except RenderFailed as failure:
            self.report.failed(each, failure.message, failure.hint, failure.log)
        except CsounddError as failure:
            self.report.failed(each, failure.message, failure.hint, [])
        finally:
            self.report.end(running)


def _made(folder: Path) -> None:
    """Make a folder for outputs. Raises EngineError where there can be none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"{folder} cannot be made: {(error.strerror or str(error)).lower()}") from None


async def _to_pipe(batch: _Batch) -> None:
    """Render one piece, and write what came of it to standard output: its header tells its length."""
    with tempfile.TemporaryDirectory(prefix="csoundd-render-") as folder:
        whole = [Render(each.piece, Path(folder) / "out.wav", each.settings) for each in batch.renders]
        await replace(batch, renders=whole).run()
        for each in whole:
            if each.output.exists():
                with each.output.open("rb") as file:
                    shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()


@dataclass(slots=True)
class _Running:
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

    def begin(self, render: Render) -> _Running:
        """A render begins."""
        task = None if self._bars is None else self._bars.add_task(render.name, total=None, shown="")
        return _Running(render, self, task, monotonic())

    def progress(self, running: _Running, event: dict[str, Any]) -> None:
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

    def done(self, running: _Running, result: Result, log: list[str]) -> None:
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

    def failed(self, render: Render, problem: str, hint: str | None, log: list[str]) -> None:
        """A render came to nothing."""
        self.failures += 1
        if self._as_json:
            self._json(render, {"event": "failed", **_failure(problem, hint, log)})
        else:
            say(f"{render.piece.name}{render.variant}: {problem}" + (f"\n  ({hint})" if hint else ""))

    def end(self, running: _Running) -> None:
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
