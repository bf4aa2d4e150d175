"""A client of the jobs that shares no code with csoundd's, and pieces for it."""

from __future__ import annotations

import itertools
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from websockets.sync.client import ClientConnection, connect

from tests.live.daemon import Daemon
from tests.live.pieces import csd
from tests.render.commands import HEADER, LONG

_INSTRUMENT = (
    "instr 1\n  kcount = 0\n  ksum = 0\n"
    "again:\n  ksum += sin(kcount * p4)\n  kcount += 1\n  if kcount < 400 kgoto again\n"
    "  out(poscil(0.1, 100 * p4) + a(ksum) * 0.0001)\nendin\n"
)


def busy(number: int, seconds: float = 4.0) -> str:
    """A piece that is another one for each number, and takes a while."""
    return csd(HEADER + _INSTRUMENT, f"i1 0 {seconds} {number + 1}")


class Refused(Exception):
    """An error that was answered."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.data: dict[str, Any] = error["data"]


class Jobs:
    """A connection to a daemon."""

    def __init__(self, connection: ClientConnection, http: str) -> None:
        self._connection, self._http = connection, http
        self._numbers = itertools.count(1)
        self.told: list[dict[str, Any]] = []
        """The frames of streams that came meanwhile."""

    def call(self, method: str, **params: Any) -> Any:
        """The result of a call. Raises Refused."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._connection.recv(LONG))
            if answer.get("id") == number:
                if "error" in answer:
                    raise Refused(answer["error"])
                return answer["result"]
            self.told.append(answer["params"])

    def until(self, state: str) -> dict[str, Any]:
        """The next frame of a stream that tells ``state``."""
        while True:
            for place, frame in enumerate(self.told):
                if frame["data"]["state"] == state:
                    del self.told[: place + 1]
                    found: dict[str, Any] = frame["data"]
                    return found
            self.told.append(json.loads(self._connection.recv(LONG))["params"])

    def submit(self, text: str, name: str = "piece.csd", **wanted: Any) -> dict[str, Any]:
        """A job of a piece."""
        job: dict[str, Any] = self.call("render.submit", csd=text, name=name, **wanted)
        return job

    def ended(self, job: str) -> dict[str, Any]:
        """A job that has ended, with its logs."""
        found: dict[str, Any] = self.call("render.status", job=job, log=True, wait=LONG)
        return found

    def sound(self, job: dict[str, Any]) -> bytes:
        """The sound file of a job that is done."""
        return self._got(job["result"]["path"])

    def sounds(self, job: dict[str, Any]) -> dict[str, bytes]:
        """All sound files of a job that is done, by their names."""
        return {unquote(each["path"].rpartition("/")[2]): self._got(each["path"]) for each in job["result"]["files"]}

    def _got(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://{self._http}{path}", timeout=LONG) as answer:
            data: bytes = answer.read()
        return data


@contextmanager
def jobs_of(daemon: Daemon) -> Iterator[Jobs]:
    """A connection to a daemon."""
    with connect(daemon.url, max_size=None) as connection:
        yield Jobs(connection, daemon.http)


def left_over(renders: Path) -> list[Path]:
    """What is half-written in the folder of the jobs."""
    return [*renders.glob("files/*/.*"), *renders.glob("work/*")]
