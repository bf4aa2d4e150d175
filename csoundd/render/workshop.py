"""A render from beginning to end: its work, the file that it writes under another name, and that file in its place."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import time
from typing import Any, Final

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.options import Confine, HostOptions
from csoundd.engine.process.environment import environment
from csoundd.engine.workspace import VARIABLES
from csoundd.errors import EngineCrashed, EngineError, Timeout
from csoundd.render.cache import Cache, Opened
from csoundd.render.dryrun import Input, Inputs, hashed, inputs_of, names_files
from csoundd.render.formats import OPTIONS, kind_of
from csoundd.render.inputs import Hashes
from csoundd.render.piece import Render
from csoundd.render.pool import Renderer, RenderFailed, Told
from csoundd.render.work import FILES, MIX, Played, Result, Work
from csoundd.syntax.csd import parse


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the process of a render is held to: the folder ``reach``, in which it may write, beside its output's.

    ``samples`` are folders that it searches for sounds; ``niceness`` says how much it gives way to other programs.
    """

    confine: Confine = "off"
    reach: str = ""
    samples: tuple[str, ...] = ()
    niceness: int = 0


PART_CHARACTERS: Final = 60
_NOT_TAKEN: Final = re.compile(r"[^\w.,=+@ -]", re.ASCII)

FREE: Final = Confinement()
"""Whoever renders by the command trusts the piece, as with Csound's own command."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Renders in one pool. Beside the folder of a piece, what it reads may lie in ``here``.

    With a cache of the pool's engine nothing is rendered twice that is the same each time.
    """

    pool: Renderer
    here: Path
    cache: Cache | None = None
    confinement: Confinement = FREE

    async def render(self, render: Render, told: Told, seconds: float | None) -> tuple[Result, list[str]]:
        """Render to the files that are asked for: the result, and what Csound printed.

        They are under their names when all are whole; whatever happens, nothing else is left of them. Raises
        EngineError where one cannot be written, else what :meth:`Pool.render` does.
        """
        replaced = frozenset(path.resolve() for path in render.files.values())
        with all_or_none(render) as parts:
            work = work_of(render, parts[MIX], self.pool.engine, self.here, self.confinement)
            stems = {name: str(parts[name]) for name in render.stems}
            try:
                return await self._done(replace(work, stems=stems), replaced, told, seconds)
            except OSError as failure:
                raise _unwritten(render.output, failure) from failure

    async def bounce(
        self, render: Render, played: Played, told: Told, seconds: float | None
    ) -> tuple[Result, list[str]]:
        """Play a session again in the folder of ``render``, whose piece is empty, as :meth:`render` renders one."""
        with all_or_none(render) as parts:
            work = work_of(render, parts[MIX], self.pool.engine, self.here, self.confinement)
            return await self.pool.render(bounce_of(work, played), told, timeout=seconds)

    async def inputs(self, render: Render) -> tuple[Inputs, list[Input]]:
        """What a piece reads, without rendering it, and what is in that. Raises what :func:`inputs_of` does."""
        # What it writes meanwhile is nobody's.
        with tempfile.TemporaryDirectory(prefix="csoundd-dry-") as folder:
            work = work_of(render, Path(folder) / "dry.wav", self.pool.engine, self.here, self.confinement)
            inputs = await inputs_of(self.pool, work)
            hashes = Hashes() if self.cache is None else self.cache.hashes
            return inputs, await asyncio.to_thread(hashed, work, inputs, hashes)

    async def _done(
        self, work: Work, replaced: frozenset[Path], told: Told, seconds: float | None
    ) -> tuple[Result, list[str]]:
        """The files of ``work``, from the cache or rendered, which are to be in the place of those ``replaced``."""
        cache = self.cache
        if cache is not None and (found := await asyncio.to_thread(cache.find, work)) is not None:
            _check_spared(found[0].inputs, work, replaced)
            return found
        inputs = await self._known(work) if names_files(work.text) else None
        if inputs is not None:
            inputs.check()
            _check_spared(inputs.read, work, replaced)
        opened = Opened()

        def hear(event: dict[str, Any]) -> None:
            nonlocal opened
            if event["event"] == FILES:
                opened = Opened(tuple(event["read"]), tuple(event["written"]))
            else:
                told(event)

        begun = time()
        result, log = await self.pool.render(work, hear, timeout=seconds)
        _check_spared(opened.read, work, replaced)
        if cache is not None:
            reason = await asyncio.to_thread(cache.keep, work, opened, begun, result, log)
            result = replace(result, not_kept=reason)
        if inputs is not None:
            result = replace(result, late=tuple(Path(each).name for each in opened.read if each not in inputs.read))
        return result, log

    async def _known(self, work: Work) -> Inputs | None:
        """What a piece reads, None where it cannot be looked through: the render tells why."""
        try:
            return await inputs_of(self.pool, work)
        except (RenderFailed, EngineCrashed, Timeout):
            return None


