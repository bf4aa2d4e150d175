"""What Csound prints appears where the script's own output does, unless the script takes it."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import csoundd_client
from csoundd_client import Csound, channelCallbackValue, setDefaultMessageCallback
from tests.live.daemon import PATIENCE, Daemon, environment

pytestmark = [pytest.mark.live, pytest.mark.native]


def test_what_is_printed_is_there_when_the_call_returns(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    cs.message("to the terminal\n")
    assert "to the terminal\n" in capsys.readouterr().err


def test_the_errors_of_code_are_printed(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    assert cs.compileOrc("instr 1\n a1 nosuchopcode 1\nendin\n") == -1
    assert "nosuchopcode" in capsys.readouterr().err


def test_what_is_marked_for_standard_output_goes_there(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    cs.messageS(csoundd_client.CSOUNDMSG_STDOUT, "out\n")
    assert capsys.readouterr().out == "out\n"


def test_a_buffer_takes_it_and_gives_it_back(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    cs.createMessageBuffer()
    cs.message("kept\n")
    assert "kept" in "".join(text for text, _ in cs.iterMessages())
    cs.destroyMessageBuffer()
    assert "kept" not in capsys.readouterr().err
    cs.message("printed again\n")
    assert "printed again" in capsys.readouterr().err


def test_a_buffer_has_what_calls_printed_that_nobody_waited_for(cs: Csound) -> None:
    cs.createMessageBuffer()
    list(cs.iterMessages())
    for number in range(100):
        cs.setControlChannel("told", number)
    cs.eventString("f 99 0 -3 -99 1\n")
    for _ in range(10):
        cs.performKsmps()
    there = cs.messageCnt()
    assert there == len(list(cs.iterMessages()))
    assert there > 0


def test_a_buffer_that_echoes_prints_it_as_well(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    cs.createMessageBuffer(echo=True)
    cs.message("both\n")
    assert "both" in capsys.readouterr().err
    assert "both" in "".join(text for text, _ in cs.iterMessages())


def test_a_function_takes_it(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[bytes] = []
    cs.setMessageStringCallback(0, lambda _csound, _attr, text: told.append(text))
    cs.message("for the function\n")
    assert b"for the function\n" in told
    assert "for the function" not in capsys.readouterr().err


def test_the_function_of_all_takes_it(cs: Csound, capsys: pytest.CaptureFixture[str]) -> None:
    told = threading.Event()
    setDefaultMessageCallback(lambda _csound, _attr, _text, _rest: told.set())
    try:
        cs.message("for all\n")
        assert told.wait(PATIENCE)
    finally:
        setDefaultMessageCallback(None)
    assert "for all" not in capsys.readouterr().err


def test_a_callback_sees_a_table_as_it_is_when_it_is_called(cs: Csound) -> None:
    code = """
    giToken ftgen 1, 0, -4, -2, 0, 0, 0, 0
    instr 1
      tablew p4, 1, giToken
      outvalue "__sync__", 1
    endin
    """
    assert cs.compileOrc(f"sr = 48000\nksmps = 64\nnchnls = 1\n{code}") == 0
    thread = cs.performanceThread()
    thread.play()
    table = cs.table(1)
    assert table is not None
    seen: list[float] = []
    came = threading.Event()

    def sync(_csound: object, name: bytes, value: int, kind: int) -> None:
        assert name == b"__sync__"
        assert channelCallbackValue(value, kind) == 1.0
        seen.append(float(table[1]))
        came.set()

    cs.setOutputChannelCallback(sync)
    thread.scoreEvent(False, "i", [1, 0, 0.1, 7.5])
    assert came.wait(PATIENCE)
    assert seen[0] == 7.5


def test_a_type_has_one_address(cs: Csound) -> None:
    address = cs.varTypePointer("k")
    assert address is not None
    assert address == cs.varTypePointer("k") != cs.varTypePointer("S")
    value = ctypes.c_double(2.5)
    assert cs.channelCallbackValue(ctypes.addressof(value), address) == 2.5
    text = ctypes.create_string_buffer(b"text")
    assert cs.channelCallbackValue(ctypes.addressof(text), cs.varTypePointer("S") or 0) == "text"
    assert cs.varTypePointer("no type") is None


def test_a_function_for_the_end_that_was_registered_before_still_has_its_csound(daemon: Daemon, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import atexit, csoundd_client\n"
        "atexit.register(lambda: print('rate', cs.sr(), csoundd_client.VERSION >= 7000))\n"
        "cs = csoundd_client.Csound()\n",
        "utf-8",
    )
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment({"CSOUNDD_URL": daemon.url}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert result.stdout.startswith("rate ")
    assert result.stdout.endswith("True\n")


def test_a_task_waits_in_the_queue_that_others_look_at(cs: Csound) -> None:
    thread = cs.performanceThread()
    assert thread._processQueue is None
    thread.setProcessQueue()
    ran: list[Csound] = []
    thread.processQueueTask(ran.append)
    thread.flushProcessQueue(PATIENCE)
    assert ran == [cs]
    assert thread._processQueue is not None
    assert thread._processQueue.empty()
