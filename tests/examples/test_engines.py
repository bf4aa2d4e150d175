"""Every piece in examples/ plays on every engine, without a warning of Csound's."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.listening import SR, level, loudness, true_peak, width
from tests.live.daemon import Daemon, serving
from tests.live.engines import EVERY_ENGINE, needed, take
from tests.live.foreign import Client, connected, spectral_peak

FOLDER = Path(__file__).parents[2] / "examples"
PIECES = sorted(path.name for path in FOLDER.glob("*.csd"))
COMPLAINTS = re.compile(r"warning|error|deprecated|renamed", re.IGNORECASE)
HARMLESS = re.compile(r"^\s*(0 errors in performance|WARNING: Seeding from .*)")
"""No complaints: that nothing has happened; that seed 0 is the clock."""
EACH_NOTE = re.compile(r"^(\s+T\s+[\d.]+ TT|rtevent:)")
"""What Csound prints of each note, unless a piece tells it not to."""
SECONDS = 15

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=EVERY_ENGINE)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon on each engine, with the pieces in its workspace."""
    engine, folder = needed(request.param), tmp_path_factory.mktemp("pieces")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    with serving(folder, "--engine", engine, "--drive", "free") as daemon:
        yield daemon
    shutil.rmtree(folder)


@pytest.fixture
async def client(served: Daemon) -> AsyncIterator[Client]:
    async with connected(served.url) as connection:
        yield connection


@pytest.mark.parametrize("name", PIECES)
async def test_a_piece_plays_without_a_warning(served: Daemon, client: Client, name: str) -> None:
    await client.call("csound.reset")
    messages = await client.subscribe("messages")
    heard = await take(client, served.folder, name, SECONDS)
    said = [line for frame in client.frames[messages] for line in frame.data["text"].splitlines()]

    assert [line for line in said if COMPLAINTS.search(line) and not HARMLESS.match(line)] == []
    assert [line for line in said if EACH_NOTE.match(line)] == []
    assert heard.shape == (SECONDS * SR, 2)
    assert np.isfinite(heard).all()
    assert loudness(heard) == pytest.approx(-18, abs=1.5)
    assert true_peak(heard) < -1
    assert level(heard[:SR]) > level(heard) - 10
    assert width(heard) > -16


@pytest.mark.parametrize("name", PIECES)
async def test_its_knobs_say_what_they_do(client: Client, name: str) -> None:
    await client.call("csound.reset")
    assert await client.call("csound.compileCsd", name) == 0
    assert await client.call("csound.start") == 0
    knobs = await client.call("channel.list")
    assert len(knobs) >= 7
    for knob in knobs:
        hints = knob["hints"]
        assert hints["min"] <= hints["dflt"] == knob["value"] <= hints["max"], knob
        assert re.search(r'description="[^"]{8,}"', hints["attributes"]), knob


async def test_who_plays_over_midi_is_heard_in_the_place_of_the_player(served: Daemon, client: Client) -> None:
    key = ["stream.push", "midi", [0x90, 69, 100]]
    alone = ["csound.setControlChannel", "rhythm", 0.0]
    heard = await take(client, served.folder, "nightcap.csd", 2, [key, alone])
    assert spectral_peak(heard) == pytest.approx(440, abs=2)
    # With the player it would be the root of its first chord.
    heard = await take(client, served.folder, "nightcap.csd", 2, [alone])
    assert spectral_peak(heard) != pytest.approx(440, abs=2)


async def test_what_comes_in_is_answered_by_the_harbour(served: Daemon, client: Client) -> None:
    mono = 0.3 * np.sin(2 * np.pi * 330 * np.arange(SR // 2) / SR)
    sound = ["stream.push", "spin", np.stack([mono, mono], axis=1).tolist()]
    alone = ["csound.setControlChannel", "guests", 0.0]
    nothing = await take(client, served.folder, "harbour.csd", 2, [alone])
    assert level(nothing[SR:]) < -80
    heard = await take(client, served.folder, "harbour.csd", 2, [alone, sound])
    assert level(heard[SR:]) > -40
    assert spectral_peak(heard[SR:]) == pytest.approx(330, abs=3)


async def test_a_knob_is_a_channel_with_hints_that_comes_back_after_a_crash(served: Daemon, client: Client) -> None:
    await client.call("csound.reset")
    code = (FOLDER / "lantern.csd").read_text().split("<CsInstruments>")[1].split("</CsInstruments>")[0]
    assert await client.call("csound.compileOrc", code) == 0
    assert await client.call("csound.start") == 0
    await client.call("csound.setControlChannel", "cutoff", 4000.0)
    events = await client.subscribe("engine")
    epoch = (await client.call("engine.info"))["epoch"]
    hints, code_of_hints = await client.call("csound.controlChannelHints", "cutoff")
    assert (code_of_hints, hints["behav"], hints["dflt"], hints["min"], hints["max"]) == (0, 3, 1400, 60, 12000)

    os.kill((await client.call("engine.info"))["pid"], signal.SIGKILL)
    await client.until(lambda: [frame for frame in client.frames[events] if frame.data["epoch"] > epoch])
    assert (await client.call("csound.controlChannel", "cutoff"))[0] == 4000
