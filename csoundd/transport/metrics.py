"""``/metrics``: the figures of the daemon in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from csoundd.errors import CsounddError
from csoundd.metrics import BOUNDS, METRICS, Counts, Labels
from csoundd.transport.authentication import grant_of
from csoundd.transport.conditions import failed

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

PATH = "/metrics"
_UNBOUNDED = "+Inf"

Readings = Callable[[], Mapping[str, Mapping[Labels, float]]]
"""The values of each metric that is no histogram, by the values of its labels."""


class MetricsEndpoint:
    """Answers for who may read. ``readings`` gives the present figures, ``counts`` the latencies."""

    def __init__(self, readings: Readings, counts: Counts) -> None:
        self._readings, self._counts = readings, counts

    def routes(self) -> list[BaseRoute]:
        """The route that the HTTP server adds."""
        return [Route(PATH, self._answer, methods=["GET"])]

    async def _answer(self, request: Request) -> Response:
        try:
            grant_of(request.scope).permit("read", PATH)
        except CsounddError as refusal:
            return failed(refusal)
        from prometheus_client import exposition  # noqa: PLC0415 - takes 0.09 s, and most daemons are never asked

        write, content_type = exposition.choose_encoder(request.headers.get("accept", ""))
        headers = {"content-type": content_type, "cache-control": "no-store"}
        return Response(write(self._registry), headers=headers)

    @cached_property
    def _registry(self) -> CollectorRegistry:
        """One of the daemon's own, beside the figures of the process: the library's global one is anybody's."""
        from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: PLC0415 - as above

        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        return registry

    def collect(self) -> Iterator[Metric]:
        """Every figure as the library has them."""
        from prometheus_client.core import (  # noqa: PLC0415 - as above
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        readings = self._readings()
        for name, metric in METRICS.items():
            if metric.kind == "histogram":
                histogram = HistogramMetricFamily(name, metric.about, labels=metric.labels)
                for group, latencies in list(self._counts.latencies.items()):
                    histogram.add_metric([group], _buckets(latencies.counts), latencies.seconds)
                yield histogram
                continue
            family = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            figure = family(name, metric.about, labels=metric.labels)
            for labels, value in list(readings[name].items()):
                figure.add_metric(labels, value)
            yield figure


def _buckets(counts: Iterable[int]) -> list[tuple[str, float]]:
    """The counts as Prometheus has them: each with all below it."""
    return list(zip([*map(str, BOUNDS), _UNBOUNDED], map(float, accumulate(counts)), strict=True))
