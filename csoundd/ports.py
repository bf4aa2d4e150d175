"""The interfaces that parts expect of one another: each is declared once, and the composition root provides it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from csoundd.access.grants import Grant
from csoundd.errors import NotFound
from csoundd.messages import (
    At,
    Command,
    Done,
    Drive,
    EngineEvent,
    Frames,
    Incoming,
    RenderTold,
    RequestId,
    Response,
    Scope,
    Seconds,
    StreamFrame,
)
from csoundd.values import AudioFormat, EngineInfo

E = TypeVar("E", bound=EngineEvent)

Answer = Callable[[Response | list[Response]], None]
"""Told of the answer to a request, or of all those to a batch."""


class Identity(Protocol):
    """A caller by name; ``id`` is None where there is no session."""

    @property
    def id(self) -> str | None:
        """The session."""


class Caller(Identity, Protocol):
    """On whose behalf a call is made."""

    @property
    def grant(self) -> Grant:
        """What the caller may do."""

    @property
    def receipts(self) -> bool:
        """Whether replies are to say where calls landed."""

    @property
    def peer(self) -> str:
        """The address that it calls from, as it is told to people; empty where there is none."""


class RequestHandler(Protocol):
    """Answers requests."""

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        """Have ``incoming`` done. Never raises; ``answer`` is called once, or never where no answer is wanted."""


class Dispatcher(RequestHandler, Protocol):
    """Says, beside that, who may do what. The only place where permission is asked."""

    def permit(self, caller: Caller, scope: Scope, what: str) -> None:
        """Raise Forbidden, which names ``what``, if ``caller`` lacks ``scope``."""

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what waits of the calls that ``session`` made under the id ``request`` answer Cancelled."""


class EngineCalls(Protocol):
    """The engine, as those see it who have it called."""

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told of its outcome exactly once."""

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have the call ``request`` of ``session`` wait no longer; whether there is such a call."""


class EnginePort(Protocol):
    """The engine, as those see it who follow its channels."""

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told of its outcome exactly once."""

    async def poll(self, name: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        """Have ``kind`` delivered under the name ``name``, also by the hosts that follow."""

    def unpoll(self, name: str) -> None:
        """End what :meth:`poll` began."""

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every event of that kind from now on."""

    def release(self, session: str) -> None:
        """Free what ``session`` holds."""

    def info(self) -> EngineInfo:
        """The engine at a glance."""

    def format(self) -> AudioFormat | None:
        """The rates of a Csound that has been started, None before."""

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle."""


class RestartableEngine(Protocol):
    """The engine, as those see it who begin it anew."""

    def info(self) -> EngineInfo:
        """The engine at a glance."""

    async def restart(self, options: list[str], opcode_dir: str, drive: Drive | None, *, by: str | None) -> None:
        """Put a new engine in the place of this one, whose drive ends with the session ``by``.

        Raises the contract's errors.
        """

    async def pace(self, drive: Drive | None, *, by: str | None) -> None:
        """Have the engine performed in another drive, None being its own, until the session ``by`` is over.

        Raises the contract's errors.
        """


class Claimant(Protocol):
    """A session that claims the engine; ``client`` is how others are told of it."""

    @property
    def id(self) -> str:
        """The session."""

    @property
    def client(self) -> str:
        """The name that its client gave."""


class ClaimableEngine(Protocol):
    """The engine, as those see it who have it for themselves."""

    async def claim(self, session: str, client: str, options: list[str], opcode_dir: str, drive: Drive | None) -> None:
        """Give ``session``, whose client is called ``client``, an empty engine in ``drive``.

        Raises the contract's errors.
        """

    async def give_back(self, session: str) -> None:
        """Leave an empty engine in its own drive; raises StaleHandle and WrongState."""


class EngineClock(Protocol):
    """The engine, as those see it who only look at it."""

    def info(self) -> EngineInfo:
        """The engine at a glance."""

    def sample(self) -> Frames:
        """The sample that the engine has come to."""


class StreamEngine(Protocol):
    """The engine, as the streams see it."""

    @property
    def epoch(self) -> int:
        """Rises whenever an engine begins anew."""

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every event of that kind from now on."""

    async def poll(self, name: str, kind: str, options: dict[str, object]) -> object:
        """Have ``kind`` delivered under the name ``name``; raises the contract's errors."""

    def unpoll(self, name: str) -> None:
        """End what :meth:`poll` began."""

    def follow(self, topic: str, wanted: bool) -> None:  # noqa: FBT001 - the engine's own signature
        """Whether CallbackEvent events of ``topic`` are wanted."""

    async def push(self, topic: str, data: object) -> dict[str, object]:
        """Feed ``data``; how much was accepted. Raises the contract's errors."""

    def push_at(self, topic: str, data: object, at: At) -> None:
        """Feed ``data`` at a time of its own."""

    def capture(self, wanted: bool) -> None:  # noqa: FBT001 - the engine's own signature
        """Whether audio is wanted."""

    def waits(self) -> bool:
        """Whether nothing paces the performance, so that it may wait for those who hear it."""

    def hold_audio(self, wanted: bool) -> None:  # noqa: FBT001 - the engine's own signature
        """Whether audio is to stay where it is, until the performance waits for room."""

    def format(self) -> AudioFormat | None:
        """The rates of a Csound that has been started, None before."""

    def sample(self) -> Frames:
        """The sample that the engine has come to."""


