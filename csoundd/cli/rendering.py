"""``csoundd render``: pieces become sound files, here or by a daemon."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from csoundd.cli.program import FAILED, refuse, run_to_end, say, value_of
from csoundd.cli.render_report import PIPE, Report
from csoundd.engine.csound.registry import CHOICES, check_name
from csoundd.errors import CsounddError, EngineError, EngineUnavailable, InvalidParams
from csoundd.limits import RENDER_CACHE_BYTES, RENDER_LONGEST_SECONDS, RENDERS_AWAY
from csoundd.render.cache import Cache, default_folder
from csoundd.render.formats import FORMATS, Format
from csoundd.render.launcher import WarmProcess
from csoundd.render.piece import Piece, Render, Settings, renders
from csoundd.render.pool import Pool
from csoundd.render.shards import LIST, Named, Shard, pieces_of
from csoundd.render.system import memory_bytes, processors
from csoundd.render.workshop import Workshop

if TYPE_CHECKING:
    from csoundd.cli.remote_renders import Away, RemoteWorkshop

WARNED: Final = 3

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
        except CsounddError as failure:
            self.report.failed(each, failure)
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
