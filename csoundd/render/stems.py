"""Stems: what instruments put out and what audio channels hold, as files of their own beside the mix.

All come of the one performance that makes the mix, which is the same as without them. The stem of an instrument is what
its instances add to the mix, by whatever opcode; all instruments that put out anything add up to the mix. The stem of
an audio channel is what is in it at the end of each cycle.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np
import numpy.typing as npt
import soundfile

from csoundd.engine.csound.backend import BEGINS, Backend, Outputs, Points, Reading
from csoundd.errors import EngineError
from csoundd.render.inputs import SearchPath
from csoundd.render.levels import measured
from csoundd.render.system import sound_name
from csoundd.render.work import Stem, StemSum, Work
from csoundd.render.writing import BLOCK_FRAMES, write
from csoundd.syntax.csd import SectionKind, parse
from csoundd.syntax.instruments import begun_with
from csoundd.syntax.repeatable import macros_of

BUFFERED_FRAMES: Final = 1 << 13
SAMPLE_BYTES: Final = 8
STEPS: Final = {
    "PCM_S8": 2**-7,
    "PCM_U8": 2**-7,
    "PCM_16": 2**-15,
    "PCM_24": 2**-23,
    "PCM_32": 2**-31,
    "FLOAT": 2**-23,
    "DOUBLE": 2**-50,
}
"""By how much two samples at full scale differ at least, by kind of file: what rounding changes at most."""


@dataclass(slots=True)
class _Track:
    """One stem while it is performed: its samples as Csound has them, in a file without a name."""

    name: str
    path: Path
    is_instrument: bool
    raw: IO[bytes]
    buffer: Points
    filled: int = 0
    reading: Reading | None = None

    @property
    def nchnls(self) -> int:
        return int(self.buffer.shape[1])

    def add(self, block: Points | None, frames: int) -> None:
        """Take in a cycle, None being silence."""
        if self.filled + frames > len(self.buffer):
            self.flush()
        if block is not None:
            self.buffer[self.filled : self.filled + frames] = block
        self.filled += frames

    def flush(self) -> None:
        """Write what is buffered."""
        self.raw.write(self.buffer[: self.filled].tobytes())
        self.buffer[:] = 0.0
        self.filled = 0


class Stems:
    """The stems of one render, from the code to the files."""

    def __init__(self, work: Work, backend: Backend) -> None:
        """Raises EngineError for a name that is nothing in the piece, and where instruments cannot be told apart."""
        csd, search = parse(work.text), SearchPath.of(work)
        section = csd.last(SectionKind.INSTRUMENTS)
        assert section is not None
        self._work, self._backend = work, backend
        self._begun = begun_with(section.text, BEGINS, macros_of(work.words), search.text)
        self._instruments = [name for name in work.stems if name in self._begun.names]
        for name in work.stems:
            if name not in self._begun.names and self._begun.texts is not None and name not in self._begun.texts:
                raise self._no_stem(name, "neither an instrument nor an audio channel", ())
        self._outputs: Outputs | None = None
        self._first_line = section.line
        self.text = work.text
        """The piece as it is to be compiled."""

        if self._instruments:
            self._outputs = self._told_apart()
            self.text = work.text[: section.start] + self._begun.text + work.text[section.end :]
        self._tracks: list[_Track] = []

    def _told_apart(self) -> Outputs:
        outputs = self._backend.instrument_outputs(self._instruments)
        if outputs is None:
            raise EngineError(
                f"the engine {self._backend.name} cannot tell what an instrument puts out",
                hint="the engine native can; audio channels have stems on every engine",
            )
        if self._begun.unseen:
            raise EngineError(
                f"what each instrument puts out cannot be told: {self._begun.unseen}",
                hint="an audio channel that the piece sets can be a stem",
            )
        return outputs

    def _no_stem(self, name: str, found: str, channels: Iterable[str]) -> EngineError:
        named = [*sorted(self._begun.names), *sorted(channels)]
        return EngineError(
            f"{name} is {found} of the piece, so it has no stem",
            hint=f"there are {', '.join(named)}" if named else None,
        )

    def line_before(self, line: int) -> int:
        """The line of the piece that is the line ``line`` of :attr:`text`."""
        if self._outputs is None or line < self._first_line:
            return line
        return self._begun.line_before(line - self._first_line + 1) + self._first_line - 1

    def start(self, files: ExitStack) -> None:
        """Csound has started: the stems begin. ``files`` closes what is opened."""
        ksmps, nchnls = self._backend.ksmps, self._backend.nchnls
        if self._outputs is not None:
            self._outputs.start(ksmps, nchnls)
        rows = max(BUFFERED_FRAMES, ksmps)
        for name, path in self._work.stems.items():
            raw = files.enter_context(tempfile.TemporaryFile(dir=Path(path).parent))  # noqa: SIM115 - it is one
            is_instrument = name in self._instruments
            buffer = np.zeros((rows, nchnls if is_instrument else 1))
            self._tracks.append(_Track(name, Path(path), is_instrument, raw, buffer))

    def burst(self, cycles: int, output: Points | None) -> tuple[int, int]:
        """As :meth:`Backend.burst`, with the stems taken after each cycle."""
        backend, ksmps, outputs = self._backend, self._backend.ksmps, self._outputs
        for done in range(cycles):
            if outputs is not None:
                outputs.begin()
            whole, code = backend.burst(1, None if output is None else output[done * ksmps : (done + 1) * ksmps])
            if not whole:
                return done, code
            if outputs is not None:
                outputs.end()
            for track in self._tracks:
                if track.is_instrument and outputs is not None:
                    track.add(outputs.block(track.name), ksmps)
                else:
                    track.add(self._of_channel(track), ksmps)
        return cycles, 0

    def _of_channel(self, track: _Track) -> Points | None:
        if track.reading is None and self._backend.kind(track.name) == "audio":
            track.reading = self._backend.reading(track.name)
        if track.reading is None:
            return None
        return np.asarray(track.reading(), np.float64)[:, None]

    def check(self) -> None:
        """Raise EngineError where a stem has come to nothing: before the engine is closed."""
        if self._outputs is not None and self._outputs.is_threaded:
            raise EngineError("several threads play the piece, so its instruments cannot be told apart", hint="-j 1")
        for track in self._tracks:
            if track.is_instrument or track.reading is not None:
                continue
            kind, backend = self._backend.kind(track.name), self._backend
            found = f"a {kind} channel" if kind else "neither an instrument nor an audio channel"
            raise self._no_stem(track.name, found, (each for each in backend.names() if backend.kind(each) == "audio"))

    def written(self, mix: Path, zerodbfs: float) -> tuple[Stem, ...]:
        """The files of the stems, in the form of the mix, which is there already."""
        with soundfile.SoundFile(sound_name(mix)) as form:
            sr, subtype, container, endian = form.samplerate, form.subtype, form.format, form.endian
        found = []
        for track in self._tracks:
            track.flush()
            track.raw.seek(0)
            with soundfile.SoundFile(sound_name(track.path), "w", sr, track.nchnls, subtype, endian, container) as file:
                while data := track.raw.read(BLOCK_FRAMES * track.nchnls * SAMPLE_BYTES):
                    write(file, np.frombuffer(data).reshape(-1, track.nchnls) / zerodbfs)
            found.append(Stem(track.name, track.is_instrument, track.nchnls, measured(track.path)))
        return tuple(found)

    def compared(self, mix: Path) -> StemSum | None:
        """The sum of the stems, as they were written, beside the mix: None of a format that changes all samples."""
        with soundfile.SoundFile(sound_name(mix)) as form:
            step = STEPS.get(form.subtype)
        if step is None:
            return None
        largest, place, peak, at = -1.0, 0, 1.0, 0
        with ExitStack() as open_files:
            whole = open_files.enter_context(soundfile.SoundFile(sound_name(mix)))
            stems = [open_files.enter_context(soundfile.SoundFile(sound_name(track.path))) for track in self._tracks]
            while len(block := whole.read(BLOCK_FRAMES, "float64", always_2d=True)):
                total = np.zeros(block.shape)
                for stem in stems:
                    total += _of_length(stem.read(len(block), "float64", always_2d=True), len(block))
                apart = np.nan_to_num(np.abs(block - total), nan=math.inf, posinf=math.inf).max(axis=1)
                peak = max(peak, float(np.abs(block).max()))
                if apart.max() > largest:
                    largest, place = float(apart.max()), at + int(apart.argmax())
                at += len(block)
            sr = whole.samplerate
        return StemSum(max(largest, 0.0), place / sr, largest <= step * peak * (len(stems) + 1))


def _of_length(block: npt.NDArray[np.float64], frames: int) -> npt.NDArray[np.float64]:
    missing = frames - len(block)
    return np.pad(block, ((0, missing), (0, 0))) if missing else block
