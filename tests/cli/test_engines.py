"""``csoundd engine``: what is here, and what the embedded engine lacks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from csoundd.engine.csound.wasm.build.install import place
from tests.backends.engines import needs_native, needs_wasm
from tests.live.daemon import finished


def asked(folder: Path, *words: str, cache: Path | None = None) -> Any:
    """The JSON that ``csoundd engine`` prints, perhaps with another cache."""
    extra = {} if cache is None else {"XDG_CACHE_HOME": str(cache)}
    ended = finished("engine", *words, "--json", folder=folder, extra=extra)
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def row(engines: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(engine for engine in engines if engine["engine"] == name)


@needs_native
@needs_wasm
def test_both_engines_are_listed_and_the_library_is_preferred(tmp_path: Path) -> None:
    engines = asked(tmp_path, "list")
    assert row(engines, "wasm")["path"].endswith(".cwasm")
    assert row(engines, "wasm")["auto"] is False
    assert [engine["engine"].partition(":")[0] for engine in engines if engine["auto"]] == ["native"]


def test_an_engine_that_is_not_installed_is_listed_with_what_to_do(tmp_path: Path) -> None:
    embedded = row(asked(tmp_path, "list", cache=tmp_path), "wasm")
    assert (embedded["version"], embedded["auto"]) == ("", False)
    assert embedded["note"] == "not installed: csoundd engine install wasm"


@needs_wasm
def test_a_damaged_engine_is_listed_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = place().module.parent
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shutil.copytree(original, place().module.parent)
    place().compiled.write_bytes(b"damage")
    assert row(asked(tmp_path, "list"), "wasm")["note"] == "damaged: csoundd engine install wasm"


@needs_native
@needs_wasm
def test_opcodes_are_counted_and_who_has_what_others_lack_is_told(tmp_path: Path) -> None:
    told = asked(tmp_path, "opcodes")
    lacking = told["wasm"]["lacks"]
    assert {"OSCinit", "system", "MixerSend"} <= set(lacking)
    assert "oscili" not in lacking
    assert all(holder.startswith("native:") for holder in lacking["MixerSend"])
    assert told["wasm"]["count"] == len(told["wasm"]["opcodes"]) > 1000


@needs_wasm
def test_the_opcodes_of_one_engine_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    present = asked(tmp_path, "opcodes", "wasm")["opcodes"]
    assert "oscili" in present
    assert "OSCinit" not in present


def test_opcodes_of_an_engine_that_is_not_installed_cannot_be_shown(tmp_path: Path) -> None:
    ended = finished("engine", "opcodes", "wasm", folder=tmp_path, extra={"XDG_CACHE_HOME": str(tmp_path)})
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "there is no engine wasm here" in ended.stderr


def test_the_licence_of_csound_is_shown(tmp_path: Path) -> None:
    ended = finished("engine", "list", "--licences", folder=tmp_path)
    assert "Barry Vercoe" in ended.stdout
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in ended.stdout
    assert "END OF TERMS AND CONDITIONS" in ended.stdout
