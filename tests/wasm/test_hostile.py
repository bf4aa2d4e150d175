from __future__ import annotations

import asyncio
import os
import signal
import wave
from pathlib import Path
from typing import cast

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.process import watchdog
from csoundd.errors import EngineCrashed, Timeout
from csoundd.limits import MIB
from csoundd.messages import Command, MessagePrinted, Seconds, StateChanged
from tests.backends.engines import needs_wasm
from tests.engine.listening import Heard, do, spectral_peak
from tests.wasm.embedded import HEADER, wasm_in

pytestmark = needs_wasm

ENDLESS = "i1 = 1\nwhile i1 == 1 do\n i1 = 1\nod\n"
TONE = f"{HEADER}instr 1\naout oscili 0.2, 500\nouts aout, aout\nendin\nschedule(1, 0, -1)\n"
SECRET = "the secret of the house\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a secret beside it, and a link in it that leads there."""
    (tmp_path / "secret.txt").write_text(SECRET)
    inside = tmp_path / "workspace"
    inside.mkdir()
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    return inside


async def played(engine: Engine, body: str, cycles: int = 3) -> str:
    """What Csound printed while it performed ``body`` as a note."""
    heard = Heard(engine)
    code = f"{HEADER}instr 1\n{body}\nendin\nschedule(1, 0, 1)\n"
    assert await do(engine, "csound.compileOrc", code, True) == 0
    assert await do(engine, "csound.start") == 0
    for _ in range(cycles):
        await do(engine, "csound.performKsmps")
    return "".join(event.text for event in heard.of(MessagePrinted))


async def replaced(heard: Heard) -> None:
    """Wait until another engine is where the one was that was lost."""
    await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "restored"])


async def goes_on(engine: Engine) -> bool:
    """Whether the engine compiles."""
    return await do(engine, "csound.compileOrc", "instr 9\nendin\n", True) == 0


@pytest.mark.parametrize("path", ["../secret.txt", "/../secret.txt", "{absolute}", "link.txt", "/etc/passwd"])
async def test_no_file_outside_the_workspace_is_read(workspace: Path, path: str) -> None:
    name = path.format(absolute=workspace.parent / "secret.txt")
    async with wasm_in(workspace) as engine:
        printed = await played(engine, f'Sline, iline readfi "{name}"\nprints Sline')
        assert "INIT ERROR" in printed
        assert "secret of the house" not in printed
        assert await goes_on(engine)


@pytest.mark.parametrize("path", ["../made.txt", "/../made.txt", "{absolute}"])
async def test_no_file_outside_the_workspace_is_written(workspace: Path, path: str) -> None:
    made = workspace.parent / "made.txt"
    async with wasm_in(workspace) as engine:
        await played(engine, f'fprints "{path.format(absolute=made)}", "gotcha"')
        assert await goes_on(engine)
    assert not made.exists()


async def test_files_of_the_workspace_are_read_and_written(workspace: Path) -> None:
    (workspace / "here.txt").write_text("hello from here\n")
    async with wasm_in(workspace) as engine:
        printed = await played(engine, 'Sline, iline readfi "here.txt"\nprints Sline\nfprints "there.txt", "written"')
        assert "hello from here" in printed
    assert (workspace / "there.txt").read_text() == "written"


