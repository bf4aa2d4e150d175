"""Work done in a throw-away process: listing devices, running utilities.

On the native engine only: the embedded one has neither drivers nor utilities, so there is nothing to throw away.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import isolated
from csoundd.errors import Cancelled, EngineError, Forbidden, Timeout, WrongState
from csoundd.messages import Command, MessagePrinted, Outcome, StateChanged
from tests.backends.engines import EngineIn, native_only
from tests.backends.sounds import a_sound_in
from tests.engine.listening import Heard, do

pytestmark = native_only

OUTSIDE = ["/etc/passwd", "../take.wav", "-o/tmp/x.wav", "-Wo../x.wav", "|ls", "-i\\x"]


@pytest.fixture
def bad_drivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated.IsolatedCalls, "_module", lambda _calls: "tests.backends.bad_driver")
    monkeypatch.setattr(isolated, "DRIVER_SECONDS", 0.5)


async def utility(engine: Engine, *args: str) -> object:
    return await do(engine, "csound.runUtility", args[0], list(args))


async def test_the_modules_are_those_of_one_after_another(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        modules = cast("list[tuple[str, str]]", await do(engine, "csound.modules"))
        first = cast("tuple[str, str, int]", await do(engine, "csound.module", 0))
        assert tuple(first) == (*modules[0], 0)
        assert {kind for _, kind in modules} <= {"audio", "midi"}
        assert tuple(cast("list[object]", await do(engine, "csound.module", len(modules)))) == ("", "", -1)


@pytest.mark.parametrize("method", ["audioDevList", "midiDevList"])
async def test_devices_are_listed_for_the_module_in_use(engine_in: EngineIn, tmp_path: Path, method: str) -> None:
    async with engine_in(tmp_path, "step", ("-+rtaudio=null", "-+rtmidi=null")) as engine:
        assert await do(engine, "host.modules") == {"audio": "null", "midi": "null"}
        assert await do(engine, f"csound.{method}", True) == []


@pytest.mark.usefixtures("bad_drivers")
async def test_a_driver_that_hangs_costs_nobody_but_its_asker(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(Timeout, match="driver"):
            await do(engine, "csound.audioDevList", True)
        assert await do(engine, "csound.sizeOfMYFLT") == 8


@pytest.mark.usefixtures("bad_drivers")
async def test_a_driver_that_crashes_leaves_the_engine_alone(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        with pytest.raises(EngineError, match="SIGSEGV"):
            await do(engine, "csound.midiDevList", False)
        assert await do(engine, "csound.sizeOfMYFLT") == 8
        assert not [event for event in heard.of(StateChanged) if event.event == "died"]


async def test_a_list_is_not_asked_for_again_at_once(
    engine_in: EngineIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        before = await do(engine, "csound.modules")
        monkeypatch.setattr(isolated.IsolatedCalls, "_module", lambda _calls: "tests.backends.bad_driver")
        assert await do(engine, "csound.modules") == before


async def test_a_utility_tells_what_it_finds(engine_in: EngineIn, tmp_path: Path) -> None:
    a_sound_in(tmp_path)
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        assert await utility(engine, "sndinfo", "take.wav") == 0
        assert "4800 sample frames" in "".join(event.text for event in heard.of(MessagePrinted))


async def test_a_utility_writes_into_the_workspace(engine_in: EngineIn, tmp_path: Path) -> None:
    a_sound_in(tmp_path)
    async with engine_in(tmp_path, "step") as engine:
        assert await utility(engine, "pvanal", "take.wav", "take.pvx") == 0
        assert (tmp_path / "take.pvx").stat().st_size > 0


@pytest.mark.parametrize("args", [("sndinfo", "none.wav"), ("no such utility",)], ids=["file", "name"])
async def test_a_utility_that_fails_says_so_by_its_code(
    engine_in: EngineIn, tmp_path: Path, args: tuple[str, ...]
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert await utility(engine, *args) == -1


@pytest.mark.parametrize("word", OUTSIDE)
async def test_a_utility_stays_in_the_workspace(engine_in: EngineIn, tmp_path: Path, word: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(Forbidden):
            await utility(engine, "sndinfo", word)


async def test_a_link_out_of_the_workspace_is_no_way_out(engine_in: EngineIn, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    a_sound_in(tmp_path)
    (inside / "link.wav").symlink_to(tmp_path / "take.wav")
    async with engine_in(inside, "step") as engine:
        with pytest.raises(Forbidden):
            await utility(engine, "sndinfo", "link.wav")


@pytest.mark.usefixtures("bad_drivers")
async def test_a_utility_can_be_cancelled(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        command = Command("csound.runUtility", ["sndinfo", ["sndinfo"]], "somebody", request=7)
        engine.call(command, answered.set_result)
        await heard.until(lambda: heard.of(MessagePrinted))
        assert engine.cancel("somebody", 7)
        assert isinstance((await answered).error, Cancelled)


async def test_an_isolated_call_is_no_part_of_a_list_of_calls(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        answers = cast("list[dict[str, object]]", await do(engine, "engine.batch", [("csound.modules", [])]))
        assert cast("dict[str, object]", answers[0]["error"])["code"] == WrongState.code
