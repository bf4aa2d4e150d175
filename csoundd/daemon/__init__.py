"""The composition root: builds every part, hands each what it needs, and closes them in reverse."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, cast

from csoundd import __version__
from csoundd.access import AuditLog, Authenticator, Quotas, TokenStore
from csoundd.access.pairing import Pairings
from csoundd.access.service import PairingService, TicketService, TokenService
from csoundd.access.tickets import cookies, tickets
from csoundd.api import METHODS
from csoundd.api.declare import MethodGroup
from csoundd.api.engine import EngineControl
from csoundd.api.messages import MessageBuffer
from csoundd.api.orchestra import OrcCheck, OrcInstruments
from csoundd.api.renders import Bounces, Renders
from csoundd.api.server import Server
from csoundd.api.session import Rpc, Streams
from csoundd.api.session import Session as SessionMethods
from csoundd.api.tokens import Pairing, Tickets, Tokens
from csoundd.api.values import ServerInfo
from csoundd.config import BadConfig, Config
from csoundd.contract.documents import USUAL, asyncapi, openrpc, openrpc_servers
from csoundd.daemon.addresses import Addresses, address_of, allowance, base_url, bound, listening, local_url, target
from csoundd.daemon.figures import Figures, Parts, ServerService
from csoundd.daemon.piece import PieceLoader
from csoundd.daemon.renders import engines_for_jobs, go_on, render_jobs
from csoundd.daemon.repeating import every
from csoundd.daemon.state import KeptState
from csoundd.dispatcher import Dispatcher, EngineService, RpcService, RunningCalls, ServiceFactory, options_check
from csoundd.engine.client.claims import Claims
from csoundd.engine.client.engine import Engine, InterceptorFactory
from csoundd.engine.client.instruments import InstrumentList
from csoundd.engine.client.interceptors.advice import AdvisedCompiling, CompileAdvice
from csoundd.engine.client.interceptors.autoplay import AutoPlay
from csoundd.engine.client.interceptors.channel_cache import ChannelReadCache
from csoundd.engine.client.interceptors.eval_timeout import EvalTimeout
from csoundd.engine.client.interceptors.held_notes import HeldNotes
from csoundd.engine.client.interceptors.isolated import IsolatedCalls
from csoundd.engine.client.interceptors.panels import PanelChannels
from csoundd.engine.client.interceptors.recorder import Recorder
from csoundd.engine.client.trial import OrcChecker
from csoundd.engine.options import HostOptions
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError
from csoundd.layout import Control, LayoutEndpoint, controls_of
from csoundd.limits import (
    CERTIFICATE_LOOK_SECONDS,
    COMPILING_SHARE,
    HTTP_SHARE,
    LISTENED_BLOCKS,
    LISTENED_FRAMES,
    LISTING_SECONDS,
    REVOCATION_SECONDS,
)
from csoundd.messages import Command, Frames, MessagePrinted
from csoundd.metrics import Counts, Labels
from csoundd.note import noted
from csoundd.ports import Caller
from csoundd.render.jobs.bounces import BounceService
from csoundd.render.jobs.service import RenderFiles, RenderService
from csoundd.streams.callbacks import SERVED, Callbacks
from csoundd.streams.hub import Hub, StreamService
from csoundd.streams.message_log import MessageBuffers, level_of
from csoundd.streams.send_queue import FrameQueue, SendQueue, StallWatch
from csoundd.streams.topics import TOPICS
from csoundd.transport.authentication import Authentication, CookieEndpoint
from csoundd.transport.certificates import Authority, AuthorityEndpoint, Certificate, names_of
from csoundd.transport.console import ConsoleEndpoint
from csoundd.transport.files import FilesEndpoint
from csoundd.transport.http import AnonymousCaller, HttpServer, RpcEndpoint, application
from csoundd.transport.listening import ListenEndpoint
from csoundd.transport.metrics import MetricsEndpoint
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.osc import OscServer
from csoundd.transport.oscquery import OSC, OSCQUERY, Announcement, OscQuery, ServiceInfo, Services
from csoundd.transport.pacing import Paced
from csoundd.transport.pairing import PairingEndpoint
from csoundd.transport.proxies import TrustedProxies
from csoundd.transport.renders import RendersEndpoint
from csoundd.transport.session import ServerHello, Session, SessionRegistry, SessionRules, SessionService
from csoundd.transport.sockets import ConnectionLimits, descriptors, limits_within
from csoundd.transport.uploads import WorkspaceRoom
from csoundd.transport.websocket import WebSocketEndpoint

__all__ = ["INTERCEPTORS", "Addresses", "csound_log", "opened", "run"]

log = logging.getLogger("csoundd")

csound_log = logging.getLogger("csound")
"""What Csound prints."""

ROUTINE: Final = re.compile(
    r"\s*(?:rtevent:|B\s+\d|T\s+-?\d|chnl \d+ using instr|new alloc for|ftable \d+:|instr \S+ uses)"
)
"""How lines begin that Csound prints of every note: they are in the log of a daemon that is asked for all."""

INTERCEPTORS: Final[tuple[InterceptorFactory, ...]] = (
    Recorder,  # thread.record, thread.stopRecord: the front writes the file, out of the memory it shares with the host
    IsolatedCalls,  # lists of devices, utilities: what may hang or crash has a process of its own
    HeldNotes,  # csound.event: the notes that a session holds end with it, where it asked for that
    ChannelReadCache,  # csound.controlChannel, channel.get: a channel that is read often is read without the host
    PanelChannels,  # csound.compileCsd, csound.compileCsdText: the channels of a Cabbage or CsoundQt panel are set
    lambda _: EvalTimeout(),  # thread.evalCode: answered after the call's own timeout
)
"""What may answer a call in place of the engine's host, the first asked first.

