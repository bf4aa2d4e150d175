"""Faults of Csound's around callbacks, which do not reach a client.

On the native engines only: the faults are those of the library and of its binding. Each program runs in a process of
its own, as Csound lives once in a process and some of the faults end it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from csoundd.engine.csound.binding import guarded
from tests.backends.engines import NATIVE

ROOT = Path(__file__).parents[2]
BENCH = """
import ctypes, gc
from csoundd.api.orchestra import Compiling
from csoundd.engine.csound.backend import BackendOptions
from csoundd.engine.csound.native.backend import NativeBackend
from csoundd.engine.csound.native.libraries import chosen
from csoundd.engine.csound.backend import BackendContext
from csoundd.engine.csound.handles import Handles
from csoundd.engine.workspace import Workspace

told = []
context = BackendContext(Workspace("."), Handles(1), lambda topic, data: told.append((topic, data)))
context.followed = frozenset({"outvalue", "graphs", "files", "midi", "keyboard", "invalue"})

def compiler(backend):
    return next(group for group in backend.groups if isinstance(group, Compiling))

def played(code, cycles=5):
    backend = NativeBackend(BackendOptions("step", library=LIBRARY), context)
    assert compiler(backend).compileOrc("sr = 48000\\nksmps = 64\\n0dbfs = 1\\n" + code) == 0
    assert backend.start() == 0
    for _ in range(cycles):
        backend.cycle()
    return backend
"""


class Run(Protocol):
    """Runs a program after BENCH; it has to come to its end, with ``typed`` on its standard input."""

    def __call__(self, program: str, typed: str | None = None) -> None: ...


@pytest.fixture(params=NATIVE)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    return partial(run_on, request.param, tmp_path)


def run_on(engine: str, folder: Path, program: str, typed: str | None = None) -> None:
    code = f"{BENCH}\nLIBRARY = chosen({engine!r})\n" + textwrap.dedent(program)
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


def test_callbacks_are_not_collected(run: Run) -> None:
    run(
        """
        backend = played('instr 1\\nk1 sensekey\\nk2 invalue "a"\\noutvalue "b", k2 + k1\\nendin\\nschedule(1, 0, -1)')
        for n in range(50):
            gc.collect()
            litter = [ctypes.CFUNCTYPE(None)(lambda: None) for _ in range(100)]
            context.inputs.push_invalues([{"a": float(n)}, None, None])
            backend.cycle()
        assert ("outvalue", {"name": "b", "value": 48.0}) in told
        """,
    )


def test_keyboard_callbacks_are_there_once_however_often_csound_is_reset(run: Run) -> None:
    run(
        """
        backend = played("")
        for _ in range(3):
            backend.reset()
        orchestra = 'sr = 48000\\nksmps = 64\\ninstr 1\\nk1 sensekey\\noutvalue "key", k1\\nendin\\nschedule(1, 0, -1)'
        assert compiler(backend).compileOrc(orchestra) == 0
        backend.start()
        context.inputs.push_keys([[97, None], [98, None], [99, None]])
        for _ in range(5):
            backend.cycle()
        keys = [data["value"] for topic, data in told if topic == "outvalue" and data["value"] > 0]
        assert keys == [97.0, 98.0, 99.0], told
        """,
    )


def test_sensekey_leaves_the_input_of_the_process_alone(run: Run) -> None:
    run(
        """
        played('instr 1\\nk1 sensekey\\noutvalue "key", k1\\nendin\\nschedule(1, 0, -1)')
        assert not [data for topic, data in told if topic == "outvalue" and data["value"] > 0]
        """,
        typed="qqqqqqqq",
    )


def test_outvalue_is_told_once_at_its_beginning(run: Run) -> None:
    run(
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


def test_a_fault_in_a_callback_leaves_the_performance_alone(run: Run) -> None:
    run(
        """
        def broken(topic, data):
            raise RuntimeError("inside")

        context.deliver = broken
        code = 'instr 1\\nk1 invalue "a"\\noutvalue "b", k1\\nmidiout 144, 1, 60, 9\\nendin\\nschedule(1, 0, -1)'
        backend = played(code)
        assert backend.cycle() == 0
        """,
    )
