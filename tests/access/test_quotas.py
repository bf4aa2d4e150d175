"""Quotas: what a caller may ask for in a second."""

from __future__ import annotations

import pytest

from csoundd.access import Quota, Quotas, TokenBucket
from csoundd.access import quotas as module
from csoundd.errors import LimitExceeded
from csoundd.limits import COMPILING_BURST_SECONDS, QUOTAS


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "perf_counter", clock)
    return clock


def test_what_was_taken_comes_back_at_the_rate(clock: Clock) -> None:
    bucket = TokenBucket(10.0, 10.0)
    assert [bucket.take() for _ in range(11)] == [True] * 10 + [False]
    clock.now += 0.35
    assert [bucket.take() for _ in range(4)] == [True] * 3 + [False]


def test_no_more_is_saved_up_than_the_burst(clock: Clock) -> None:
    bucket = TokenBucket(10.0, 5.0)
    clock.now += 1000.0
    assert sum(bucket.take() for _ in range(100)) == 5


def test_a_request_too_many_is_told_when_to_come_again(clock: Clock) -> None:
    quota = Quota(4.0, 1.0)
    quota.take(4)
    with pytest.raises(LimitExceeded) as raised:
        quota.take()
    assert raised.value.details == {"name": "requests", "limit": 4.0, "retryAfter": pytest.approx(0.25)}
    clock.now += 0.25
    quota.take()


def test_compiling_is_counted_when_it_is_done(clock: Clock) -> None:
    quota = Quota(100.0, 0.5)
    quota.check_compiling()
    quota.compiled(COMPILING_BURST_SECONDS + 1.0)
    with pytest.raises(LimitExceeded) as raised:
        quota.check_compiling()
    assert raised.value.details["name"] == "compiling"
    assert raised.value.details["retryAfter"] == pytest.approx(2.0)
    clock.now += 2.1
    quota.check_compiling()


def test_each_caller_has_a_quota_of_its_own() -> None:
    quotas = Quotas(requests=1.0)
    quotas.sessions["one"].take()
    quotas.sessions["other"].take()
    quotas.of("10.0.0.1").take()
    for spent in (quotas.sessions["one"], quotas.of("10.0.0.1")):
        with pytest.raises(LimitExceeded):
            spent.take()
    quotas.forget("one")
    quotas.sessions["one"].take()


def test_addresses_that_can_be_made_up_are_forgotten() -> None:
    quotas = Quotas(requests=1.0)
    quotas.of("first").take()
    for number in range(QUOTAS):
        quotas.of(number)
    quotas.of("first").take()
