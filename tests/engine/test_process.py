"""One host process: its end, however late somebody hears of it."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path
from typing import cast
from unittest.mock import AsyncMock, Mock

import pytest

from csoundd.engine.csound.registry import placed
from csoundd.engine.options import HostOptions
from csoundd.engine.process import process, supervisor
from csoundd.engine.process.process import ExitInfo, Process
from csoundd.errors import EngineUnavailable
from tests.engine.listening import PATIENCE, TONE, Heard, do, engine_in

FULL = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
"""What the system says when a process has no descriptors left."""

REASON = "the test has no use for it"


async def test_how_a_host_ended_is_told_after_it_was_let_go_of(tmp_path: Path) -> None:
    options = await asyncio.to_thread(placed, HostOptions(engine="auto", drive="step", realtime=False))
    host = await Process.start(replace(options, workspace=str(tmp_path)), lambda _: None)
    async with asyncio.timeout(PATIENCE):
        await host.greeting
        host.kill(REASON)
        await host.over()
        host.release()
        ended = await host.ended()
    assert (ended.cause, ended.hung, ended.running, ended.performing) == (REASON, True, 0, False)


async def test_a_host_that_died_is_started_once_there_are_descriptors_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "START_AGAIN_SECONDS", 0.05)
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        heard = Heard(engine)
        with monkeypatch.context() as full:
            full.setattr(process, "shared_file", Mock(side_effect=FULL))
            os.kill(cast("int", engine.info().pid), signal.SIGKILL)
            await heard.until(lambda: heard.states().count("offline") > 2)
            assert "too many open files" in cast("str", engine.reason)
        await heard.until(lambda: "ready" in heard.states())
        assert (engine.reason, await do(engine, "csound.ksmps")) == (None, 64)
    assert sum("too many open files" in record.getMessage() for record in caplog.records) == 1


async def test_an_engine_ends_while_none_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with asyncio.timeout(PATIENCE), engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        monkeypatch.setattr(process, "shared_file", Mock(side_effect=FULL))
        os.kill(cast("int", engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: engine.reason is not None and "open files" in engine.reason)
    assert engine.state == "offline"


async def test_an_engine_that_cannot_be_started_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "shared_file", Mock(side_effect=FULL))
    with pytest.raises(EngineUnavailable, match="too many open files"):
        async with engine_in(tmp_path, "step"):
            pass


async def test_a_sandbox_that_signals_end_three_times_in_a_row_may_crash_of_its_own() -> None:
    served = Mock(state="playing", **{"detached.return_value": False})
    watched = supervisor.Supervisor(served)
    presumed = ExitInfo("it was ended by SIGSEGV", True, 0, True, 0.0, host_lives=True, presumed=True)
    for ended in (presumed, presumed, replace(presumed, presumed=False), presumed, presumed, presumed):
        await watched._watched(Mock(ended=AsyncMock(return_value=ended)))
    blamed = [not call.args[0].from_outside for call in served.detached.call_args_list]
    assert blamed == [False, False, False, False, False, True]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("failing", ["socketpair", "pipe", "create_subprocess_exec", "Ring"])
async def test_of_a_host_that_could_not_be_started_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    options = await asyncio.to_thread(placed, HostOptions(workspace=str(tmp_path), drive="step", realtime=False))
    before = descriptors()
    module = {"socketpair": socket, "pipe": os, "create_subprocess_exec": asyncio, "Ring": process}[failing]
    with monkeypatch.context() as full:
        full.setattr(module, failing, Mock(side_effect=FULL))
        with pytest.raises(OSError, match="open files"):
            await Process.start(options, lambda _: None)
    async with asyncio.timeout(PATIENCE):
        while descriptors() > before:  # noqa: ASYNC110 - nobody tells of a descriptor that is closed
            await asyncio.sleep(0)
