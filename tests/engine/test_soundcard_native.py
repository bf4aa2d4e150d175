"""Drive ``device`` on the carried Csound 7: a module of its own opens the card, or PortAudio, or an error says why."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from csoundd.engine.csound.backend import BackendOptions
from csoundd.engine.csound.native import spec
from csoundd.engine.csound.native.libraries import chosen
from csoundd.engine.csound.native.plugins import default_output
from csoundd.errors import EngineError, EngineUnavailable
from csoundd.messages import MessagePrinted
from tests.backends.engines import needs_7
from tests.engine.listening import Heard, do, engine_in
from tests.engine.test_soundcard import BLOCK, TONE, Card, card, frames_of

__all__ = ["card"]

pytestmark = [needs_7, pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the modules need nothing")]


@pytest.fixture
def without_libraries(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The carried Csound on a machine that has neither ALSA's library nor JACK's: its modules ask for others."""
    library, folder = chosen("native:7"), tmp_path_factory.mktemp("package") / "plugins"
    shutil.copytree(library.plugin_folders[0], folder)
    for module, needed in (("librtalsa.so", b"libasound.so.2"), ("librtjack.so", b"libjack.so.0")):
        path = folder / module
        path.write_bytes(path.read_bytes().replace(needed, needed[:-1] + b"9"))
    spoilt = replace(library, plugin_folders=(str(folder),))
    monkeypatch.setattr(spec, "chosen", lambda _name: spoilt)


@pytest.mark.usefixtures("without_libraries")
async def test_without_the_systems_library_and_the_extra_the_error_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        async with engine_in(tmp_path, "device", engine="native:7"):
            pass
    assert "libasound.so.9" in refused.value.message
    assert "apt-get install libasound2" in str(refused.value.hint)
    assert "pip install 'csoundd[audio]'" in str(refused.value.hint)


@pytest.mark.usefixtures("without_libraries")
async def test_a_module_that_was_asked_for_and_does_not_load_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        async with engine_in(tmp_path, "device", ("-+rtaudio=jack",), engine="native:7"):
            pass
    assert "the audio module jack cannot be loaded" in refused.value.message
    assert "libjack-jackd2-0" in str(refused.value.hint)


async def test_a_module_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="this Csound has no audio module pa_cb"):
        async with engine_in(tmp_path, "device", ("-+rtaudio=pa_cb",), engine="native:7"):
            pass


@pytest.mark.usefixtures("without_libraries")
async def test_with_the_extra_portaudio_plays_what_is_heard(card: Card, tmp_path: Path) -> None:
    card.want("." * 8)
    async with engine_in(tmp_path, "device", ("-odac:Lantern",), engine="native:7") as engine:
        heard = Heard(engine)
        engine.capture(True)
        assert await do(engine, "csound.compileOrc", TONE, True) == 0
        await do(engine, "thread.play")
        await heard.until(lambda: len(frames_of(heard)) >= 8 * BLOCK)
        expected = frames_of(heard)[: 8 * BLOCK] / 32768
        assert np.array_equal(card.played()[: 8 * BLOCK], expected.astype(np.float32))
        assert dict(card.events())["opened"]["device"] == "Lantern"
        assert "ignored" not in "".join(event.text for event in heard.of(MessagePrinted))
        card.remove()


@pytest.mark.parametrize(
    ("options", "added"), [((), ["-odac"]), (("-B2048",), ["-odac"]), (("-odac2",), []), (("-B64 -o dac",), [])]
)
def test_the_output_goes_to_the_card_unless_an_option_says_where(options: tuple[str, ...], added: list[str]) -> None:
    assert default_output(BackendOptions("device", options)) == added


async def test_a_card_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    # A name that no machine has.
    async with engine_in(tmp_path, "device", ("-odac:nosuchcard",), engine="native:7") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", TONE, True)
        with pytest.raises(EngineError):
            await do(engine, "thread.play")
        await heard.until(lambda: any("Cannot open device" in event.text for event in heard.of(MessagePrinted)))
    assert not (tmp_path / "test.wav").exists()
