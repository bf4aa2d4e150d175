"""The host's end of the link: control goes first, output is bounded, and at rest all keeps its order."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from math import inf
from typing import cast

import numpy as np
import pytest

from csoundd.engine.link.memory import Field, Ring, shared_file
from csoundd.engine.link.protocol import HostEnd, Kind, MessageReader, encode_event, encode_outcome, encode_printed
from csoundd.limits import IN_ORDER_BYTES, UNTAKEN_BYTES
from csoundd.messages import Frames, Outcome, PollResult

LINE = encode_printed([("x" * 80 + "\n", 0)])
ANSWER = encode_outcome(1, Outcome(1.0))
LARGE = 1 << 20


class Link:
    """Both ends of a link in one process: the front takes what the test says."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        descriptor = shared_file()
        self.ring = Ring(descriptor)
        os.close(descriptor)
        self.host, self._front = HostEnd(theirs, self.ring), ours
        self._front.settimeout(0)
        self._reader = MessageReader()

    def arrived(self) -> list[list[object]]:
        """What has come to the front meanwhile, none of which it has taken in."""
        messages: list[list[object]] = []
        while True:
            self.host.flush()
            try:
                messages += self._reader.feed(self._front.recv(1 << 16))
            except BlockingIOError:
                return messages

    def take(self, count: int) -> None:
        """Let the front have taken in ``count`` messages of output."""
        self.ring.header[Field.OUTPUT_TAKEN] += count

    def close(self) -> None:
        self.host.socket.close()
        self._front.close()
        self.ring.close()


@pytest.fixture
def link() -> Iterator[Link]:
    link = Link()
    yield link
    link.close()


def kinds(messages: list[list[object]]) -> list[Kind]:
    return [Kind(cast("int", message[0])) for message in messages]


def test_at_rest_all_keeps_its_order(link: Link) -> None:
    link.host.offer(LINE)
    link.host.send(ANSWER)
    link.host.offer(LINE)
    assert kinds(link.arrived()) == [Kind.MESSAGES, Kind.REPLY, Kind.MESSAGES]


def test_an_answer_overtakes_a_flood(link: Link) -> None:
    lines = 20 * (UNTAKEN_BYTES + IN_ORDER_BYTES) // len(LINE)
    for _ in range(lines):
        link.host.offer(LINE)
    link.host.send(ANSWER)
    assert kinds(link.arrived())[0] == Kind.REPLY


def test_an_answer_that_comes_later_stands_behind_little(link: Link) -> None:
    for _ in range(20 * UNTAKEN_BYTES // len(LINE)):
        link.host.offer(LINE)
    before = link.arrived()
    link.host.send(ANSWER)
    assert sum(map(len, [LINE] * len(before))) < UNTAKEN_BYTES + IN_ORDER_BYTES + 2 * UNTAKEN_BYTES
    assert kinds(link.arrived()) == [Kind.REPLY]


def test_nothing_of_a_flood_is_lost_on_the_link(link: Link) -> None:
    for _ in range(1000):
        link.host.offer(LINE)
    count = 0
    while count < 1000:
        arrived = len(link.arrived())
        assert arrived
        count += arrived
        link.take(arrived)
    assert (link.arrived(), link.host.backlog) == ([], 0)


def test_the_host_looks_again_while_output_waits_for_the_front(link: Link) -> None:
    assert link.host.wait == inf
    for _ in range(1000):
        link.host.offer(LINE)
    arrived = link.arrived()
    assert (link.host.wait, link.host.pending) != (inf, True)
    link.take(len(arrived))
    assert (link.host.wait, link.host.pending) == (inf, True)


def test_an_answer_does_not_wait_for_the_end_of_a_large_frame(link: Link) -> None:
    data = np.arange(float(LARGE))
    link.host.offer(encode_event(PollResult("array/1", Frames(64), data)))
    link.host.flush()
    link.host.send(ANSWER)
    arrived = link.arrived()
    assert kinds(arrived) == [Kind.REPLY, Kind.POLL]
    np.testing.assert_array_equal(cast("np.ndarray[tuple[int], np.dtype[np.float64]]", arrived[1][3]), data)


def test_what_is_said_at_the_end_keeps_its_place(link: Link) -> None:
    for _ in range(1000):
        link.host.offer(LINE)
    link.host.settle()
    link.host.send(ANSWER)
    assert kinds(link.arrived()) == [*[Kind.MESSAGES] * 1000, Kind.REPLY]


def test_another_engine_in_the_same_process_begins_to_count_anew(link: Link) -> None:
    for _ in range(1000):
        link.host.offer(LINE)
    link.arrived()
    link.host.settle()
    link.arrived()
    link.ring.clear()
    link.host.begin()
    link.host.offer(LINE)
    assert kinds(link.arrived()) == [Kind.MESSAGES]
