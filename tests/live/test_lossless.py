"""The end of a stream is told in it, and where nothing paces the performance a client may have every sample."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from csoundd_client import connect
from tests.live.daemon import serving
from tests.live.foreign import CODECS, MSGPACK, Codec, connected, gaps
from tests.live.pieces import HEADER, csd

SECONDS, SR = 30, 48_000
PIECE = csd(
    HEADER + "instr 1\n kphase init 0\n asig = a(kphase)\n kphase += 1\n outs asig, -asig\nendin\n",
    f"i1 0 {SECONDS}\ne",
)


async def test_every_sample_of_a_free_run_arrives_and_then_the_end(tmp_path: Path) -> None:
    (tmp_path / "long.csd").write_text(PIECE)
    with serving(tmp_path, "--drive", "free") as daemon:
        for codec in CODECS:
            await heard(daemon.url, codec)


async def heard(url: str, codec: Codec) -> None:
    async with connected(url, codec) as client, connected(url, MSGPACK) as other:
        await other.call("csound.reset")
        assert await other.call("csound.compileCsd", "long.csd") == 0
        spout = await client.subscribe("spout", block=4096, lossless=True)
        # It reads nothing for a while, and the engine comes to no end in that time.
        client.connection.transport.pause_reading()
        await other.call("thread.play")
        stood, last = 0, -1
        async with asyncio.timeout(60):
            while stood < 5:
                await other.call("csound.sleep", 50)
                sample = (await other.call("engine.sync"))["sample"]
                stood = stood + 1 if sample == last else 0
                last = sample
        assert (await other.call("engine.info"))["state"] == "playing"
        client.connection.transport.resume_reading()
        end = await client.until(lambda: client.ends and client.ends[0], 60)
        frames = client.frames[spout]
        assert gaps(frames) == []
        samples = (await other.call("engine.sync"))["sample"]
        assert end == {"stream": spout, "seq": frames[-1].seq, "sample": samples, "reason": "ended"}
        assert samples >= SECONDS * SR
        sound = np.concatenate([frame.data for frame in frames])
        assert sound.shape == (samples, 2)
        assert len(frames[-1].data) == samples % 4096 or len(frames[-1].data) == 4096
        # The ramp rises by 1 a cycle; every sample is in its place.
        ramp = sound[64 : SECONDS * SR, 0].astype(np.float64)
        np.testing.assert_allclose(np.diff(ramp), 1 / 64, atol=0.002)


async def test_a_loop_over_frames_ends_with_the_performance_and_another_goes_on(tmp_path: Path) -> None:
    (tmp_path / "short.csd").write_text(csd(HEADER + "instr 1\nendin", "i1 0 1.3\ne"))
    with serving(tmp_path, "--drive", "free") as daemon:
        async with connect(daemon.url) as cs, cs.spout(block=1000, lossless=True) as frames:
            for _ in range(2):
                await cs.csound.reset()
                assert await cs.csound.compileCsd("short.csd") == 0
                performing = cs.csound.perform()
                heard = sum([len(frame.data) async for frame in frames])
                await performing
                assert frames.ended is not None
                assert (frames.ended.sample, frames.ended.reason) == (heard, "ended")
            assert frames.lost == 0
