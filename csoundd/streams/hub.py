"""Topics to streams to subscribers, and the methods ``stream.*``. A stream runs while anybody subscribes to it.

The hub takes the engine's events, makes frames of them and hands each to every subscriber of its stream. Streams and
subscribers stay when the engine is replaced.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TypeVar, cast

from csoundd.access.grants import ChannelGlobs
from csoundd.api.callbacks import EVAL
from csoundd.api.session import Streams, Subscriptions
from csoundd.api.values import Json
from csoundd.errors import Forbidden, LimitExceeded, NotFound, WrongState
from csoundd.limits import QUOTED_CHARACTERS
from csoundd.messages import AudioBlock, CallbackEvent, Frames, MessagePrinted, PollResult, RenderTold, StateChanged
from csoundd.ports import Caller, NoRenders, RenderSource, StreamEngine, Subscriber
from csoundd.streams.backlog import URGENT
from csoundd.streams.held_keys import HeldKeys
from csoundd.streams.message_log import LEVELS, MessageLog
from csoundd.streams.pushes import pushes
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.events import MessagesTopic
from csoundd.streams.topics.renders import RenderTopic
from csoundd.streams.topics.topic import AudioTopic, CallbackTopic, Options, PollTopic, StateTopic, Topic

CheckOptions = Callable[[str, Options], Options]
"""Completes a topic's options. Raises NotFound for an unknown topic, InvalidParams for what does not fit."""

Key = tuple[str, str]
T = TypeVar("T", bound=Topic)


