from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.engine.csound.backend import Lost, SandboxLimits
from csoundd.engine.csound.wasm.binding import WasmBinding
from csoundd.engine.csound.wasm.machine import Machine
from csoundd.engine.csound.wasm.opcodes import lacking, lacking_in
from csoundd.engine.csound.wasm.sandbox import Folders, MessageCollector, machine_in
from csoundd.limits import MIB
from tests.backends.engines import needs_wasm
from tests.wasm.embedded import HEADER

pytestmark = needs_wasm


def machine(folders: Folders, box: SandboxLimits | None = None) -> Machine:
    return machine_in(folders, MessageCollector(), lambda _trap: None, box or SandboxLimits())


def performed(made: Machine, body: str) -> None:
    c = made.c
    csound = c.csoundCreateWasi()
    c.csoundSetHostAudioIO(csound)
    with made.alloc_temp(f"{HEADER}instr 1\n{body}\nendin\nschedule(1, 0, 1)\n") as code:
        assert c.csoundCompileOrc(csound, code, 0) == 0
    assert c.csoundStart(csound) == 0
    for _ in range(200):
        c.csoundPerformKsmps(csound)
    c.csoundReset(csound)


def test_no_more_is_written_than_the_quota(tmp_path: Path) -> None:
    made = machine(Folders(tmp_path, tmp_path), SandboxLimits(written=20_000))
    performed(made, 'a1 oscili 0.5, 440\nfout "take.raw", 6, a1, a1')
    assert (tmp_path / "take.raw").stat().st_size <= 20_000 + 65_536


def test_within_the_quota_everything_is_written(tmp_path: Path) -> None:
    made = machine(Folders(tmp_path, tmp_path))
    performed(made, 'a1 oscili 0.5, 440\nfout "take.raw", 6, a1, a1')
    assert (tmp_path / "take.raw").stat().st_size > 20_000


def test_the_memory_ends_where_its_limit_is(tmp_path: Path) -> None:
    made = machine(Folders(tmp_path, tmp_path), SandboxLimits(memory=64 * MIB))
    with pytest.raises(Lost):
        performed(made, "ires ftgen 1, 0, 16777216, -2, 0")
    assert made.pages() <= 64 * MIB // 65536


def test_views_stay_valid_while_the_memory_grows(tmp_path: Path) -> None:
    made = machine(Folders(tmp_path, tmp_path))
    pointer, pages = made.allocate(8), made.pages()
    number = made.double(pointer)
    made.allocate(100 * MIB)
    assert made.pages() > pages
    number.value = 0.75
    assert made.array(pointer, (1,))[0] == 0.75


def test_an_address_outside_the_memory_is_refused(tmp_path: Path) -> None:
    made = machine(Folders(tmp_path, tmp_path))
    for pointer in (0, made.pages() * 65536, -8):
        with pytest.raises(Lost, match="outside of its memory"):
            made.bytes_at(pointer, 8)


def test_the_workspace_is_only_read_where_the_engine_runs_elsewhere(tmp_path: Path) -> None:
    room, workspace = tmp_path / "room", tmp_path / "workspace"
    room.mkdir()
    workspace.mkdir()
    performed(machine(Folders(room, workspace)), 'fprints "made.txt", "yes"\nfprints "/workspace/made.txt", "no"')
    assert (room / "made.txt").read_text() == "yes"
    assert not (workspace / "made.txt").exists()


def test_only_variables_of_csound_are_seen_and_only_with_folders_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSDIR", f"{tmp_path / 'samples'};/etc")
    monkeypatch.setenv("HOME_SECRET", "hidden")
    assert Folders(tmp_path, tmp_path).variables() == [("SSDIR", "/samples")]


def test_no_opcode_that_is_said_to_be_lacking_is_there(tmp_path: Path) -> None:
    made = machine(Folders(tmp_path, tmp_path))
    names = {opcode.name for opcode in WasmBinding(made).opcodes()}
    assert len(names) > 1300
    assert not names & lacking()


def test_opcodes_are_not_looked_for_in_texts_and_comments() -> None:
    assert lacking_in('; OSCinit\nprints "system"\n/* cbrt */ kx fmax 1, 2') == ["fmax"]


def test_opcodes_of_native_plug_ins_are_known_to_be_lacking() -> None:
    assert lacking_in('ihandle FLpanel "x", 1, 1\na1 STKClarinet 1, 2\npylruni 1') == [
        "FLpanel",
        "STKClarinet",
        "pylruni",
    ]
