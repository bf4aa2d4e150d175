"""Rendering through the daemon: jobs, each of which makes sound files of one piece, its mix and stems.

A job that was acknowledged is kept, whatever becomes of the daemon: it is written to the disk before the answer.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import Range
from csoundd.limits import (
    LONGEST_TIME_SECONDS,
    RENDER_ATTEMPTS,
    RENDER_MOST_ATTEMPTS,
    RENDER_PRIORITY,
    RENDERS_LISTED,
)
from csoundd.states import ANY

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
AttemptState = Literal["running", "done", "failed", "crashed", "lost", "interrupted", "cancelled"]
RenderFormat = Literal["wav16", "wav24", "wav32f", "flac", "ogg", "opus"]
RenderFileKind = Literal["mix", "instrument", "channel"]

Priority = Annotated[int, Range(-RENDER_PRIORITY, RENDER_PRIORITY)]
"""What is higher is rendered first."""

Attempts = Annotated[int, Range(1, RENDER_MOST_ATTEMPTS)]
"""How often a job may be begun."""

Listed = Annotated[int, Range(1, RENDERS_LISTED)]
"""How many jobs are listed at once."""

Patience = Annotated[float, Range(0.0, LONGEST_TIME_SECONDS)]
"""Seconds."""


@dataclass(frozen=True, slots=True)
class RenderLevels:
    """The levels of a sound file in decibels of its full scale, null where there is no number, as of silence.

    ``loudness`` is that of EBU R 128 in LUFS, of at most six channels; ``clipped`` and ``notNumbers`` count samples.
    """

    peak: float | None
    truePeak: float | None
    rms: float | None
    loudness: float | None
    clipped: int
    notNumbers: int


@dataclass(frozen=True, slots=True)
class RenderFile:
    """A sound file of a job: ``path`` is where HTTP has it, ``size`` its bytes, ``sha256`` their digest.

    ``stem`` is the instrument or the audio channel that it has alone, null for the mix.
    """

    stem: str | None
    kind: RenderFileKind
    path: str
    size: int
    sha256: str
    nchnls: int
    levels: RenderLevels


@dataclass(frozen=True, slots=True)
class RenderStemSum:
    """The sum of all stems beside the mix: their largest ``difference``, full scale being 1, and where that is.

    ``isMix`` says that they are the same but for the rounding of the files.
    """

    difference: float
    seconds: float
    isMix: bool


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What came of a job: its ``files``, all of them whole, the mix first, whose own values are here as well.

    ``stemSum`` is null without stems, and for formats that keep no samples as they are. ``warnings`` are what Csound
    warned of, each line once and at most so many; ``inputs`` the files that it has read. ``cut`` says that it was cut
    before its end, as was asked.
    """

    path: str
    size: int
    sha256: str
    frames: int
    sr: float
    nchnls: int
    seconds: float
    levels: RenderLevels
    warnings: list[str]
    warningCount: int
    inputs: list[str]
    cut: bool
    files: list[RenderFile]
    stemSum: RenderStemSum | None


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """The reason why there is no sound file: the type of the error, what was wrong, and what to do about it."""

    type: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RenderAttempt:
    """A time that a job was begun. ``lost`` is one whose daemon died, ``interrupted`` one whose daemon was ended."""

    number: int
    state: AttemptState
    started: float
    ended: float | None
    error: RenderFailure | None
    log: list[str]