Last comes :class:`AdvisedCompiling`, which shares its advice with ``orc.check``.
"""


TOLD_LIMITS: Final = ("frame", "file", "subscriptions", "batch", "requests", "compiling", "handles")
"""The limits that a client is told of in the answer to its hello."""


@cache
def _openrpc() -> dict[str, object]:
    """Made when somebody first asks: most daemons are never asked."""
    return openrpc()


def _openrpc_at(url: str) -> dict[str, object]:
    """The document for who reaches the daemon at ``url``."""
    return {**_openrpc(), "servers": openrpc_servers(url)}


def _url_of(caller: Caller) -> str:
    """The URL at which ``caller`` reaches the daemon."""
    return caller.url if isinstance(caller, Session | AnonymousCaller) else USUAL


DOCUMENTS: Final[dict[str, Callable[[str], bytes]]] = {
    "/openrpc.json": lambda url: json.dumps(_openrpc_at(url)).encode(),
    "/asyncapi.json": lambda url: json.dumps(asyncapi(url=url)).encode(),
}
"""What there is to read of a daemon, for who reaches it at a URL."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """The sockets of a daemon."""

    http: socket.socket
    osc_udp: socket.socket
    osc_tcp: socket.socket
    oscquery: socket.socket

    def addresses(self, *, encrypted: bool) -> Addresses:
        """The addresses that it is bound to, where HTTP is ``encrypted`` or is not."""
        host, port = self.http.getsockname()[:2]
        return Addresses(
            http=address_of(self.http),
            osc_udp=address_of(self.osc_udp),
            osc_tcp=address_of(self.osc_tcp),
            oscquery=address_of(self.oscquery),
            local=local_url(host, port, encrypted=encrypted),
        )


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that serves."""

    engine: Engine
    loader: PieceLoader
    addresses: Addresses


@asynccontextmanager
async def opened(config: Config, state: KeptState | None = None) -> AsyncIterator[Daemon]:
    """Build all parts, in the order in which one needs the other, and close them in reverse.

    The engine goes on where the ``state`` was left; without one it begins clean, and nothing is kept of it.
    """
    async with AsyncExitStack() as stack:
        sockets = _sockets(config, stack)
        advice = CompileAdvice()
        interceptors: list[InterceptorFactory] = [*INTERCEPTORS, partial(AdvisedCompiling, advice)]
        if config.autoplay:
            interceptors.insert(0, AutoPlay)
        rows, kept = (None, None) if state is None else (state.rows, state.kept)
        engine = await stack.enter_async_context(Engine(_host_options(config), interceptors, rows, kept))
        stack.push_async_callback(advice.close)
        loader = PieceLoader(engine, advice, config.options)
        await _serve(config, engine, loader, sockets, stack)
        yield Daemon(engine, loader, sockets.addresses(encrypted=config.is_encrypted))


