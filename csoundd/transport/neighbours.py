"""What the transport needs of the stages beside it, which the daemon hands to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from csoundd.messages import Incoming, Response, Scope, StreamFrame

Answer = Callable[[Response | list[Response]], None]


class Caller(Protocol):
    """On whose behalf a call is made; ``id`` is None where there is no session."""

    @property
    def id(self) -> str | None:
        """The session."""

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it may do."""

    @property
    def receipts(self) -> bool:
        """Whether replies are to say where calls landed."""


class Dispatcher(Protocol):
    """Answers requests; never raises."""

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        """Have ``incoming`` done; ``answer`` is called once, or never where no answer is wanted."""


class Encoder(Protocol):
    """Makes of a message what is ready for the socket; messages of one ``name`` are made alike."""

    @property
    def name(self) -> str:
        """The encoding."""

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


class Outbox(Protocol):
    """The outgoing queue of one session; without a sink it keeps what comes, within its bounds."""

    def attach(self, sink: Sink) -> None:
        """Write to ``sink`` from now on, what waits first."""

    def detach(self) -> None:
        """The sink is gone."""

    def reply(self, message: Response | list[Response]) -> None:
        """Send an answer; answers are never dropped."""

    def offer(self, frame: StreamFrame) -> None:
        """Send a stream's frame, or what of it and its like the client can take."""

    def hold(self, stream: str) -> None:
        """Keep the frames of ``stream`` back until an answer has named it."""

    def flush(self, *, everything: bool = False) -> None:
        """Write what waits, as much as the sink has room for or all of it."""


NewOutbox = Callable[[Encoder], Outbox]
