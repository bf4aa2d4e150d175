"""The messages between parts: requests, replies, stream frames, and the values inside them.

Codecs make these from bytes and bytes from these; the dispatcher turns a request into a command, the
engine turns a command into an outcome. Nothing here knows a wire format or a socket.

No message changes once it is made. Those that every call makes are not declared frozen all the same: a frozen
object takes seven times as long to make.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NewType, Protocol

from csoundd.errors import CsounddError

if TYPE_CHECKING:
    # Everything imports this module, and some programs do without numpy, which takes 0.1 s to import.
    import numpy as np
    import numpy.typing as npt

Frames = NewType("Frames", int)
Seconds = NewType("Seconds", float)

Scope = Literal["read", "control", "compile", "admin"]
State = Literal["offline", "starting", "ready", "playing", "paused", "ended", "failed"]
Drive = Literal["clock", "device", "free", "step"]
LatePolicy = Literal["run", "drop", "error"]
RequestId = str | int | float | None


class Absent:
    """The type of ABSENT: a request without an ``id`` member, which wants no answer."""


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Handle:
    """Something that lives in the engine and is named on the wire, as ``{"$handle": "cbuf:3"}``."""

    id: str


@dataclass(frozen=True, slots=True)
class StreamRef:
    """A stream named where the API takes a function, as ``{"$stream": "invalue"}``."""

    topic: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A value that claimed a special form and did not keep to it; every parameter check refuses it."""

    reason: str


@dataclass(frozen=True, slots=True)
class At:
    """The time at which a command is to run: samples or score seconds from the start, a delay, or Unix time."""

    clock: Literal["sample", "score", "delay", "wall"]
    value: float


@dataclass(slots=True)
class Request:
    """One call as it came: ``params`` by position or by name, and the envelope's engine members."""

    method: str
    params: list[object] | dict[str, object]
    id: RequestId | Absent = ABSENT
    at: At | None = None
    late: LatePolicy = "run"
    deadline: Seconds | None = None

    @property
    def is_notification(self) -> bool:
        """Whether no answer is wanted."""
        return isinstance(self.id, Absent)


@dataclass(slots=True)
class Receipt:
    """The place where a command landed: sample, cycle and score time of the cycle edge, and seconds too late.

    ``spent`` are the seconds that the engine was busy with it; clients are not told.
    """

    sample: Frames
    cycle: int
    score_time: Seconds
    late: Seconds
    dropped: bool = False
    spent: Seconds = Seconds(0.0)


@dataclass(slots=True)
class Reply:
    """The answer to a request that succeeded; ``messages`` are what Csound printed over a result that is a failure."""

    id: RequestId
    result: object
    receipt: Receipt | None = None
    messages: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer to a request that failed, or (with ``id`` None) to a frame that was none."""

    id: RequestId
    error: CsounddError


Response = Reply | Failure
Incoming = Request | Failure | list["Request | Failure"]
"""What a codec makes of one frame: a request, what was wrong with it, or a batch of both."""


@dataclass(slots=True)
class Command:
    """A checked call on its way to the engine: ``args`` in the order of the declared signature.

    ``request`` is the id by which its session may cancel it.
    """

    method: str
    args: list[object]
    session: str | None = None
    at: At | None = None
    late: LatePolicy = "run"
    deadline: Seconds | None = None
    request: RequestId = None


@dataclass(slots=True)
class Outcome:
    """The outcome of a command: its result or its error, and where it landed if it ran.

    ``messages`` are what Csound printed over a result that is the code of a failure.
    """

    result: object = None
    error: CsounddError | None = None
    receipt: Receipt | None = None
    messages: Sequence[str] = ()


Done = Callable[[Outcome], None]
"""Told of a command's outcome, exactly once, in the event loop."""


def ignore(_outcome: Outcome) -> None:
    """Where the outcome of a command goes that nobody waits for."""


class Delivery(Protocol):
    """The treatment of a frame that a client cannot take at once. Each topic declares its own."""

    def wait(self, waiting: WaitingFrames, frame: StreamFrame, payload: Callable[[], bytes]) -> None:
        """Let ``frame``, of which ``payload`` makes the bytes, wait as its kind does."""


class WaitingFrames(Protocol):
    """The ways to wait that a client's queue has."""

    def ahead(self, payload: bytes) -> None:
        """Never dropped, and ahead of all that is not so urgent."""

    def keep(self, payload: bytes) -> None:
        """Never dropped, in its turn."""

    def hold(self, frame: StreamFrame, payload: bytes) -> None:
        """Never dropped, in its turn, as long as the engine waits for whoever is behind."""

    def newest_bytes(self, frame: StreamFrame, payload: bytes) -> None:
        """The oldest are dropped where there are too many bytes or too long a span of samples."""

    def newest(self, frame: StreamFrame, payload: bytes, notice: Notice | None) -> None:
        """The oldest are dropped where there are too many; ``notice`` makes the frame that says so."""

    def latest(self, frame: StreamFrame, merge: Merge) -> None:
        """One frame stands for all of a stream: ``merge`` makes it of two."""


Merge = Callable[[object, object, int], object]
"""The data of two frames as one; the older one stands for so many frames already."""

Notice = Callable[[int], object]
"""The data of a frame in the place of so many that were dropped."""


@dataclass(slots=True)
class StreamFrame:
    """One frame of a stream, encoded at most once for each codec whoever receives it.

    ``seq`` rises by 1 a frame; ``sample`` is the first sample the frame is about.
    """

    stream: str
    seq: int
    sample: Frames
    data: object
    delivery: Delivery
    encoded: dict[str, bytes] = field(default_factory=dict)
    ended: str | None = None
    """Why the stream has come to an end behind the frame ``seq``, before ``sample``; there is no data then."""


MESSAGE_TYPE: Final = 0x7000
ERROR, WARNING = 0x1000, 0x4000
"""The bits of a message's attribute that are its type, and two of the types, as Csound has them."""


@dataclass(frozen=True, slots=True)
class MessagePrinted:
    """Csound printed ``text`` with message attribute ``attr`` (its type is ``attr & MESSAGE_TYPE``)."""

    text: str
    attr: int


def warning(text: str) -> MessagePrinted:
    """A warning of ours, to stand among Csound's messages."""
    return MessagePrinted(f"WARNING: {text}\n", WARNING)


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The engine changed state, or something happened to it that every client should hear of.

    ``recording`` is the file of a recording that is over.
    """

    event: str
    state: State
    epoch: int
    reason: str | None = None
    restored: dict[str, object] | None = None
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class PollResult:
    """A poller in the engine delivered: ``data`` as of ``sample``, after ``lost`` deliveries that were dropped."""

    name: str
    sample: Frames
    data: object
    lost: int = 0


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """Audio came out: float64 ``[frames, nchnls]`` from ``sample`` on, a view valid only in the listener."""

    sample: Frames
    frames: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CallbackEvent:
    """A callback of the API delivered ``data`` on its topic (``outvalue``, ``midi``, ``graphs``, ...).

    ``lost`` events of the topic came before it and were dropped, as they came too fast.
    """

    topic: str
    sample: Frames
    data: object
    lost: int = 0


@dataclass(frozen=True, slots=True)
class RenderTold:
    """A job of the renders: that its ``state`` is another one, or (with ``is_progress``) how far it is."""

    job: str
    state: str
    data: dict[str, object]
    is_progress: bool = False


EngineEvent = MessagePrinted | StateChanged | PollResult | AudioBlock | CallbackEvent
