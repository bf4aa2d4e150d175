"""A daemon that plays what it is given, as somebody at a keyboard expects, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.live.daemon import Daemon, serving
from tests.live.engines import EVERY_ENGINE, needed
from tests.live.foreign import Client, connected
from tests.live.pieces import HEADER, csd
from tests.live.programs import free_port

WRONG_STATE = -32003
NOTE = HEADER + "instr 1\n outs oscili(0.3, p4), oscili(0.3, p4)\nendin\n"
SCORED = csd(NOTE, "i1 0 30 440\ne")
BESIDE = csd(NOTE + '#include "half.inc"\n', "i1 0 30 440\ne")
OVER_AT_ONCE = [
    ("instr 1\nendin\n", "e"),
    ("instr 1\nendin\n", "f 0 .001"),
    ("instr 1\nendin\n", "i1 0 .001"),
    ("instr 1\n exitnow 0\nendin\n", "i1 0 1"),
]
ENDING = csd(NOTE, "i1 0 0.2 440\ne")


@pytest.fixture(scope="module", params=EVERY_ENGINE)
def daemon(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon as people start it, without a piece."""
    engine, folder = needed(request.param), tmp_path_factory.mktemp("autoplay")
    (folder / "beside").mkdir()
    (folder / "beside" / "half.inc").write_text("gihalf init 0.5\n")
    (folder / "beside" / "whole.csd").write_text(BESIDE)
    with serving(folder, "--autoplay", "--engine", engine) as running:
        yield running


async def state_of(client: Client) -> str:
    return str((await client.call("engine.info"))["state"])


async def until_heard(client: Client) -> None:
    """Wait for sound."""
    spout = await client.subscribe("spout", block=480)
    await client.until(lambda: any(np.abs(frame.data).max() > 0.2 for frame in client.frames[spout]))
    await client.call("stream.unsubscribe", spout)


async def until_state(client: Client, wanted: str) -> None:
    """Wait for a state that the engine tells of."""
    events = await client.subscribe("engine")
    if await state_of(client) != wanted:
        await client.until(lambda: any(frame.data["state"] == wanted for frame in client.frames[events]))
    await client.call("stream.unsubscribe", events)