async def test_no_program_is_run_and_the_error_names_the_opcode(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        code = 'instr 1\n ires system_i 1, "touch made"\nendin\n'
        assert await do(engine, "csound.compileOrc", code, True) == -1
        printed = "".join(event.text for event in heard.of(MessagePrinted))
        assert "system_i: not in the embedded engine" in printed
        assert await goes_on(engine)


async def test_an_endless_loop_at_init_time_times_out(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        await do(engine, "csound.start")
        host = engine.info().pid
        with pytest.raises(Timeout):
            await engine.request(Command("csound.compileOrc", [ENDLESS, True], deadline=Seconds(0.5)))
        await replaced(heard)
        assert await goes_on(engine)
        assert engine.info().pid == host


async def test_an_endless_loop_at_performance_time_times_out(workspace: Path) -> None:
    code = f"{HEADER}instr 1\nk1 = 1\nwhile k1 == 1 do\n k1 = 1\nod\nendin\nschedule(1, 0, 1)\n"
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileOrc", code, True) == 0
        await do(engine, "csound.start")
        host = engine.info().pid
        with pytest.raises(Timeout):
            await engine.request(Command("csound.performKsmps", [], deadline=Seconds(0.5)))
        await replaced(heard)
        assert await goes_on(engine)
        assert engine.info().pid == host


async def test_an_instrument_that_hangs_is_not_played_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "CYCLE_SECONDS", 0.5)
    hanging = "instr 9\nk1 = 1\nwhile k1 == 1 do\n k1 = 1\nod\nendin\nschedule(9, 0, 1)\n"
    async with wasm_in(workspace, "clock") as engine:
        assert await do(engine, "csound.compileOrc", TONE, True) == 0
        await do(engine, "thread.play")
        await do(engine, "csound.sleep", 1100)
        heard, host = Heard(engine), engine.info().pid
        assert await do(engine, "csound.compileOrc", hanging, True) == 0
        await heard.until(lambda: engine.epoch == 2 and engine.state == "playing")
        assert spectral_peak(await heard.audio(8192)) == pytest.approx(500, abs=10)
        assert (engine.epoch, engine.info().pid) == (2, host)


async def test_a_recursion_without_end_is_a_trap_that_is_named(workspace: Path) -> None:
    code = "opcode deeper, i, i\n in xin\n iout deeper in + 1\n xout iout\nendop\nigone deeper 1\n"
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", code, True)
        with pytest.raises(EngineCrashed, match="nested too deeply"):
            await do(engine, "csound.start")
        await replaced(heard)
        assert await goes_on(engine)


async def test_allocating_without_end_is_a_trap_that_is_named(workspace: Path) -> None:
    body = "indx = 1\nwhile indx < 1000 do\n ires ftgen 100 + indx, 0, 67108864, -2, 0\n indx += 1\nod"
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        with pytest.raises(EngineCrashed, match="out of memory"):
            await played(engine, body)
        await replaced(heard)
        assert await goes_on(engine)


async def test_a_trap_ends_the_engine_and_not_its_host(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        host = engine.info().pid
        for _ in range(10):
            heard = Heard(engine)
            await do(engine, "csound.start")
            with pytest.raises(EngineCrashed, match="Csound gave up"):
                await do(engine, "csound.evalCode", "exitnow\n")
            await heard.until(lambda: "ready" in heard.states())  # noqa: B023 - it is called in this turn only
        assert engine.info().pid == host


async def test_sound_goes_on_after_a_trap(workspace: Path) -> None:
    async with wasm_in(workspace, "clock") as engine:
        assert await do(engine, "csound.compileOrc", TONE, True) == 0
        await do(engine, "thread.play")
        heard = Heard(engine)
        await heard.audio(4096)
        with pytest.raises(EngineCrashed):
            await do(engine, "csound.evalCode", "exitnow\n")
        await heard.until(lambda: engine.epoch == 2 and engine.state == "playing")
        assert spectral_peak(await heard.audio(8192)) == pytest.approx(500, abs=10)


async def test_a_fault_that_was_sent_from_outside_ends_the_host_which_is_replaced(workspace: Path) -> None:
    async with wasm_in(workspace, "clock") as engine:
        assert await do(engine, "csound.compileOrc", TONE, True) == 0
        await do(engine, "thread.play")
        heard, host = Heard(engine), cast("int", engine.info().pid)
        await heard.audio(4096)
        os.kill(host, signal.SIGSEGV)
        await heard.until(lambda: engine.epoch == 2 and engine.state == "playing")
        assert spectral_peak(await heard.audio(8192)) == pytest.approx(500, abs=10)
        assert engine.info().pid != host


async def test_what_was_called_before_a_trap_was_known_is_run_by_the_next_engine(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        await do(engine, "csound.start")
        calls = [do(engine, "csound.evalCode", "exitnow\n"), do(engine, "csound.setControlChannel", "after", 1.0)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [EngineCrashed, type(None)]
        assert await do(engine, "csound.controlChannel", "after") == [1.0, 0]


async def test_an_engine_that_was_lost_can_be_restarted_with_other_options(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        await do(engine, "csound.start")
        with pytest.raises(EngineCrashed):
            await do(engine, "csound.evalCode", "exitnow\n")
        await engine.restart(["--sample-rate=32000"], "")
        await do(engine, "csound.start")
        assert await do(engine, "csound.sr") == 32000


async def test_a_variable_that_was_set_is_there_after_a_trap(workspace: Path) -> None:
    (workspace / "sounds").mkdir()
    async with wasm_in(workspace) as engine:
        await do(engine, "csound.setGlobalEnv", "SSDIR", "sounds")
        await do(engine, "csound.start")
        with pytest.raises(EngineCrashed):
            await do(engine, "csound.evalCode", "exitnow\n")
        assert await do(engine, "csound.env", "SSDIR") == "sounds"


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A folder outside the workspace with a sound of 480 frames in it."""
    folder = tmp_path / "samples"
    folder.mkdir()
    with wave.open(str(folder / "kick.wav"), "wb") as sound:
        sound.setparams((1, 2, 48000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 480))
    return folder


@pytest.mark.parametrize("name", ["kick.wav", "{absolute}"])
async def test_a_folder_of_samples_is_read(workspace: Path, samples: Path, name: str) -> None:
    path = name.format(absolute=samples / "kick.wav")
    async with wasm_in(workspace, samples=(str(samples),)) as engine:
        assert "isr = 48000" in await played(engine, f'isr filesr "{path}"\nprint isr')


async def test_a_folder_of_samples_is_not_written(workspace: Path, samples: Path) -> None:
    async with wasm_in(workspace, samples=(str(samples),)) as engine:
        await played(engine, f'fprints "{samples / "made.txt"}", "gotcha"')
        assert await goes_on(engine)
    assert not (samples / "made.txt").exists()


async def test_what_is_written_has_the_limit_that_was_set(workspace: Path) -> None:
    async with wasm_in(workspace, max_written=20_000) as engine:
        await played(engine, 'a1 oscili 0.5, 440\nfout "take.raw", 6, a1, a1', cycles=200)
        assert await goes_on(engine)
    assert (workspace / "take.raw").stat().st_size <= 20_000 + 65_536


async def test_memory_has_the_limit_that_was_set(workspace: Path) -> None:
    async with wasm_in(workspace, max_memory=64 * MIB) as engine:
        with pytest.raises(EngineCrashed, match="out of memory"):
            await played(engine, "ires ftgen 1, 0, 16777216, -2, 0")


async def test_what_trapped_is_told_on_the_stream_of_the_engine(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", HEADER, True)
        await do(engine, "csound.start")
        with pytest.raises(EngineCrashed):
            await do(engine, "csound.evalCode", "exitnow\n")
        await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "restored"])
        died = next(event for event in heard.of(StateChanged) if event.event == "died")
        assert "Csound gave up" in str(died.reason)


async def test_what_sounded_before_a_trap_is_brought_back(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileOrc", HEADER + "instr 1\nendin\n", True) == 0
        await do(engine, "csound.setControlChannel", "depth", 0.5)
        await do(engine, "csound.start")
        with pytest.raises(EngineCrashed):
            await do(engine, "csound.evalCode", "exitnow\n")
        await replaced(heard)
        assert await goes_on(engine)
        assert await do(engine, "csound.controlChannel", "depth") == [0.5, 0]


async def test_a_thousand_bad_compiles_change_nothing(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        for number in range(1000):
            assert await do(engine, "csound.compileOrc", f"instr {number}\n nosuch{number} (((\nendin\n", True) == -1
        assert engine.epoch == 1
        assert await goes_on(engine)


async def test_a_pluck_without_a_pitch_costs_the_engine_and_no_more(workspace: Path) -> None:
    async with wasm_in(workspace) as engine:
        heard = Heard(engine)
        code = f"{HEADER}instr 1\nout pluck(p4, p5, p5, 0, 1)\nendin\n"
        assert await do(engine, "csound.compileOrc", code, True) == 0
        assert await do(engine, "csound.start") == 0
        await do(engine, "csound.scoreEvent", "i", [1.0, 0.0, 1.0, 0.5, 0.0])
        with pytest.raises(EngineCrashed):
            await do(engine, "csound.performKsmps")
        await replaced(heard)
        assert await goes_on(engine)
