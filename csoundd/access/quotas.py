"""What one caller may ask for in a second: requests, and time of the engine for compiling."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from time import perf_counter
from typing import Final

from csoundd.errors import LimitExceeded
from csoundd.limits import (
    COMPILING_BURST_SECONDS,
    COMPILING_SHARE,
    EARLY_SECONDS,
    OVER_LIMIT_REST_SECONDS,
    QUOTAS,
    REFUSALS_UNTIL_REST,
    SESSION_REQUESTS,
)

_HINT: Final = "send it again after retryAfter seconds"


class TokenBucket:
    """Holds up to ``burst`` of something that comes back at ``rate`` a second."""

    __slots__ = ("_burst", "_filled", "_left", "rate")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self._burst = self._left = burst
        self._filled = perf_counter()

    def take(self, amount: float = 1.0, now: float | None = None) -> bool:
        """Take ``amount``; whether there was as much. ``now`` is the time by ``perf_counter``, where that was read."""
        # Every request does this: it is written out.
        if now is None:
            now = perf_counter()
        left = self._left + (now - self._filled) * self.rate
        left = min(left, self._burst)
        self._filled = now
        taken = left >= amount
        self._left = left - amount if taken else left
        return taken

    def spend(self, amount: float) -> None:
        """Take ``amount``, and be in debt where there is less: it has been used already."""
        self._fill()
        self._left -= amount

    def wait(self, amount: float = 1.0) -> float:
        """Seconds until there is ``amount``."""
        self._fill()
        return max(0.0, min(amount, self._burst) - self._left) / self.rate

    def _fill(self) -> None:
        now = perf_counter()
        self._left = min(self._burst, self._left + (now - self._filled) * self.rate)
        self._filled = now


class Quota:
    """What one caller has left: of ``requests`` one is taken for each."""

    __slots__ = ("_compiling", "refused", "requests")

    def __init__(self, requests: float, compiling: float) -> None:
        self.refused = 0
        """How many requests were too many since its caller was last made to rest."""
        self.requests = TokenBucket(requests, requests)
        self._compiling = TokenBucket(compiling, COMPILING_BURST_SECONDS)

    def take(self, requests: int = 1) -> None:
        """Count ``requests``. Raises LimitExceeded, with ``retryAfter`` in seconds, where they are too many."""
        if not self.requests.take(requests):
            raise self.exceeded(requests)

    def exceeded(self, requests: int = 1) -> LimitExceeded:
        """Count a refusal: the error for ``requests`` that there was no room for, with ``retryAfter`` in seconds."""
        self.refused += 1
        return _exceeded("requests", self.requests, "requests", requests)

    def rest(self) -> float:
        """Seconds for which its caller is not to be listened to: it goes on although it is told that it is too much."""
        if self.refused < REFUSALS_UNTIL_REST:
            return 0.0
        self.refused = 0
        return OVER_LIMIT_REST_SECONDS

    def check_compiling(self) -> None:
        """Raise LimitExceeded, with ``retryAfter`` in seconds, for one whose code took the engine too long."""
        if not self._compiling.take(0.0):
            raise _exceeded("compiling", self._compiling, "s of compiling", 0.0)

    def compiled(self, seconds: float) -> None:
        """Count what the engine was busy with code."""
        self._compiling.spend(seconds)


def _exceeded(name: str, bucket: TokenBucket, what: str, amount: float) -> LimitExceeded:
    return LimitExceeded(
        f"a session has {bucket.rate:.15g} {what} a second, and this is more",
        name=name,
        limit=bucket.rate,
        hint=_HINT,
        retryAfter=max(bucket.wait(amount), 0.001),
    )


class SessionQuotas(dict[str, Quota]):
    """The quota of each session by its id: whoever has none yet has a full one."""

    def __init__(self, new: Callable[[], Quota]) -> None:
        self._new = new

    def __missing__(self, session: str) -> Quota:
        """The first request of a session."""
        quota = self[session] = self._new()
        return quota


class Quotas:
    """The quota of each caller: of a session as long as there is one, of others until so many more have come."""

    def __init__(self, requests: float = SESSION_REQUESTS, compiling: float = COMPILING_SHARE) -> None:
        self._new = partial(Quota, requests, compiling)
        self.sessions = SessionQuotas(self._new)
        self._others: dict[Hashable, Quota] = {}

    def of(self, caller: Hashable) -> Quota:
        """That of somebody who has no session, as a token or an address."""
        quota = self._others.pop(caller, None) or self._new()
        if len(self._others) >= QUOTAS:
            del self._others[next(iter(self._others))]
        self._others[caller] = quota
        return quota

    def forget(self, session: str) -> None:
        """The session is over."""
        self.sessions.pop(session, None)


class SourceRates:
    """How often each IP address may do something: ``rate`` times a second, and ``burst`` times at once."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self._rate, self._burst = rate, rate if burst is None else burst
        self._buckets: dict[str, TokenBucket] = {}

    def wait(self, source: str, amount: float = 1.0) -> float:
        """Seconds until ``source`` may do it ``amount`` times, behind all that it waits for already.

        It is counted, unless that is more than EARLY_SECONDS: then it is too much.
        """
        bucket = self._buckets.get(source)
        if bucket is None:
            if len(self._buckets) >= QUOTAS:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[source] = TokenBucket(self._rate, self._burst)
        seconds = bucket.wait(amount)
        if seconds <= EARLY_SECONDS:
            bucket.spend(amount)
        return seconds
