"""Neighbours of the streams, for tests: an engine, a subscriber, a connection, an encoding."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from csoundd.dispatcher import options_check
from csoundd.errors import NotFound
from csoundd.messages import (
    At,
    AudioBlock,
    CallbackEvent,
    EngineEvent,
    Failure,
    Frames,
    PollResult,
    Reply,
    Response,
    State,
    StateChanged,
    StreamFrame,
)
from csoundd.streams.topics import TOPICS
from csoundd.values import AudioFormat

E = TypeVar("E", bound=EngineEvent)


class FakeEngine:
    """Lets a test say what the engine delivers, and look at what it was asked for."""

    def __init__(self) -> None:
        self.epoch = 1
        self.at = Frames(0)
        self.form = AudioFormat(48000.0, 64, 2, 1.0)
        self.polls: dict[str, tuple[str, dict[str, object]]] = {}
        self.capturing = False
        self.unpaced = False
        self.holding: list[bool] = []
        self.followed: set[str] = set()
        self.fed: list[tuple[str, object, At | None]] = []
        self.opening: Callable[[str], None] = lambda name: None
        self._listeners: list[tuple[type, Callable[..., None]]] = []

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        self._listeners.append((kind, listener))

    async def poll(self, name: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        if "missing" in repr(options):
            raise NotFound("there is no channel missing")
        self.polls[name] = (kind, options)
        self.opening(name)
        return {}

    def unpoll(self, name: str) -> None:
        self.polls.pop(name, None)

    def capture(self, wanted: bool) -> None:
        self.capturing = wanted

    def waits(self) -> bool:
        return self.unpaced

    def hold_audio(self, wanted: bool) -> None:
        self.holding.append(wanted)

    def follow(self, topic: str, wanted: bool) -> None:
        (self.followed.add if wanted else self.followed.discard)(topic)

    async def push(self, topic: str, data: object) -> dict[str, object]:
        self.fed.append((topic, data, None))
        return {"accepted": len(data) if isinstance(data, bytes | list | np.ndarray) else 1}

    def push_at(self, topic: str, data: object, at: At) -> None:
        self.fed.append((topic, data, at))

    def format(self) -> AudioFormat:
        return self.form

    def sample(self) -> Frames:
        return self.at

    def emit(self, event: EngineEvent) -> None:
        for kind, listener in self._listeners:
            if isinstance(event, kind):
                listener(event)

    def deliver(self, name: str, data: object, sample: int = 0) -> None:
        self.emit(PollResult(name, Frames(sample), data))

    def sound(self, sample: int, frames: npt.ArrayLike) -> None:
        self.emit(AudioBlock(Frames(sample), np.array(frames, np.float64)))

    def feed(self, topic: str, data: object, sample: int = 0) -> None:
        self.emit(CallbackEvent(topic, Frames(sample), data))

    def change(self, event: str, state: State, reason: str | None = None) -> None:
        self.emit(StateChanged(event, state, self.epoch, reason))


class Listener:
    """Takes every frame there and then."""

    def __init__(self) -> None:
        self.frames: list[StreamFrame] = []
        self.ends: list[StreamFrame] = []
        self.held: list[str] = []
        self.behind = False
        self.level: Callable[[], None] | None = None

    def offer(self, frame: StreamFrame) -> None:
        (self.frames if frame.ended is None else self.ends).append(frame)

    def when_level(self, level: Callable[[], None]) -> None:
        self.level = level

    def hold(self, stream: str) -> None:
        self.held.append(stream)

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.frames]

    @property
    def data(self) -> list[object]:
        return [frame.data for frame in self.frames]


class PlainEncoder:
    """Messages as short texts that a test can read."""

    name = "plain"

    def __init__(self) -> None:
        self.encoded = 0

    def takes_long(self, message: Response | list[Response]) -> bool:
        return isinstance(message, Reply) and isinstance(message.result, bytes)

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        self.encoded += 1
        if isinstance(message, StreamFrame):
            return json.dumps([message.stream, message.seq, message.data]).encode()
        if isinstance(message, list):
            return b",".join(self.encode(response) for response in message)
        assert isinstance(message, Reply | Failure)
        return f"reply {message.id}".encode()


@dataclass
class FakeSink:
    """A connection whose client takes what the test says."""

    writable: bool = True
    pending: int = 0
    taken: int = 0
    written: list[str] = field(default_factory=list)
    reading: bool = True
    closed: tuple[int, str] | None = None
    room: int | None = None
    """How many more writes until it is full."""

    def write(self, frame: bytes) -> None:
        self.written.append(frame.decode())
        if self.room is not None:
            self.room -= 1
            self.writable = self.room > 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self, code: int, reason: str, patience: float) -> None:
        self.closed = (code, reason)


def frame(stream: str, seq: int, data: object = None, sample: int = 0) -> StreamFrame:
    """A frame that is delivered as those of its topic are."""
    return StreamFrame(stream, seq, Frames(sample), data, TOPICS[stream.partition("/")[0]].delivery)


check_options = options_check({topic.name: topic.options for topic in TOPICS.values()})
