"""Handles to channels, and leases on them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from csoundd.errors import NotFound, StaleHandle, WrongState
from csoundd.messages import Handle
from tests.backends.engines import EngineIn
from tests.backends.sharing import Somebody

READING = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
instr 1
  Stitle chnget "title"
  klength strlenk Stitle
  chnset klength, "length"
endin
schedule(1, 0, -1)
"""
KINDS = ("control", "audio", "string", "pvs")


async def pointed(client: Somebody, name: str, kind: str, mode: str = "r") -> tuple[Handle | None, str]:
    answer = cast("list[object]", await client.do("csound.channelPtr", name, kind, mode))
    return cast("tuple[Handle | None, str]", tuple(answer))


async def started(client: Somebody) -> None:
    assert await client.do("csound.compileOrc", READING, True) == 0
    assert await client.do("csound.start") == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_channel_is_made_and_named_by_a_handle(engine_in: EngineIn, tmp_path: Path, kind: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await started(client)
        handle, problem = await pointed(client, "new", kind)
        assert isinstance(handle, Handle)
        assert (problem, await client.do("csound.channelInfo", "new")) == ("", [kind, 1])


async def test_modes_add_up(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await pointed(client, "new", "control", "r")
        await pointed(client, "new", "control", "w")
        assert await client.do("csound.channelInfo", "new") == ["control", 3]


async def test_a_channel_of_another_kind_is_said_to_be_there(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.setControlChannel", "cutoff", 1.0)
        assert await pointed(client, "cutoff", "string") == (None, "A control channel named cutoff already exists")


async def test_the_orchestra_reads_a_text_set_by_handle(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await started(client)
        handle, _ = await pointed(client, "title", "string")
        await client.do("csound.setStringData", handle, "Nocturne")
        await client.do("csound.performKsmps")
        assert await client.do("csound.stringData", handle) == "Nocturne"
        assert await client.do("csound.controlChannel", "length") == [8.0, 0]


async def test_the_handle_of_a_number_is_none_of_a_text(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        handle, _ = await pointed(client, "cutoff", "control")
        with pytest.raises(NotFound, match="no string channel"):
            await client.do("csound.stringData", handle)


async def test_a_handle_is_stale_after_a_reset(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        handle, _ = await pointed(client, "title", "string")
        await client.do("csound.reset")
        with pytest.raises(StaleHandle):
            await client.do("csound.stringData", handle)


WRITES = [
    ("csound.setControlChannel", "cutoff", 2.0),
    ("channel.set", {"other": 1.0, "cutoff": 2.0}),
    ("channel.write", "cutoff", 2.0),
    ("csound.setControlChannelHints", "cutoff", None, 0, 0.0, 0.0, 1.0, 0, 0, 0, 0, None),
]


@pytest.mark.parametrize("write", WRITES, ids=[str(write[0]) for write in WRITES])
async def test_nobody_else_writes_to_a_locked_channel(
    engine_in: EngineIn, tmp_path: Path, write: tuple[str, object]
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        first, second = Somebody(engine, "first"), Somebody(engine, "second")
        await first.do("csound.setControlChannel", "cutoff", 1.0)
        await first.do("csound.lockChannel", "cutoff")
        with pytest.raises(WrongState, match="locked"):
            await second.do(*write)
        assert await second.do("csound.controlChannel", "cutoff") == [1.0, 0]
        assert await second.do("csound.controlChannel", "other") == [0.0, 0]


async def test_who_locked_a_channel_writes_to_it(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.setControlChannel", "cutoff", 1.0)
        await client.do("csound.lockChannel", "cutoff")
        await client.do("csound.setControlChannel", "cutoff", 3.0)
        assert await client.do("csound.controlChannel", "cutoff") == [3.0, 0]


@pytest.mark.parametrize("end", ["unlock", "leave", "wait"])
async def test_a_lock_ends(engine_in: EngineIn, tmp_path: Path, end: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        first, second = Somebody(engine, "first"), Somebody(engine, "second")
        await first.do("csound.setControlChannel", "cutoff", 1.0)
        await first.do("csound.lockChannel", "cutoff")
        if end == "unlock":
            await first.do("csound.unlockChannel", "cutoff")
        elif end == "leave":
            engine.release("first")
        else:
            await second.do("csound.sleep", 1000)
        await second.do("csound.setControlChannel", "cutoff", 2.0)
        assert await second.do("csound.controlChannel", "cutoff") == [2.0, 0]


async def test_nobody_locks_what_another_has_locked(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        first, second = Somebody(engine, "first"), Somebody(engine, "second")
        await first.do("csound.setControlChannel", "cutoff", 1.0)
        await first.do("csound.lockChannel", "cutoff")
        with pytest.raises(WrongState, match="locked"):
            await second.do("csound.lockChannel", "cutoff")


async def test_a_channel_that_is_not_there_cannot_be_locked(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(NotFound):
            await Somebody(engine).do("csound.lockChannel", "cutoff")


async def test_an_instrument_has_the_number_that_csound_gave_it(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await client.do("csound.compileOrc", READING + "instr Bell\nendin\n", True)
        await client.do("csound.start")
        assert [await client.do("csound.instrNumber", name) for name in ("Bell", "Gong", '") ; x')] == [2, -1, -1]


async def test_an_audio_channel_is_set_as_it_is_heard(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await started(client)
        await client.do("csound.setAudioChannel", "side", np.full(64, 0.5))
        assert np.all(np.asarray(await client.do("csound.audioChannel", "side", None)) == 0.5)


@pytest.mark.parametrize(("kind", "value"), [("control", 0.25), ("string", "Nocturne")])
async def test_a_handle_reads_and_writes_its_channel(
    engine_in: EngineIn, tmp_path: Path, kind: str, value: object
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await started(client)
        handle, _ = await pointed(client, "pointed", kind, "rw")
        await client.do("channel.write", handle, value)
        assert await client.do("channel.read", handle) == value
        assert await client.do("channel.get", ["pointed"]) == {"pointed": value}
