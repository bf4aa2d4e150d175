"""The queue of a client that is fast, slow, or away."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import dataclass, field

import pytest

from csoundd.messages import Reply
from csoundd.streams.backlog import DEFAULT_BOUNDS, Bounds
from csoundd.streams.send_queue import STALLED, FrameQueue, SendQueue, StallWatch
from tests.streams.fakes import FakeSink, PlainEncoder, frame

DEADLINE = 5.0
PATIENCE = 30.0


@dataclass
class HeardSink(FakeSink):
    """A connection that says when something was written to it, and when it is read from again."""

    wrote: asyncio.Event = field(default_factory=asyncio.Event)
    resumed: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, frame: bytes) -> None:
        super().write(frame)
        self.wrote.set()

    def resume_reading(self) -> None:
        super().resume_reading()
        self.resumed.set()


def send_queue(bounds: Bounds = DEFAULT_BOUNDS, watch: StallWatch | None = None) -> SendQueue:
    return SendQueue(PlainEncoder(), watch or StallWatch(), bounds)


async def test_everything_is_written_at_once_while_there_is_room() -> None:
    queue, sink = send_queue(), FakeSink()
    queue.attach(sink)
    queue.reply(Reply(1, None))
    queue.offer(frame("spout/1", 1, "a"))
    assert sink.written == ["reply 1", '["spout/1", 1, "a"]']


async def test_answers_go_ahead_of_what_waits_and_the_rest_keeps_its_order() -> None:
    queue, sink = send_queue(), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("spout/1", 1))
    queue.reply(Reply(1, None))
    queue.offer(frame("messages/1", 1))
    queue.offer(frame("channels/1", 1, {}))
    queue.reply(Reply(2, None))
    drain(queue, sink)
    assert [line.split(",")[0] for line in sink.written] == [
        "reply 1",
        "reply 2",
        '["spout/1"',
        '["messages/1"',
        '["channels/1"',
    ]


async def test_nothing_overtakes_what_waits() -> None:
    queue, sink = send_queue(), FakeSink(room=1)
    queue.attach(sink)
    queue.reply(Reply(1, None))
    queue.reply(Reply(2, None))
    sink.writable, sink.room = True, 2
    queue.reply(Reply(3, None))
    queue.flush()
    assert sink.written == ["reply 1", "reply 2", "reply 3"]


async def test_an_answer_that_takes_long_keeps_nobody_waiting_and_no_more_is_read_meanwhile() -> None:
    queue, sink = send_queue(), HeardSink()
    queue.attach(sink)
    queue.reply(Reply(1, b"a lot"))
    queue.reply(Reply(2, b"a lot"))
    queue.reply(Reply(3, None))
    assert (sink.written, sink.reading) == (["reply 3"], False)
    await asyncio.wait_for(sink.resumed.wait(), PATIENCE)
    assert sink.written == ["reply 3", "reply 1", "reply 2"]


async def test_an_answer_that_takes_long_waits_for_the_next_connection() -> None:
    queue, sink = send_queue(), HeardSink()
    queue.attach(FakeSink())
    queue.reply(Reply(1, b"a lot"))
    queue.detach()
    queue.attach(sink)
    await asyncio.wait_for(sink.wrote.wait(), PATIENCE)
    assert sink.written == ["reply 1"]


async def test_a_flush_stops_when_the_sink_is_full_again() -> None:
    queue, sink = send_queue(), FakeSink(writable=False)
    queue.attach(sink)
    for n in range(3):
        queue.reply(Reply(n, None))
    sink.writable, sink.room = True, 2
    queue.flush()
    assert sink.written == ["reply 0", "reply 1"]


async def test_answers_are_never_dropped() -> None:
    queue, sink = send_queue(Bounds(answers=10, answer_bytes=10)), FakeSink(writable=False)
    queue.attach(sink)
    for n in range(5000):
        queue.reply(Reply(n, None))
    drain(queue, sink)
    assert len(sink.written) == 5000


async def test_engine_events_are_never_dropped() -> None:
    queue, sink = send_queue(Bounds(messages=1, audio_bytes=1)), FakeSink(writable=False)
    queue.attach(sink)
    for seq in range(1, 100):
        queue.offer(frame("engine/1", seq))
    drain(queue, sink)
    assert seqs(sink) == list(range(1, 100))


async def test_channels_that_wait_become_one_frame_with_the_latest_values() -> None:
    queue, sink = send_queue(), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("channels/1", 1, {"a": 1, "b": 1}))
    queue.offer(frame("channels/1", 2, {"a": 2}))
    queue.offer(frame("channels/1", 3, {"c": 3}))
    drain(queue, sink)
    assert sink.written == ['["channels/1", 3, {"a": 2, "b": 1, "c": 3}]']


async def test_channels_of_another_stream_stay_apart() -> None:
    queue, sink = send_queue(), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("channels/1", 1, {"a": 1}))
    queue.offer(frame("channels/2", 1, {"a": 2}))
    drain(queue, sink)
    assert len(sink.written) == 2


async def test_meters_that_wait_keep_the_highest_peak_and_the_mean_power() -> None:
    queue, sink = send_queue(), FakeSink(writable=False)
    queue.attach(sink)
    for seq, (peak, rms) in enumerate([(0.5, 0.3), (0.9, 0.0), (0.1, 0.3)], 1):
        queue.offer(frame("meters/1", seq, {"peak": [peak], "rms": [rms]}))
    drain(queue, sink)
    ((stream, seq, data),) = [json.loads(line) for line in sink.written]
    assert (stream, seq, data["peak"]) == ("meters/1", 3, [0.9])
    assert data["rms"] == pytest.approx([math.sqrt(0.18 / 3)])


async def test_of_transport_the_last_is_enough() -> None:
    queue, sink = send_queue(), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("transport/1", 1, {"sample": 1, "odd": True}))
    queue.offer(frame("transport/1", 2, {"sample": 2}))
    drain(queue, sink)
    assert sink.written == ['["transport/1", 2, {"sample": 2}]']


async def test_audio_loses_its_oldest_frames_beyond_its_bytes() -> None:
    size = len(PlainEncoder().encode(frame("spout/1", 1, "x" * 100)))
    queue, sink = send_queue(Bounds(audio_bytes=size * 3)), FakeSink(writable=False)
    queue.attach(sink)
    for seq in range(1, 10):
        queue.offer(frame("spout/1", seq, "x" * 100))
    drain(queue, sink)
    assert seqs(sink) == [7, 8, 9]


async def test_audio_loses_its_oldest_frames_beyond_its_span() -> None:
    queue, sink = send_queue(Bounds(audio_span=1000)), FakeSink(writable=False)
    queue.attach(sink)
    for seq in range(1, 10):
        queue.offer(frame("spout/1", seq, sample=seq * 500))
    drain(queue, sink)
    assert seqs(sink) == [7, 8, 9]


async def test_audio_streams_share_the_bytes() -> None:
    size = len(PlainEncoder().encode(frame("spout/1", 1, "x" * 100)))
    queue, sink = send_queue(Bounds(audio_bytes=size * 2)), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("spout/1", 1, "x" * 100))
    queue.offer(frame("spout/2", 1, "x" * 100))
    queue.offer(frame("spout/2", 2, "x" * 100))
    drain(queue, sink)
    assert [json.loads(line)[:2] for line in sink.written] == [["spout/2", 1], ["spout/2", 2]]


async def test_one_audio_frame_waits_however_big_it_is() -> None:
    queue, sink = send_queue(Bounds(audio_bytes=10)), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("spout/1", 1, "x" * 100))
    drain(queue, sink)
    assert seqs(sink) == [1]


async def test_audio_begins_anew_where_samples_jump_back() -> None:
    queue, sink = send_queue(Bounds(audio_span=1000)), FakeSink(writable=False)
    queue.attach(sink)
    queue.offer(frame("spout/1", 1, sample=96_000))
    queue.offer(frame("spout/1", 2, sample=0))
    drain(queue, sink)
    assert seqs(sink) == [1, 2]


async def test_messages_lose_their_oldest_and_a_line_says_how_many() -> None:
    queue, sink = send_queue(Bounds(messages=2)), FakeSink(writable=False)
    queue.attach(sink)
    for seq in range(1, 6):
        queue.offer(frame("messages/1", seq, {"text": str(seq)}))
    drain(queue, sink)
    lines = [json.loads(line) for line in sink.written]
    assert [(seq, data["text"]) for _, seq, data in lines] == [
        (3, "3 messages were dropped: this client is too slow for them\n"),
        (4, "4"),
        (5, "5"),
    ]
    assert lines[0][2]["level"] == "warning"


async def test_messages_can_be_dropped_again_after_they_were() -> None:
    queue, sink = send_queue(Bounds(messages=1)), FakeSink(writable=False)
    queue.attach(sink)
    for seq in range(1, 4):
        queue.offer(frame("messages/1", seq, {"text": str(seq)}))
    drain(queue, sink)
    sink.writable = False
    for seq in range(4, 7):
        queue.offer(frame("messages/1", seq, {"text": str(seq)}))
    drain(queue, sink)
    assert seqs(sink) == [2, 3, 5, 6]


async def test_a_shared_frame_is_encoded_once() -> None:
    encoder = PlainEncoder()
    queues = [SendQueue(encoder, StallWatch()) for _ in range(3)]
    for queue in queues:
        queue.attach(FakeSink())
    shared = frame("spout/1", 1)
    for queue in queues:
        queue.offer(shared)
    assert encoder.encoded == 1


async def test_calls_are_not_taken_from_a_client_with_too_many_answers() -> None:
    queue, sink = send_queue(Bounds(answers=4)), FakeSink(writable=False)
    queue.attach(sink)
    for n in range(4):
        queue.reply(Reply(n, None))
    assert sink.reading
    queue.reply(Reply(4, None))
    assert not sink.reading


async def test_calls_are_not_taken_from_a_client_with_too_long_answers() -> None:
    queue, sink = send_queue(Bounds(answer_bytes=10)), FakeSink(writable=False)
    queue.attach(sink)
    queue.reply(Reply(1, None))
    assert sink.reading
    queue.reply(Reply(2, None))
    assert not sink.reading


async def test_calls_are_taken_again_once_half_of_the_answers_are_out() -> None:
    queue, sink = send_queue(Bounds(answers=4)), FakeSink(writable=False)
    queue.attach(sink)
    for n in range(5):
        queue.reply(Reply(n, None))
    sink.writable, sink.room = True, 2
    queue.flush()
    assert not sink.reading
    sink.writable, sink.room = True, 1
    queue.flush()
    assert sink.reading


async def test_what_comes_while_the_client_is_away_waits_for_its_next_connection() -> None:
    queue, first, second = send_queue(), FakeSink(), FakeSink()
    queue.attach(first)
    queue.detach()
    queue.reply(Reply(1, None))
    queue.offer(frame("spout/1", 1))
    queue.attach(second)
    assert (first.written, len(second.written)) == ([], 2)


async def test_a_stream_waits_until_an_answer_has_named_it() -> None:
    queue, sink = send_queue(), FakeSink()
    queue.attach(sink)
    queue.hold("spout/1")
    queue.offer(frame("spout/1", 1))
    queue.offer(frame("spout/2", 1))
    queue.reply(Reply(1, {"stream": "spout/2"}))
    queue.reply(Reply(2, {"stream": "spout/1"}))
    assert sink.written == ['["spout/2", 1, null]', "reply 1", "reply 2", '["spout/1", 1, null]']


async def test_a_stream_may_be_named_in_the_answer_to_a_batch() -> None:
    queue, sink = send_queue(), FakeSink()
    queue.attach(sink)
    queue.hold("spout/1")
    queue.offer(frame("spout/1", 1))
    queue.reply([Reply(1, None), Reply(2, {"stream": "spout/1"})])
    assert sink.written == ["reply 1,reply 2", '["spout/1", 1, null]']


async def test_a_client_that_takes_nothing_is_closed() -> None:
    queue, sink = send_queue(watch=StallWatch(0.05, 0.01)), FakeSink(writable=False)
    queue.attach(sink)
    queue.reply(Reply(1, None))
    await until_closed(sink)
    assert sink.closed == (STALLED, "the client took nothing for too long")


async def test_bytes_in_the_transport_count_as_waiting() -> None:
    queue, sink = send_queue(watch=StallWatch(0.05, 0.01)), FakeSink(pending=1)
    queue.attach(sink)
    await until_closed(sink)


async def test_a_client_that_takes_something_now_and_then_is_not_closed() -> None:
    watch = StallWatch(0.05, 0.01)
    slow, stuck = FakeSink(pending=1), FakeSink(pending=1)
    queues = [send_queue(watch=watch), send_queue(watch=watch)]
    for queue, sink in zip(queues, (slow, stuck), strict=True):
        queue.attach(sink)
    await until_closed(stuck, meanwhile=slow)
    assert slow.closed is None


async def test_what_waits_when_a_client_is_given_up_goes_to_its_next_connection() -> None:
    queue, sink, another = send_queue(watch=StallWatch(0.05, 0.01)), FakeSink(writable=False), FakeSink()
    queue.attach(sink)
    queue.reply(Reply(1, None))
    await until_closed(sink)
    queue.attach(another)
    assert another.written == ["reply 1"]


async def until_closed(sink: FakeSink, meanwhile: FakeSink | None = None) -> None:
    closed = asyncio.Event()
    close = sink.close

    def watched(code: int, reason: str, patience: float) -> None:
        close(code, reason, patience)
        closed.set()

    sink.close = watched  # type: ignore[method-assign]
    waiting = asyncio.ensure_future(closed.wait())
    async with asyncio.timeout(DEADLINE):
        while not waiting.done():
            if meanwhile is not None:
                meanwhile.taken += 1
            await asyncio.wait((waiting,), timeout=0.005)


def drain(queue: SendQueue, sink: FakeSink) -> None:
    sink.writable, sink.room = True, None
    queue.flush()


def seqs(sink: FakeSink) -> list[int]:
    return [json.loads(line)[1] for line in sink.written]


async def test_of_frames_that_nobody_takes_the_oldest_go_and_each_is_counted() -> None:
    gone: list[int] = []
    queue = FrameQueue(2, lambda: gone.append(1))
    for number in range(1, 6):
        queue.offer(frame("spout/1", number))
    assert [(await queue.read()).seq for _ in range(2)] == [4, 5]
    assert len(gone) == 3
