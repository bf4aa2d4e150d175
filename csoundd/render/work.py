"""The work of one render, as it goes to the process that does it, and what comes back: lines of JSON, both ways."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Self

from csoundd.engine.csound.library import NativeLibrary
from csoundd.limits import RENDER_SECONDS

MEASURE: Final = "measure"
"""What is asked of a process that measures a file, in place of the work of a render."""

MEASURED_BESIDE: Final = b"measured\n"
"""Tells a render that its file is measured by another process, while it is written."""

MIX: Final = ""
"""The name of the mix among the files of a render; those of the stems have the names of these."""

FILES: Final = "files"
"""The event by which a render tells which files it has opened, and which were missing, before it is done."""


UNLIKE: Final = "it may sound otherwise than it did:"
"""Begins what is warned of where a session is played again."""


@dataclass(frozen=True, slots=True)
class Played:
    """A live session that is played again: its log, a file, and the options of its engine, in JSON.

    It had performed so many ``cycles``. The sound is that between ``start`` and ``until``, in seconds; None is the end.
    """

    log: str
    options: str
    cycles: int
    start: float = 0.0
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One piece to be rendered to one file. Everything in it is known before it begins.

    ``words`` are options as on Csound's command line, without the output; ``channels`` are set before the first cycle.
    ``output`` is where Csound writes, a temporary name. With ``encoding`` that file becomes another one afterwards.
    """

    text: str
    folder: str
    output: str
    place: str
    library: NativeLibrary | None = None
    words: tuple[str, ...] = ()
    channels: dict[str, float | str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    max_seconds: float | None = None
    """The performance is cut after so many seconds; None lets it end by itself, or fail after RENDER_SECONDS."""

    max_memory: int = 0
    """Bytes that the process may take, 0 for any number."""

    written_here: str = ""
    """What csoundd makes of the samples of an engine that writes no files, in libsndfile's names: ``WAV/PCM_16``."""

    encoding: Literal["", "opus"] = ""
    dry: Literal["", "notes", "code"] = ""
    """Nothing is heard: each note of the score is begun and ended at once, or the code is compiled and no note begun.

    So all that it reads by names that are known before is opened.
    """

    confine: Literal["auto", "off", "strict"] = "off"
    """Whether the process is confined to the folders that it needs, as the engine of a daemon is."""

    reach: str = ""
    """The folder, beside that of its output, in which a process that is confined may write."""

    samples: tuple[str, ...] = ()
    """Folders that such a process may read."""

    niceness: int = 0
    """How much the process gives way to others."""

    stems: dict[str, str] = field(default_factory=dict)
    """Instruments and audio channels that become files of their own, and the names of these."""

    played: Played | None = None
    """A session that is played again, in the place of a piece."""

    @property
    def files(self) -> dict[str, str]:
        """The files that come of it, the mix first: all of them, or none."""
        return {MIX: self.output} | self.stems

    @property
    def most_seconds(self) -> float:
        """Seconds of sound after which it is over, one way or the other."""
        return RENDER_SECONDS if self.max_seconds is None else self.max_seconds

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Self:
        """The work of a line that :meth:`to_json` made."""
        values: dict[str, Any] = json.loads(line)
        library = values["library"]
        if library is not None:
            library = NativeLibrary(**library | {"plugin_folders": tuple(library["plugin_folders"])})
        listed = {name: tuple(values[name]) for name in ("words", "samples")}
        played = values["played"] and Played(**values["played"])
        return cls(**values | listed | {"library": library, "played": played})


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of a sound file in decibels of its full scale; None where there is no number, as of silence.

    ``clipped`` counts the samples beyond full scale, or at it where the file holds nothing beyond.
    """

    peak: float | None
    true_peak: float | None
    rms: float | None
    loudness: float | None
    """Integrated loudness after EBU R 128, in LUFS.

    None for less than 0.4 s, silence, more than six channels and what is too long.
    """

    clipped: int
    not_numbers: int


SILENCE: Final = Levels(None, None, None, None, 0, 0)


@dataclass(frozen=True, slots=True)
class Stem:
    """A stem that was written, of an instrument or an audio channel, with the levels of its file."""

    name: str
    is_instrument: bool
    nchnls: int
    levels: Levels


@dataclass(frozen=True, slots=True)
class StemSum:
    """The sum of all stems beside the mix, a stem of one channel being in all of them."""

    difference: float
    """The size of the largest difference, full scale being 1."""

    seconds: float
    """Where that is."""

    is_mix: bool
    """Whether they are the same but for the rounding of the files."""


@dataclass(frozen=True, slots=True)
class Result:
    """A render that is done."""

    frames: int
    sr: float
    nchnls: int
    levels: Levels
    warnings: tuple[str, ...]
    """What Csound warned of, and errors in notes that it went on after: each line once, and at most so many."""

    warning_count: int
    inputs: tuple[str, ...] = ()
    """The files that it has read."""

    cut: bool = False
    """Whether it was cut before its end, as was asked."""

    late: tuple[str, ...] = ()
    """Files among them that could not be known before it was rendered, where it was tried."""

    cached: bool = False
    """Whether it was not rendered, but found as it had been rendered before."""

    not_kept: str = ""
    """Why the next one cannot be found so; empty where it can, and where no cache was asked for."""

    stems: tuple[Stem, ...] = ()
    stem_sum: StemSum | None = None

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / self.sr

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """The result in a message of JSON."""
        listed = {name: tuple(values.get(name, ())) for name in ("warnings", "inputs", "late")}
        stems = tuple(Stem(**each | {"levels": Levels(**each["levels"])}) for each in values.get("stems", ()))
        found = values.get("stem_sum")
        parts = {"levels": Levels(**values["levels"]), "stems": stems, "stem_sum": found and StemSum(**found)}
        return cls(**values | listed | parts)
