"""The figures of a daemon, read from its parts when somebody asks: for ``/metrics`` and for ``server.status``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from csoundd import __version__
from csoundd.api.renders import JobState
from csoundd.api.server import Server
from csoundd.api.values import LimitStatus, ServerStatus
from csoundd.config import Config
from csoundd.engine.client.engine import Engine
from csoundd.limits import LIMITS
from csoundd.messages import State, StateChanged
from csoundd.metrics import Counts, Labels
from csoundd.render.jobs.lease import JobLease
from csoundd.streams.hub import Hub
from csoundd.streams.send_queue import StallWatch
from csoundd.transport.certificates import Certificate
from csoundd.transport.http import HttpServer
from csoundd.transport.listening import ListenEndpoint
from csoundd.transport.osc import OscServer
from csoundd.transport.session import SessionRegistry
from csoundd.transport.sockets import ConnectionLimits
from csoundd.transport.uploads import WorkspaceRoom
from csoundd.values import PROTOCOL

STATES: Final[tuple[State, ...]] = get_args(State)
JOB_STATES: Final[tuple[JobState, ...]] = get_args(JobState)
_NONE: Final[Labels] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a daemon that have something to tell."""

    config: Config
    counts: Counts
    engine: Engine
    sessions: SessionRegistry
    hub: Hub
    watch: StallWatch
    listening: ListenEndpoint
    renders: JobLease
    room: WorkspaceRoom
    http: HttpServer
    query: HttpServer
    osc: OscServer
    certificate: Certificate | None
    connections: tuple[ConnectionLimits, ...]


class Figures:
    """The figures of ``parts``, since it was made."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._begun, self._began_at = time.monotonic(), time.time()
        self._has_died = False
        parts.engine.on(StateChanged, self._count_restart)

    def _count_restart(self, change: StateChanged) -> None:
        if change.event == "died":
            self._has_died = True
        elif change.state == "starting":
            self._parts.counts.restarts["died" if self._has_died else "call",] += 1
            self._has_died = False

    def readings(self) -> Mapping[str, Mapping[Labels, float]]:
        """The values of each metric that is no histogram, by the values of its labels."""
        parts, counts = self._parts, self._parts.counts
        engine, seen = parts.engine, parts.engine.seen()
        info, jobs = engine.info(), parts.renders.counts
        certificate = {} if parts.certificate is None else {_NONE: parts.certificate.seconds_left()}
        return {
            "csoundd_info": {(__version__, info.backend, str(info.version or "")): 1.0},
            "csoundd_uptime_seconds": {_NONE: self.uptime},
            "csoundd_requests_total": counts.requests,
            "csoundd_refusals_total": counts.refusals,
            "csoundd_limit_hits_total": counts.limit_hits,
            "csoundd_limit": {(name,): value for name, value in self._limits().items() if value is not None},
            "csoundd_connections": {(kind,): float(count) for kind, count in self._connections().items()},
            "csoundd_sessions": {_NONE: len(parts.sessions)},
            "csoundd_tokenless_sessions": {_NONE: parts.sessions.tokenless},
            "csoundd_subscriptions": {_NONE: parts.hub.subscribed},
            "csoundd_queued_messages": {_NONE: sum(session.queue.depth for session in parts.sessions)},
            "csoundd_dropped_frames_total": counts.dropped,
            "csoundd_stalled_connections_total": {_NONE: parts.watch.given_up + counts.stalled},
            "csoundd_osc_packets_total": {("udp",): parts.osc.udp.received, ("tcp",): parts.osc.tcp_packets},
            "csoundd_engine_state": {(state,): float(state == engine.state) for state in STATES},
            "csoundd_engine_calls": {_NONE: seen.calls},
            "csoundd_engine_restarts_total": counts.restarts,
            "csoundd_cycles_total": {_NONE: seen.cycles},
            "csoundd_late_cycles_total": {_NONE: seen.late_cycles},
            "csoundd_samples_total": {_NONE: seen.samples},
            "csoundd_engine_load": {_NONE: seen.load},
            "csoundd_render_jobs": {(state,): float(jobs.get(state, 0)) for state in JOB_STATES},
            "csoundd_render_bytes": {_NONE: float(jobs.get("bytes", 0))},
            "csoundd_certificate_seconds": certificate,
        }

    @property
    def uptime(self) -> float:
        """Seconds since it began to serve."""
        return time.monotonic() - self._begun

    def status(self) -> ServerStatus:
        """What an operator asks first."""
        parts, engine = self._parts, self._parts.engine
        info = engine.info()
        used, hits = self._used(), self._parts.counts.limit_hits
        return ServerStatus(
            version=__version__,
            protocol=PROTOCOL,
            started=self._began_at,
            uptime=self.uptime,
            auth=parts.config.auth,
            encrypted=parts.certificate is not None,
            certificateSeconds=None if parts.certificate is None else parts.certificate.seconds_left(),
            engine=info.backend,
            state=engine.state,
            reason=engine.reason,
            restarts=sum(self._parts.counts.restarts.values()),
            load=engine.seen().load,
            connections=self._connections(),
            sessions=len(parts.sessions),
            subscriptions=parts.hub.subscribed,
            limits={
                name: LimitStatus(value, used.get(name), hits[name,], LIMITS[name].setting, LIMITS[name].what)
                for name, value in self._limits().items()
            },
        )

    def _connections(self) -> dict[str, int]:
        parts = self._parts
        websockets = sum(session.sink is not None for session in parts.sessions)
        return {
            "http": parts.http.connections - websockets,
            "websocket": websockets,
            "listeners": len(parts.listening),
            "osc_udp": parts.osc.udp.senders,
            "osc_tcp": parts.osc.connections,
            "oscquery": parts.query.connections,
        }

    def _limits(self) -> dict[str, float | None]:
        """The limits in force. Those of connections keep within the descriptors that the system gives."""
        limits = {name: self._parts.config.limit(name) for name in LIMITS}
        for each in self._parts.connections:
            limits |= dict(zip(each.labels, (each.total, each.source), strict=True))
        return limits

    def _used(self) -> dict[str, float]:
        """How much of those limits is used that are about the daemon as a whole."""
        parts = self._parts
        files, size = parts.room.used
        jobs = parts.renders.counts
        ended = sum(jobs.get(state, 0) for state in ("done", "failed", "cancelled"))
        return {
            "connections": parts.http.connections,
            "osc_connections": parts.osc.connections,
            "oscquery_connections": parts.query.connections,
            "sessions": len(parts.sessions),
            "tokenless": parts.sessions.tokenless,
            "listeners": len(parts.listening),
            "calls": parts.engine.seen().calls,
            "files": files,
            "workspace": size,
            "renders_waiting": jobs.get("queued", 0),
            "renders": ended,
            "render_bytes": jobs.get("bytes", 0),
        }


class ServerService(Server):
    """``server.status``, as ``status`` makes it."""

    def __init__(self, status: Callable[[], ServerStatus]) -> None:
        self._status = status

    async def status(self) -> ServerStatus:
        """What an operator asks first."""
        return self._status()
