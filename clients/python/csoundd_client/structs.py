"""The structs of the contract, with the API's own field names.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from csoundd_client.values import Array, Json


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """An audio device as Csound's module reports it."""

    deviceName: str
    deviceId: str
    rtModule: str
    maxNchnls: int
    isOutput: bool


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A call inside a call: one of the requests that ``engine.batch`` and the queued tasks run."""

    method: str
    params: list[Json] | dict[str, Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel of the software bus (``mode``: 1 input, 2 output, 3 both)."""

    name: str
    kind: str
    mode: int
    hints: ControlChannelHints | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel and what it holds: a number, a text, or an array."""

    name: str
    kind: str
    mode: int
    hints: ControlChannelHints | None
    value: Json


@dataclass(frozen=True, slots=True)
class CompileReport:
    """The result of compiling a piece of code: ``messages`` are the lines that Csound printed over it."""

    ok: bool
    diagnostics: list[Diagnostic]
    messages: list[str]


@dataclass(frozen=True, slots=True)
class ControlChannelHints:
    """Hints for showing a control channel (``behav``: 0 none, 1 int, 2 lin, 3 exp)."""

    behav: int = 0
    dflt: float = 0.0
    min: float = 0.0
    max: float = 0.0
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    attributes: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A fault in a piece of code and its place: lines and columns from 1, 0 where Csound names none.

    They count in ``file``, which the code includes, and where that is empty in the code itself.
    """

    line: int
    column: int
    message: str
    severity: Literal["error", "warning"]
    file: str = ""


@dataclass(frozen=True, slots=True)
class EngineChange:
    """The engine changed state, or something befell it.

    ``restored`` counts what a new host was given back. With the event ``recorded`` the file ``recording`` is complete,
    whatever ended it; a ``reason`` says why it ended early.
    """

    event: str
    state: Literal["offline", "starting", "ready", "playing", "paused", "ended", "failed"]
    epoch: int
    reason: str | None = None
    restored: dict[str, Json] | None = None
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine at a glance. ``version`` is Csound's times 1000; ``unsupported`` gives a reason by method.

    ``epoch`` rises whenever an engine begins anew, and with it handles turn stale. Without a host there is
    neither ``version`` nor ``pid``. ``scheduling`` is what the system granted to the performance thread;
    ``confined`` is what it holds the engine's process off from: ``files`` other than those it needs, ``programs``,
    ``tcp``;
    ``piece`` is the name of the piece that was loaded, null where that is not known;
    ``format`` has ``sr``, ``ksmps``, ``nchnls`` and ``zerodbfs`` once Csound has been started, and is empty before.
    """

    backend: str
    version: int | None
    state: Literal["offline", "starting", "ready", "playing", "paused", "ended", "failed"]
    epoch: int
    pid: int | None
    drive: Literal["clock", "device", "free", "step"]
    unsupported: dict[str, str]
    scheduling: str
    format: dict[str, float]
    confined: list[str] = field(default_factory=list)
    piece: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that was made, drawn or killed (for the last, only its ``id``), or that there will be no more.

    ``data`` are the ``npts`` numbers drawn, between ``min`` and ``max``; ``absmax`` is the largest magnitude of this
    drawing, ``oabsmax`` of all. ``polarity``: 0 unknown, 1 negative, 2 positive, 3 both.
    """

    event: Literal["make", "draw", "kill", "exit"]
    id: int | None = None
    caption: str | None = None
    npts: int | None = None
    data: Array | None = None
    min: float | None = None
    max: float | None = None
    absmax: float | None = None
    oabsmax: float | None = None
    polarity: int | None = None


@dataclass(frozen=True, slots=True)
class InstrumentInfo:
    """An instrument: its name, empty where it has none, and its number, null where Csound has not given one yet."""

    name: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Invalue:
    """A name that an ``invalue`` asks for: ``kind`` is ``k`` for numbers, ``S`` for texts.

    ``stale`` says that its value has grown older than it may, so that the default is answered.
    """

    name: str
    kind: Literal["k", "S"]
    stale: bool


@dataclass(frozen=True, slots=True)
class Key:
    """A key that somebody pressed, or with ``up`` let go: ``key`` is its character, ``code`` the character's number."""

    key: str
    code: int
    up: bool


@dataclass(frozen=True, slots=True)
class Landing:
    """A moment of the performance: samples and cycles since its start, and seconds of score."""

    sample: int
    cycle: int
    scoreTime: float


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """A limit: its value, how much is used where that is told, how often it was come to, its setting, and of what."""

    value: float | None
    used: float | None
    hits: int
    setting: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Message:
    """A line that Csound printed: ``attr`` is Csound's own attribute, ``level`` what it comes to."""

    text: str
    attr: int
    level: Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Meters:
    """Levels since the last frame, one number for each channel, 1.0 being full scale."""

    peak: list[float]
    rms: list[float]


@dataclass(frozen=True, slots=True)
class MidiDevice:
    """A MIDI device as Csound's module reports it."""

    deviceName: str
    interfaceName: str
    deviceId: str
    midiModule: str
    isOutput: bool


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """An event of the virtual MIDI driver; a ``message`` of the orchestra's has its bytes."""

    event: Literal["message", "inOpen", "inClose", "outOpen", "outClose", "devices", "error"]
    bytes: list[int]


