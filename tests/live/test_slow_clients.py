"""One client's slowness is its own affair."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import played
from tests.live.daemon import Daemon, environment
from tests.live.foreign import SR, Client, connected, gaps
from tests.live.raw import RawClient

STALLED = 4008


@contextmanager
def sleeper(daemon: Daemon) -> Iterator[subprocess.Popen[str]]:
    """A client in another process."""
    program = Path(__file__).with_name("sleeper.py")
    process = subprocess.Popen(
        [sys.executable, program, daemon.url], stdout=subprocess.PIPE, text=True, env=environment()
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


async def hear_seconds(client: Client, stream: str, seconds: float) -> None:
    """Wait until ``client`` has heard so much more."""
    begin = client.frames[stream][-1].sample
    await client.until(lambda: client.frames[stream][-1].sample - begin >= seconds * SR, patience=3 * seconds)


@pytest.mark.slow
async def test_who_stands_still_loses_and_nobody_else_does(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await played(client)
        spout = await client.subscribe("spout")
        await client.until(lambda: client.frames[spout])
        with sleeper(daemon) as stopped:
            assert told(stopped)["event"] == "heard"
            stopped.send_signal(signal.SIGSTOP)
            await hear_seconds(client, spout, 20)
            stopped.send_signal(signal.SIGCONT)
            lost, resumed = told(stopped), told(stopped)
        assert gaps(client.frames[spout]) == []
        await client.hears(spout, 440)
    assert lost["code"] in {STALLED, None}
    assert resumed["same"]
    assert resumed["seq"] > lost["seq"] + 1
    assert resumed["sample"] - lost["sample"] == 256 * (resumed["seq"] - lost["seq"])


async def test_an_idle_client_is_not_closed(shared: Daemon) -> None:
    with RawClient(shared.port) as idle:
        idle.shake_hands()
        async with connected(shared.url) as client:
            transport = await client.subscribe("transport", rate=50)
            await client.until(lambda: len(client.frames[transport]) >= 150)
        idle.text('{"jsonrpc": "2.0", "id": 1, "method": "session.ping", "params": [1.5]}')
        assert json.loads(idle.message())["result"]["t"] == 1.5


async def test_a_client_that_never_reads_is_not_closed_while_nothing_waits_for_it(shared: Daemon) -> None:
    with RawClient(shared.port) as silent:
        silent.shake_hands()
        for number in range(100):
            silent.text(json.dumps({"jsonrpc": "2.0", "id": number, "method": "session.ping", "params": [1.0]}))
        async with connected(shared.url) as client:
            transport = await client.subscribe("transport", rate=50)
            await client.until(lambda: len(client.frames[transport]) >= 50)
        assert [json.loads(silent.message())["id"] for _ in range(100)] == list(range(100))
