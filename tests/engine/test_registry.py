"""Engines by name: those of csoundd, and one that a package brings, served by the host and by a whole daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets.sync.client

from csoundd.engine.csound.registry import BUILT_IN, check_name, place_of, spec_at
from csoundd.engine.csound.spec import AUTO
from csoundd.errors import EngineUnavailable, Unsupported
from tests.engine.listening import Heard, do, engine_in, outcome_of, spectral_peak
from tests.live.daemon import Daemon, finished, serving

SINE = "tests.engine.sine:SPEC"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder in which a package is installed that brings the sine."""
    info = tmp_path / "packages" / "sine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[csoundd.engines]\nsine = {SINE}\n")
    return info.parent


@pytest.mark.parametrize("name", ["native", "native:7", "native:6", "wasm", "/usr/lib/libcsound64.so", SINE])
def test_an_engine_is_found_by_every_name_that_it_has(name: str) -> None:
    assert check_name(name) == name
    assert (place_of(name) in BUILT_IN.values()) is (name != SINE)


def test_auto_is_a_name_and_no_engine() -> None:
    assert (check_name(AUTO), place_of(AUTO)) == (AUTO, None)


def test_names_stand_for_themselves_in_the_registry() -> None:
    assert {name: spec_at(place).name for name, place in BUILT_IN.items()} == {name: name for name in BUILT_IN}


@pytest.mark.parametrize("name", ["steam", "native:", "native:seven", "", "wasm:8"])
def test_what_is_no_engine_is_refused_with_what_is_one(name: str) -> None:
    with pytest.raises(ValueError, match="auto, native, native:7, native:6, wasm"):
        check_name(name)


@pytest.mark.parametrize("place", ["no.such.module:SPEC", "tests.engine.sine:NOTHING", "tests.engine.sine:SR"])
def test_a_place_without_an_engine_is_said_to_be_one(place: str) -> None:
    with pytest.raises(EngineUnavailable, match="no engine"):
        spec_at(place)


async def test_an_engine_of_another_module_is_served_by_the_host(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free", engine=SINE) as engine:
        assert (engine.hello.backend, engine.hello.version) == ("sine", 1000)
        await do(engine, "csound.setControlChannel", "freq", 1000.0)
        assert await do(engine, "csound.controlChannel", "freq") == [1000.0, 0]
        heard = Heard(engine)
        await do(engine, "thread.play")
        assert spectral_peak(await heard.audio(9600)) == pytest.approx(1000.0, abs=10)
        refused = (await outcome_of(engine, "csound.compileOrc", "", True)).error
        assert isinstance(refused, Unsupported)
        assert "nothing to compile" in refused.message


async def test_an_engine_of_another_module_is_reset(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step", engine=SINE) as engine:
        await do(engine, "csound.setControlChannel", "freq", 220.0)
        await do(engine, "csound.reset")
        assert await do(engine, "csound.controlChannel", "freq") == [440.0, 0]


class TestInstalled:
    """The package is installed: its engine has a name."""

    @pytest.fixture
    def daemon(self, tmp_path: Path, packages: Path) -> Iterator[Daemon]:
        root = Path(__file__).parents[2]
        path = f"{packages}:{root}"
        with serving(tmp_path, "--engine", "sine", "--drive", "step", extra={"PYTHONPATH": path}) as daemon:
            yield daemon

    def test_a_daemon_serves_it(self, daemon: Daemon) -> None:
        with websockets.sync.client.connect(daemon.url) as socket:
            socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "engine.info"}))
            socket.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "csound.sr"}))
            answers = {answer["id"]: answer["result"] for answer in (json.loads(socket.recv()) for _ in range(2))}
        assert (answers[1]["backend"], answers[2]) == ("sine", 48000.0)

    def test_it_is_listed(self, tmp_path: Path, packages: Path) -> None:
        path = f"{packages}:{Path(__file__).parents[2]}"
        listed = json.loads(finished("engine", "list", "--json", folder=tmp_path, extra={"PYTHONPATH": path}).stdout)
        assert listed[-1]["engine"] == "sine"
        assert (listed[-1]["version"], listed[-1]["auto"]) == ("1.0", False)
