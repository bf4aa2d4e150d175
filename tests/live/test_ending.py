"""A daemon that is told to end does so in good order, and so does what listens to it."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from tests.live.conftest import played
from tests.live.daemon import PATIENCE, Daemon, command, environment, serving
from tests.live.foreign import CODECS, Client, connected, spectral_peak
from tests.live.pieces import HEADER, csd
from tests.live.raw import RawClient
from tests.live.sounds import whole

GOING_AWAY: Final = 1001
INTERRUPTED: Final = 130
RECORDING: Final = (
    HEADER
    + """
instr 1
  asig oscili 0.3, 440
  fout "recorded.wav", 14, asig, asig
  outs asig, asig
endin
schedule(1, 0, -1)
"""
)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_every_websocket_is_closed_with_going_away(daemon: Daemon, sent: signal.Signals) -> None:
    async with connected(daemon.url, CODECS[0]) as one, connected(daemon.url, CODECS[1]) as other:
        await played(one)
        for client in (one, other):
            spout = await client.subscribe("spout")
            await client.until(lambda client=client, spout=spout: client.frames[spout])  # type: ignore[misc]
        daemon.note_family()
        daemon.process.send_signal(sent)
        assert [await one.closed(), await other.closed()] == [GOING_AWAY, GOING_AWAY]
    daemon.process.wait(PATIENCE)
    daemon.assert_gone()


async def test_a_client_that_does_not_answer_holds_nothing_up(daemon: Daemon) -> None:
    with RawClient(daemon.port) as silent:
        silent.shake_hands()
        async with connected(daemon.url) as client:
            await played(client)
        daemon.terminate()
        daemon.assert_gone()


async def test_a_client_that_takes_nothing_holds_nothing_up(daemon: Daemon) -> None:
    with RawClient(daemon.port) as full:
        full.shake_hands()
        full.text('{"jsonrpc": "2.0", "method": "stream.subscribe", "params": {"topic": "spout", "format": "f64"}}')
        async with connected(daemon.url) as client:
            await played(client)
            spout = await client.subscribe("spout")
            await client.until(lambda: client.frames[spout] and client.frames[spout][-1].sample > 96_000)
        daemon.terminate()
        daemon.assert_gone()


async def test_a_call_that_waits_holds_nothing_up(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await played(client)
        await client.begin("thread.join")
        await client.begin("csound.setControlChannel", ["freq", 1.0], at={"delay": 1000})
        await client.call("session.ping", 1.0)
        daemon.terminate()
        daemon.assert_gone()


async def test_an_engine_in_an_endless_loop_holds_nothing_up(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await played(client)
        await client.begin("csound.evalCode", ["i1 = 1\nwhile i1 == 1 do\n i1 = 1\nod\nreturn i1\n"])
        await client.call("session.ping", 1.0)
        daemon.terminate()
        daemon.assert_gone()


async def test_what_the_orchestra_records_is_a_whole_file(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.compileOrc", RECORDING)
        await client.call("thread.play")
        transport = await client.subscribe("transport")
        await client.until(lambda: [f for f in client.frames[transport] if f.data["sample"] > 24_000])
    daemon.terminate()
    daemon.assert_gone()
    sound = whole(daemon.folder / "recorded.wav")
    assert (sound.sr, sound.frames.shape[1]) == (48000, 2)
    assert len(sound.frames) >= 24_000
    assert spectral_peak(sound.frames[:24_000]) == pytest.approx(440, abs=5)


async def test_what_the_orchestra_records_is_a_whole_file_after_a_reset(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.compileOrc", RECORDING)
        await client.call("thread.play")
        transport = await client.subscribe("transport")
        await client.until(lambda: [f for f in client.frames[transport] if f.data["sample"] > 4_800])
        await client.call("csound.reset")
        assert len(whole(daemon.folder / "recorded.wav").frames) >= 4_800


@contextmanager
def listening(daemon: Daemon, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``csoundd listen`` to a file."""
    process = subprocess.Popen(
        command("listen", output, "--url", daemon.url),
        cwd=daemon.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


async def recorded(client: Client, output: Path, size: int) -> None:
    """Wait until so many bytes of sound are in the file, looking at every frame of a stream."""
    spout = await client.subscribe("spout")
    await client.until(lambda: client.frames[spout] and output.exists() and output.stat().st_size > size)


async def test_a_recording_is_whole_when_its_listener_is_interrupted(daemon: Daemon) -> None:
    output = daemon.folder / "heard.wav"
    async with connected(daemon.url) as client:
        await played(client)
        with listening(daemon, output) as listener:
            await recorded(client, output, 200_000)
            listener.send_signal(signal.SIGINT)
            said, _ = await asyncio.to_thread(listener.communicate, timeout=PATIENCE)
    sound = whole(output)
    assert (listener.returncode, said) == (INTERRUPTED, b"")
    assert (sound.sr, sound.frames.shape[1]) == (48000, 2)
    assert spectral_peak(sound.frames) == pytest.approx(440, abs=5)
    assert np.abs(sound.frames).max(axis=0) == pytest.approx([0.3, 0.15], rel=0.01)


async def test_a_recording_is_whole_when_the_daemon_ends(daemon: Daemon) -> None:
    output = daemon.folder / "heard.wav"
    async with connected(daemon.url) as client:
        await played(client)
        with listening(daemon, output) as listener:
            await recorded(client, output, 200_000)
            daemon.terminate()
            said, _ = await asyncio.to_thread(listener.communicate, timeout=PATIENCE)
    daemon.assert_gone()
    assert spectral_peak(whole(output).frames) == pytest.approx(440, abs=5)
    assert listener.returncode == 1
    assert said.count(b"\n") == 1
    assert said.startswith(b"csoundd: ")


async def test_a_recording_is_whole_at_every_moment(daemon: Daemon) -> None:
    output = daemon.folder / "heard.wav"
    async with connected(daemon.url) as client:
        await played(client)
        with listening(daemon, output) as listener:
            await recorded(client, output, 200_000)
            listener.kill()
            listener.communicate()
    data = output.read_bytes()
    assert int.from_bytes(data[4:8], "little") <= len(data) - 8
    assert int.from_bytes(data[40:44], "little") >= 150_000


def test_a_piece_that_is_over_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "short.csd").write_text(csd(HEADER + "instr 1\nendin", "i1 0 0.05\ne"))
    with serving(tmp_path, "short.csd") as daemon:
        asyncio.run(_until_ended(daemon))
        assert daemon.process.poll() is None


async def _until_ended(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        transport = await client.subscribe("transport", rate=50)
        await client.until(lambda: [f for f in client.frames[transport] if f.data["state"] == "ended"])
        assert await client.call("csound.ksmps") == 64


def test_a_host_dies_with_its_daemon(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    try:
        daemon.wait_until_ready()
        daemon.note_family()
        exits = [os.pidfd_open(child.pid) for child in daemon.family]
        daemon.process.kill()
        assert exits
        for exited in exits:
            assert select.select([exited], [], [], PATIENCE)[0]
            os.close(exited)
    finally:
        daemon.close()
