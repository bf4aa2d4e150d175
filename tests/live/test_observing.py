"""What a daemon tells of itself: metrics, its status, its log."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from time import monotonic

import pytest

from csoundd.metrics import METRICS
from tests.live.daemon import PATIENCE, Daemon, serving
from tests.live.foreign import CODECS, connected

SAMPLE = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with small limits, which logs in JSON."""
    folder = tmp_path_factory.mktemp("small")
    with serving(folder, "--limit", "requests=50", "--limit", "files=2", "--log-format", "json") as daemon:
        yield daemon


def metrics(daemon: Daemon) -> dict[str, float]:
    """Every sample of /metrics by its name and labels."""
    with urllib.request.urlopen(f"http://{daemon.http}/metrics", timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    samples = [SAMPLE.fullmatch(line) for line in lines if not line.startswith("#")]
    return {f"{s['name']}{{{s['labels'] or ''}}}": float(s["value"]) for s in samples if s is not None}


def test_every_metric_is_told(small: Daemon) -> None:
    with urllib.request.urlopen(f"http://{small.http}/metrics", timeout=PATIENCE) as answer:
        text = answer.read().decode()
    told = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert {name: kind for name, kind in told.items() if name.startswith("csoundd_")} == {
        name: metric.kind for name, metric in METRICS.items()
    }


async def test_requests_over_the_limit_are_answered_and_counted(small: Daemon) -> None:
    codec = CODECS[0]
    async with connected(small.url, codec) as flooding, connected(small.url, codec) as other:
        refused = 0
        begun = monotonic()
        while not refused and monotonic() - begun < PATIENCE:
            for _ in range(200):
                reply = await flooding.ask("session.ping", [0.0])
                if "error" in reply:
                    refused += 1
                    data = reply["error"]["data"]
                    assert reply["error"]["code"] == -32008
                    assert (data["name"], data["limit"]) == ("requests", 50.0)
                    assert 0 < data["retryAfter"] <= 1
        assert refused
        assert await other.call("csound.ksmps") > 0
        assert metrics(small)['csoundd_limit_hits_total{limit="requests"}'] >= refused
