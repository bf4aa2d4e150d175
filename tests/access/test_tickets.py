"""Tickets and cookies: for how long, for what, and how often they are good."""

from __future__ import annotations

import pytest

from csoundd.access import Grant
from csoundd.access.tickets import Vouchers

READER = Grant(frozenset({"read"}), token="one")


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def vouchers(clock: Clock) -> Vouchers:
    return Vouchers(lambda _: True, 60.0, 3)


def test_a_ticket_is_taken_once(vouchers: Vouchers) -> None:
    ticket = vouchers.issue(READER, "/listen.wav")
    assert vouchers.take(ticket, "/listen.wav") == READER
    assert vouchers.take(ticket, "/listen.wav") is None


def test_a_ticket_is_for_one_path(vouchers: Vouchers) -> None:
    ticket = vouchers.issue(READER, "/listen.wav")
    assert vouchers.take(ticket, "/files/secret.orc") is None
    assert vouchers.take(ticket, "/listen.wav") == READER


def test_it_is_good_for_a_while(vouchers: Vouchers, clock: Clock) -> None:
    early, late = vouchers.issue(READER), vouchers.issue(READER)
    clock.now += 59.9
    assert vouchers.grant(early) == READER
    clock.now += 0.2
    assert vouchers.grant(late) is None


def test_the_oldest_give_way(vouchers: Vouchers) -> None:
    first, *others = [vouchers.issue(READER) for _ in range(4)]
    assert vouchers.grant(first) is None
    assert [vouchers.grant(other) for other in others] == [READER] * 3


def test_it_ends_with_its_token(clock: Clock) -> None:
    good = True
    vouchers = Vouchers(lambda _: good, 60.0, 3)
    ticket = vouchers.issue(READER)
    good = False
    assert vouchers.grant(ticket) is None


@pytest.mark.parametrize("text", ["", "x", "é", "\0"])
def test_what_was_never_issued_is_worth_nothing(vouchers: Vouchers, text: str) -> None:
    vouchers.issue(READER)
    assert vouchers.grant(text) is None
