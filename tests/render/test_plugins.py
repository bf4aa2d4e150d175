"""Which plug-ins a piece is taken to need: every one that it may name, and all of them where that is not known."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from csoundd.render.plugins import Plugins, learn
from csoundd.render.pool import placed_engine
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import SINE

OPCODES = {
    "libmixer.so": frozenset({"MixerSend", "MixerReceive"}),
    "libosc.so": frozenset({"OSCsend"}),
    "libpadsynth.so": frozenset[str](),
    "librtalsa.so": frozenset[str](),
}


@pytest.mark.native
def test_what_brings_generators_of_tables_is_always_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    library = placed_engine(needed("native:7")).library
    assert library is not None
    process = multiprocessing.get_context("fork").Process(target=learn, args=(library.path, library.plugin_folders[0]))
    process.start()
    process.join()
    found = Plugins.known(library.path, library.plugin_folders[0])
    assert found is not None
    assert "libmp3in.so" in (found.needed(csd(SINE, 'f1 0 0 49 "a.mp3" 0 1'), ()) or [])


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (tmp_path / "chosen").mkdir()
    for name in OPCODES:
        (folder / name).touch()
    return Plugins(folder, tmp_path / "chosen", OPCODES)


def test_what_brings_no_opcodes_is_needed_by_every_piece_and_a_driver_by_none(plugins: Plugins) -> None:
    assert plugins.needed(csd(SINE, "i1 0 1"), ()) == ["libpadsynth.so"]


def test_an_opcode_that_is_named_is_there(plugins: Plugins) -> None:
    text = csd(SINE.replace("  out(", "  MixerSend(asound, 1, 1, 0)\n  out("), "i1 0 1")
    assert plugins.needed(text, ()) == ["libmixer.so", "libpadsynth.so"]


def test_a_driver_is_there_where_options_name_one(plugins: Plugins) -> None:
    assert plugins.needed(csd(SINE, "i1 0 1"), ("-+rtaudio=alsa",)) == ["libpadsynth.so", "librtalsa.so"]


def test_an_opcode_in_a_macro_of_the_command_line_is_there(plugins: Plugins) -> None:
    assert plugins.needed(csd(SINE, "i1 0 1"), ("--omacro:X=OSCsend",)) == ["libosc.so", "libpadsynth.so"]


@pytest.mark.parametrize(
    "code",
    ['#include "more.inc"', "i_ = compilestr(S)", "a1 OSC$WHAT", "a1 $A.$B 1", "a1 $M(3).send", "a1 Mix\\\nerSend 1"],
)
def test_a_piece_whose_words_are_not_all_there_has_all_of_them(plugins: Plugins, code: str) -> None:
    text = csd(code + "\n" + SINE, "i1 0 1")
    assert plugins.needed(text, ()) is None
    assert plugins.chosen(text, ()) == plugins.folder


def test_the_folder_of_a_piece_has_links_to_what_it_needs(plugins: Plugins) -> None:
    folder = plugins.chosen(csd(SINE, "i1 0 1"), ())
    assert {each.name: each.resolve() for each in folder.iterdir()} == {
        "libpadsynth.so": (plugins.folder / "libpadsynth.so").resolve()
    }
    assert plugins.chosen(csd(SINE, "i1 0 2"), ()) == folder
