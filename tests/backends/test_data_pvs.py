"""Spectral channels: what a client sets the orchestra plays, what the orchestra puts out a client reads."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.engine.csound.array_channels import channels_read, channels_written
from csoundd.errors import InvalidParams, NotFound, StaleHandle
from csoundd.messages import Handle, StateChanged
from tests.backends.engines import EngineIn
from tests.backends.sharing import Somebody
from tests.engine.listening import Heard, do

SIZE = 16
SHAPE = (SIZE, 4, SIZE, "hann", 0)
THROUGH = """
sr = 48000
ksmps = 4
nchnls = 1
0dbfs = 1
instr 1
  fsigin pvsin 1
  kamp, kfreq pvsbin fsigin, 3
  klast, knyquist pvsbin fsigin, 8
  chnset kamp, "amp"
  chnset kfreq, "freq"
  chnset knyquist, "nyquist"
  fsigout pvsgain fsigin, 2
  pvsout fsigout, 2
endin
schedule(1, 0, -1)
"""
FRAME = np.arange(1, SIZE + 3, dtype=np.float32)


async def prepared(client: Somebody) -> Handle:
    """The handle to the channel that the orchestra reads, made before the orchestra begins."""
    assert await client.do("csound.compileOrc", THROUGH, True) == 0
    handle = cast("Handle", await client.do("csound.initPvsChannel", "1", *SHAPE))
    assert await client.do("csound.start") == 0
    return handle


async def step(client: Somebody, cycles: int = 8) -> None:
    for _ in range(cycles):
        await client.do("csound.performKsmps")


async def value(client: Somebody, name: str) -> float:
    return cast("tuple[float, int]", await client.do("csound.controlChannel", name))[0]


@pytest.mark.parametrize("by_handle", [True, False], ids=["handle", "name"])
async def test_the_orchestra_sees_the_frame_that_was_set(engine_in: EngineIn, tmp_path: Path, by_handle: bool) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        handle = await prepared(client)
        await client.do("csound.setPvsData", handle if by_handle else "1", FRAME)
        await step(client)
        assert (await value(client, "amp"), await value(client, "freq")) == (FRAME[6], FRAME[7])
        assert await value(client, "nyquist") == FRAME[SIZE + 1]


async def test_what_the_orchestra_puts_out_is_read_to_its_last_bin(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.setPvsData", await prepared(client), FRAME)
        await step(client)
        frame = cast("npt.NDArray[np.float32]", await client.do("csound.pvsData", "2"))
        assert frame.dtype == np.float32
        assert frame[0::2].tolist() == (2 * FRAME[0::2]).tolist()
        assert frame[1::2].tolist() == FRAME[1::2].tolist()


async def test_a_channel_tells_its_sizes(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        handle = await client.do("csound.initPvsChannel", "1", 32, 8, 24, 2, 1)
        told = [
            await client.do(f"csound.pvsData{part}", handle) for part in ("FftSize", "Overlap", "WindowSize", "Format")
        ]
        assert told == [32, 8, 24, 1]


async def test_every_frame_is_counted(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        handle = await client.do("csound.initPvsChannel", "1", *SHAPE)
        await client.do("csound.setPvsData", handle, FRAME)
        await client.do("csound.setPvsData", "1", FRAME)
        assert await client.do("csound.pvsDataFramecount", handle) == 2


async def test_a_channel_that_is_there_stays_as_it_is(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.initPvsChannel", "1", *SHAPE)
        await client.do("csound.setPvsData", "1", FRAME)
        again = await client.do("csound.initPvsChannel", "1", 64, 8, 64, "rect", 0)
        assert await client.do("csound.pvsDataFftSize", again) == SIZE
        assert cast("npt.NDArray[np.float32]", await client.do("csound.pvsData", again)).tolist() == FRAME.tolist()


async def test_a_channel_of_another_kind_is_no_spectrum(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.setControlChannel", "cutoff", 1.0)
        assert await client.do("csound.initPvsChannel", "cutoff", *SHAPE) is None
        with pytest.raises(NotFound):
            await client.do("csound.pvsData", "cutoff")


async def test_a_frame_of_another_size_is_refused(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.initPvsChannel", "1", *SHAPE)
        with pytest.raises(InvalidParams, match="18 numbers"):
            await client.do("csound.setPvsData", "1", FRAME[:-1])


async def test_the_handle_of_another_session_is_stale(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        handle = await Somebody(engine).do("csound.initPvsChannel", "1", *SHAPE)
        with pytest.raises(StaleHandle):
            await Somebody(engine, "another").do("csound.pvsData", handle)


async def test_a_spectrum_set_by_handle_is_there_again_after_a_crash(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.setPvsData", await prepared(client), FRAME)
        heard = Heard(engine)
        os.kill(cast("int", engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: any(event.event == "restored" for event in heard.of(StateChanged)))
        assert cast("npt.NDArray[np.float32]", await client.do("csound.pvsData", "1")).tolist() == FRAME.tolist()
        assert await do(engine, "host.handles") == 0


SILENT = """
sr = 48000
ksmps = 64
nchnls = 1
instr 1
  {}
  asig pvsynth fsig
  out asig
endin
schedule(1, 0, -1)
"""


@pytest.mark.parametrize("reading", ["fsig pvsin 12", "fsig pvsin 12, 512, 128, 512"])
async def test_a_channel_that_nobody_made_is_read_as_silence(engine_in: EngineIn, tmp_path: Path, reading: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        assert await client.do("csound.compileOrc", SILENT.format(reading), True) == 0
        assert await client.do("csound.start") == 0
        await step(client, 40)
        assert not np.any(cast("npt.NDArray[np.float64]", await client.do("csound.spout")))
        assert engine.epoch == 1


def test_channels_that_code_names_are_found_in_statements_and_functions() -> None:
    code = 'f1 pvsin "a"\nf2 = pvsin:f("b", 512, 128)\nf3 pvsin 7, 2048 ; pvsin "none"\nf4 pvsin Sname\n'
    assert channels_read(code) == {
        "a": (1024, 256, 1024, 1, 0),
        "b": (512, 128, 1024, 1, 0),
        "7": (2048, 256, 1024, 1, 0),
    }
    assert channels_written('pvsout f1, "c"\npvsout(pvsgain(f1, 2), "d")\npvsout f1, 12\n') == ["c", "d", "12"]