def _sockets(config: Config, stack: AsyncExitStack) -> Sockets:
    osc_host = config.osc_address
    return Sockets(
        http=stack.enter_context(closing(listening(config.host, config.port))),
        osc_udp=stack.enter_context(closing(bound(osc_host, config.osc_port))),
        osc_tcp=stack.enter_context(closing(listening(osc_host, config.osc_tcp_port))),
        oscquery=stack.enter_context(closing(listening(osc_host, config.oscquery_port))),
    )


def _host_options(config: Config) -> HostOptions:
    workspace, samples = config.workspace.resolve(), [folder.resolve() for folder in config.samples]
    if not workspace.is_dir():
        raise BadConfig(f"workspace: {config.workspace} is not a folder")
    for given, folder in zip(config.samples, samples, strict=True):
        if not folder.is_dir():
            raise BadConfig(f"samples: {given} is not a folder")
    return HostOptions(
        engine=config.engine,
        drive=config.drive,
        workspace=str(workspace),
        block=Frames(config.block),
        realtime=config.realtime,
        options=config.options,
        samples=tuple(map(str, samples)),
        max_memory=config.max_memory,
        max_written=config.max_written,
        max_handles=config.bound("handles"),
        max_tables=config.bound("tables"),
        played_bytes=config.bound("played_log"),
        confine=config.confine,
    )