@dataclass(frozen=True, slots=True)
class RenderProgress:
    """How far a job is that runs: seconds of the score and of sound, and times real time.

    ``eta`` are the seconds that are left, where the length is known.
    """

    scoreTime: float
    seconds: float
    speed: float
    eta: float | None = None


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A job. Times are Unix times; ``cached`` says that its sound files were there already."""

    job: str
    name: str
    state: JobState
    priority: int
    key: str | None
    created: float
    started: float | None
    ended: float | None
    attempts: int
    cached: bool
    progress: RenderProgress | None
    result: RenderResult | None
    error: RenderFailure | None
    history: list[RenderAttempt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RenderList:
    """Jobs, the latest first. ``next`` is what to give as ``before`` for those that follow, null where none do."""

    jobs: list[RenderJob]
    next: str | None


PIECE = """\
<CsoundSynthesizer>
<CsOptions>
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
instr 1
  asig poscil 0.2, 440
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 1
</CsScore>
</CsoundSynthesizer>
"""

QUEUED: dict[str, object] = {
    "job": "5f0c9ad1e37b2468",
    "name": "tone",
    "state": "queued",
    "priority": 0,
    "key": None,
    "created": 1767225600.0,
    "started": None,
    "ended": None,
    "attempts": 0,
    "cached": False,
    "progress": None,
    "result": None,
    "error": None,
    "history": [],
}


class Renders(MethodGroup):
    """Jobs that render pieces to sound files, beside what plays.

    They wait in a queue, the highest priority first, and are rendered as many at a time as there are processors,
    each in a process of its own. What is acknowledged is kept: after the end of a daemon, in whatever way, the next one
    goes on. The topic ``render`` tells how far they are, ``/renders`` has the sound files.
    """

    namespace: ClassVar[str] = "render"

    @method(
        scope="compile",
        states=ANY,
        deadline=None,
        served="front",
        examples=(Example({"csd": PIECE, "name": "tone"}, QUEUED, exact=False),),
    )
    async def submit(
        self,
        csd: str | None = None,
        name: str = "",
        file: str | None = None,
        folder: str = "",
        format: RenderFormat | None = None,
        channels: dict[str, float | str] | None = None,
        macros: dict[str, str] | None = None,
        options: builtins.list[str] | None = None,
        inputs: dict[str, str] | None = None,
        engine: str | None = None,
        maxDuration: Patience | None = None,
        timeout: Patience | None = None,  # noqa: ASYNC109 - of the render, not of this call
        maxMemory: int | None = None,
        priority: Priority = 0,
        attempts: Attempts = RENDER_ATTEMPTS,
        key: str | None = None,
        cache: bool = True,
        wait: Patience = 0.0,
        stems: builtins.list[str] | None = None,
    ) -> RenderJob:
        """Have a piece rendered: the text ``csd``, or ``file`` of the workspace as it is now.

        What the piece reads lies in ``folder`` of the workspace, by default that of ``file``; or it is in ``inputs``,
        by its name for the piece and the SHA-256 digest under which it was put to ``/renders/inputs``: then nothing
        else is there for it. ``format`` is by default what the piece says. ``channels`` are set before it begins,
        ``macros`` defined, ``options`` those of Csound's command. ``stems`` are instruments and audio channels that
        become files of their own beside the mix, of the same performance. ``maxDuration`` cuts the sound, ``timeout``
        gives the render up after so many seconds, ``maxMemory`` bounds its process in bytes, below the bound that all
        have. A job whose process crashes, or whose daemon dies, is begun again, up to ``attempts`` times for its own
        crashes.

        A ``key`` of the client's choice makes it safe to ask again where no answer came: the same job is answered.
        With ``wait`` the answer comes when the job has ended, or after so many seconds.

        Raises InvalidParams for what is no piece, has no end or belongs to another ``key``, NotFound for a ``file`` or
        an input that is not there, Forbidden for an engine that is not for jobs, LimitExceeded where too many wait.
        """
        ...

    @method(
        scope="read",
        states=ANY,
        deadline=None,
        served="front",
        channels="beyond",
        examples=(Example({"job": "5f0c9ad1e37b2468"}, QUEUED, exact=False),),
    )
    async def status(self, job: str, log: bool = False, wait: Patience = 0.0) -> RenderJob:
        """A job, with each time that it was begun, and with ``log`` what Csound printed then.

        With ``wait`` the answer comes when it has ended, or after so many seconds. Raises NotFound.
        """
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        channels="beyond",
        examples=(Example({"state": "queued"}, {"jobs": [QUEUED], "next": None}, exact=False),),
    )
    async def list(
        self, state: JobState | None = None, name: str = "*", limit: Listed = 100, before: str | None = None
    ) -> RenderList:
        """The jobs there are, the latest first: those in one ``state``, those whose name matches the glob ``name``.

        Without their histories. ``before`` is the job at which another list ended. Raises NotFound where that is gone.
        """
        ...

    @method(
        scope="compile",
        states=ANY,
        served="front",
        examples=(Example({"job": "5f0c9ad1e37b2468"}, QUEUED | {"state": "cancelled"}, exact=False),),
    )
    async def cancel(self, job: str) -> RenderJob:
        """End a job that waits or runs, and leave nothing of its sound files. One that has ended stays as it is.

        Raises NotFound.
        """
        ...

    @method(
        scope="compile",
        states=ANY,
        served="front",
        examples=(Example({"job": "5f0c9ad1e37b2468"}, QUEUED, exact=False),),
    )
    async def retry(self, job: str) -> RenderJob:
        """Have a job rendered anew that failed or was cancelled; what it may crash is counted from zero.

        Raises NotFound, and WrongState for one that is done, waits or runs.
        """
        ...

    @method(
        scope="compile",
        states=ANY,
        served="front",
        examples=(Example({"job": "5f0c9ad1e37b2468"}, None, exact=False),),
    )
    async def remove(self, job: str) -> None:
        """Forget a job that has ended, and delete its sound files. By themselves the oldest go, by age and size.

        Raises NotFound, and WrongState for one that waits or runs.
        """
        ...


BOUNCED: dict[str, object] = QUEUED | {"name": "bounce"}


class Bounces(MethodGroup):
    """What was played live, rendered again."""

    namespace: ClassVar[str] = "session"

    @method(
        scope="compile",
        states=ANY,
        deadline=None,
        served="front",
        examples=(
            Example(
                {"name": "take 3", "format": "wav24"},
                BOUNCED | {"name": "take 3"},
                after=(Call("csound.performKsmps"),),
                exact=False,
            ),
        ),
    )
    async def bounce(
        self,
        name: str = "bounce",
        format: RenderFormat = "wav32f",
        start: Patience = 0.0,
        until: Patience | None = None,
        timeout: Patience | None = None,  # noqa: ASYNC109 - of the render, not of this call
        maxMemory: int | None = None,
        priority: Priority = 0,
        attempts: Attempts = RENDER_ATTEMPTS,
        key: str | None = None,
        wait: Patience = 0.0,
    ) -> RenderJob:
        """Render again what was played since the engine began or was last reset, offline.

        Code, events, values of channels, points of tables, MIDI, keys, audio for ``spin``: everything is done again in
        the cycle in which it was done, whoever did it, so the samples are those that were heard, as fast as they can
        be computed. What waits for its time is not in it. The sound is that from ``start`` to ``until``, in seconds
        since then; null is now, and what is later than now is how it would go on. The job is as any that
        ``render.submit`` makes; files that the orchestra writes are thrown away, what it reads has to be there still.
        Not the same is what depends on anything else: ``seed 0``, the date, the network, input that Csound takes from
        a device by itself. An engine that has died takes its log with it: what can be bounced begins where the next
        one has taken over.

        Raises WrongState where nothing was played or nothing is kept, InvalidParams for no time between ``start`` and
        ``until``, LimitExceeded where the log was full before ``until``, or too many jobs wait.
        """
        ...
