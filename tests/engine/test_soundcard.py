"""Drive ``device`` on the embedded engine: the sound card paces the performance, and its troubles are told."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.portaudio import CLOCK
from csoundd.errors import EngineCrashed, EngineError, EngineUnavailable
from csoundd.messages import AudioBlock, MessagePrinted, StateChanged
from tests.backends.engines import needs_wasm
from tests.engine.listening import PATIENCE, Heard, do, engine_in

pytestmark = needs_wasm

FAKE = Path(__file__).parent / "card"
BLOCK = 128
HEADER = "sr = 48000\nksmps = 64\nnchnls = 2\nnchnls_i = 2\n0dbfs = 32768\n"
TONE = HEADER + "instr 1\n asig oscili 16384, 440\n outs asig, asig\nendin\nschedule(1, 0, -1)\n"
THROUGH = HEADER + "instr 1\n aleft, aright ins\n outs aleft, aright * 2\nendin\nschedule(1, 0, -1)\n"


class Card:
    """The test's end of the card."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        os.mkfifo(folder / "wants")
        self._wants: int | None = os.open(folder / "wants", os.O_RDWR)

    def want(self, wishes: str) -> None:
        """Take a block for each of these."""
        assert self._wants is not None
        os.write(self._wants, wishes.encode())

    def remove(self) -> None:
        """The card is gone; nobody waits for it any more."""
        if self._wants is not None:
            os.close(self._wants)
            self._wants = None

    def played(self) -> npt.NDArray[np.float32]:
        return np.fromfile(self.folder / "played", np.float32).reshape(-1, 2)

    def events(self) -> list[tuple[str, Any]]:
        lines = (self.folder / "events").read_text().splitlines()
        return [tuple(json.loads(line)) for line in lines]


@pytest.fixture
def card(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    card = Card(tmp_path_factory.mktemp("card"))
    monkeypatch.setenv("FAKE_CARD", str(card.folder))
    monkeypatch.setenv("PYTHONPATH", str(FAKE))
    yield card
    card.remove()


@asynccontextmanager
async def playing(
    card: Card, folder: Path, options: tuple[str, ...] = (), orchestra: str = TONE
) -> AsyncIterator[tuple[Engine, Heard]]:
    """An engine that plays, as far as the card wants it to."""
    async with engine_in(folder, "device", options, engine="wasm") as engine:
        heard = Heard(engine)
        engine.capture(True)
        assert await do(engine, "csound.compileOrc", orchestra, True) == 0
        await do(engine, "thread.play")
        yield engine, heard
        card.remove()


def frames_of(heard: Heard) -> npt.NDArray[np.float64]:
    return np.concatenate([np.zeros((0, 2)), *(event.frames for event in heard.of(AudioBlock))])


async def performed(engine: Engine, blocks: int) -> None:
    """Wait until so many blocks are counted, which the host does in shared memory and tells nobody."""
    async with asyncio.timeout(PATIENCE):
        while engine.sample() < blocks * BLOCK:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)


async def test_no_more_is_performed_than_the_card_wants(card: Card, tmp_path: Path) -> None:
    card.want("....")
    async with playing(card, tmp_path) as (engine, _):
        for blocks, more in ((4, "..."), (7, "")):
            await performed(engine, blocks)
            assert engine.sample() == blocks * BLOCK
            card.want(more)


async def test_the_card_gets_what_is_heard_at_its_own_full_scale(card: Card, tmp_path: Path) -> None:
    card.want("." * 8)
    async with playing(card, tmp_path) as (_, heard):
        await heard.until(lambda: len(frames_of(heard)) >= 8 * BLOCK)
        expected = frames_of(heard)[: 8 * BLOCK] / 32768
        assert np.array_equal(card.played(), expected.astype(np.float32))
        assert np.abs(card.played()).max() == pytest.approx(0.5, abs=0.01)


async def test_options_choose_the_card_and_how_much_waits_in_it(card: Card, tmp_path: Path) -> None:
    card.want(".")
    async with playing(card, tmp_path, ("-odac:Lantern", "-B2048")) as (_, heard):
        await heard.until(lambda: len(frames_of(heard)) >= BLOCK)
        settings = dict(card.events())["opened"]
        assert (settings["device"], settings["channels"], settings["samplerate"]) == ("Lantern", 2, 48000)
        assert settings["latency"] == pytest.approx(2048 / 48000)
        assert "ignored" not in "".join(event.text for event in heard.of(MessagePrinted))