@dataclass(frozen=True, slots=True)
class NewPairing:
    """A link that pairs a device, which is told this once.

    ``svg`` is a QR code of it, as an element for a page, and ``seconds`` how long it is good for. ``authority`` is the
    SHA-256 fingerprint of the daemon's own authority, which a phone shows before it trusts it; null where it has none.
    """

    id: str
    link: str
    svg: str
    seconds: float
    authority: str | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was made, which is told this once."""

    token: str
    id: str
    name: str
    scope: Literal["read", "control", "compile", "admin"]
    channels: list[str] | None
    readChannels: list[str] | None
    created: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class OpcodeInfo:
    """One form of an opcode: the types of its outputs and inputs in Csound's letters, and its flags."""

    name: str
    outputs: str
    inputs: str
    flags: int


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that the engine opened: ``path`` in the workspace, or only its name where it is ``outside`` of that.

    ``type`` is Csound's word for what it is (``wave``, ``midi``, ``floats_text``, ...); ``temp`` says that Csound
    deletes it again.
    """

    path: str
    type: str
    write: bool
    temp: bool
    outside: bool


@dataclass(frozen=True, slots=True)
class Outvalue:
    """A value of an ``outvalue``: a number or a text."""

    name: str
    value: float | str


@dataclass(frozen=True, slots=True)
class PairingInfo:
    """A pairing, without its link. ``token`` is the one that it has given, null while it waits."""

    id: str
    name: str
    scope: Literal["read", "control", "compile", "admin"]
    channels: list[str] | None
    readChannels: list[str] | None
    seconds: float
    token: TokenInfo | None


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to ``session.ping``: the client's own ``t``, the server's Unix time, the engine's sample."""

    t: float
    wall: float
    sample: int


@dataclass(frozen=True, slots=True)
class RemoteOpcode:
    """A remote opcode: the names of the values that clients feed, and of those that they hear."""

    name: str
    outputs: list[str]
    inputs: list[str]


@dataclass(frozen=True, slots=True)
class RenderAttempt:
    """A time that a job was begun. ``lost`` is one whose daemon died, ``interrupted`` one whose daemon was ended."""

    number: int
    state: Literal["running", "done", "failed", "crashed", "lost", "interrupted", "cancelled"]
    started: float
    ended: float | None
    error: RenderFailure | None
    log: list[str]


@dataclass(frozen=True, slots=True)
class RenderChange:
    """A job: its state, and while it runs how far it is.

    ``scoreTime`` is where it is in the score, ``seconds`` how much sound there is, ``speed`` how many times faster than
    real time, ``eta`` the seconds that are left, where the length is known. One that failed has its ``error``, and in
    ``log`` the last of what Csound printed.
    """

    job: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    name: str | None = None
    attempt: int | None = None
    scoreTime: float | None = None
    seconds: float | None = None
    speed: float | None = None
    eta: float | None = None
    cached: bool | None = None
    error: RenderFailure | None = None
    log: list[str] | None = None


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """The reason why there is no sound file: the type of the error, what was wrong, and what to do about it."""

    type: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RenderFile:
    """A sound file of a job: ``path`` is where HTTP has it, ``size`` its bytes, ``sha256`` their digest.

    ``stem`` is the instrument or the audio channel that it has alone, null for the mix.
    """

    stem: str | None
    kind: Literal["mix", "instrument", "channel"]
    path: str
    size: int
    sha256: str
    nchnls: int
    levels: RenderLevels


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A job. Times are Unix times; ``cached`` says that its sound files were there already."""

    job: str
    name: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
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
class RenderList:
    """Jobs, the latest first. ``next`` is what to give as ``before`` for those that follow, null where none do."""

    jobs: list[RenderJob]
    next: str | None


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
class RenderStemSum:
    """The sum of all stems beside the mix: their largest ``difference``, full scale being 1, and where that is.

    ``isMix`` says that they are the same but for the rounding of the files.
    """

    difference: float
    seconds: float
    isMix: bool


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The server's name and version. ``instance`` is another one whenever a daemon is started."""

    name: str
    version: str
    instance: str = ""


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of the daemon. Times are Unix times and seconds."""

    version: str
    protocol: int
    started: float
    uptime: float
    auth: str
    encrypted: bool
    certificateSeconds: float | None
    engine: str
    state: Literal["offline", "starting", "ready", "playing", "paused", "ended", "failed"]
    reason: str | None
    restarts: int
    load: float
    connections: dict[str, int]
    sessions: int
    subscriptions: int
    limits: dict[str, LimitStatus]


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A function table: its length, its GEN number and that routine's arguments."""

    table: int
    length: int
    args: Array


@dataclass(frozen=True, slots=True)
class TableLength:
    """A function table by its number, and how many points it has without its guard point."""

    table: int
    length: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket, and the seconds for which it is good."""

    ticket: str
    expires: float


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token, without what it is recognised by. Times are Unix times; null is no limit."""

    id: str
    name: str
    scope: Literal["read", "control", "compile", "admin"]
    channels: list[str] | None
    readChannels: list[str] | None
    created: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class Transport:
    """The position of the performance. ``cpuLoad`` is the share of real time that it takes, ``lateCycles`` a count."""

    state: Literal["offline", "starting", "ready", "playing", "paused", "ended", "failed"]
    sample: int
    scoreTime: float
    cpuLoad: float
    lateCycles: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to ``session.hello``: the session's name, what it may do, and the server's limits by name."""

    protocol: int
    server: ServerInfo
    engine: EngineInfo
    session: str
    scopes: list[Literal["read", "control", "compile", "admin"]]
    limits: dict[str, float]
