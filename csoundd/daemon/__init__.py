"""The composition root: opens the parts, hands each what it needs, closes them in reverse."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from csoundd.config import BadConfig, Config
from csoundd.daemon.addresses import Addresses, address_of, bound, listening, noted, noted_url
from csoundd.daemon.front import Front
from csoundd.daemon.pieces import play
from csoundd.engine.engine import Engine
from csoundd.engine.options import HostOptions
from csoundd.engine.process.supervisor import Supervisor
from csoundd.engine.scratch.opinion import SecondOpinion
from csoundd.messages import Frames, Printed
from csoundd.streams.message_log import level_of

__all__ = ["Addresses", "csound_log", "noted_url", "opened", "run"]

csound_log = logging.getLogger("csound")
"""What Csound prints."""


def run(config: Config, piece: Path | None, announce: Callable[[Addresses], None]) -> int:
    """Serve until a signal ends it; ``announce`` hears where once everything is ready. Returns the exit status.

    Raises BadConfig for an address that cannot be listened on, EngineUnavailable without an engine, EngineError
    or NotFound for a piece that does not play.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(config, piece, announce))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - it does not exist everywhere
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(config: Config, piece: Path | None, announce: Callable[[Addresses], None]) -> int:
    stopping = _stop_signal()
    async with opened(config) as (engine, opinion, addresses):
        engine.on(Printed, _log_printed)
        if piece is not None:
            await play(engine, opinion, piece)
        with noted(config.state, addresses):
            announce(addresses)
            await stopping.wait()
    return 0


def _log_printed(printed: Printed) -> None:
    level = logging.getLevelNamesMapping()[level_of(printed).upper()]
    for line in filter(str.strip, printed.text.splitlines()):
        csound_log.log(level, "%s", line)


def _stop_signal() -> asyncio.Event:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
        else:
            loop.add_signal_handler(number, stopping.set)
    return stopping


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[tuple[Engine, SecondOpinion, Addresses]]:
    """All stages, open: the engine, whom to ask about code that it refuses, and where it is reached."""
    osc_host = config.osc_host or config.host
    async with AsyncExitStack() as stack:
        http = stack.enter_context(closing(listening(config.host, config.port)))
        osc_udp = stack.enter_context(closing(bound(osc_host, config.osc_port)))
        osc_tcp = stack.enter_context(closing(listening(osc_host, config.osc_tcp_port)))
        oscquery = stack.enter_context(closing(listening(osc_host, config.oscquery_port)))
        addresses = Addresses(*map(address_of, (http, osc_udp, osc_tcp, oscquery)))
        engine = await stack.enter_async_context(Supervisor(_host_options(config)))
        opinion = await stack.enter_async_context(SecondOpinion(engine))
        await stack.enter_async_context(Front(config, engine, opinion).served(http, osc_udp, osc_tcp, oscquery))
        yield engine, opinion, addresses


def _host_options(config: Config) -> HostOptions:
    workspace, samples = config.workspace.resolve(), [folder.resolve() for folder in config.samples]
    if not workspace.is_dir():
        raise BadConfig(f"the workspace {config.workspace} is no folder")
    for given, folder in zip(config.samples, samples, strict=True):
        if not folder.is_dir():
            raise BadConfig(f"samples: {given} is no folder")
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
    )