async def _serve(  # noqa: PLR0915 - every part of the front, in the order in which one needs the other
    config: Config,
    engine: Engine,
    loader: PieceLoader,
    sockets: Sockets,
    stack: AsyncExitStack,
) -> None:
    """Everything between the engine and the sockets."""
    workspace = Workspace(engine.options.workspace)
    renders = await stack.enter_async_context(render_jobs(config, workspace))
    hub = Hub(
        engine,
        options_check({topic.name: topic.options for topic in TOPICS.values()}),
        renders,
        limit=config.max_subscriptions,
    )
    buffers = MessageBuffers(hub.log)
    counts, audit = Counts(), AuditLog()
    watch = StallWatch()
    authenticator = Authenticator(_token_store(config), config.auth, audit)
    await stack.enter_async_context(every(REVOCATION_SECONDS, authenticator.end_what_is_over))
    quotas = Quotas(config.bound("requests"), config.limit("compiling") or COMPILING_SHARE)
    url_tickets, browser_cookies = tickets(authenticator.is_good), cookies(authenticator.is_good)
    sessions = SessionRegistry(
        lambda encoder: SendQueue(encoder, watch, dropped=counts.dropped),
        SessionRules(
            limit=config.max_sessions,
            tokenless=config.bound("tokenless"),
            source_tokenless=config.bound("source_tokenless"),
        ),
        authenticator.hold,
    )
    stack.callback(sessions.close)
    callbacks = Callbacks(hub, sessions.queue_of)
    running = RunningCalls(engine)
    limits = {name: value for name in TOLD_LIMITS if (value := config.limit(name)) is not None}
    hello = ServerHello(ServerInfo("csoundd", __version__, secrets.token_urlsafe(9)), limits)
    claims = Claims(engine)
    checker, instruments = OrcChecker(engine, loader.advice.about), InstrumentList(engine)
    certificate, authority = await _certificate(config, stack)
    fingerprint = None if authority is None else authority.fingerprint
    pairings = Pairings(authenticator.store)
    render_service = RenderService(renders, workspace, engines_for_jobs(config), config.bound("render_seconds"))
    bounces = BounceService(renders, render_service, engine)
    phones_url = partial(base_url, config.host, sockets.http.getsockname()[1], encrypted=config.is_encrypted)
    services: dict[type[MethodGroup], ServiceFactory] = {
        SessionMethods: lambda caller: SessionService(
            sessions, engine, hello, caller, running.cancel, authenticator.with_token
        ),
        Tokens: lambda caller: TokenService(authenticator, audit, caller),
        Pairing: lambda caller: PairingService(pairings, audit, phones_url, fingerprint, caller),
        Tickets: lambda caller: TicketService(url_tickets, caller),
        EngineControl: lambda caller: EngineService(engine, loader, claims, config.options, sessions.find(caller.id)),
        MessageBuffer: buffers.of,
        Streams: lambda caller: StreamService(hub, sessions.queue_of, caller),
        Renders: lambda _: render_service,
        Bounces: lambda _: bounces,
        **dict.fromkeys(SERVED, callbacks.of),
        OrcCheck: lambda _: checker,
        OrcInstruments: lambda _: instruments,
        Rpc: lambda caller: RpcService(partial(_openrpc_at, _url_of(caller))),
        Server: lambda _: ServerService(figures.status),
    }
    dispatcher = Dispatcher(
        engine,
        services,
        running=running,
        promise=callbacks.promise,
        taken=claims.taken,
        quotas=quotas,
        counts=counts,
        audit=audit,
    )

    def ended(session: Session) -> None:
        hub.drop(session.queue)
        for forget in (
            buffers.forget,
            callbacks.forget,
            running.release,
            partial(engine.release, end_notes=session.ends_notes),
            partial(hub.release, end_notes=session.ends_notes),
            claims.forget,
            quotas.forget,
        ):
            forget(session.id)

    sessions.on_end(ended)
    sessions.on_resume(lambda session: hub.resume(session.queue))

    http_limits, osc_limits, query_limits = limits_within(
        descriptors(),
        _connections(config, "HTTP"),
        _connections(config, "OSC over TCP", "osc_"),
        _connections(config, "OSCQuery", "oscquery_"),
    )
    slowest, http_share = config.bound("sending"), config.limit("http") or HTTP_SHARE

    # HTTP and WebSocket.
    hosts, origins = frozenset(config.allowed_hosts), frozenset(config.allowed_origins)
    policy = OriginPolicy(config.host, hosts, origins)
    room = WorkspaceRoom(workspace.resolve(""), config.bound("files"), config.bound("workspace"))
    files = FilesEndpoint(workspace.resolve, config.max_file, room, counts)
    render_files = RendersEndpoint(
        RenderFiles(renders),
        config.max_file,
        lambda folder: WorkspaceRoom(folder, config.bound("files"), config.bound("workspace")),
        counts,
    )
    live_audio = ListenEndpoint(partial(_listener, hub, counts), engine.format, config.bound("listeners"), counts)
    layouts = LayoutEndpoint(engine, sockets.osc_udp.getsockname()[1])
    console = ConsoleEndpoint()

    def readings() -> Mapping[str, Mapping[Labels, float]]:
        # Of the servers, which are made of what is told here.
        return figures.readings()

    tls = None if certificate is None else certificate.context
    http = application(
        WebSocketEndpoint(
            sessions,
            dispatcher,
            counts,
            quotas,
            max_frame=config.max_frame,
            tokenless_frame=config.bound("tokenless_frame"),
        ),
        RpcEndpoint(dispatcher, config.max_frame, quotas, counts),
        lambda: (engine.state, engine.reason),
        DOCUMENTS,
        [
            *console.routes(),
            *([] if authority is None else AuthorityEndpoint(authority).routes()),
            *PairingEndpoint(pairings, authenticator, audit, browser_cookies, fingerprint).routes(),
            *CookieEndpoint(browser_cookies).routes(),
            *files.routes(),
            *render_files.routes(),
            *live_audio.routes(),
            *layouts.routes(),
            *MetricsEndpoint(readings, counts).routes(),
        ],
    )
    gate = Authentication(
        http,
        authenticator,
        policy,
        tickets=url_tickets,
        cookies=browser_cookies,
        readable=console.paths,
        audit=audit,
        counts=counts,
    )
    server = HttpServer(
        TrustedProxies(Paced(gate, http_share, counts), config.trusted_proxies),
        [sockets.http],
        max_frame=config.max_frame,
        policy=policy,
        limits=http_limits,
        tls=tls,
        slowest=slowest,
        counts=counts,
        connecting=config.bound("connecting"),
    )

    # OSC, what OSC there is told over HTTP, and both announced by mDNS.
    osc = OscServer(
        dispatcher,
        engine,
        METHODS.values(),
        udp=sockets.osc_udp,
        tcp=sockets.osc_tcp,
        allow=dict(map(allowance, config.osc_allow)),
        targets=[target(text, sockets.osc_udp.family) for text in config.osc_targets],
        gone=[buffers.forget, engine.release, quotas.forget],
        limits=osc_limits,
        packets=config.bound("osc_packets"),
        connecting=config.bound("connecting"),
        counts=counts,
    )
    host, port = sockets.osc_udp.getsockname()[:2]
    info = ServiceInfo(f"csoundd on {socket.gethostname().partition('.')[0]}", host, port)
    policy = OriginPolicy(host, hosts, origins)
    query = OscQuery(engine, osc, info, policy, max_frame=config.max_frame, counts=counts)
    query_server = HttpServer(
        # Programs of this machine show no token here, also where a proxy of the same machine is trusted.
        TrustedProxies(Paced(query, http_share, counts), config.trusted_proxies, told=True),
        [sockets.oscquery],
        max_frame=config.max_frame,
        policy=policy,
        limits=query_limits,
        tls=tls,
        slowest=slowest,
        counts=counts,
        connecting=config.bound("connecting"),
        # As OSC, which it tells of, is not encrypted, and its clients speak plain HTTP.
        plain=lambda _: True,
    )
    figures = Figures(
        Parts(
            config,
            counts,
            engine,
            sessions,
            hub,
            watch,
            live_audio,
            renders,
            room,
            server,
            query_server,
            osc,
            certificate,
            (http_limits, osc_limits, query_limits),
        )
    )
    await stack.enter_async_context(server)
    stack.push_async_callback(running.close)
    stack.callback(live_audio.close)
    await stack.enter_async_context(osc)
    stack.enter_context(closing(query))
    await stack.enter_async_context(query_server)
    ports = {OSC: port, OSCQUERY: sockets.oscquery.getsockname()[1]} if config.mdns else {}
    await stack.enter_async_context(Announcement(info.name, Services(host, ports)))
    # Last, as jobs that wait take all the processors there are.
    await go_on(renders)


