"""Csound's messages: levels, replay, and the buffers of sessions."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from csoundd.errors import WrongState
from csoundd.messages import Frames, MessagePrinted
from csoundd.streams.backlog import KEPT
from csoundd.streams.hub import Hub
from csoundd.streams.message_log import MessageBuffers, MessageBufferService, level_of
from csoundd.streams.topics.events import MessagesTopic
from tests.streams.fakes import FakeEngine, Listener, check_options

ERROR, WARNING, PLAIN = 0x1000, 0x4000, 0


@dataclass(frozen=True)
class Reader:
    id: str | None


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def hub(engine: FakeEngine) -> Hub:
    return Hub(engine, check_options, history=4)


@pytest.fixture
def buffer(hub: Hub) -> MessageBufferService:
    return MessageBuffers(hub.log).of(Reader("one"))


async def listen(hub: Hub, **options: object) -> Listener:
    listener = Listener()
    await hub.subscribe(listener, "messages", options)
    return listener


def say(engine: FakeEngine, *texts: str, attr: int = PLAIN) -> None:
    for text in texts:
        engine.emit(MessagePrinted(text, attr))


def texts(listener: Listener) -> list[tuple[int, str]]:
    return [(frame.seq, frame.data["text"]) for frame in listener.frames]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "attr", "level"),
    [
        ("rtaudio: dummy\n", PLAIN, "info"),
        ("syntax error, unexpected T_IDENT\n", ERROR, "error"),
        ("instr 1 not found\n", ERROR | 0x0007, "error"),
        ("--Csound version 6.18\n", ERROR, "info"),
        ("something\n", WARNING, "warning"),
        ("error: no such table\n", PLAIN, "error"),
        ("INIT ERROR in instr 1\n", PLAIN, "error"),
        ("WARNING: late\n", PLAIN, "warning"),
        ("no error: all is well\n", PLAIN, "info"),
        ("orchestra\n", 0x2000, "info"),
    ],
)
def test_levels_come_from_the_attribute_and_the_words(text: str, attr: int, level: str) -> None:
    assert level_of(MessagePrinted(text, attr)) == level


async def test_a_message_has_its_text_attribute_and_level(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub)
    engine.at = Frames(128)
    say(engine, "late\n", attr=WARNING)
    (frame,) = listener.frames
    assert (frame.data, frame.sample, frame.delivery) == (
        {"text": "late\n", "attr": WARNING, "level": "warning"},
        128,
        MessagesTopic.delivery,
    )


async def test_a_level_takes_what_is_more_severe(hub: Hub, engine: FakeEngine) -> None:
    info, warning, error = [await listen(hub, level=level) for level in ("info", "warning", "error")]
    say(engine, "a")
    say(engine, "b", attr=WARNING)
    say(engine, "error c", attr=ERROR)
    assert [texts(info), texts(warning), texts(error)] == [
        [(1, "a"), (2, "b"), (3, "error c")],
        [(1, "b"), (2, "error c")],
        [(1, "error c")],
    ]


async def test_the_stream_of_a_level_is_always_the_same(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    assert (await hub.subscribe(listener, "messages", {}))["stream"] == "messages/1"
    hub.unsubscribe(listener, "messages/1")
    assert (await hub.subscribe(listener, "messages", {"level": "error"}))["stream"] == "messages/3"
    assert (await hub.subscribe(listener, "messages", {"level": "info"}))["stream"] == "messages/1"


async def test_numbers_go_on_while_nobody_listens(hub: Hub, engine: FakeEngine) -> None:
    say(engine, "a", "b")
    listener = await listen(hub)
    say(engine, "c")
    assert texts(listener) == [(3, "c")]


async def test_since_brings_what_came_after(hub: Hub, engine: FakeEngine) -> None:
    say(engine, "a", "b", "c")
    listener = await listen(hub, since=1)
    say(engine, "d")
    assert texts(listener) == [(2, "b"), (3, "c"), (4, "d")]


async def test_since_counts_in_the_numbers_of_its_level(hub: Hub, engine: FakeEngine) -> None:
    say(engine, "a")
    say(engine, "error b", "error c", attr=ERROR)
    assert texts(await listen(hub, level="error", since=1)) == [(2, "error c")]


async def test_what_is_no_longer_kept_shows_as_a_gap(hub: Hub, engine: FakeEngine) -> None:
    say(engine, *"abcdef")
    assert texts(await listen(hub, since=0)) == [(3, "c"), (4, "d"), (5, "e"), (6, "f")]


async def test_what_was_asked_for_again_is_not_dropped(hub: Hub, engine: FakeEngine) -> None:
    say(engine, "a")
    assert [frame.delivery for frame in (await listen(hub, since=0)).frames] == [KEPT]


async def test_a_buffer_begins_where_it_was_made(buffer: MessageBufferService, engine: FakeEngine) -> None:
    say(engine, "before")
    await buffer.createMessageBuffer()
    say(engine, "after", attr=WARNING)
    assert await buffer.messageCnt() == 1
    assert (await buffer.firstMessage(), await buffer.firstMessageAttr()) == ("after", WARNING)


async def test_messages_are_read_one_after_another(buffer: MessageBufferService, engine: FakeEngine) -> None:
    await buffer.createMessageBuffer()
    say(engine, "a", "b", "c")
    await buffer.popFirstMessage()
    assert await buffer.readMessage() == ("b", 0)
    assert await buffer.messageCnt() == 1
    assert await buffer.readMessage() == ("c", 0)
    assert await buffer.readMessage() == ("", 0)


async def test_all_messages_can_be_taken_at_once(buffer: MessageBufferService, engine: FakeEngine) -> None:
    await buffer.createMessageBuffer()
    say(engine, "a", "b")
    assert await buffer.iterMessages() == [("a", 0), ("b", 0)]
    assert await buffer.messageCnt() == 0


async def test_a_buffer_holds_what_is_still_kept(buffer: MessageBufferService, engine: FakeEngine) -> None:
    await buffer.createMessageBuffer()
    say(engine, *"abcdef")
    assert await buffer.messageCnt() == 4
    assert await buffer.readMessage() == ("c", 0)
    assert await buffer.messageCnt() == 3


async def test_without_a_buffer_there_is_nothing(buffer: MessageBufferService, engine: FakeEngine) -> None:
    say(engine, "a")
    assert await buffer.messageCnt() == -1
    assert (await buffer.firstMessage(), await buffer.firstMessageAttr()) == ("", 0)
    assert await buffer.readMessage() == ("", 0)
    assert await buffer.iterMessages() == []


async def test_a_destroyed_buffer_is_gone(buffer: MessageBufferService, engine: FakeEngine) -> None:
    await buffer.createMessageBuffer()
    await buffer.destroyMessageBuffer()
    assert await buffer.messageCnt() == -1


async def test_each_session_reads_for_itself(hub: Hub, engine: FakeEngine) -> None:
    buffers = MessageBuffers(hub.log)
    one, other = buffers.of(Reader("one")), buffers.of(Reader("other"))
    await one.createMessageBuffer()
    await other.createMessageBuffer()
    say(engine, "a")
    assert await one.readMessage() == ("a", 0)
    assert await other.messageCnt() == 1
    buffers.forget("other")
    assert await other.messageCnt() == -1


async def test_without_a_session_there_is_no_buffer(hub: Hub) -> None:
    with pytest.raises(WrongState):
        await MessageBuffers(hub.log).of(Reader(None)).createMessageBuffer()