class Hub:
    """All streams there are. ``limit`` is how many one subscriber may receive."""

    def __init__(
        self,
        engine: StreamEngine,
        check_options: CheckOptions,
        renders: RenderSource | None = None,
        *,
        limit: int = 128,
        history: int = 10_000,
    ) -> None:
        self.log = MessageLog(history)
        self._engine = engine
        self._renders = NoRenders() if renders is None else renders
        self._check = check_options
        self._limit = limit
        self._messages = [MessagesTopic(f"messages/{n}", level, engine, self.log) for n, level in enumerate(LEVELS, 1)]
        self._streams: dict[Key, Topic] = {_key(stream): stream for stream in self._messages}
        self._open: dict[str, Topic] = {stream.id: stream for stream in self._messages}
        self._joining: dict[Topic, set[Subscriber]] = {}
        self._locks: dict[Topic, asyncio.Lock] = {}
        self._numbers: Counter[str] = Counter()
        self._audio: list[AudioTopic] = []
        self._lossless: list[AudioTopic] = []
        self._held = False
        self._keys = HeldKeys()
        self._sounded_to: Frames | None = None
        """The sample behind the last that was heard since a performance was over, None where none was."""
        engine.on(AudioBlock, self._sound)
        engine.on(PollResult, self._poll)
        engine.on(MessagePrinted, self._print)
        engine.on(CallbackEvent, self._call_back)
        engine.on(StateChanged, self._change)
        self._renders.on_told(self._render)

    async def subscribe(
        self, subscriber: Subscriber, topic: str, options: Options, channels: ChannelGlobs | None = None
    ) -> dict[str, object]:
        """Have ``subscriber`` receive ``topic``; the stream's id and the options in effect.

        Of channels it receives only those of ``channels``, where there are any. Raises NotFound, InvalidParams,
        LimitExceeded and Forbidden, and whatever the engine says to it.
        """
        checked = self._check(topic, options)
        if channels is not None and (channels.limits_reading or TOPICS[topic].channels == "beyond"):
            checked = _limited(TOPICS[topic], checked, channels)
        stream = self._stream(topic, checked)
        if subscriber not in stream.subscribers:
            await self._join(stream, subscriber, checked)
        return stream.describe()

    def unsubscribe(self, subscriber: Subscriber, stream_id: str) -> None:
        """Have ``subscriber`` receive the stream no longer; raises NotFound where it does not receive it."""
        stream = self._open.get(stream_id)
        if stream is None or subscriber not in stream.subscribers:
            raise NotFound(
                f"this session has no subscription to {stream_id[:QUOTED_CHARACTERS]}",
                hint="stream.list says what there is",
            )
        self._leave(stream, subscriber)

    def subscriptions(self, subscriber: Subscriber) -> list[dict[str, object]]:
        """The streams that ``subscriber`` receives, and how many receive each."""
        return [stream.describe() | {"subscribers": len(stream.subscribers)} for stream in self._of(subscriber)]

    @property
    def subscribed(self) -> int:
        """How many subscriptions there are in all."""
        return sum(len(stream.subscribers) for stream in self._open.values())

    def drop(self, subscriber: Subscriber) -> None:
        """``subscriber`` is gone."""
        for joining in self._joining.values():
            joining.discard(subscriber)
        for stream in self._of(subscriber):
            self._leave(stream, subscriber)

    def resume(self, subscriber: Subscriber) -> None:
        """``subscriber`` may have lost frames on its way to a new connection; send what makes good for them."""
        for stream in self._of(subscriber):
            stream.catch_up(subscriber)

    async def push(self, topic: str, data: object, session: str | None = None) -> dict[str, object]:
        """Feed ``data`` of ``session`` to the engine; how much was accepted, what is to be fed later included.

        Raises NotFound for a topic that takes nothing, InvalidParams for data that it does not take.
        """
        accepted = 0
        for pushed, at in list(pushes(topic, data)):
            if topic == "midi" and session is not None:
                self._keys.push(session, cast("bytes", pushed), at)
            if at is None:
                accepted += cast("int", (await self._engine.push(topic, pushed))["accepted"])
            else:
                self._engine.push_at(topic, pushed, at)
                accepted += len(cast("bytes", pushed))
        return {"accepted": accepted}

    def release(self, session: str, *, end_notes: bool) -> None:
        """``session`` is over; with ``end_notes`` the keys that it holds by MIDI are let go of."""
        for message, at in list(self._keys.release(session)) if end_notes else ():
            self._engine.push_at("midi", message, at)

    def promise(self, subscriber: Subscriber, topic: str) -> tuple[str, Callable[[object], None]]:
        """A stream that only ``subscriber`` receives, and what issues its one frame.

        Raises LimitExceeded.
        """
        self._count(subscriber)
        self._numbers[topic] += 1
        stream = PromisedValue(f"{topic}/{self._numbers[topic]}", {}, self._engine)
        subscriber.hold(stream.id)
        stream.subscribers[subscriber] = None
        self._open[stream.id] = stream

        def deliver(data: object) -> None:
            stream.publish(self._engine.sample(), data)
            self._open.pop(stream.id, None)

        return stream.id, deliver

    def _of(self, subscriber: Subscriber) -> list[Topic]:
        return [stream for stream in self._open.values() if subscriber in stream.subscribers]

    def _count(self, subscriber: Subscriber) -> None:
        joining = sum(subscriber in waiting for waiting in self._joining.values())
        if len(self._of(subscriber)) + joining >= self._limit:
            raise LimitExceeded(
                f"a session may have at most {self._limit} subscriptions", name="subscriptions", limit=self._limit
            )

    def _stream(self, topic: str, options: Options) -> Topic:
        kind = TOPICS[topic]
        normal = kind.normal(options)
        key = topic, repr(normal)
        stream = self._streams.get(key)
        if stream is None:
            self._numbers[topic] += 1
            stream_id = f"{topic}/{self._numbers[topic]}"
            if kind is RenderTopic:
                stream = RenderTopic(stream_id, normal, self._engine, self._renders)
            else:
                stream = kind(stream_id, normal, self._engine)
            self._streams[key] = stream
        return stream

    async def _join(self, stream: Topic, subscriber: Subscriber, options: Options) -> None:
        joining = self._joining.setdefault(stream, set())
        try:
            self._count(subscriber)
            joining.add(subscriber)
            async with self._locks.setdefault(stream, asyncio.Lock()):
                if stream.id not in self._open:
                    await self._start(stream)
            if subscriber in joining and subscriber not in stream.subscribers:
                subscriber.hold(stream.id)
                stream.subscribers[subscriber] = None
                stream.welcome(subscriber, options)
        finally:
            joining.discard(subscriber)
            self._tidy(stream)

    async def _start(self, stream: Topic) -> None:
        # Open before it has opened, as the first frame may come together with the engine's answer.
        self._open[stream.id] = stream
        try:
            await stream.open()
        except BaseException:
            del self._open[stream.id]
            stream.close()
            raise
        self._listen()

    def _leave(self, stream: Topic, subscriber: Subscriber) -> None:
        del stream.subscribers[subscriber]
        self._tidy(stream)
        if self._held:
            self._balance()

    def _tidy(self, stream: Topic) -> None:
        """End ``stream`` where nobody receives it and nobody is about to."""
        if stream.subscribers or self._joining.get(stream):
            return
        self._joining.pop(stream, None)
        self._locks.pop(stream, None)
        if not stream.permanent:
            self._streams.pop(_key(stream), None)
            if self._open.pop(stream.id, None) is not None:
                stream.close()
                self._listen()

    def _listen(self) -> None:
        """Know which of the open streams are made of audio: nobody else is called for it."""
        self._audio = self._of_kind(AudioTopic)
        self._lossless = [stream for stream in self._audio if stream.is_lossless]
        self._engine.capture(bool(self._audio))
        self._balance()

    def _sound(self, block: AudioBlock) -> None:
        self._sounded_to = Frames(block.sample + len(block.frames))
        for stream in self._audio:
            stream.process(block)
        if self._lossless:
            self._balance()

    def _balance(self) -> None:
        """Have the engine wait while a client is behind that is to lose nothing."""
        behind = [each for stream in self._lossless for each in stream.subscribers if each.behind]
        wanted = bool(behind) and self._engine.waits()
        for subscriber in behind:
            subscriber.when_level(self._balance)
        if wanted != self._held:
            self._held = wanted
            self._engine.hold_audio(wanted)

    def _poll(self, reading: PollResult) -> None:
        stream = self._open.get(reading.name)
        if isinstance(stream, PollTopic):
            stream.deliver(reading)

    def _print(self, printed: MessagePrinted) -> None:
        logged = self.log.add(printed, self._engine.sample())
        for messages in self._messages:
            messages.print(logged)

    def _call_back(self, event: CallbackEvent) -> None:
        for stream in self._of_kind(CallbackTopic):
            if stream.name == event.topic:
                stream.deliver(event)

    def _render(self, told: RenderTold) -> None:
        for stream in self._of_kind(RenderTopic):
            stream.tell(told)

    def _change(self, change: StateChanged) -> None:
        if change.state == "ended" or change.event in {"reset", "died"}:
            # Whoever hears of the end has all that sounded before it.
            for sounding in self._audio:
                sounding.end()
        if change.event == "reset":
            self._keys.clear()
        self._end(change)
        if self._held:
            self._balance()
        for stream in self._of_kind(StateTopic):
            stream.change(change)

    def _end(self, change: StateChanged) -> None:
        """Tell who follows a performance that it is over. A crash is no end: what sounds goes on in another engine."""
        sounded, over = self._sounded_to, change.state if change.state in {"ended", "failed"} else None
        reason = "reset" if change.event == "reset" else over
        if reason is None or (sounded is None and change.event != "state"):
            return
        self._sounded_to = None
        sample = self._engine.sample() if sounded is None else sounded
        for stream in list(self._open.values()):
            stream.finish(sample, reason)

    def _of_kind(self, kind: type[T]) -> list[T]:
        return [stream for stream in self._open.values() if isinstance(stream, kind)]


