"""The figures that a daemon keeps of itself: what each is, declared once, and those that are counted.

What is counted is counted where it happens, in plain numbers; everything is put into the form of Prometheus when
somebody asks (``/metrics``). No label has a name that a client chose: sessions, channels and tokens are counted only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from csoundd.limits import named_limit

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: its kind, what it says, and its labels. A counter's name ends in ``_total``."""

    kind: Kind
    about: str
    labels: tuple[str, ...] = ()


METRICS: Final[Mapping[str, Metric]] = {
    "csoundd_info": Metric(
        "gauge", "1, with the versions of the daemon and of Csound", ("version", "engine", "csound")
    ),
    "csoundd_uptime_seconds": Metric("gauge", "seconds since the daemon began to serve"),
    "csoundd_requests_total": Metric(
        "counter", "requests by the namespace of their method, and by ok or the type of the error", ("group", "outcome")
    ),
    "csoundd_request_seconds": Metric("histogram", "seconds from a request to its answer", ("group",)),
    "csoundd_refusals_total": Metric(
        "counter", "what was refused: tokens, origins and hosts, scopes, connections", ("reason",)
    ),
    "csoundd_limit_hits_total": Metric("counter", "how often each limit was come to", ("limit",)),
    "csoundd_limit": Metric("gauge", "the limits in force, where they are numbers", ("limit",)),
    "csoundd_connections": Metric("gauge", "open connections", ("kind",)),
    "csoundd_sessions": Metric("gauge", "sessions, those that wait for their client included"),
    "csoundd_tokenless_sessions": Metric("gauge", "sessions that have yet to show the token they need"),
    "csoundd_subscriptions": Metric("gauge", "subscriptions of all sessions"),
    "csoundd_queued_messages": Metric("gauge", "answers and frames that wait for slow clients"),
    "csoundd_dropped_frames_total": Metric(
        "counter", "frames of streams that slow clients did not get, or listeners", ("kind",)
    ),
    "csoundd_stalled_connections_total": Metric("counter", "connections that were closed as nothing was taken"),
    "csoundd_osc_packets_total": Metric("counter", "packets of OSC that came", ("transport",)),
    "csoundd_engine_state": Metric("gauge", "1 for the state that the engine is in", ("state",)),
    "csoundd_engine_calls": Metric("gauge", "calls that wait for the engine"),
    "csoundd_engine_restarts_total": Metric(
        "counter", "engines that were replaced, as they died or by a call", ("cause",)
    ),
    "csoundd_cycles_total": Metric("counter", "cycles that this engine has performed"),
    "csoundd_late_cycles_total": Metric("counter", "those of them that were late"),
    "csoundd_samples_total": Metric("counter", "samples of each channel that it has performed"),
    "csoundd_engine_load": Metric("gauge", "the share of real time that the performance takes"),
    "csoundd_render_jobs": Metric("gauge", "jobs that are rendered, or were, by state", ("state",)),
    "csoundd_render_bytes": Metric("gauge", "bytes of the sound files of jobs"),
    "csoundd_certificate_seconds": Metric("gauge", "seconds until the certificate expires, with TLS"),
}
"""Everything that ``/metrics`` tells, beside the ``process_`` figures of prometheus-client."""

BOUNDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Upper bounds of the latencies that are counted together, in seconds."""

OK: Final = "ok"
"""The outcome of a request that succeeded."""

Labels = tuple[str, ...]
Reading = Callable[[], Mapping[Labels, float]]
"""The values of a gauge, or of a counter that is kept elsewhere, by the values of its labels."""


@dataclass(slots=True)
class Latencies:
    """How many requests took how long: a count for each of BOUNDS, one for what is beyond, and the sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One more took ``seconds``."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Counts:
    """What is counted of a daemon since it began.

    Counters of prometheus-client take a lock and look their labels up each time: a request counted by one of them and
    by one of its histograms takes seven times as long as here (CPython 3.11, prometheus-client 0.26, November 2026).
    """

    def __init__(self) -> None:
        self.latencies: defaultdict[str, Latencies] = defaultdict(Latencies)
        """Of every request that was answered, by the group of its method."""
        self._failures: Counter[Labels] = Counter()
        self.refusals: Counter[Labels] = Counter()
        self.limit_hits: Counter[Labels] = Counter()
        self.dropped: Counter[Labels] = Counter()
        self.restarts: Counter[Labels] = Counter()
        self.stalled = 0
        """Connections that were closed as nothing was taken, beside those of sessions."""

    def failed(self, group: str, error: str, seconds: float) -> None:
        """A request for a method of ``group`` was answered with ``error`` after ``seconds``."""
        self._failures[group, error] += 1
        self.latencies[group].add(seconds)

    @property
    def requests(self) -> Counter[Labels]:
        """How many were answered, by group and outcome: OK, or the type of the error."""
        requests: Counter[Labels] = Counter(
            {(group, OK): sum(each.counts) for group, each in list(self.latencies.items())}
        )
        for (group, error), count in self._failures.items():
            requests[group, error] = count
            requests[group, OK] -= count
        return +requests

    def refused(self, reason: str) -> None:
        """Something was refused."""
        self.refusals[reason,] += 1

    def missed_by_listener(self) -> None:
        """A block of sound went without having been heard: its listener was too slow."""
        self.dropped["listened",] += 1

    def limited(self, name: object) -> None:
        """The limit ``name`` was come to."""
        self.limit_hits[named_limit(name),] += 1