async def test_where_it_is_asked_for_the_orchestra_hears_the_input(card: Card, tmp_path: Path) -> None:
    card.want("..")
    async with playing(card, tmp_path, ("-iadc2",), THROUGH) as (_, heard):
        await heard.until(lambda: len(frames_of(heard)) >= 2 * BLOCK)
        assert np.all(card.played()[: 2 * BLOCK] == [0.25, 0.5])
        assert dict(card.events())["opened"]["device"] == [2, None]


async def test_that_the_card_ran_dry_is_told(card: Card, tmp_path: Path) -> None:
    card.want("..x.")
    async with playing(card, tmp_path) as (_, heard):
        await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "xrun"])
        (told,) = (event for event in heard.of(StateChanged) if event.event == "xrun")
        assert (told.state, told.reason) == ("playing", "the performance came too late for the sound card once so far")


async def test_without_the_card_the_performance_pauses_and_says_so(card: Card, tmp_path: Path) -> None:
    card.want("..!")
    async with playing(card, tmp_path) as (engine, heard):
        await heard.until(lambda: "paused" in heard.states())
        told = next(event for event in heard.of(StateChanged) if event.state == "paused")
        assert told.reason == "the sound card is gone: Device unavailable"
        assert await do(engine, "csound.sizeOfMYFLT") == 8
        card.want("....")
        await do(engine, "thread.play")
        await heard.until(lambda: heard.states()[-1] == "playing")


async def test_a_pause_and_a_reset_leave_the_card_in_peace(card: Card, tmp_path: Path) -> None:
    card.want(".")
    async with playing(card, tmp_path) as (engine, _):
        pausing = asyncio.ensure_future(do(engine, "thread.pause"))
        await asyncio.sleep(0)
        card.want("." * 50)
        await pausing
        await do(engine, "csound.reset")
        assert [event for event, _ in card.events()] == ["opened", "started", "stopped", "closed"]


async def test_the_engine_after_a_trap_plays_on_the_card_again(card: Card, tmp_path: Path) -> None:
    card.want(".")
    async with playing(card, tmp_path) as (engine, heard):
        trapping = asyncio.ensure_future(do(engine, "csound.evalCode", "exitnow\n"))
        await asyncio.sleep(0)
        # Enough for as long as it takes to restore on a loaded machine: this card takes a block at once.
        card.want("." * 20_000)
        with pytest.raises(EngineCrashed):
            await trapping
        await heard.until(lambda: "restored" in [event.event for event in heard.of(StateChanged)])
        await heard.until(lambda: engine.sample() > 0)
        assert [event for event, _ in card.events()] == ["opened", "started", "closed", "opened", "started"]


async def test_a_card_that_cannot_be_opened_is_an_error_and_nothing_plays(card: Card, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "device", engine="wasm") as engine:
        await do(engine, "csound.compileOrc", TONE.replace("48000", "192000"), True)
        for _ in range(2):
            with pytest.raises(EngineError, match="cannot be opened: Invalid sample rate"):
                await do(engine, "thread.play")
        assert engine.state == "ready"


@pytest.mark.parametrize(("outputs", "name", "word"), [(True, "Lantern", "dac0"), (False, "Microphone", "adc1")])
async def test_the_cards_are_listed_under_the_names_that_options_take(
    card: Card, tmp_path: Path, outputs: bool, name: str, word: str
) -> None:
    async with engine_in(tmp_path, "device", engine="wasm") as engine:
        (found,) = cast("list[dict[str, object]]", await do(engine, "csound.audioDevList", outputs))
        assert (found["deviceName"], found["deviceId"], found["isOutput"]) == (name, word, outputs)


async def refusal(folder: Path) -> EngineUnavailable:
    """Why there is no engine."""
    with pytest.raises(EngineUnavailable) as refused:
        async with engine_in(folder, "device", engine="wasm"):
            pass
    return refused.value


async def test_without_a_card_there_is_no_engine_and_the_error_says_why(card: Card, tmp_path: Path) -> None:
    (card.folder / "no card").touch()
    refused = await refusal(tmp_path)
    assert "there is no sound card to play on" in refused.message
    assert refused.hint == CLOCK


@pytest.mark.parametrize(
    ("fault", "hint"), [("ImportError", "pip install 'csoundd[audio]'"), ("OSError", "install PortAudio")]
)
async def test_without_the_extra_or_its_library_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, hint: str
) -> None:
    modules, workspace = tmp_path / "modules", tmp_path / "workspace"
    modules.mkdir()
    workspace.mkdir()
    (modules / "sounddevice.py").write_text(f"raise {fault}('it is not here')\n")
    monkeypatch.setenv("PYTHONPATH", str(modules))
    refused = await refusal(workspace)
    assert hint in str(refused.hint)