async def _certificate(config: Config, stack: AsyncExitStack) -> tuple[Certificate | None, Authority | None]:
    """The certificate that connections are encrypted with, None where they are not, and the authority that made it."""
    authority: Authority | None = None
    if config.tls_cert is not None and config.tls_key is not None:
        certificate = Certificate(config.tls_cert, config.tls_key)
        log.info("TLS: the certificate has the SHA-256 %s", certificate.fingerprint)
    elif config.tls == "off" or config.state is None:
        return None, None
    else:
        if _state_is_reachable(config):
            raise BadConfig(_reachable(config, "could read the keys"))
        authority = Authority(config.state / "tls", partial(names_of, config.host, config.allowed_hosts))
        log.info("TLS: the authority has the SHA-256 %s", authority.fingerprint)
        certificate = Certificate(authority.leaf, authority.leaf_key, authority.renew)
    await stack.enter_async_context(every(CERTIFICATE_LOOK_SECONDS, partial(asyncio.to_thread, certificate.look)))
    return certificate, authority


def _token_store(config: Config) -> TokenStore:
    """The tokens of the state folder, unless code that is compiled can write tokens of its own there."""
    if not _state_is_reachable(config):
        return TokenStore(config.state)
    fault = _reachable(config, "could make tokens")
    if config.needs_tokens:
        raise BadConfig(f"{fault}: give a folder outside of it")
    if TokenStore(config.state).records():
        log.warning("%s: those in it count for nothing", fault)
    return TokenStore(None)


