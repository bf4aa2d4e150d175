"""SuperCollider's synthesis server in child processes of a benchmark's own, on a JACK that has no sound card.

The JACK server has a name of its own, so that it is nobody else's, and runs blocks of 64 frames at 48000 Hz.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Final

PROGRAMS: Final = ("jackd", "scsynth")
PACKAGES: Final = "jackd2 and supercollider-server"
PATIENCE: Final = 10.0

_STATUS: Final = b"/status\0,\0\0\0"
_QUIT: Final = b"/quit\0\0\0,\0\0\0"


class Absent(Exception):
    """One of the programs is not there."""


def set_bus(index: int) -> bytes:
    """What sets a control bus, but for the four bytes of the number at its end."""
    return b"/c_set\0\0,if\0" + struct.pack(">i", index)


def get_bus(index: int) -> bytes:
    """What asks for a control bus."""
    return b"/c_get\0\0,i\0\0" + struct.pack(">i", index)


@contextmanager
def scsynth() -> Iterator[int]:
    """The UDP port of a server that is ready, as long as the block lasts. Raises Absent."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise Absent(f"there is no {' and no '.join(missing)} here (Debian has them as {PACKAGES})")
    name, port = f"csoundd-bench-{os.getpid()}", _free_port()
    jack = ["jackd", "-n", name, "-r", "-d", "dummy", "-r", "48000", "-p", "64"]
    synth = ["scsynth", "-u", str(port), "-D", "0", "-R", "0"]
    with _running(jack, name), _running(synth, name):
        _wait_for(port)
        try:
            yield port
        finally:
            _quit(port)


@contextmanager
def _running(command: list[str], jack: str) -> Iterator[None]:
    environment = os.environ | {"JACK_DEFAULT_SERVER": jack, "JACK_NO_AUDIO_RESERVATION": "1"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            yield
        finally:
            if process.poll() is None:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Give it a moment to go by itself, as one that was asked to does, and end it else."""
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        process.terminate()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _quit(port: int) -> None:
    """Ask it to go and wait for its word: ended by a signal it would leave its shared memory behind."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("127.0.0.1", port))
        asking.settimeout(PATIENCE)
        asking.send(_QUIT)
        asking.recv(1024)


def _wait_for(port: int) -> None:
    """Ask until it answers: it tries to reach JACK a few times itself."""
    deadline = monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("127.0.0.1", port))
        asking.settimeout(0.2)
        while monotonic() < deadline:
            try:
                asking.send(_STATUS)
                asking.recv(1024)
            except OSError:
                sleep(0.1)
            else:
                return
    raise RuntimeError("scsynth does not answer")
