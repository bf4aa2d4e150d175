"""A host that stands by: most of what a start takes is loading, and it has done that."""

from __future__ import annotations

import asyncio
import logging

from csoundd.engine.link.connection import Receive
from csoundd.engine.options import HostOptions
from csoundd.engine.process.process import Process
from csoundd.limits import SETTLED_ENGINE_SECONDS

log = logging.getLogger("csoundd.engine")


class Standby:
    """One host that can take the place of another. ``receive`` gets its messages once it has."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._process: Process | None = None
        self._loaded: tuple[object, ...] = ()
        self._loading: asyncio.Task[None] | None = None

    def prepare(self, options: HostOptions) -> None:
        """Have a host loaded in a while that can be made the one of ``options``, if they are those of a performance."""
        if options.realtime and options.drive in {"clock", "device"} and self._loading is None:
            self._loaded = _loads(options)
            self._loading = asyncio.create_task(self._load(options), name="standby-host")

    async def _load(self, options: HostOptions) -> None:
        await asyncio.sleep(SETTLED_ENGINE_SECONDS)
        starting = asyncio.ensure_future(Process.start(options, self._receive, standby=True))
        try:
            self._process = await asyncio.shield(starting)
        except OSError as problem:
            log.warning("no engine host can stand by: %s", problem.strerror or problem)
        except asyncio.CancelledError:
            self._process = await starting
            raise

    async def take(self, options: HostOptions) -> Process | None:
        """The host that stands by, None where there is none for ``options``."""
        if self._process is None or self._loaded != _loads(options):
            await self.dismiss()
            return None
        process, self._process, self._loading = self._process, None, None
        return process

    async def dismiss(self) -> None:
        """End the host that stands by, or its loading."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait({self._loading})
        process, self._process, self._loading = self._process, None, None
        if process is not None:
            process.kill("it is not needed")
            await process.over()
            process.release()


def _loads(options: HostOptions) -> tuple[object, ...]:
    """What a host is started with that it cannot be told later."""
    return options.place, options.library, options.opcode_dir, options.workspace, options.folder