class RenderSource(Protocol):
    """The jobs that are rendered, as the streams see them."""

    def on_told(self, listener: Callable[[RenderTold], None]) -> None:
        """Call ``listener`` with what becomes of jobs from now on, and how far they are."""

    async def told(self, job: str | None) -> Sequence[RenderTold]:
        """The last that was told of a job, or of all that run. Raises NotFound."""


class NoRenders:
    """There are no jobs."""

    def on_told(self, listener: Callable[[RenderTold], None]) -> None:
        """Nothing is ever told."""

    async def told(self, job: str | None) -> Sequence[RenderTold]:
        """There is nothing to tell. Raises NotFound."""
        if job is not None:
            raise NotFound("there is no such job")
        return ()


class Subscriber(Protocol):
    """Whoever receives a stream's frames."""

    def offer(self, frame: StreamFrame) -> None:
        """Take a frame, or what of it and its like can be taken; never blocks and never raises."""

    def hold(self, stream: str) -> None:
        """Keep the frames of ``stream`` back until the subscriber has been told of it."""

    @property
    def behind(self) -> bool:
        """Whether the engine is to wait for it."""

    def when_level(self, level: Callable[[], None]) -> None:
        """Call ``level`` once, as soon as nobody has to wait for it any more."""


class Encoder(Protocol):
    """Makes of a message what is ready for the socket; messages of one ``name`` are made alike."""

    @property
    def name(self) -> str:
        """The encoding."""

    def takes_long(self, message: Response | list[Response]) -> bool:
        """Whether to encode ``message`` keeps others waiting; then it is done in another thread."""

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """``message``, ready for the socket."""


class Sink(Protocol):
    """The sending side of a connection."""

    @property
    def writable(self) -> bool:
        """Whether the sink wants more."""

    @property
    def pending(self) -> int:
        """Bytes written that the socket has not taken."""

    @property
    def taken(self) -> int:
        """Bytes the socket has taken so far."""

    def write(self, frame: bytes) -> None:
        """Write what an Encoder made; nothing once the connection is closing."""

    def pause_reading(self) -> None:
        """Take no more from the client."""

    def resume_reading(self) -> None:
        """Take from the client again."""

    def close(self, code: int, reason: str, patience: float) -> None:
        """Close the connection, and cut it ``patience`` seconds later."""


class SendQueue(Subscriber, Protocol):
    """The outgoing queue of one session; without a sink it keeps what comes, within its bounds."""

    @property
    def depth(self) -> int:
        """How many answers and frames wait for the client."""

    def attach(self, sink: Sink) -> None:
        """Write to ``sink`` from now on, what waits first."""

    def detach(self) -> None:
        """The sink is gone."""

    def reply(self, message: Response | list[Response]) -> None:
        """Send an answer; answers are never dropped, and go ahead of frames that wait."""

    def flush(self, *, everything: bool = False) -> None:
        """Write what waits, as much as the sink has room for or all of it."""


NewSendQueue = Callable[[Encoder], SendQueue]
"""Makes the queue of a new session."""