async def test_code_and_an_event_sound(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        assert await state_of(client) == "ready"
        assert await client.call("csound.compileOrc", NOTE) == 0
        await until_state(client, "playing")
        await client.call("csound.eventString", "i 1 0 30 440")
        await until_heard(client)


async def test_code_that_does_not_compile_plays_nothing(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        assert await client.call("csound.compileOrc", "instr 1") != 0
        assert await state_of(client) == "ready"


async def test_an_event_before_any_code_is_told(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        messages = await client.subscribe("messages", level="warning")
        await client.call("csound.eventString", "i 1 0 1 440")
        await client.until(lambda: any("nothing has been compiled" in f.data["text"] for f in client.frames[messages]))
        assert await state_of(client) == "ready"


async def test_an_event_plays_what_was_started_by_hand(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        batch = [{"method": "csound.compileOrc", "params": [NOTE]}, {"method": "csound.start", "params": []}]
        await client.call("engine.batch", batch)
        await until_state(client, "playing")
        await client.call("engine.batch", [{"method": "csound.eventString", "params": ["i 1 0 30 440"]}])
        await until_heard(client)


async def test_what_was_paused_stays_so(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        await client.call("csound.compileOrc", NOTE)
        await client.call("thread.pause")
        await client.call("csound.eventString", "i 1 0 1 440")
        assert await state_of(client) == "paused"


async def test_who_performs_what_plays_by_itself_waits_for_its_end(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        await client.call("csound.compileCsdText", ENDING)
        assert await client.call("csound.perform") >= 0
        assert await state_of(client) == "ended"


async def test_who_stopped_it_has_to_begin_again(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        await client.call("csound.compileOrc", NOTE)
        await client.call("thread.stop")
        await client.call("csound.eventString", "i 1 0 1 440")
        assert await state_of(client) == "ended"


async def test_a_piece_takes_the_place_of_another(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        for _ in range(2):
            report = await client.call("engine.load", text=SCORED)
            assert (report["ok"], report["diagnostics"], await state_of(client)) == (True, [], "playing")
            await until_heard(client)


async def test_a_piece_has_the_name_of_its_file_until_the_engine_is_reset(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:

        async def name() -> object:
            return (await client.call("engine.info"))["piece"]

        (daemon.folder / "scored.csd").write_text(SCORED)
        await client.call("engine.load", path="scored.csd")
        assert await name() == "scored.csd"
        await client.call("engine.load", text=SCORED + "\n", path="elsewhere/other.csd")
        assert await name() == "other.csd"
        await client.call("engine.load", text=SCORED)
        assert await name() is None
        await client.call("engine.load", path="scored.csd")
        await client.call("csound.reset")
        assert await name() is None


async def test_a_piece_that_does_not_compile_leaves_what_plays(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("engine.load", text=SCORED)
        epoch = (await client.call("engine.info"))["epoch"]
        broken = SCORED.replace("oscili(0.3, p4), ", "oscilx(0.3, p4), ")
        report = await client.call("engine.load", text=broken)
        line = broken[: broken.index("oscilx")].count("\n") + 1
        assert report["ok"] is False
        assert (line, "error") in [(each["line"], each["severity"]) for each in report["diagnostics"]]
        assert (await state_of(client), (await client.call("engine.info"))["epoch"]) == ("playing", epoch)


async def test_a_piece_whose_header_fails_leaves_what_plays(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("engine.load", text=SCORED)
        epoch = (await client.call("engine.info"))["epoch"]
        broken = SCORED.replace("instr 1\n", 'gilength filelen "missing.wav"\ninstr 1\n')
        (daemon.folder / "broken.csd").write_text(broken)
        line = broken[: broken.index("filelen")].count("\n") + 1
        for call in ({"text": broken}, {"path": "broken.csd"}):
            report = await client.call("engine.load", **call)
            told = [(each["file"], each["line"], each["severity"]) for each in report["diagnostics"]]
            assert (report["ok"], told) == (False, [("", line, "error")]), report
            assert (await state_of(client), (await client.call("engine.info"))["epoch"]) == ("playing", epoch)


async def test_a_header_may_have_a_port_that_the_same_piece_has_while_it_plays(daemon: Daemon) -> None:
    piece = SCORED.replace("instr 1\n", f"gihandle OSCinit {free_port()}\ninstr 1\n")
    async with connected(daemon.url) as client:
        if (await client.call("engine.info"))["backend"] == "wasm":
            pytest.skip("the embedded engine has no network")
        for _ in range(2):
            report = await client.call("engine.load", text=piece)
            assert (report["ok"], await state_of(client)) == (True, "playing"), report


async def test_a_piece_of_the_workspace_finds_what_is_beside_it(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        path, text = str(daemon.folder / "beside" / "whole.csd"), BESIDE
        for call in ({"path": "beside/whole.csd"}, {"path": path, "text": text}):
            report = await client.call("engine.load", **call)
            assert (report["ok"], report["diagnostics"]) == (True, []), report
        assert await client.call("csound.evalCode", "return gihalf") == 0.5
        report = await client.call("engine.load", text=text, path="/elsewhere/whole.csd")
        assert any("workspace" in each["message"] for each in report["diagnostics"])


@pytest.mark.parametrize("call", [{"path": "nowhere.csd"}, {"path": "/etc/hostname"}, {}])
async def test_what_is_no_piece_is_refused(daemon: Daemon, call: dict[str, str]) -> None:
    async with connected(daemon.url) as client:
        assert (await client.refusal("engine.load", **call)).code < 0


@pytest.mark.parametrize(("code", "score"), OVER_AT_ONCE)
async def test_a_piece_that_is_over_at_once_has_played(daemon: Daemon, code: str, score: str) -> None:
    async with connected(daemon.url) as client:
        report = await client.call("engine.load", text=csd(HEADER + code, score))
        assert report["ok"], report
        await until_state(client, "ended")


@pytest.mark.parametrize("engine", EVERY_ENGINE)
async def test_who_serves_a_piece_that_is_over_at_once_is_told_where(engine: str, tmp_path: Path) -> None:
    (tmp_path / "short.csd").write_text(csd(HEADER + "instr 1\nendin\n", "e"))
    with serving(tmp_path, "--autoplay", "--engine", needed(engine), "short.csd") as running:
        async with connected(running.url) as client:
            await until_state(client, "ended")
            assert await client.call("csound.rewindScore") is None


async def test_nothing_is_recorded_of_a_performance_that_is_over(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await client.call("engine.load", text=ENDING)
        await until_state(client, "ended")
        assert (await client.refusal("thread.record", "none.wav", 16, 1)).code == WRONG_STATE
        assert not (daemon.folder / "none.wav").exists()


@pytest.mark.parametrize(("option", "told"), [("-odac", "output to 'dac' is ignored"), ("-iadc", "input is silent")])
async def test_a_piece_for_the_sound_card_is_told_of_the_drive(daemon: Daemon, option: str, told: str) -> None:
    async with connected(daemon.url) as client:
        await client.call("csound.reset")
        messages = await client.subscribe("messages", level="warning")
        text = SCORED.replace("<CsInstruments>", f"<CsOptions>\n{option}\n</CsOptions>\n<CsInstruments>")
        assert await client.call("csound.compileCsdText", text) == 0

        def said() -> str:
            return "".join(frame.data["text"] for frame in client.frames[messages])

        await client.until(lambda: told in said())
        assert "--drive device" in said()


async def test_a_panel_gives_its_channels_their_ranges_and_first_values(daemon: Daemon) -> None:
    panel = '<Cabbage>\nrslider channel("level"), range(0, 0.5, 0.3)\n</Cabbage>\n'
    qt = (
        '<bsbPanel><bsbObject version="2" type="BSBKnob"><objectName>pitch</objectName><minimum>100</minimum>'
        "<maximum>1000</maximum><value>440</value></bsbObject></bsbPanel>\n"
    )
    code = 'instr 1\n kl chnget "level"\n kp invalue "pitch"\n outs oscili(kl, kp), oscili(kl, kp)\nendin\n'
    async with connected(daemon.url) as client:
        await client.call("engine.load", text=panel + csd(HEADER + code, "i1 0 30\ne") + qt)
        await until_heard(client)
        assert await client.call("channel.get", ["level", "pitch"]) == {"level": 0.3, "pitch": 440.0}
        (listed,) = [each for each in await client.call("channel.list") if each["name"] == "level"]
        assert (listed["hints"]["dflt"], listed["hints"]["min"], listed["hints"]["max"]) == (0.3, 0.0, 0.5)


async def test_a_panel_that_joins_what_plays_gives_values_to_its_new_channels_only(daemon: Daemon) -> None:
    panel = (
        '<Cabbage>\nrslider channel("mine"), range(0, 1, 0.3)\nrslider channel("new"), range(0, 1, 0.4)\n</Cabbage>\n'
    )
    async with connected(daemon.url) as client:
        await client.call("engine.load", text=SCORED)
        await client.call("channel.set", {"mine": 0.9})
        code = 'instr 2\n kmine chnget "mine"\n knew chnget "new"\nendin\n'
        assert await client.call("csound.compileCsdText", panel + csd(code, "i2 0 30")) == 0
        assert await client.call("channel.get", ["mine", "new"]) == {"mine": 0.9, "new": 0.4}


async def test_without_it_the_api_is_as_it_is(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-autoplay") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.compileOrc", NOTE) == 0
            await client.call("csound.eventString", "i 1 0 1 440")
            assert await state_of(client) == "ready"


async def test_stepped_nothing_plays_by_itself(tmp_path: Path) -> None:
    with serving(tmp_path, "--autoplay", "--drive", "step") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.compileOrc", NOTE) == 0
            assert await state_of(client) == "ready"
            assert (await client.call("engine.load", text=SCORED))["ok"]
            assert await client.call("csound.performKsmps") is False
