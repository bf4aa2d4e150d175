"""The classes have what libcsound's have, and take and leave an engine as they should."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import csoundd_client
from csoundd_client import ConnectionLost, Csound, PerformanceThread, connect
from csoundd_client.dropin.constants import CSOUND_ERROR
from csoundd_client.dropin.remote import Call
from tests.dropin.conftest import ORCHESTRA
from tests.live.daemon import Daemon

LISTED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "api" / "csound7-methods.json").read_text(encoding="utf-8")
)["classes"]
METHODS = [(name, method) for name, methods in LISTED.items() for method in methods]

pytestmark = [pytest.mark.live, pytest.mark.native]


def spelled(parameter: inspect.Parameter) -> str:
    name = f"*{parameter.name}" if parameter.kind is parameter.VAR_POSITIONAL else parameter.name
    return name if parameter.default is parameter.empty else f"{name}={parameter.default!r}"


def plain(spelling: str) -> str:
    """A parameter of the list with its default in Python's own spelling."""
    name, _, default = spelling.partition("=")
    return f"{name}={eval(default)!r}" if default else name


def drive(daemon: Daemon) -> str:
    async def asked() -> str:
        async with connect(daemon.url) as client:
            return (await client.engine.info()).drive

    return asyncio.run(asked())


@pytest.mark.parametrize(("kind", "method"), METHODS, ids=[f"{kind}.{method['name']}" for kind, method in METHODS])
def test_a_method_of_libcsound_is_there_with_its_parameters(kind: str, method: dict[str, Any]) -> None:
    function = getattr(getattr(csoundd_client, kind), method["name"])
    _, *parameters = inspect.signature(function).parameters.values()

    assert [spelled(parameter) for parameter in parameters] == [plain(listed) for listed in method["params"]]


def test_the_list_is_whole() -> None:
    assert len(METHODS) == 144 + 23


def test_the_constants_are_libcsounds() -> None:
    for name, value in [
        ("CSOUND_SUCCESS", 0),
        ("CSOUND_ERROR", -1),
        ("CSOUND_OUTPUT_CHANNEL", 32),
        ("PVS_WIN_HANN", 1),
    ]:
        assert getattr(csoundd_client, name) == value
        assert name in csoundd_client.__all__


def test_opcodes_are_listed_in_each_of_their_forms(cs: Csound) -> None:
    forms = [opcode for opcode in cs.getOpcodes() if opcode.name == "adsr"]
    assert {(form.outtypes, form.intypes) for form in forms} == {("k", "iiiio"), ("a", "iiiio")}
    assert isinstance(forms[0], csoundd_client.OpcodeDef)


@pytest.mark.parametrize("option", ["--of-another-version", "-Y", "--port=1234"])
def test_an_option_that_is_refused_is_a_code(cs: Csound, caplog: pytest.LogCaptureFixture, option: str) -> None:
    assert cs.setOption(option) == 1
    assert caplog.records
    assert cs.setOption("--0dbfs=1") == 0


def test_the_url_of_the_environment_is_the_daemons(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSOUNDD_URL", daemon.http)
    with Csound() as cs:
        assert cs.version() >= 6180


def test_an_engine_is_taken_over_clean(daemon: Daemon, started: Csound) -> None:
    started.setControlChannel("level", 5.0)
    with Csound(url=daemon.url) as other:
        assert other.allocatedChannels() == []
        assert other.tableLength(1) == -1


def test_who_attaches_finds_what_is_there_and_leaves_it(daemon: Daemon, started: Csound) -> None:
    started.performKsmps()  # nobody waits for it, until somebody else comes
    with Csound(url=daemon.url, attach=True) as other:
        assert other.currentTimeSamples() == 64
        assert other.tableLength(1) == 8
    assert started.currentTimeSamples() == 64


def test_an_engine_is_left_empty_and_in_its_own_drive(daemon: Daemon) -> None:
    with Csound(url=daemon.url) as cs:
        assert cs.compileOrc(ORCHESTRA) == 0
        cs.performKsmps()
        assert drive(daemon) == "step"
    assert drive(daemon) == "free"
    with Csound(url=daemon.url, attach=True) as later:
        assert later.tableLength(1) == -1


def test_one_that_was_replaced_leaves_the_other_alone(daemon: Daemon) -> None:
    first = Csound(url=daemon.url)
    with Csound(url=daemon.url) as second:
        assert second.compileOrc(ORCHESTRA) == 0
        second.start()
        first.destroy()
        assert second.tableLength(1) == 8


def test_what_nobody_holds_ends_its_session(daemon: Daemon) -> None:
    cs = Csound(url=daemon.url)
    remote = cs.link.remote
    del cs
    gc.collect()
    assert not remote.open


def test_after_its_end_there_is_no_connection(daemon: Daemon) -> None:
    cs = Csound(url=daemon.url)
    cs.destroy()
    cs.destroy()
    with pytest.raises(ConnectionLost):
        cs.version()


def test_a_pointer_is_refused(daemon: Daemon) -> None:
    with pytest.raises(ValueError, match="pointer"):
        Csound(pointer=1, url=daemon.url)


def test_without_a_daemon_it_says_so() -> None:
    with pytest.raises(csoundd_client.ConnectionFailed):
        Csound(url="ws://127.0.0.1:9/ws")


def test_there_is_one_performance_thread(cs: Csound) -> None:
    thread = cs.performanceThread()
    assert cs.performanceThread() is thread
    with pytest.raises(RuntimeError):
        PerformanceThread(cs)


def test_host_data_are_the_scripts_own_object(daemon: Daemon) -> None:
    data = object()
    with Csound(data, url=daemon.url) as cs:
        assert cs.hostData() is data


def test_a_method_that_no_engine_serves_says_so(cs: Csound) -> None:
    with pytest.raises(NotImplementedError):
        cs.appendOpcode("mine", 64, 0, "k", "k", print, print)


def test_a_call_of_the_wire_is_made_as_it_stands(cs: Csound) -> None:
    (state,) = cs.link.remote.send([Call("engine.info")])
    assert state["drive"] == "step"


def test_what_comes_too_late_is_a_code_or_nothing_as_with_libcsound(started: Csound) -> None:
    started.setRTAudioModule("null")
    started.setMidiModule("null")
    assert started.compileCommandLine("csound", "-n", "nowhere.csd") == CSOUND_ERROR


def test_code_may_be_compiled_without_waiting_before_the_start(cs: Csound) -> None:
    assert cs.compileOrc(ORCHESTRA) == 0
    assert cs.compileOrcAsync("giOther = 3") == 0
    assert cs.compileOrcAsync("giThird = 4") == 0
    cs.start()
    assert cs.evalCode("return giOther + giThird") == 7.0
