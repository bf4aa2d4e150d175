"""Restarts that somebody has asked for: with which options, and who waits for the new engine."""

from __future__ import annotations

import asyncio

from csoundd.engine.options import HostOptions
from csoundd.errors import CsounddError


class Restarts:
    """``wanted`` are the options of an engine that was asked for and is not there yet."""

    def __init__(self, options: HostOptions) -> None:
        self.wanted: HostOptions | None = None
        self._before = options
        self._waiting: list[asyncio.Future[None]] = []

    def want(self, options: HostOptions) -> asyncio.Future[None]:
        """Ask for an engine with ``options``: done when it is there."""
        restarted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.wanted = options
        self._waiting.append(restarted)
        return restarted

    def take(self, present: HostOptions) -> HostOptions:
        """The options of the engine that is to be started now, in the place of one with those of the ``present``."""
        assert self.wanted is not None
        self._before, taken, self.wanted = present, self.wanted, None
        return taken

    def done(self) -> None:
        """The engine that was asked for is there."""
        for restarted in self._taken():
            restarted.set_result(None)

    def refused(self, failure: CsounddError, present: HostOptions) -> HostOptions:
        """No engine comes up with what was asked for: the options to go on with, those of before."""
        options = self._before if self._waiting else present
        for restarted in self._taken():
            restarted.set_exception(failure)
        return options

    def _taken(self) -> list[asyncio.Future[None]]:
        """Those who still wait, and wait no longer."""
        waiting, self._waiting = self._waiting, []
        return [restarted for restarted in waiting if not restarted.done()]
