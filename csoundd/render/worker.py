"""The process that renders one piece: it makes an engine, performs in drive ``free`` and measures what came of it.

Csound itself writes the file, so that the bits are its own. What happens is told in lines of JSON.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import select
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np
import soundfile
import soxr

from csoundd.api.channels import Channels
from csoundd.engine.csound.backend import Backend, BackendContext, BackendOptions, Lost, SandboxLimits, Wanted
from csoundd.engine.csound.compiling import SharedCompiling
from csoundd.engine.csound.handles import Handles
from csoundd.engine.csound.registry import spec_at
from csoundd.engine.host.confinement import confine
from csoundd.engine.host.diagnostics import diagnose
from csoundd.engine.options import HostOptions
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineError
from csoundd.limits import (
    FREE_TURN_SECONDS,
    KEPT_LINES,
    RENDER_LONGEST_SECONDS,
    RENDER_PROGRESS_SECONDS,
)
from csoundd.messages import WARNING, Frames
from csoundd.render.inputs import where_to_look
from csoundd.render.levels import follow, measured
from csoundd.render.log import Log
from csoundd.render.messages import (
    counts_errors,
    is_full_disk,
    is_only_warning,
    plain,
    said,
    why_unmade,
)
from csoundd.render.plugins import Plugins
from csoundd.render.stems import Stems
from csoundd.render.system import sound_name
from csoundd.render.work import FILES, MEASURE, MEASURED_BESIDE, SILENCE, UNLIKE, Played, Result, Work
from csoundd.render.writing import BLOCK_FRAMES, write

MOST_CYCLES: Final = 1 << 16
OPUS_HZ: Final = 48_000


class Render:
    """One piece on one engine in this process."""

    def __init__(self, work: Work, link: socket.socket) -> None:
        self._work, self._link = work, link
        self._log = Log(work.most_seconds)
        self._inputs: dict[str, None] = {}
        self._reads: dict[str, None] = {}
        self._writes: dict[str, None] = {}

    def run(self) -> None:
        """Render, and tell how it went. Whatever goes wrong is told too."""
        try:
            if self._work.played is not None:
                result = self._bounced(self._work.played)
            else:
                result = self._looked_through() if self._work.dry else self._rendered()
            self._tell_files()
            self._tell("done", result=asdict(result))
        except CsounddError as failure:
            self._tell_files()
            self._tell("failed", message=failure.message, hint=failure.hint)
        except Lost as lost:
            self._tell("failed", message=f"the engine is lost: {lost.cause}", hint=None)
        except MemoryError:
            most = self._work.max_memory >> 20
            told = f"it takes more memory than the {most} MiB that it may" if most else "there is not enough memory"
            self._tell("failed", message=told, hint="--max-memory, or maxMemory of a job, says how much it may take")
        except soundfile.LibsndfileError as failure:
            self._tell("failed", message=f"the sound file: {failure.error_string.lower().rstrip('.')}", hint=None)
        except OSError as failure:
            full = failure.errno == errno.ENOSPC
            self._tell(
                "failed", message="the disk is full" if full else str(failure) or type(failure).__name__, hint=None
            )
        except Exception as fault:  # noqa: BLE001 - it is no crash of Csound's, and is not to be told as one
            told = f"a fault in csoundd itself: {type(fault).__name__}: {fault}"
            self._tell("failed", message=told, hint="it is worth a report")

    def _tell_files(self) -> None:
        self._tell(FILES, read=list(self._reads), written=list(self._writes), missing=list(self._log.all_missing))

    def _tell(self, event: str, **values: object) -> None:
        if event in {"done", "failed"}:
            values["log"] = self._log.kept()
        self._link.sendall(json.dumps({"event": event} | values).encode() + b"\n")

    def _backend(self) -> Backend:
        """The engine, as it renders."""
        work = self._work
        output, folder = Path(work.output), Path(work.folder)
        context = BackendContext(Workspace(folder), Handles(1), self._opened, tells_paths=True)
        context.paced("free")
        context.follow({"files"})
        options = BackendOptions(
            "free",
            library=work.library,
            sandbox=SandboxLimits(),
            writes_output=True,
            output_folder=output.parent.resolve(),
        )
        return spec_at(work.place).backend(options, context)

    def _looked_through(self) -> Result:
        """Compile the piece, and begin its notes without a sound, so that it opens what it reads."""
        work, backend = self._work, self._backend()
        self._begin(backend)
        code = 0 if work.dry == "notes" else 1
        while not code and backend.score_time() < work.most_seconds:
            _, code = backend.burst(1, None)
            self._read(backend)
        sr, nchnls = backend.sr, backend.nchnls
        backend.close()
        return Result(0, sr, nchnls, SILENCE, tuple(self._log.warnings), self._log.warning_count, tuple(self._inputs))

    def _rendered(self) -> Result:
        work = self._work
        backend = self._backend()
        stems = Stems(work, backend) if work.stems else None
        if stems is not None:
            self._log = Log(work.most_seconds, stems.line_before)
        with ExitStack() as files:
            self._begin(backend, stems)
            if stems is not None:
                stems.start(files)
            return self._ended(backend, stems, *self._perform(backend, stems))

    def _ended(self, backend: Backend, stems: Stems | None, frames: int, code: int) -> Result:
        work, output = self._work, Path(self._work.output)
        sr, nchnls, zerodbfs = backend.sr, backend.nchnls, backend.zerodbfs
        self._read(backend)
        if stems is not None and code >= 0:
            stems.check()
        backend.close()
        if code < 0:
            if is_full_disk(self._last_error()):
                raise EngineError("the disk is full")
            hint = "its orchestra has exitnow, which may have given this code" if "exitnow" in work.text else None
            raise EngineError(f"Csound gave up with code {code}: {self._last_error()}".removesuffix(": "), hint=hint)
        if self._log.missing:
            raise EngineError(self._log.missing, hint=f"looked for in {', '.join(where_to_look(work))}")
        self._check(output, frames)
        levels = SILENCE if self._is_measured_beside() else measured(output)
        written = stems.written(output, zerodbfs) if stems is not None else ()
        for each in work.stems.values():
            self._check(Path(each), frames)
        stem_sum = stems.compared(output) if stems is not None else None
        if work.encoding:
            for each in work.files.values():
                encode_opus(Path(each))
        warnings = tuple(self._log.warnings)
        cut = work.max_seconds is not None and not code
        inputs = tuple(self._inputs)
        return Result(
            frames,
            sr,
            nchnls,
            levels,
            warnings,
            self._log.warning_count,
            inputs,
            cut,
            stems=written,
            stem_sum=stem_sum,
        )

    def _bounced(self, played: Played) -> Result:
        """Play a session again, and write what comes of it."""
        from csoundd.render.bouncing import Replay  # noqa: PLC0415 - no piece needs all that serves a session

        output, frames, told = Path(self._work.output), 0, monotonic()
        file: soundfile.SoundFile | None = None
        with (
            Replay(played, Path(self._work.folder), lambda lines: self._log.add(lines, 0)) as replay,
            ExitStack() as files,
        ):
            backend = replay.backend
            for block in replay.blocks():
                if file is None:
                    file = files.enter_context(self._written_file(backend))
                    self._tell("started", sr=backend.sr, nchnls=backend.nchnls, ksmps=backend.ksmps)
                write(file, block / backend.zerodbfs)
                frames += len(block)
                if backend.has_printed():
                    self._read(backend)
                if monotonic() - told >= RENDER_PROGRESS_SECONDS:
                    told = monotonic()
                    self._tell("progress", score_time=backend.score_time(), seconds=frames / backend.sr)
            sr, nchnls = backend.sr, backend.nchnls
            self._read(backend)
            if file is None:
                raise EngineError("nothing was played in that time")
            self._log.add([(f"warning: {UNLIKE} {each}", WARNING) for each in replay.differences], 0)
        self._check(output, frames)
        levels = SILENCE if self._is_measured_beside() else measured(output)
        if self._work.encoding:
            encode_opus(output)
        return Result(frames, sr, nchnls, levels, tuple(self._log.warnings), self._log.warning_count)

    def _written_file(self, backend: Backend) -> soundfile.SoundFile:
        """The file that is written here, of what this engine puts out."""
        container, subtype = self._work.written_here.split("/")
        sr, name = round(backend.sr), sound_name(self._work.output)
        return soundfile.SoundFile(name, "w", sr, backend.nchnls, subtype, format=container)

    def _is_measured_beside(self) -> bool:
        """Whether another process measures the file, and gives its levels."""
        return bool(select.select([self._link], [], [], 0)[0]) and self._link.recv(len(MEASURED_BESIDE)) != b""

    def _begin(self, backend: Backend, stems: Stems | None = None) -> None:
        """Compile the piece, set its channels and start it. Raises EngineError where that does not work."""
        work = self._work
        compiling = next(group for group in backend.groups if isinstance(group, SharedCompiling))
        channels = next(group for group in backend.groups if isinstance(group, Channels))
        # The header of an orchestra may read a channel, and may set one: what was asked for stands in both cases.
        _set(channels, work.channels)
        output = ("-I",) if work.dry else () if work.written_here else ("-o", work.output)
        text = work.text if stems is None else stems.text
        code = compiling.compile_as_command(text, (*work.words, *output), Path(work.folder))
        code = code or (0 if work.dry == "code" else backend.start())
        printed = self._read(backend)
        if code != 0:
            found = diagnose(text, printed, lambda _: None)
            errors = [each for each in found if each.severity == "error"]
            if stems is not None:
                errors = [replace(each, line=stems.line_before(each.line)) for each in errors]
            told = "; ".join(f"line {each.line}: {each.message}" if each.line else each.message for each in errors)
            if why := next(filter(None, map(why_unmade, map(plain, printed))), ""):
                if "no space left" in why.lower():
                    raise EngineError("the disk is full")
                form = f"{backend.nchnls} channels at {backend.sr:g} Hz"
                raise EngineError(f"no such sound file can be made of {form}: {why.lower()}")
            raise EngineError(self._log.missing or told or self._first_error() or "the piece does not compile")
        _set(channels, work.channels)
        self._tell("started", sr=backend.sr, nchnls=backend.nchnls, ksmps=backend.ksmps)

    def _perform(self, backend: Backend, stems: Stems | None) -> tuple[int, int]:
        """Perform to the end, or as long as it may: the frames, and Csound's last code, 0 where it was cut."""
        work, ksmps = self._work, backend.ksmps
        most = -int(-min(work.most_seconds, RENDER_LONGEST_SECONDS) * backend.sr // ksmps)
        buffer, file = np.zeros((0, backend.nchnls)), None
        if work.written_here:
            file = self._written_file(backend)
        burst = backend.burst if stems is None else stems.burst
        cycles, performed, code, told = 1, 0, 0, monotonic()
        while performed < most and not code:
            begun = monotonic()
            wanted = min(cycles, most - performed)
            if file is not None and len(buffer) < wanted * ksmps:
                buffer = np.zeros((wanted * ksmps, backend.nchnls))
            done, code = burst(wanted, buffer if file is not None else None)
            if file is not None:
                write(file, buffer[: done * ksmps] / backend.zerodbfs)
            performed += done
            now = monotonic()
            cycles = max(1, min(2 * cycles, int(done * FREE_TURN_SECONDS / max(now - begun, 1e-6)), MOST_CYCLES))
            if backend.has_printed():
                self._read(backend)
            if now - told >= RENDER_PROGRESS_SECONDS:
                told = now
                self._tell("progress", score_time=backend.score_time(), seconds=performed * ksmps / backend.sr)
        if file is not None:
            file.close()
        if not code and work.max_seconds is None:
            hours = work.most_seconds / 3600
            raise EngineError(
                f"it has not ended after {hours:g} hours of sound", hint="a maximal duration says how long it may be"
            )
        return Frames(performed * ksmps), code

    def _read(self, backend: Backend) -> list[str]:
        """Read what Csound printed meanwhile; the lines."""
        printed, dropped, _ = backend.printed(Wanted(KEPT_LINES, 0, KEPT_LINES))
        self._log.add(printed, dropped)
        return [text for text, _ in printed]

    def _first_error(self) -> str:
        errors = (line for line in self._log.warnings if "error" in line.lower() and not counts_errors(line))
        return said(next(errors, "")) or self._last_error()

    def _last_error(self) -> str:
        """The last line that told of more than a warning, as the reason of a failure."""
        lines = [line for line in reversed(self._log.warnings) if not is_only_warning(line)]
        return said(next((line for line in lines if not counts_errors(line)), next(iter(lines), "")))

    def _opened(self, topic: str, data: object) -> None:
        if topic != "files" or not isinstance(data, dict) or data["temp"]:
            return
        opened = str(data["opened"])
        if not data["write"]:
            self._inputs[str(data["path"])] = None
            self._reads[opened] = None
        elif Path(self._work.folder, opened) != Path(self._work.output):
            self._writes[opened] = None

    def _check(self, output: Path, frames: int) -> None:
        """Raise EngineError where the file does not hold what was performed, as where the disk is full."""
        try:
            with soundfile.SoundFile(sound_name(output)) as file:
                written = file.frames
        except soundfile.LibsndfileError as error:
            why = error.error_string.lower().rstrip(".")
            raise EngineError(f"no sound file was written: {why}", hint="is the disk full?") from error
        if written != frames:
            raise EngineError(
                f"the file holds {written} frames of {frames}",
                hint="the disk is full, or the file is longer than its format can hold (WAV: 4 GiB)",
            )


def _set(channels: Channels, values: dict[str, float | str]) -> None:
    for name, value in values.items():
        if isinstance(value, str):
            channels.setStringChannel(name, value)
        else:
            channels.setControlChannel(name, value)


def encode_opus(path: Path) -> None:
    """Put Ogg Opus in the place of the sound file at ``path``."""
    encoded = path.with_name(f"{path.name}.opus")
    try:
        with (
            soundfile.SoundFile(sound_name(path)) as source,
            soundfile.SoundFile(sound_name(encoded), "w", OPUS_HZ, source.channels, "OPUS", format="OGG") as target,
        ):
            stream = soxr.ResampleStream(source.samplerate, OPUS_HZ, source.channels, dtype="float64")
            while len(block := source.read(BLOCK_FRAMES, "float64", always_2d=True)):
                write(target, stream.resample_chunk(block))
            write(target, stream.resample_chunk(np.zeros((0, source.channels)), last=True))
        encoded.replace(path)
    finally:
        encoded.unlink(missing_ok=True)


def _confinement(work: Work) -> HostOptions:
    """What this process may reach, in the words of an engine's host."""
    return HostOptions(
        workspace=work.reach or work.folder,
        folder=str(Path(work.output).parent),
        samples=work.samples,
        confine=work.confine,
        place=work.place,
        library=work.library,
    )


def serve(link: socket.socket, plugins: Plugins | None = None) -> None:
    """Render what ``link`` asks for, in this process, which is for nothing else.

    Of the ``plugins`` that are known those are loaded that the piece needs.
    """
    with link.makefile("rb") as asked:
        line = asked.readline().decode()
    values = json.loads(line)
    if MEASURE in values:
        with suppress(OSError, soundfile.LibsndfileError):
            follow(Path(values[MEASURE]), link)
        return
    work = Work.from_json(line)
    os.chdir(work.folder)
    os.environ.update(work.variables)
    if plugins is not None and work.library is not None and work.confine == "off":
        os.environ[work.library.plugin_variable] = str(plugins.chosen(work.text, work.words))
    if work.max_memory:
        with suppress(ValueError, OSError):
            most = min(work.max_memory, sys.maxsize)
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    with suppress(OSError):
        # Where memory runs out it is this process that goes, and no other.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if work.niceness:
        os.nice(work.niceness)
    if work.confine != "off":
        confine(_confinement(work))
    with suppress(BrokenPipeError, ConnectionResetError), ThreadPoolExecutor(1) as fresh:
        # Csound 7 leaves global audio variables as it finds the memory (docs/upstream-faults.md#csound7-unset-audio).
        # In a thread of its own it has an arena of its own, of glibc's malloc, which nobody has used before it.
        fresh.submit(Render(work, link).run).result()


def main() -> None:
    """Render one piece: ``python -m csoundd.render.worker LINK``."""
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
