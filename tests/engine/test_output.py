"""Output that a host sends of its own accord, and how much of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from math import inf
from typing import cast

import pytest

from csoundd.engine.csound.backend import NOTHING, Backend, Printout, Wanted
from csoundd.engine.host.output import CallbackOutput, Dropped, Output
from csoundd.engine.link.memory import Ring, shared_file
from csoundd.engine.link.protocol import HostEnd, MessageReader, decode_events
from csoundd.limits import CALL_LINES, EVENTS, LINES, LINES_PER_TURN, UNIT_BYTES
from csoundd.messages import CallbackEvent, EngineEvent, MessagePrinted


class FakeBackend:
    """Has printed as many lines as the test says."""

    def __init__(self) -> None:
        self.printout = NOTHING
        self.wanted: list[Wanted] = []

    def printed(self, wanted: Wanted) -> Printout:
        self.wanted.append(wanted)
        printout, self.printout = self.printout, NOTHING
        return printout


class Host:
    """Reports over a link whose front takes nothing in."""

    def __init__(self) -> None:
        self._front, theirs = socket.socketpair()
        self._front.settimeout(0)
        descriptor = shared_file()
        self._ring = Ring(descriptor)
        os.close(descriptor)
        self.link, self.backend, self.dropped = HostEnd(theirs, self._ring), FakeBackend(), Dropped()
        self.callbacks = CallbackOutput(self.link, self._ring, self.dropped)
        self.output = Output(self.link, self._ring, cast("Backend", self.backend), self.dropped)
        self._reader = MessageReader()

    def told(self) -> list[EngineEvent]:
        """All that was told, even what still waited."""
        events: list[EngineEvent] = []
        self.link.settle()
        while True:
            self.link.flush()
            try:
                messages = self._reader.feed(self._front.recv(1 << 16))
            except BlockingIOError:
                return events
            for message in messages:
                events += decode_events(message)

    def close(self) -> None:
        self.link.socket.close()
        self._front.close()
        self._ring.close()


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()


def test_only_so_many_lines_are_read_in_a_turn(host: Host) -> None:
    host.output.tell_printed()
    (wanted,) = host.backend.wanted
    assert (wanted.most, wanted.most + wanted.room) == (LINES_PER_TURN, LINES)


def test_lines_are_told_in_their_order(host: Host) -> None:
    host.backend.printout = Printout([(f"{number}\n", 0) for number in range(50)])
    host.output.tell_printed()
    assert [event.text for event in host.told() if isinstance(event, MessagePrinted)] == [f"{n}\n" for n in range(50)]


def test_of_more_lines_than_may_go_out_none_wait(host: Host) -> None:
    host.backend.printout = Printout([("x" * UNIT_BYTES * LINES * 10, 0)])
    host.output.tell_printed()
    host.output.tell_printed()
    assert (host.backend.wanted[-1].most, host.backend.wanted[-1].room) == (0, 0)


def test_a_call_may_tell_its_own_lines_all_the_same(host: Host) -> None:
    host.backend.printout = Printout([("x" * UNIT_BYTES * LINES, 0)])
    host.output.tell_printed()
    host.output.tell_printed(CALL_LINES)
    assert host.backend.wanted[-1].most == CALL_LINES


def test_what_was_dropped_is_told_and_looked_after(host: Host) -> None:
    host.backend.printout = Printout([], 41)
    host.output.tell_printed()
    assert host.output.wait(0.0) < inf
    host.dropped.due = 0.0
    host.backend.printout = Printout([], 1)
    host.output.tell_printed()
    assert [event.text for event in host.told() if isinstance(event, MessagePrinted)] == [
        "WARNING: 42 messages came too fast and were dropped\n"
    ]
    assert host.output.wait(0.0) == inf


def test_events_that_come_too_fast_are_dropped_and_the_next_one_says_how_many(host: Host) -> None:
    for number in range(EVENTS + 500):
        host.callbacks.tell("outvalue", {"name": "v", "value": number})
    told = [event for event in host.told() if isinstance(event, CallbackEvent)]
    kept = len(told) + sum(event.lost for event in told)
    assert EVENTS <= kept <= EVENTS + 500
    host.callbacks._allowance._left = 1.0
    host.callbacks.tell("outvalue", {"name": "v", "value": -1})
    (last,) = [event for event in host.told() if isinstance(event, CallbackEvent)]
    assert kept + 1 + last.lost == EVENTS + 501


def test_a_front_that_takes_nothing_costs_no_memory(host: Host) -> None:
    for _ in range(100):
        host.callbacks.tell("graphs", {"data": bytes(100_000)})
    assert host.link.backlog < 3_000_000
