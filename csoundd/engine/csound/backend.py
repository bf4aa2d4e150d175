"""The backend of a host: the options it is made with, and the calls that it serves beside the declared API.

The latter are the few calls of the performance loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from csoundd.api.declare import MethodGroup
from csoundd.engine.csound.handles import Handles
from csoundd.engine.csound.input_queues import InputQueues
from csoundd.engine.csound.library import NativeLibrary
from csoundd.engine.csound.limits import Limits
from csoundd.engine.workspace import Workspace
from csoundd.limits import PRINTED_LINE_CHARACTERS, SANDBOX_MEMORY_BYTES, SANDBOX_WRITTEN_BYTES, TABLES
from csoundd.messages import Drive, Frames, Seconds

CSOUND_7: Final = 7000
"""The first version of Csound 7, times 1000."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """The limits of a sandbox: bytes of memory, bytes that it may write in its life, and folders that it may read."""

    memory: int = SANDBOX_MEMORY_BYTES
    written: int = SANDBOX_WRITTEN_BYTES
    samples: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class BackendOptions:
    """The options that an engine is made with: its drive, Csound's options, the library, and the sandbox's limits."""

    drive: Drive
    options: tuple[str, ...] = ()
    library: NativeLibrary | None = None
    sandbox: SandboxLimits = SandboxLimits()
    writes_output: bool = False
    """Whether it may write its output to the file that an option names, while nobody listens to it live."""

    output_folder: Path | None = None
    """A folder beside the workspace that the output may be written to."""


Tell = Callable[[str, object], None]
"""Takes a topic and its data: what a callback of the API delivered."""


@dataclass(slots=True)
class BackendContext:
    """The same object for the backend and for the host around it.

    ``deliver`` takes what callbacks tell of the topics in ``followed``, to which somebody subscribes. ``replaces`` says
    that the instance is being brought to where one was that died: what that one has written is kept. With
    ``tells_paths`` a file is told of by the path that Csound opened, wherever it lies. Events may make ``max_tables``.
    """

    workspace: Workspace
    handles: Handles
    deliver: Tell
    followed: frozenset[str] = frozenset()
    live: bool = True
    replaces: bool = False
    tells_paths: bool = False
    max_tables: int = TABLES
    inputs: InputQueues = field(init=False)
    on_read: list[Callable[[str], None]] = field(default_factory=list)
    """Told the path of each file that Csound opens to read it."""

    def __post_init__(self) -> None:
        self.inputs = InputQueues(self.tell)

    def paced(self, drive: Drive) -> None:
        """From now on the performance is in ``drive``: live where a clock or a sound card paces it."""
        self.live = drive in {"clock", "device"}

    def replace(self, replaces: bool) -> None:
        """From now on the instance takes the place of one that died, or is itself again."""
        self.replaces = replaces

    def follow(self, topics: Iterable[str]) -> None:
        """From now on somebody subscribes to ``topics``, and to no others."""
        self.followed = frozenset(topics)

    def tell(self, topic: str, data: object) -> None:
        """Tell of ``data``, if anybody wants to hear of it."""
        if topic in self.followed:
            self.deliver(topic, data)


Points = npt.NDArray[np.float64]
"""Memory of the engine's: good until the next cycle."""

Reading = Callable[[], object]
"""Gives the present value of one channel; made once, called at every due cycle."""

Line = tuple[str, int]


class Wanted(NamedTuple):
    """A request for what Csound printed. An engine reads only as many lines as may go out.

    ``most`` lines are read. Up to ``room`` that come after them wait for the next time; where there are more, none of
    them wait, and all but ``errors`` errors are dropped.
    """

    most: int
    room: int
    errors: int


class Printout(NamedTuple):
    """Lines with their attributes, how many messages beside them were dropped, and how many wait for the next time."""

    lines: list[Line]
    dropped: int = 0
    waiting: int = 0


NOTHING: Final = Printout([])


def line(text: str, attr: int) -> Line:
    """A line as it goes out: one that is too long says how much of it is left out."""
    if len(text) <= PRINTED_LINE_CHARACTERS:
        return text, attr
    return f"{text[:PRINTED_LINE_CHARACTERS]}... ({len(text) - PRINTED_LINE_CHARACTERS} more characters)\n", attr


class Sounding(NamedTuple):
    """An instance that sounds. ``key`` tells it from those that sound beside it, and from itself begun anew.

    ``instrument`` is p1 as an event takes it, ``ends`` the time in seconds at which it ends, negative where it is held,
    ``fields`` its p-fields from p4 on, None for a text that Csound has not kept.
    """

    key: tuple[int, float]
    instrument: float | str
    ends: float
    fields: tuple[float | str | None, ...]


BEGINS: Final = "csoundd_begins"
"""An opcode without arguments, with which the code of every instrument begins where outputs are told apart."""


