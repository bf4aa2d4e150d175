from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
import wasmtime

from csoundd.engine.csound import registry
from csoundd.engine.csound.native import libraries
from csoundd.engine.csound.wasm.build.binary import embedded, opened
from csoundd.engine.csound.wasm.build.install import (
    BINARYEN,
    CSOUND,
    digest,
    fetched,
    install,
    pinned,
    place,
    ready,
    usable,
)
from csoundd.errors import EngineUnavailable
from tests.backends.engines import needs_wasm

MODULE = """
(module (import "env" "memory" (memory 1)) (global (mut i32) (i32.const 7))
  (func $malloc (result i32) (i32.const 1)) (func $csoundHidden (result i32) (i32.const 2))
  (func $other) (func (export "csoundSeen") (result i32) (i32.const 3)))
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds what the user's own does."""
    original = place().module.parent
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shutil.copytree(original, place().module.parent)
    return tmp_path


def without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


def silent(_text: str) -> None:
    """Says nothing."""


def test_an_empty_cache_says_what_to_do(cache: Path) -> None:
    assert ready() is None
    with pytest.raises(EngineUnavailable) as refusal:
        usable()
    assert refusal.value.hint == "run csoundd engine install wasm"


def test_without_npm_the_error_names_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_programs(monkeypatch)
    with pytest.raises(EngineUnavailable) as refusal:
        install(silent)
    assert "Node.js" in str(refusal.value.hint)


def test_the_versions_stand_in_the_name(cache: Path) -> None:
    where = place()
    assert where.module.parent.name.startswith(f"wasm-{pinned(CSOUND).version}-")
    assert "wasmtime-" in where.compiled.name


@needs_wasm
def test_a_filled_cache_needs_no_npm(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_programs(monkeypatch)
    assert install(silent) == ready()


@needs_wasm
def test_a_damaged_compilation_is_found_and_made_again(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_programs(monkeypatch)
    whole = digest(place().compiled)
    with place().compiled.open("r+b") as file:
        file.seek(100_000)
        file.write(b"damage")
    assert ready() is None
    assert usable() == ready()
    assert digest(place().compiled) == whole


@needs_wasm
def test_a_damaged_module_is_never_compiled(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_programs(monkeypatch)
    place().compiled.unlink()
    place().module.write_bytes(place().module.read_bytes()[:-1] + b"x")
    with pytest.raises(EngineUnavailable, match="damaged"):
        usable()
    with pytest.raises(EngineUnavailable, match=r"npm|node"):
        install(silent)


def test_another_archive_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "npm").write_text("#!/bin/sh\necho forged > forged.tgz\necho forged.tgz\n")
    (tools / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    with pytest.raises(EngineUnavailable, match="not the one that the lock file pins"):
        fetched(pinned(CSOUND), tmp_path)
    assert not (tmp_path / "forged.tgz").exists()


def test_what_npm_says_of_its_failure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "npm").write_text("#!/bin/sh\necho npm error code ENOTFOUND >&2\nexit 1\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable) as refusal:
        fetched(pinned(CSOUND), tmp_path)
    assert refusal.value.hint == "npm error code ENOTFOUND"


def test_without_any_engine_the_error_names_both(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_programs(monkeypatch)
    monkeypatch.delenv("LIBCSOUNDPATH", raising=False)
    monkeypatch.setattr(libraries, "found", list)
    with pytest.raises(EngineUnavailable) as refusal:
        registry.ensure("auto", silent)
    assert "no Csound library was found" in refusal.value.message
    assert all(word in str(refusal.value.hint) for word in ("libcsound64", "Node.js"))


@pytest.mark.parametrize("name", [CSOUND, BINARYEN])
def test_the_lock_file_pins_by_hash_and_names_no_host(name: str) -> None:
    text = (files("csoundd.engine.csound.wasm.build") / "npm" / "package-lock.json").read_text(encoding="utf-8")
    wanted = json.loads(
        (files("csoundd.engine.csound.wasm.build") / "npm" / "package.json").read_text(encoding="utf-8")
    )
    assert pinned(name).integrity.startswith("sha512-")
    assert pinned(name).version == wanted["dependencies"][name]
    assert '"resolved"' not in text


def test_the_hidden_functions_of_the_api_are_exported() -> None:
    engine = wasmtime.Engine()
    original = bytes(wasmtime.wat2wasm(MODULE))
    exported = {export.name for export in wasmtime.Module(engine, opened(original)).exports}
    assert exported == {"csoundSeen", "csoundHidden", "malloc", "memory", "__stack_pointer"}


def test_a_script_without_a_module_is_refused() -> None:
    with pytest.raises(EngineUnavailable):
        embedded("const nothing = 'here'")
