"""A daemon without descriptors: who has too many connections is refused, and what fails is tried again."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.live.daemon import PATIENCE, Daemon, serving
from tests.live.foreign import JSON, Client, connected
from tests.live.processes import descendants

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="another process's limit is set by prlimit")

ENGINE_ERROR, LIMIT_EXCEEDED, UNAVAILABLE = -32000, -32008, -32010

STANDARD_STREAMS = 3

IDLE = 300
"""More than one source may have of OSC over TCP."""


def told(daemon: Daemon, path: str) -> tuple[int, dict[str, str]]:
    with closing(HTTPConnection(daemon.http, timeout=PATIENCE)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def until(wanted: Callable[[], bool]) -> None:
    """Ask again and again: a daemon tells nobody of its descriptors."""
    deadline = monotonic() + PATIENCE
    while not wanted():
        assert monotonic() < deadline
        sleep(0.05)


@contextmanager
def without_descriptors(daemon: Daemon) -> Iterator[None]:
    """No descriptor can be had by the daemon, not even those of a dead host, which are enough for a new one."""
    # What it says last when it begins: until then it opens files of its own code.
    until(lambda: "heard.wav" in daemon.errors())
    before = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (STANDARD_STREAMS, before[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, before)


def kill_engine(daemon: Daemon) -> None:
    """Kill the host, and one that stands by: neither can take over."""
    for child in descendants(daemon.pid):
        os.kill(child.pid, signal.SIGKILL)


def test_idle_connections_of_one_source_leave_the_others_alone(daemon: Daemon) -> None:
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", daemon.osc_tcp_port), PATIENCE))
        assert told(daemon, "/healthz") == (200, {"status": "ok"})
        until(lambda: "a connection from 127.0.0.1 was refused" in daemon.errors())
        assert daemon.errors().count("was refused") == 1
        kill_engine(daemon)
        until(lambda: "the engine died" in daemon.errors())
        until(lambda: told(daemon, "/healthz")[0] == 200)


async def test_a_host_that_died_without_descriptors_is_started_once_there_are_some(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        with closing(HTTPConnection(daemon.http, timeout=PATIENCE)) as before:
            before.request("GET", "/healthz")
            before.getresponse().read()
            with without_descriptors(daemon):
                kill_engine(daemon)
                until(lambda: "too many open files; trying again" in daemon.errors())
                before.request("GET", "/healthz")
                response = before.getresponse()
                said = json.loads(response.read())
                assert (response.status, said["status"]) == (503, "down")
                assert said["state"] in {"offline", "starting"}
                assert "too many open files" in said["reason"]
        assert await again(client) > 0
    assert told(daemon, "/healthz") == (200, {"status": "ok"})
    assert "Traceback" not in daemon.errors()


async def again(client: Client) -> float:
    """Something that only an engine answers."""
    return float(str(await client.call("csound.sr")))


def test_what_cannot_be_accepted_is_accepted_later(daemon: Daemon) -> None:
    with without_descriptors(daemon), closing(HTTPConnection(daemon.http, timeout=PATIENCE)) as waiting:
        waiting.request("GET", "/healthz")
        until(lambda: "HTTP: cannot accept connections: too many open files" in daemon.errors())
    assert told(daemon, "/healthz")[0] == 200


def test_a_daemon_without_descriptors_ends_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path) as daemon, without_descriptors(daemon):
        kill_engine(daemon)
        until(lambda: "too many open files; trying again" in daemon.errors())
        # From now on it has what it gives up, as where others hold the rest.
        used = {int(path.name) for path in Path(f"/proc/{daemon.pid}/fd").iterdir()}
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (max(used) + 1, max(used) + 1))
        daemon.terminate()
        assert "Traceback" not in daemon.errors()


async def test_every_call_is_answered_while_nothing_can_be_opened(daemon: Daemon) -> None:
    """Each of these opens something in the front: a folder, a process, a file."""
    (daemon.folder / "a.bin").write_bytes(b"there")
    async with connected(daemon.url, JSON) as client:
        with closing(HTTPConnection(daemon.http, timeout=PATIENCE)) as before:
            before.request("GET", "/healthz")
            before.getresponse().read()
            with without_descriptors(daemon):
                for method, body in (("GET", None), ("PUT", b"new")):
                    before.request(method, "/files/a.bin", body)
                    response = before.getresponse()
                    error = json.loads(response.read())["error"]
                    assert (response.status, error["code"]) == (503, LIMIT_EXCEEDED)
                    assert "too many open files" in error["message"]
                for name, params in (
                    ("orc.check", ["instr 1\nendin\n"]),
                    ("csound.midiDevList", [False]),
                    ("thread.record", ["a.wav", 16, 4]),
                ):
                    refusal = await client.refusal(name, *params)
                    assert refusal.code in {UNAVAILABLE, LIMIT_EXCEEDED, ENGINE_ERROR}, (name, refusal)
                report = await client.call("orc.compile", "instr 1\n a1 nosuchopcode 1\nendin\n")
                assert not report["ok"]
    assert "Traceback" not in daemon.errors()
    assert (daemon.folder / "a.bin").read_bytes() == b"there"
