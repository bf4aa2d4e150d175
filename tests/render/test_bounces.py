"""What was played live is rendered again as a job of a daemon, over WebSocket and HTTP; and what cannot be."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from websockets.sync.client import connect

from csoundd.engine.options import HostOptions
from csoundd.engine.workspace import Workspace
from csoundd.errors import LimitExceeded
from csoundd.messages import Command
from csoundd.render.jobs.bounces import BounceService
from csoundd.render.jobs.lease import JobLease
from csoundd.render.jobs.service import RenderService
from tests.live.daemon import Daemon, finished, serving
from tests.render.commands import LONG
from tests.render.jobs import Jobs, Refused, jobs_of

pytestmark = pytest.mark.native

WRONG_STATE, FORBIDDEN, INVALID_PARAMS = -32003, -32002, -32602
KSMPS, SR = 64, 48000
ORCHESTRA = f"""
sr = {SR}
ksmps = {KSMPS}
nchnls = 2
0dbfs = 1
instr 1
  kfreq chnget "freq"
  out poscil(0.2, kfreq), rand:a(0.1)
endin
schedule(1, 0, -1)
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    workspace = tmp_path_factory.mktemp("bounces")
    state = tmp_path_factory.mktemp("state")
    with serving(workspace, "--drive", "step", "--state", state) as running:
        yield running


@pytest.fixture
def jobs(daemon: Daemon) -> Iterator[Jobs]:
    with jobs_of(daemon) as client:
        client.call("csound.reset")
        yield client


def array_of(value: dict[str, dict[str, Any]]) -> npt.NDArray[np.float64]:
    """The frames of an array as JSON has it."""
    array = value["$array"]
    return np.frombuffer(base64.b64decode(array["data"]), array["dtype"]).reshape(-1, 2)


def stepped(jobs: Jobs, cycles: int, freq: float) -> npt.NDArray[np.float64]:
    """What is heard of so many cycles with another frequency in each."""
    blocks = []
    for cycle in range(cycles):
        requests = [
            {"method": "csound.setControlChannel", "params": ["freq", freq + cycle]},
            {"method": "csound.performKsmps", "params": []},
            {"method": "csound.spout", "params": []},
        ]
        blocks.append(array_of(jobs.call("engine.batch", requests=requests)[2]["result"]))
    return np.concatenate(blocks)


def sound_of(jobs: Jobs, job: dict[str, Any]) -> npt.NDArray[np.float32]:
    assert job["state"] == "done", job["error"]
    frames: npt.NDArray[np.float32] = soundfile.read(io.BytesIO(jobs.sound(job)), dtype="float32")[0]
    return frames


def test_what_was_played_is_a_job_with_the_same_samples(jobs: Jobs) -> None:
    jobs.call("csound.compileOrc", orc=ORCHESTRA)
    live = stepped(jobs, 30, 300).astype(np.float32)
    job = jobs.call("session.bounce", name="take one", key="take", wait=LONG)
    assert job["result"]["path"].endswith("/take%20one.wav")
    assert np.array_equal(sound_of(jobs, job), live)
    later = stepped(jobs, 10, 500).astype(np.float32)
    assert jobs.call("session.bounce", name="take one", key="take")["job"] == job["job"]
    part = jobs.call("session.bounce", start=10 * KSMPS / SR, until=35 * KSMPS / SR, wait=LONG)
    assert np.array_equal(sound_of(jobs, part), np.concatenate((live, later))[10 * KSMPS : 35 * KSMPS])
    # What is later than now is how it goes on.
    longer = jobs.call("session.bounce", start=40 * KSMPS / SR, until=50 * KSMPS / SR, wait=LONG)
    requests = [{"method": f"csound.{name}", "params": []} for _ in range(10) for name in ("performKsmps", "spout")]
    on = [array_of(each["result"]) for each in jobs.call("engine.batch", requests=requests)[1::2]]
    assert np.array_equal(sound_of(jobs, longer), np.concatenate(on).astype(np.float32))


def test_the_command_fetches_what_was_played_as_a_file(daemon: Daemon, jobs: Jobs, tmp_path: Path) -> None:
    jobs.call("csound.compileOrc", orc=ORCHESTRA)
    live = stepped(jobs, 30, 300).astype(np.float32)
    done = finished("bounce", "take.wav", "--url", daemon.url, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(soundfile.read(tmp_path / "take.wav", dtype="float32")[0], live)
    refused = finished("bounce", "none.flac", "--start", "5", "--url", daemon.url, folder=tmp_path)
    assert (refused.returncode, "there is nothing from 5 s" in refused.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


def test_random_numbers_by_the_clock_are_told(jobs: Jobs) -> None:
    jobs.call("csound.compileOrc", orc=ORCHESTRA.replace("instr 1", "seed 0\ninstr 1"))
    jobs.call("csound.performKsmps")
    job = jobs.call("session.bounce", wait=LONG)
    assert any("seed" in line for line in job["result"]["warnings"])


def test_what_cannot_be_is_told(daemon: Daemon, jobs: Jobs) -> None:
    with pytest.raises(Refused, match="nothing was played") as refused:
        jobs.call("session.bounce")
    assert refused.value.code == WRONG_STATE
    jobs.call("csound.compileOrc", orc=ORCHESTRA)
    jobs.call("csound.performKsmps")
    with pytest.raises(Refused, match="there is nothing from 2 s") as refused:
        jobs.call("session.bounce", start=2.0)
    assert refused.value.code == INVALID_PARAMS
    token = jobs.call("token.create", name="player", scope="control")["token"]
    with connect(daemon.url, additional_headers={"Authorization": f"Bearer {token}"}) as connection:
        with pytest.raises(Refused) as refused:
            Jobs(connection, daemon.http).call("session.bounce")
        assert refused.value.code == FORBIDDEN


class Full:
    """An engine whose log was full after the third of five cycles."""

    async def request(self, command: Command) -> object:
        if command.method == "host.played_part":
            return b""
        told = {"options": HostOptions().to_json(), "epoch": 1, "bytes": 0, "cycle": 5, "whole": 3}
        return told | {"ksmps": 480, "sr": 48000.0, "inexact": []}


async def test_a_log_that_was_full_says_until_when_it_is_whole(tmp_path: Path) -> None:
    lease = cast("JobLease", None)
    renders = RenderService(lease, Workspace(tmp_path), frozenset(), 3600)
    with pytest.raises(LimitExceeded, match=r"full after 0\.030 s") as told:
        await BounceService(lease, renders, Full()).bounce()
    assert told.value.hint is not None
    assert "until=0.030" in told.value.hint