class Outputs(Protocol):
    """What each of some instruments puts out, cycle by cycle. The code of every instrument has to begin with BEGINS."""

    @property
    def is_threaded(self) -> bool:
        """Whether instances were performed by several threads: what is told is nothing then."""

    def start(self, ksmps: int, nchnls: int) -> None:
        """Csound has started, with cycles of so many frames and channels."""

    def begin(self) -> None:
        """A cycle is about to be performed."""

    def end(self) -> None:
        """A cycle was performed."""

    def block(self, name: str) -> Points:
        """What an instrument has put out in that cycle, ``[ksmps, nchnls]``."""


class Lost(BaseException):
    """The engine is gone although its process lives: nothing of it may be called any more.

    It is no error that a call could answer with, so nothing but the host takes it. ``cause`` says what happened;
    ``discard`` frees what is left, once nobody holds a part of the engine.
    """

    def __init__(self, cause: str, discard: Callable[[], None]) -> None:
        super().__init__(cause)
        self.cause, self.discard = cause, discard


class Running(Protocol):
    """The calls of the performance loop that an instance serves as well as the backend around it."""

    @property
    def version(self) -> int:
        """Csound's version times 1000."""

    @property
    def sr(self) -> float:
        """Frames per second."""

    @property
    def ksmps(self) -> int:
        """Frames in a cycle."""

    @property
    def nchnls(self) -> int:
        """Channels of output."""

    @property
    def zerodbfs(self) -> float:
        """Full scale."""

    @property
    def started(self) -> bool:
        """Whether Csound has been started."""

    def start(self) -> int:
        """Start Csound if it is not started; the API's return code."""

    def spout(self) -> npt.NDArray[np.float64]:
        """The output of the last cycle, ``[ksmps, nchnls]``, a view that stays valid until a reset."""

    def spin(self) -> Points:
        """The input of the next cycle, ``[ksmps, nchnls_i]``, to be written to."""

    def score_time(self) -> Seconds:
        """The score time, in seconds."""

    def samples(self) -> Frames:
        """Csound's own count of performed samples, which a rewind sets back."""

    def has_printed(self) -> bool:
        """Whether anything waits that Csound printed: asked in every turn of the host's loop."""

    def printed(self, wanted: Wanted) -> Printout:
        """As much as is wanted of what Csound printed since the last call."""

    def reset(self) -> None:
        """Back to an engine that nothing was compiled in."""

    def close(self) -> None:
        """End the performance in good order (files that the orchestra writes are whole) and free Csound."""


class Backend(Running, Protocol):
    """One Csound instance on the performance thread. Any of its calls may raise Lost."""

    @property
    def name(self) -> str:
        """Its name for ``--engine``."""

    @property
    def opens_devices(self) -> bool:
        """Whether it plays on a sound card by itself in drive ``device``; if not, the host does."""

    @property
    def groups(self) -> Sequence[MethodGroup]:
        """The implementations of the declared API; what they do not override is unsupported.

        One is a Score and one Channels: the host itself asks them where the score is, and how a channel reads.
        """

    @property
    def reasons(self) -> dict[str, str]:
        """Why a method is unsupported, by wire name, where there is more to say than that it is."""

    @property
    def limits(self) -> Limits:
        """The limits on arguments; what is larger never reaches the library."""

    @property
    def interrupt(self) -> Callable[[], None] | None:
        """Ends what is being computed, whatever it is, by another thread: the call raises Lost.

        None where only the end of the process does that.
        """

    def cycle(self) -> int:
        """Perform ksmps frames: 0 to go on, positive at the end of the score, negative after an error."""

    def burst(self, cycles: int, output: Points | None) -> tuple[int, int]:
        """Perform up to ``cycles`` cycles: how many were whole, and the code of the last.

        ``output``, ``[cycles * ksmps, nchnls]``, takes what they put out, where that is wanted.
        """

    def table(self, number: int) -> Points | None:
        """The points of a table, to be read and written; None where there is none."""

    def modules(self) -> dict[str, str]:
        """The names of the modules in use for ``audio`` and ``midi``, empty where they are not known."""

    def names(self) -> list[str]:
        """The names of all channels."""

    def kind(self, name: str) -> str:
        """The kind of a channel, empty where there is none of that name. Never creates one."""

    def reading(self, name: str) -> Reading | None:
        """A function that reads a control, string or audio channel, None where there is none of that name."""

    def instrument_outputs(self, names: Iterable[str]) -> Outputs | None:
        """The outputs of the instruments with these names or numbers, asked for before anything is compiled.

        None where this engine cannot tell them apart.
        """

    def silence(self) -> None:
        """End every sounding note at once."""

    def sounding(self) -> list[Sounding] | None:
        """The instances that sound, without those that are being released, None where this engine cannot tell."""
