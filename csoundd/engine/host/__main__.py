"""Starts an engine host: ``python -m csoundd.engine.host LINK MEMORY PARENT OPTIONS``, by the front only.

Without OPTIONS it stands by: it has loaded what it needs, and begins as soon as the front says with which.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from csoundd.engine.csound.backend import Backend, Lost
from csoundd.engine.csound.registry import spec_at
from csoundd.engine.host.build import Engine, build_engine, build_loop
from csoundd.engine.host.confinement import confine
from csoundd.engine.host.system import (
    PACED,
    Scheduling,
    answer,
    block,
    die_with_parent,
    flush_denormals,
    ignore_terminal,
    watch_outside_signals,
)
from csoundd.engine.link.memory import Field, Ring
from csoundd.engine.link.protocol import INTERRUPT, Hello, HostEnd, Kind, encode
from csoundd.engine.options import HostOptions
from csoundd.engine.workspace import VARIABLES
from csoundd.errors import CsounddError

log = logging.getLogger("csoundd.engine.host")


class Host:
    """One process. Engines are lost in it and others made, as long as the front says so."""

    def __init__(self, link: HostEnd, ring: Ring) -> None:
        self._link, self._ring = link, ring
        self._interrupt: Callable[[], None] | None = None
        self._scheduling: Scheduling | None = None
        self._is_prepared = False
        self._confined: tuple[str, ...] | None = None

    def serve(self, told: HostOptions | None) -> None:
        """Serve one engine after another until the front says close or is gone."""
        while told is not None:
            told = self._served(told)

    def _served(self, told: HostOptions) -> HostOptions | None:
        """Serve one engine to its end: what the next is to be if only the engine was lost, else None."""
        engine = None
        try:
            if self._scheduling is None:
                self._scheduling = Scheduling(realtime=told.realtime)
            # Before the engine is made: on a busy machine that took seconds, while nothing sounded.
            self._scheduling.follow(told.drive)
            if self._confined is None:
                self._confined = confine(told)
            engine = build_engine(told, self._link, self._ring)
            self._run(told, engine)
        except CsounddError as failure:
            self._link.send(encode([Kind.READY, None, failure.code, failure.message, failure.hint]))
            self._link.flush()
        except Lost as lost:
            if engine is not None:
                engine.output.flush()
            return self._next(lost)
        return None

    def _run(self, told: HostOptions, engine: Engine) -> None:
        """Run the loop over ``engine``, and close it in good order at the end."""
        backend = engine.backend
        self._prepare(told, backend)
        scheduling = self._scheduling
        assert scheduling is not None
        self._interrupt = backend.interrupt
        with build_loop(engine, self._link, self._ring, scheduling, told) as (loop, calls):
            gc.collect()
            gc.freeze()
            interruptible = backend.interrupt is not None and INTERRUPT is not None
            hello = Hello(
                backend.name,
                backend.version,
                calls.unsupported,
                scheduling.granted,
                interruptible,
                self._confined or (),
            )
            self._link.send(encode([Kind.READY, asdict(hello)]))
            loop.run()
        with suppress(Lost):
            backend.close()

    def _prepare(self, told: HostOptions, backend: Backend) -> None:
        """Ask of the system, once, what this process needs."""
        if self._is_prepared:
            return
        self._is_prepared = True
        if not spec_at(told.place).capabilities.traps_by_signals:
            watch_outside_signals(lambda number: self._ring.header.__setitem__(Field.OUTSIDE_SIGNAL, number))
        if backend.interrupt is not None and INTERRUPT is not None:
            answer(INTERRUPT, self._interrupted)
        if told.drive in PACED:
            flush_denormals()

    def _interrupted(self) -> None:
        """The front has waited long enough for what runs now."""
        header, interrupt = self._ring.header, self._interrupt
        if interrupt is not None and (header[Field.RUNNING] or header[Field.PERFORMING]):
            interrupt()

    def _next(self, lost: Lost) -> HostOptions:
        """Tell the front of the loss, and wait for what it says of the next engine."""
        self._interrupt = None
        self._link.settle()
        self._link.send(encode([Kind.LOST, lost.cause]))
        lost.discard()
        gc.unfreeze()
        told = self.next_options()
        # Until then the front looks there for what the engine was doing.
        self._ring.clear()
        self._link.begin()
        return told

    def next_options(self) -> HostOptions:
        """Wait for what the front says of the next engine. Raises EOFError when it is gone, or needs none."""
        told, variables = self._link.wait_for("host.begin")
        for name in VARIABLES:
            os.environ.pop(name, None)
        os.environ.update(variables)
        return HostOptions.from_json(told)


def main() -> None:
    """Serve until the front says close or is gone."""
    link, memory, parent, told = sys.argv[1:]
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
    die_with_parent(int(parent))
    ignore_terminal()
    if INTERRUPT is not None:
        block(INTERRUPT)
    ring = Ring(int(memory))
    host = Host(HostEnd(socket.socket(fileno=int(link)), ring), ring)
    with suppress(EOFError):
        match json.loads(told):
            case [str(place), str(library)]:
                spec_at(place).preload(library)
                host.serve(host.next_options())
            case _:
                host.serve(HostOptions.from_json(told))


if __name__ == "__main__":
    main()
