"""A daemon of a script's own, which ends with the script however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from importlib.util import find_spec
from typing import Final

from csoundd_client.failures import ConnectionFailed

FREE: Final = ("--port", "0", "--no-mdns")
"""Ports that nobody else has, of which nobody is told."""

START_SECONDS: Final = 60.0
END_SECONDS: Final = 10.0


class SpawnedDaemon:
    """``csoundd serve`` for one program, on this machine, in the folder in which that stands.

    Its standard input is a pipe that this process holds: when the process is gone, by SIGKILL too, the pipe ends and
    the daemon with it. Raises ConnectionFailed where there is no csoundd here, or none that serves.
    """

    def __init__(self) -> None:
        if find_spec("csoundd") is None:
            raise ConnectionFailed("daemon='spawn' needs csoundd on this machine", hint="pip install csoundd")
        with tempfile.TemporaryFile() as log:
            self._process = subprocess.Popen(  # noqa: S603 - the words are our own
                [
                    sys.executable,
                    "-m",
                    "csoundd",
                    "serve",
                    *FREE,
                    "--no-autoplay",
                    "--log-level",
                    "error",
                    "--exit-on-eof",
                    "--no-state",
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={name: value for name, value in os.environ.items() if name not in {"CSOUNDD_URL", "CSOUNDD_STATE"}},
                # An interrupt from the terminal is the script's to answer.
                start_new_session=True,
            )
            self.url = self._ready()
            if not self.url:
                self.close()
                log.seek(0)
                said = log.read().decode(errors="replace").strip()
                raise ConnectionFailed(f"csoundd serve did not start: {said or 'it said nothing'}")

    def _ready(self) -> str:
        """Where it serves, as it says itself; empty where it does not."""
        assert self._process.stdout is not None
        patience = threading.Timer(START_SECONDS, self._process.kill)
        patience.start()
        try:
            line = self._process.stdout.readline().decode()
        finally:
            patience.cancel()
        places = dict(word.split("=", 1) for word in line.split() if "=" in word)
        return f"ws://{places['http']}/ws" if "http" in places else ""

    def close(self) -> None:
        """End it, and wait until it is gone."""
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
