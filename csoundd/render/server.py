"""A process that has loaded all that a render needs, but has opened no Csound, and forks itself for each render.

Loading takes longer than many a piece: here it is done once. ``python -m csoundd.render.server LINK PARENT`` is started
by the pool only, on Linux, or forked from its own process; elsewhere each render is a program of its own.

Over LINK come numbers, each with two descriptors: the link of the render, and what takes its standard output and error.
Back go its process id and at last its exit status. A number that comes again is that of a render to be ended.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Final, NoReturn

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.host.system import die_with_parent
from csoundd.render import worker
from csoundd.render.levels import rehearse
from csoundd.render.plugins import Plugins, learn

RENDERS_BEFORE_LEARNING: Final = 8
"""Renders before plug-ins are looked through: that takes up to 0.3 s of CPU time, and saves 10 ms of each render."""

DATAGRAM_BYTES: Final = 4096
FIRST_BYTES: Final = 1 << 18
"""The most that one message over the link takes: the first has variables of the environment in it."""


class Server:
    """Forks, and tells how it went."""

    def __init__(self, link: socket.socket, library: str, plugins: str) -> None:
        """``plugins`` is the folder with those of the library, where it has one."""
        self._link = link
        self._library, self._folder = library, plugins
        self._plugins = Plugins.known(library, plugins) if plugins else None
        self._learner = 0
        self._forks = 0
        self._numbers: dict[int, int] = {}
        self._pids: dict[int, int] = {}

    def run(self) -> None:
        """Serve until the pool is gone."""
        awake, waking = os.pipe()
        os.set_blocking(waking, False)
        os.set_blocking(awake, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # What is loaded stays as it is: no garbage is looked for among it in the children, which would copy it.
        gc.freeze()
        gc.enable()
        while True:
            readable, _, _ = select.select([self._link.fileno(), awake], [], [])
            if awake in readable:
                with suppress(BlockingIOError):
                    os.read(awake, DATAGRAM_BYTES)
                self._reap()
            if self._link.fileno() in readable and not self._take():
                return

    def _take(self) -> bool:
        """Do what one message asks for; whether there was one."""
        data, descriptors, _, _ = socket.recv_fds(self._link, DATAGRAM_BYTES, 2)
        if not data:
            return False
        number = json.loads(data)
        if not descriptors:
            pid = self._pids.get(number)
            if pid is not None:
                # With what the piece has begun; before its session is its own there is none.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                os.kill(pid, signal.SIGKILL)
            return True
        pid = os.fork()
        if pid == 0:
            self._become_worker(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._forks += 1
        if self._forks == RENDERS_BEFORE_LEARNING and self._folder and self._plugins is None:
            self._learn()
        self._numbers[pid], self._pids[number] = number, pid
        self._link.send(json.dumps([number, "pid", pid]).encode())
        return True

    def _learn(self) -> None:
        """Have a process find out what the plug-ins bring, as there are so many renders that it is worth it."""
        self._learner = os.fork()
        if self._learner == 0:
            try:
                signal.set_wakeup_fd(-1)
                die_with_parent(os.getppid())
                nothing = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nothing, 1)
                os.dup2(nothing, 2)
                os.setsid()
                learn(self._library, self._folder)
            finally:
                os._exit(0)

    def _become_worker(self, link: int, output: int) -> NoReturn:
        """Render in this process, a child, and end it."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._link.close()
            die_with_parent(os.getppid())
            os.setsid()
            for standard in (1, 2):
                os.dup2(output, standard)
            os.close(output)
            with socket.socket(fileno=link) as own:
                worker.serve(own, self._plugins)
            status = 0
        finally:
            # Nothing of what the parent has open is flushed or closed in order a second time.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._numbers or self._learner:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if pid == self._learner:
                self._learner, self._plugins = 0, Plugins.known(self._library, self._folder)
                continue
            # What the piece has begun and left running goes with it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            number = self._numbers.pop(pid)
            del self._pids[number]
            self._link.send(json.dumps([number, "status", os.waitstatus_to_exitcode(status)]).encode())


def main() -> None:
    """Load what is needed, then serve."""
    link, parent = sys.argv[1:]
    gc.collect()
    with socket.socket(fileno=int(link)) as own:
        serve(own, int(parent))


def serve_forked(link: socket.socket, parent: int) -> None:
    """Serve in a process that was forked from the pool's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    serve(link, parent)


def serve(link: socket.socket, parent: int) -> None:
    """Load the engine that ``link`` tells, and fork until the pool is gone."""
    die_with_parent(parent)
    for number in (signal.SIGINT, signal.SIGTERM):
        # The pool ends this process; an interrupt from the terminal goes to all of them.
        signal.signal(number, signal.SIG_IGN)
    place, library, variables, plugins = json.loads(link.recv(FIRST_BYTES) or "[]") or (None, "", {}, "")
    if place is None:
        return
    os.environ.update(variables)
    spec_at(place).preload(library)
    rehearse()
    with suppress(BrokenPipeError, ConnectionResetError):
        Server(link, library, plugins).run()


if __name__ == "__main__":
    main()
