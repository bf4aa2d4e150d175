"""What libcsound and Csound do wrong with callbacks, and that it does not reach a client.

On the native engine only: the faults are those of the library and of its binding. Each program runs in a process of
its own, as Csound lives once in a process and some of the faults end it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from csoundd.engine.backends.guarding import guarded
from tests.backends.engines import needs_native

pytestmark = needs_native

ROOT = Path(__file__).parents[2]
BENCH = """
import ctypes, gc
from csoundd.api.compiling import Compiling
from csoundd.engine.backends.backend import BackendOptions
from csoundd.engine.backends.native.backend import NativeBackend
from csoundd.engine.backends.native.libraries import chosen
from csoundd.engine.backends.native.library import load
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.engine.backends.handles import Handles
from csoundd.engine.workspace import Workspace

LIBRARY = chosen()
told = []
surroundings = Surroundings(Workspace("."), Handles(1), lambda topic, data: told.append((topic, data)))
surroundings.heard = frozenset({"outvalue", "graphs", "files", "midi", "keyboard", "invalue"})

def compiler(backend):
    return next(family for family in backend.families if isinstance(family, Compiling))

def played(code, cycles=5):
    backend = NativeBackend(BackendOptions("step", library=LIBRARY), surroundings)
    assert compiler(backend).compileOrc("sr = 48000\\nksmps = 64\\n0dbfs = 1\\n" + code) == 0
    assert backend.start() == 0
    for _ in range(cycles):
        backend.cycle()
    return backend
"""


def run(folder: Path, program: str, typed: str | None = None) -> None:
    """Run ``program`` after BENCH; it has to come to its end, with ``typed`` on its standard input."""
    code = BENCH + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "LIBCSOUND_INSTALL": "0"},
        input=typed,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "symbol",
    [
        "csoundSetMakeGraphCallback",
        "csoundSetDrawGraphCallback",
        "csoundSetKillGraphCallback",
        "csoundSetExitGraphCallback",
        "csoundSetIsGraphable",
        "csoundSetFileOpenCallback",
    ],
)
def test_setters_that_libcsound_does_not_declare_are_declared_by_us(tmp_path: Path, symbol: str) -> None:
    run(
        tmp_path,
        f"""
        undeclared = load(LIBRARY.path).libcsound.{symbol}
        undeclared.argtypes = None
        played('gitab ftgen 1, 0, 8, -2, 0, 1\\ninstr 1\\nfout "a.wav", 4, a(0)\\nendin\\nschedule(1, 0, 1)')
        assert {{"graphs", "files"}} <= {{topic for topic, _ in told}}
        """,
    )


def test_callbacks_are_not_collected(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        backend = played('instr 1\\nk1 sensekey\\nk2 invalue "a"\\noutvalue "b", k2 + k1\\nendin\\nschedule(1, 0, -1)')
        for n in range(50):
            gc.collect()
            litter = [ctypes.CFUNCTYPE(None)(lambda: None) for _ in range(100)]
            surroundings.feeds.push_invalues([{"a": float(n)}, None, None])
            backend.cycle()
        assert ("outvalue", {"name": "b", "value": 48.0}) in told
        """,
    )


def test_keyboard_callbacks_are_there_once_however_often_csound_is_reset(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        backend = played("")
        for _ in range(3):
            backend.reset()
        orchestra = 'sr = 48000\\nksmps = 64\\ninstr 1\\nk1 sensekey\\noutvalue "key", k1\\nendin\\nschedule(1, 0, -1)'
        assert compiler(backend).compileOrc(orchestra) == 0
        backend.start()
        surroundings.feeds.push_keys([[97, None], [98, None], [99, None]])
        for _ in range(5):
            backend.cycle()
        keys = [data["value"] for topic, data in told if topic == "outvalue" and data["value"] > 0]
        assert keys == [97.0, 98.0, 99.0], told
        """,
    )


def test_sensekey_leaves_the_input_of_the_process_alone(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        played('instr 1\\nk1 sensekey\\noutvalue "key", k1\\nendin\\nschedule(1, 0, -1)')
        assert not [data for topic, data in told if topic == "outvalue" and data["value"] > 0]
        """,
        typed="qqqqqqqq",
    )


def test_libcsounds_own_way_to_press_a_key_is_not_taken(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        from csoundd.engine.host.feeding import HostKeyboard

        load(LIBRARY.path).Csound.keyPress = None
        HostKeyboard(surroundings).keyPress("a")
        played('instr 1\\nk1 sensekey\\noutvalue "key", k1\\nendin\\nschedule(1, 0, -1)')
        assert ("outvalue", {"name": "key", "value": 97.0}) in told
        """,
    )


def test_outvalue_is_told_once_at_its_beginning(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        played('instr 1\\noutvalue "a", 5\\nendin\\nschedule(1, 0, -1)', cycles=1)
        assert [data for topic, data in told if topic == "outvalue"] == [{"name": "a", "value": 5.0}], told
        """,
    )


def test_a_callback_that_raises_answers_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> int:
        raise RuntimeError("inside")

    with caplog.at_level(logging.ERROR, "csoundd.engine.host"):
        assert guarded(broken, 7)() == 7
    assert "inside" in caplog.text


def test_a_fault_in_a_callback_leaves_the_performance_alone(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        def broken(topic, data):
            raise RuntimeError("inside")

        surroundings.tell = broken
        code = 'instr 1\\nk1 invalue "a"\\noutvalue "b", k1\\nmidiout 144, 1, 60, 9\\nendin\\nschedule(1, 0, -1)'
        backend = played(code)
        assert backend.cycle() == 0
        """,
    )