def _check_spared(read: Iterable[str], work: Work, replaced: frozenset[Path]) -> None:
    """Raise EngineError where a render would be put in the place of what it has ``read``: a sample would be lost."""
    for name in read:
        if Path(work.folder, name).resolve() in replaced:
            raise EngineError(
                f"{Path(name).name} would be replaced by a render that reads it", hint="give the output another name"
            )


def _unwritten(output: Path, error: OSError) -> EngineError:
    if error.errno == errno.ENOSPC:
        return EngineError("the disk is full")
    return EngineError(f"{output} cannot be written: {(error.strerror or str(error)).lower()}")


@contextmanager
def all_or_none(render: Render) -> Iterator[dict[str, Path]]:
    """Files beside those of ``render``, by their names, as :func:`whole_or_none` has each: the mix is there last."""
    with ExitStack() as parts:
        yield {name: parts.enter_context(whole_or_none(path)) for name, path in render.files.items()}


@contextmanager
def whole_or_none(output: Path) -> Iterator[Path]:
    """A file beside ``output`` to be written, which is in its place at the end, or gone after an exception.

    Where ``output`` is a link, that is what it leads to, as for whoever opens it to write. Raises EngineError where it
    cannot be written.
    """
    if output.is_dir():
        raise EngineError(f"{output} is a folder")
    if output.exists() and not output.is_file():
        # A device or a pipe would be gone, and a file in its place.
        raise EngineError(f"{output} is no file", hint="-o - writes to standard output")
    target = output.resolve()
    try:
        part = part_of(target)
    except OSError as error:
        raise _unwritten(output, error) from error
    try:
        yield part
        try:
            part.replace(target)
        except OSError as error:
            raise _unwritten(output, error) from error
    finally:
        part.unlink(missing_ok=True)


def part_of(output: Path) -> Path:
    """A name beside ``output``, of a file that is there now, for what is not whole yet.

    Raises OSError where no file can be made there.
    """
    # Of the name only what every engine takes: Csound 7 leaves out quotation marks, and wrote another file.
    stem, suffix = (_NOT_TAKEN.sub("_", word)[:PART_CHARACTERS] for word in (output.stem, output.suffix))
    handle, name = tempfile.mkstemp(prefix=f".{stem}-", suffix=f".part{suffix}", dir=output.parent)
    os.close(handle)
    # As any program's file would be: mkstemp makes it for nobody else.
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
    return Path(name)


def work_of(render: Render, part: Path, engine: HostOptions, here: Path, confinement: Confinement = FREE) -> Work:
    """The work of a render that writes to ``part``, on an engine that is placed."""
    piece, settings = render.piece, render.settings
    wanted = settings.format_of(render.output)
    words = [*render.options, *(OPTIONS[wanted] if wanted else ())]
    for name, value in settings.macros.items():
        words += [f"--omacro:{name}={value}", f"--smacro:{name}={value}"]
    own = (str(here),) if here != piece.folder else ()
    samples = (*own, *confinement.samples)
    whole = environment(replace(engine, workspace=str(piece.folder), samples=samples, confine=confinement.confine))
    variables = {name: whole[name] for name in (*VARIABLES, "TMPDIR") if name in whole}
    if own:
        # As the command finds what is where it is called.
        for name in ("SADIR", "INCDIR"):
            variables[name] = ";".join(filter(None, [variables.get(name, ""), str(here)]))
    variables.setdefault("SFDIR", str(render.output.parent))
    itself = spec_at(engine.place).capabilities.writes_output
    kind = kind_of(parse(piece.text), words) if not itself else None
    return Work(
        text=piece.text,
        folder=str(piece.folder),
        output=str(part),
        place=engine.place,
        library=engine.library,
        words=tuple(words),
        channels=settings.channels,
        variables=variables,
        max_seconds=settings.max_seconds,
        max_memory=settings.max_memory,
        written_here="" if kind is None else f"{kind.container}/{kind.subtype}",
        encoding="opus" if wanted == "opus" else "",
        confine=confinement.confine,
        reach=confinement.reach,
        samples=confinement.samples,
        niceness=confinement.niceness,
    )


def bounce_of(work: Work, played: Played) -> Work:
    """The work of playing a session again, on the engine that it had, with the options of a render."""
    live = HostOptions.from_json(played.options)
    kind = kind_of(parse(work.text), work.words)
    whole = environment(replace(live, folder=work.folder, confine=work.confine))
    return replace(
        work,
        place=live.place,
        library=live.library,
        variables={name: whole[name] for name in (*VARIABLES, "TMPDIR") if name in whole},
        max_seconds=None,
        written_here=f"{kind.container}/{kind.subtype}",
        samples=(live.workspace, *live.samples),
        played=played,
    )
