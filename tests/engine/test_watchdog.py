"""The watchdog: how long a host may take, by its own time. The system's figures of the host are files of the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from csoundd.engine.link.memory import Field, Ring
from csoundd.engine.process.watchdog import Watchdog
from csoundd.messages import Command, Seconds

SECOND = 1_000_000_000
LOOK = SECOND // 10
MINUTE = 600
"""Looks in a minute: longer than anything may take."""


@dataclass
class Host:
    """A host whose figures, in ``folder``, are those of a thread: seconds and what else the system counts."""

    folder: Path
    ring: Ring = field(default_factory=lambda: cast("Ring", SimpleNamespace(header=[0] * 64)))
    pid: int = 1
    ends: list[str] = field(default_factory=list)
    state: str = "R"
    computed: int = 5 * SECOND
    waited: int = 0
    faults: int = 0
    read: int = 0
    shows: tuple[str, ...] = ("stat", "schedstat", "io")
    shown: dict[str, str] = field(default_factory=dict)
    counts_waiting: bool = True

    def interrupt(self, reason: str) -> None:
        self.ends.append(reason)

    def kill(self, reason: str, *, stopped: bool = False) -> None:
        self.ends.append(f"killed{' from outside' if stopped else ''}: {reason}")

    def show(self) -> None:
        ticks = self.computed * 100 // SECOND
        fields = [self.state, *["0"] * 6, str(self.faults), "0", "0", "0", str(ticks), "0"]
        counted = (self.computed, self.waited, 9) if self.counts_waiting else (0, 0, 0)
        texts = {
            "stat": f"1 (csound) d) {' '.join(fields)}\n",
            "schedstat": " ".join(map(str, counted)) + "\n",
            "io": f"rchar: {self.read}\nwchar: 0\n",
        }
        for name in self.shows:
            if texts[name] != self.shown.get(name):
                (self.folder / name).write_text(texts[name])
        self.shown = texts


@dataclass
class Calls:
    """The calls that the host has been sent, with the time at which each is past its deadline."""

    sent: dict[int, tuple[float, Command]] = field(default_factory=dict)
    now: int = 0
    expired: set[int] = field(default_factory=set)

    def expire(self) -> set[int]:
        new = {n for n, (due, _) in self.sent.items() if due * SECOND < self.now} - self.expired
        self.expired |= new
        return new

    def overdue(self, number: int) -> Command | None:
        return self.sent[number][1] if number in self.expired else None


@dataclass
class Bench:
    host: Host
    calls: Calls
    watchdog: Watchdog
    now: int = 100 * SECOND

    def look(self) -> None:
        self.calls.now = self.now
        self.host.show()
        self.watchdog.look(self.now)

    def pass_time(
        self, looks: int, *, computed: float = 0.0, waited: float = 0.0, faults: int = 0, read: int = 0
    ) -> float | None:
        """Look ten times a second, until it is ended; returns after how many seconds it was. Shares are of the time."""
        for number in range(1, looks + 1):
            self.now += LOOK
            self.host.computed += int(computed * LOOK)
            self.host.waited += int(waited * LOOK)
            self.host.faults += faults
            self.host.read += read
            self.look()
            if self.host.ends:
                return number / 10
        return None

    def begin(self, *, running: int = 0, performing: bool = False) -> None:
        header = self.host.ring.header
        header[Field.SINCE_NS], header[Field.RUNNING], header[Field.PERFORMING] = self.now, running, performing
        header[Field.TURN] += 1

    def send(self, number: int, deadline: float) -> None:
        self.calls.sent[number] = (
            self.now / SECOND + deadline,
            Command("csound.compileOrc", [], deadline=Seconds(deadline)),
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    host, calls = Host(tmp_path), Calls()
    made = Bench(host, calls, Watchdog(calls, host, tmp_path))
    made.look()
    return made


def test_a_cycle_that_gets_no_processor_goes_on(bench: Bench) -> None:
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE) is None


def test_a_cycle_that_gets_a_quarter_of_a_processor_is_ended_by_what_it_got(bench: Bench) -> None:
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, computed=0.25, waited=0.75, read=1) == pytest.approx(40, abs=1)
    assert bench.host.ends == ["a cycle did not end"]


def test_a_call_past_its_deadline_that_gets_no_processor_goes_on(bench: Bench) -> None:
    bench.send(1, 10)
    bench.begin(running=1)
    assert bench.pass_time(MINUTE, computed=0.01) is None


def test_a_host_that_gets_no_processor_may_leave_what_it_was_told_unheard(bench: Bench) -> None:
    bench.send(1, 1)
    assert bench.pass_time(MINUTE) is None


def test_a_cycle_that_reads_is_ended_after_ten_seconds(bench: Bench) -> None:
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, computed=1.0, read=1) == pytest.approx(10, abs=0.3)
    assert bench.host.ends == ["a cycle did not end"]


def test_a_cycle_that_only_computes_is_ended_sooner(bench: Bench) -> None:
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, computed=1.0) == pytest.approx(4.1, abs=0.3)


def test_a_cycle_that_takes_memory_is_not_ended_sooner(bench: Bench) -> None:
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, computed=1.0, faults=1000) == pytest.approx(10, abs=0.3)


@pytest.mark.parametrize("state", ["S", "D"])
def test_a_cycle_that_sleeps_is_ended_after_ten_seconds(bench: Bench, state: str) -> None:
    bench.host.state = state
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE) == pytest.approx(10, abs=0.3)


def test_one_that_sleeps_and_waits_for_a_processor_is_judged_by_the_rest(bench: Bench) -> None:
    bench.host.state = "S"
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, waited=0.75) == pytest.approx(40, abs=1)


@pytest.mark.parametrize("shows", [(), ("stat",), ("stat", "schedstat")], ids=["nothing", "ticks", "no reading"])
def test_a_cycle_without_end_is_ended_where_the_system_shows_less(bench: Bench, shows: tuple[str, ...]) -> None:
    for name in ("stat", "schedstat", "io"):
        (bench.host.folder / name).unlink()
    bench.host.shows = shows
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, computed=1.0) == pytest.approx(10, abs=0.3)


def test_a_cycle_without_end_is_ended_where_the_system_counts_no_waiting(bench: Bench) -> None:
    bench.host.counts_waiting = False
    bench.begin(performing=True)
    assert bench.pass_time(MINUTE, computed=1.0, read=1) == pytest.approx(10, abs=0.3)


def test_a_host_that_was_stopped_is_killed_after_a_second(bench: Bench) -> None:
    bench.host.state = "T"
    assert bench.pass_time(MINUTE) == pytest.approx(1.2, abs=0.2)
    assert bench.host.ends == ["killed from outside: it was stopped"]


def test_a_host_that_was_stopped_with_the_front_is_not_hung(bench: Bench) -> None:
    bench.host.state = "S"
    bench.begin(performing=True)
    bench.now += 3600 * SECOND
    bench.look()
    assert bench.host.ends == []


def test_a_call_without_end_is_ended_at_its_deadline(bench: Bench) -> None:
    bench.send(1, 3)
    bench.begin(running=1)
    assert bench.pass_time(MINUTE, computed=1.0) == pytest.approx(3, abs=0.3)
    assert bench.host.ends == ["it was stuck in csound.compileOrc past the deadline"]


def test_a_call_that_began_just_before_its_deadline_has_its_time(bench: Bench) -> None:
    bench.send(1, 3)
    bench.pass_time(29)
    bench.begin(running=1)
    assert bench.pass_time(25, computed=1.0) is None


def test_a_short_deadline_ends_no_call_that_only_just_began(bench: Bench) -> None:
    bench.send(1, 0.001)
    bench.begin(running=1)
    assert bench.pass_time(MINUTE, computed=1.0) == pytest.approx(0.6, abs=0.2)


def test_a_long_call_is_not_ended_for_the_deadline_of_another(bench: Bench) -> None:
    bench.send(1, 30)
    bench.send(2, 1)
    bench.begin(running=1)
    assert bench.pass_time(290, computed=1.0) is None


def test_a_host_that_does_nothing_with_what_it_was_told_stopped_answering(bench: Bench) -> None:
    bench.host.state = "S"
    bench.send(1, 1)
    assert bench.pass_time(MINUTE) == pytest.approx(2, abs=0.3)
    assert bench.host.ends == ["it stopped answering"]


def test_a_host_that_turns_its_loop_answers(bench: Bench) -> None:
    bench.host.state = "S"
    bench.send(1, 1)
    bench.pass_time(15)
    bench.host.ring.header[Field.TURN] += 1
    assert bench.pass_time(MINUTE) is None


def test_one_that_does_not_heed_the_interruption_is_interrupted_again(bench: Bench) -> None:
    bench.begin(performing=True)
    bench.pass_time(MINUTE, computed=1.0)
    bench.host.ends.clear()
    assert bench.pass_time(MINUTE, computed=1.0) == pytest.approx(1, abs=0.2)
    assert bench.host.ends == ["it stopped answering"]


def test_one_that_ends_its_cycle_as_it_is_interrupted_is_left_alone(bench: Bench) -> None:
    bench.begin(performing=True)
    bench.pass_time(MINUTE, computed=1.0)
    bench.host.ends.clear()
    bench.begin(performing=True)
    assert bench.pass_time(25, computed=1.0) is None
