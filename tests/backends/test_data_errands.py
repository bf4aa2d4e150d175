"""What is done in a throw-away process: listing devices, running utilities; and Csound's environment."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from csoundd.engine import errands
from csoundd.engine.engine import Engine
from csoundd.engine.options import EngineName, HostOptions
from csoundd.engine.supervisor import Supervisor
from csoundd.errors import Cancelled, EngineError, Forbidden, Timeout, WrongState
from csoundd.messages import Changed, Command, Outcome, Printed
from csoundd.wav import WavWriter
from tests.backends.engines import NATIVE
from tests.engine.listening import Heard, do, engine_in

RATE = 48_000
OUTSIDE = ["/etc/passwd", "../take.wav", "-o/tmp/x.wav", "-Wo../x.wav", "|ls", "-i\\x"]


def a_sound_in(folder: Path, name: str = "take.wav") -> None:
    with WavWriter(folder / name, 16) as take:
        take.begin(RATE, 1)
        take.write(np.zeros((RATE // 10, 1)), RATE)


@pytest.fixture
def bad_drivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "MODULE", "tests.backends.bad_driver")
    monkeypatch.setattr(errands, "PATIENCE", 0.5)


async def utility(engine: Engine, *args: str) -> object:
    return await do(engine, "csound.runUtility", args[0], list(args))


async def test_the_modules_are_those_of_one_after_another(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        modules = cast("list[tuple[str, str]]", await do(engine, "csound.modules"))
        first = cast("tuple[str, str, int]", await do(engine, "csound.module", 0))
        assert tuple(first) == (*modules[0], 0)
        assert {kind for _, kind in modules} <= {"audio", "midi"}
        assert tuple(cast("list[object]", await do(engine, "csound.module", len(modules)))) == ("", "", -1)


@pytest.mark.parametrize("method", ["audioDevList", "midiDevList"])
async def test_devices_are_listed_for_the_module_in_use(tmp_path: Path, method: str) -> None:
    async with engine_in(tmp_path, "step", ("-+rtaudio=null", "-+rtmidi=null")) as engine:
        assert await do(engine, "host.modules") == {"audio": "null", "midi": "null"}
        assert await do(engine, f"csound.{method}", True) == []


@pytest.mark.usefixtures("bad_drivers")
async def test_a_driver_that_hangs_costs_nobody_but_its_asker(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(Timeout, match="driver"):
            await do(engine, "csound.audioDevList", True)
        assert await do(engine, "csound.sizeOfMYFLT") == 8


@pytest.mark.usefixtures("bad_drivers")
async def test_a_driver_that_crashes_leaves_the_engine_alone(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        with pytest.raises(EngineError, match="SIGSEGV"):
            await do(engine, "csound.midiDevList", False)
        assert await do(engine, "csound.sizeOfMYFLT") == 8
        assert not [event for event in heard.of(Changed) if event.event == "died"]


async def test_a_list_is_not_asked_for_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine_in(tmp_path, "step") as engine:
        before = await do(engine, "csound.modules")
        monkeypatch.setattr(errands, "MODULE", "tests.backends.bad_driver")
        assert await do(engine, "csound.modules") == before


async def test_a_utility_tells_what_it_finds(tmp_path: Path) -> None:
    a_sound_in(tmp_path)
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        assert await utility(engine, "sndinfo", "take.wav") == 0
        assert "4800 sample frames" in "".join(event.text for event in heard.of(Printed))


async def test_a_utility_writes_into_the_workspace(tmp_path: Path) -> None:
    a_sound_in(tmp_path)
    async with engine_in(tmp_path, "step") as engine:
        assert await utility(engine, "pvanal", "take.wav", "take.pvx") == 0
        assert (tmp_path / "take.pvx").stat().st_size > 0


@pytest.mark.parametrize("args", [("sndinfo", "none.wav"), ("no such utility",)], ids=["file", "name"])
async def test_a_utility_that_fails_says_so_by_its_code(tmp_path: Path, args: tuple[str, ...]) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert await utility(engine, *args) == -1


@pytest.mark.parametrize("word", OUTSIDE)
async def test_a_utility_stays_in_the_workspace(tmp_path: Path, word: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(Forbidden):
            await utility(engine, "sndinfo", word)


async def test_a_link_out_of_the_workspace_is_no_way_out(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    a_sound_in(tmp_path)
    (inside / "link.wav").symlink_to(tmp_path / "take.wav")
    async with engine_in(inside, "step") as engine:
        with pytest.raises(Forbidden):
            await utility(engine, "sndinfo", "link.wav")


@pytest.mark.usefixtures("bad_drivers")
async def test_a_utility_can_be_cancelled(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        command = Command("csound.runUtility", ["sndinfo", ["sndinfo"]], "somebody", request=7)
        engine.call(command, answered.set_result)
        await heard.until(lambda: heard.of(Printed))
        assert engine.cancel("somebody", 7)
        assert isinstance((await answered).error, Cancelled)


async def test_an_errand_is_no_part_of_a_list_of_calls(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        answers = cast("list[dict[str, object]]", await do(engine, "engine.batch", [("csound.modules", [])]))
        assert cast("dict[str, object]", answers[0]["error"])["code"] == WrongState.code


async def again(engine: Engine, how: str) -> None:
    """Another host in the place of this one."""
    heard = Heard(engine)
    if how == "restart":
        await engine.restart([], "")
    else:
        os.kill(cast("int", engine.info()["pid"]), signal.SIGKILL)
        await heard.until(lambda: "ready" in heard.states())


@pytest.mark.parametrize("how", ["restart", "crash"])
async def test_a_variable_holds_for_the_engines_that_follow(tmp_path: Path, how: str) -> None:
    (tmp_path / "samples").mkdir()
    async with engine_in(tmp_path, "step") as engine:
        before = await do(engine, "csound.env", "SSDIR")
        assert await do(engine, "csound.setGlobalEnv", "SSDIR", "samples") == 0
        assert await do(engine, "csound.env", "SSDIR") == before
        await again(engine, how)
        assert await do(engine, "csound.env", "SSDIR") == "samples"
        assert await do(engine, "csound.setGlobalEnv", "SSDIR", None) == 0
        await again(engine, how)
        assert await do(engine, "csound.env", "SSDIR") is None


async def test_an_orchestra_finds_its_files_by_the_variable(tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    a_sound_in(tmp_path / "samples")
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.setGlobalEnv", "SSDIR", "samples")
        await again(engine, "restart")
        await do(engine, "csound.compileOrc", 'gilength filelen "take.wav"\nchnset gilength, "length"', True)
        await do(engine, "csound.start")
        assert await do(engine, "csound.controlChannel", "length") == [0.1, 0]


@pytest.mark.parametrize(("name", "value"), [("PATH", "bin"), ("SSDIR", "/etc"), ("SADIR", "a;../..")])
async def test_a_variable_that_may_not_be_set_is_refused(tmp_path: Path, name: str, value: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(Forbidden):
            await do(engine, "csound.setGlobalEnv", name, value)


async def test_a_variable_set_in_a_list_of_calls_holds_too(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "engine.batch", [("csound.setGlobalEnv", ["SFOUTYP", "AIFF"])])
        await again(engine, "restart")
        assert await do(engine, "csound.env", "SFOUTYP") == "AIFF"


@pytest.mark.parametrize("engine_name", [NATIVE])
async def test_what_csound_refuses_names_the_function_that_is_missing(tmp_path: Path, engine_name: EngineName) -> None:
    async with Supervisor(HostOptions(engine_name, "step", str(tmp_path))) as engine:
        refused = engine.hello.unsupported
        assert len(refused) <= 10
        assert all("csound" in reason for reason in refused.values())