def _state_is_reachable(config: Config) -> bool:
    """Whether the state folder lies in the workspace, in reach of compiled code."""
    return config.state is not None and config.state.resolve().is_relative_to(config.workspace.resolve())


def _reachable(config: Config, what: str) -> str:
    return f"state: {config.state} is in the workspace, where code that is compiled {what}"


def _connections(config: Config, name: str, prefix: str = "") -> ConnectionLimits:
    """The most connections of a listener, whose limits have ``prefix`` in their names.

    Every session has a connection, so of HTTP there may be as many unless settings say otherwise, be they all of one
    proxy.
    """
    total, source = f"{prefix}connections", f"{prefix}source_connections"
    wanted, wanted_of_source = config.bound(total), config.bound(source)
    if not prefix and total not in config.limits:
        wanted = max(wanted, 2 * config.max_sessions)
    if not prefix and source not in config.limits:
        wanted_of_source = max(wanted_of_source, config.max_sessions)
    return ConnectionLimits(name, wanted, wanted_of_source, (total, source))


@asynccontextmanager
async def _listener(hub: Hub, counts: Counts) -> AsyncIterator[FrameQueue]:
    """The sound of the engine, for a client that is no session."""
    queue = FrameQueue(LISTENED_BLOCKS, counts.missed_by_listener)
    await hub.subscribe(queue, "spout", {"format": "i16", "block": LISTENED_FRAMES})
    try:
        yield queue
    finally:
        hub.drop(queue)


Announce = Callable[[Addresses, list[Control], bool], None]
"""Is told, once everything is ready, where the daemon is, which channels the piece has, and whether it goes on with
what another daemon has left."""


def run(config: Config, piece: Path | None, announce: Announce, *, exit_on_eof: bool = False) -> int:
    """Serve until a signal ends it. Returns the exit status.

    With ``exit_on_eof`` the end of standard input ends it as well.

    Raises BadConfig for an address that cannot be listened on, EngineUnavailable without an engine, EngineError
    or NotFound for a piece that does not play.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(config, piece, announce, exit_on_eof=exit_on_eof))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - it does not exist everywhere
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(config: Config, piece: Path | None, announce: Announce, *, exit_on_eof: bool) -> int:
    stopping = _stop_signal()
    if exit_on_eof:
        _stop_at_end_of_input(stopping)
    with KeptState(config, piece) as state:
        return await _served(config, piece, announce, state, stopping)


async def _served(
    config: Config, piece: Path | None, announce: Announce, state: KeptState, stopping: asyncio.Event
) -> int:
    async with opened(config, state) as daemon:
        daemon.engine.on(MessagePrinted, _log_printed)
        if piece is not None and not daemon.engine.was_taken_up:
            await daemon.loader.first(piece)
        with noted(config.state, daemon.addresses.http, daemon.addresses.local):
            goes_on = daemon.engine.was_taken_up
            announce(daemon.addresses, await _controls(daemon.engine) if piece is not None or goes_on else [], goes_on)
            await stopping.wait()
            state.over()
    return 0


async def _controls(engine: Engine) -> list[Control]:
    """The channels there are, none where they cannot be told in time."""
    with suppress(CsounddError):
        listing = await engine.request(Command("channel.list", ["*"], deadline=LISTING_SECONDS))
        return controls_of(cast("list[dict[str, Any]]", listing))
    return []


def _log_printed(printed: MessagePrinted) -> None:
    level = logging.getLevelNamesMapping()[level_of(printed).upper()]
    for line in filter(str.strip, printed.text.splitlines()):
        csound_log.log(logging.DEBUG if ROUTINE.match(line) else level, "%s", line)


def _stop_at_end_of_input(stopping: asyncio.Event) -> None:
    """Stop when standard input has ended: a pipe whose writer is gone, however that ended."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        with suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(stopping.set)

    threading.Thread(target=read, name="end-of-input", daemon=True).start()


def _stop_signal() -> asyncio.Event:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
        else:
            loop.add_signal_handler(number, stopping.set)
    return stopping
