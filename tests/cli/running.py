"""The command line in the test's own process, and as a program."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from csoundd.cli import app
from tests.live.daemon import PATIENCE, command, environment

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Ended:
    """The result of a command."""

    status: int
    stdout: str
    stderr: str
    sound: bytes

    @property
    def value(self) -> Any:
        """The one JSON value that it printed."""
        assert (self.status, self.stderr) == (OK, "")
        return json.loads(self.stdout)

    @property
    def values(self) -> list[Any]:
        """The JSON values that it printed, one a line."""
        assert (self.status, self.stderr) == (OK, "")
        return [json.loads(line) for line in self.stdout.splitlines()]

    def assert_refused(self, status: int, *words: str) -> None:
        """One sentence on stderr that has these words, perhaps with a hint below it."""
        assert (self.status, self.stdout) == (status, ""), self
        first, *rest = self.stderr.splitlines()
        assert first.startswith("csoundd: ")
        assert len(rest) <= 1
        for word in words:
            assert word in first


class Cli:
    """csoundd commands with an environment of their own."""

    def __init__(self, extra: dict[str, str]) -> None:
        self._extra = extra

    def __call__(self, *words: str | Path, extra: dict[str, str | None] | None = None) -> Ended:
        """Run a command to its end."""
        context: dict[str, str | None] = {"COLUMNS": "200", "TERM": "dumb", **self._extra, **(extra or {})}
        ended = CliRunner().invoke(app, list(map(str, words)), env=context, catch_exceptions=False)
        stdout = ended.stdout_bytes
        return Ended(ended.exit_code, stdout.decode(errors="replace"), ended.stderr, stdout)


@contextmanager
def program(*words: str | Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A csoundd command as a program of its own."""
    process = subprocess.Popen(
        command(*words),
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def interrupted(process: subprocess.Popen[str], sent: signal.Signals = signal.SIGINT) -> tuple[int, str]:
    """Interrupt a program; its exit status, and what it said on stderr."""
    process.send_signal(sent)
    _, stderr = process.communicate(timeout=PATIENCE)
    return process.returncode, stderr