class PromisedValue(Topic):
    """A stream of one value, which a call announced: the answer to it, in a way."""

    name = EVAL
    delivery = URGENT


def _limited(topic: type[Topic], options: Options, channels: ChannelGlobs) -> Options:
    """``options`` that keep to ``channels``. Raises Forbidden where they cannot."""
    match topic.channels:
        case "finds":
            return options | {"names": channels.narrowed(cast("str | list[str]", options["names"]))}
        case "reads":
            channels.check_read(cast("str", options["name"]))
        case None:
            pass
        case "beyond":
            raise Forbidden(f"{topic.name} is not for a token that is limited to channels")
        case _:
            raise Forbidden(f"{topic.name} is not for a token that may not read every channel")
    return options


def _key(stream: Topic) -> Key:
    return stream.name, repr(stream.chosen)


class StreamService(Streams):
    """Subscriptions of the caller's session; ``subscriber_of`` knows the sessions."""

    def __init__(self, hub: Hub, subscriber_of: Callable[[str], Subscriber], caller: Caller) -> None:
        self._hub = hub
        self._subscriber_of = subscriber_of
        self._caller = caller

    async def subscribe(self, topic: str, **options: Json) -> dict[str, Json]:
        """Receive a topic from now on."""
        return await self._hub.subscribe(self._subscriber, topic, options, self._caller.grant.channels)

    async def unsubscribe(self, stream: str) -> None:
        """Receive a stream no longer."""
        self._hub.unsubscribe(self._subscriber, stream)

    async def push(self, topic: str, data: Json) -> dict[str, Json]:
        """Feed the engine."""
        return await self._hub.push(topic, data, self._caller.id)

    async def list(self) -> Subscriptions:
        """The streams that the session receives."""
        return self._hub.subscriptions(self._subscriber)

    @property
    def _subscriber(self) -> Subscriber:
        if self._caller.id is None:
            raise WrongState("subscriptions belong to a session", hint="connect over WebSocket")
        return self._subscriber_of(self._caller.id)
