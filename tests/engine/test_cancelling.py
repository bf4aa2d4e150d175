"""Calls that wait: they block nobody, and may be told to wait no longer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import Cancelled, Timeout
from csoundd.messages import At, Command, Outcome, RequestId, Seconds
from tests.engine.listening import PATIENCE, TONE, at_sample, do, engine_in

ENDLESS = "ix = 0\nwhile ix < 1 do\n  ix = 0\nod\n"
SLOW = "icount = 0\nwhile icount < 120000000 do\n  icount += 1\nod\nreturn 7\n"


def sent(
    engine: Engine, request: RequestId, method: str, *args: object, at: At | None = None, session: str = "me"
) -> asyncio.Future[Outcome]:
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    engine.call(Command(method, list(args), session, at, deadline=None, request=request), answered.set_result)
    return answered


async def outcome(answered: asyncio.Future[Outcome]) -> Outcome:
    return await asyncio.wait_for(answered, PATIENCE)


async def started(engine: Engine) -> None:
    await do(engine, "csound.compileOrc", TONE, True)
    await do(engine, "csound.start")


@pytest.mark.parametrize(
    ("method", "args"), [("csound.perform", []), ("thread.join", []), ("csound.sleep", [60_000])], ids=str
)
async def test_what_waits_can_be_cancelled(tmp_path: Path, method: str, args: list[object]) -> None:
    async with engine_in(tmp_path) as engine:
        await started(engine)
        waiting = sent(engine, 7, method, *args)
        await do(engine, "engine.sync")
        assert engine.cancel("me", 7)
        assert isinstance((await outcome(waiting)).error, Cancelled)
        assert not engine.cancel("me", 7)


async def test_a_performance_goes_on_when_nobody_waits_for_it(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await started(engine)
        first, second = sent(engine, 1, "csound.perform"), sent(engine, 2, "thread.join")
        await do(engine, "engine.sync")
        engine.cancel("me", 1)
        await outcome(first)
        assert engine.state == "playing"
        await do(engine, "thread.stop")
        assert (await outcome(second)).error is None


async def test_what_waits_for_its_time_does_not_run_once_cancelled(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        waiting = sent(engine, "a", "csound.setControlChannel", "freq", 880.0, at=at_sample(64))
        kept = sent(engine, "b", "csound.setControlChannel", "level", 0.5, at=at_sample(64))
        assert engine.cancel("me", "a")
        assert isinstance((await outcome(waiting)).error, Cancelled)
        for _ in range(3):
            await do(engine, "csound.performKsmps")
        assert (await outcome(kept)).error is None
        assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]
        assert await do(engine, "csound.controlChannel", "level") == [0.5, 0]


async def test_what_has_run_is_answered_with_its_result(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        running = sent(engine, 1, "csound.compileOrc", TONE, True)
        assert engine.cancel("me", 1)
        assert await outcome(running) == Outcome(0, None, (await running).receipt)


async def test_only_its_own_session_can_cancel_a_call(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        waiting = sent(engine, 1, "csound.sleep", 200, session="another")
        assert not engine.cancel("me", 1)
        assert (await outcome(waiting)).error is None


async def test_a_session_that_is_over_waits_for_nothing_and_what_it_put_off_still_runs(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        waiting = sent(engine, 1, "thread.join")
        other = sent(engine, 1, "thread.join", session="another")
        later = sent(engine, 2, "csound.setControlChannel", "freq", 880.0, at=at_sample(64))
        engine.release("me")
        assert isinstance((await outcome(waiting)).error, Cancelled)
        for _ in range(3):
            await do(engine, "csound.performKsmps")
        assert (await outcome(later)).error is None
        assert not other.done()
        await do(engine, "thread.stop")
        assert (await outcome(other)).error is None


async def test_what_timed_out_does_not_run_later(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await started(engine)
        asked = asyncio.get_running_loop().create_future()
        command = Command("thread.join", [], "me", deadline=Seconds(0.1))
        engine.call(command, asked.set_result)
        assert isinstance((await outcome(asked)).error, Timeout)
        assert engine.state == "ready"


@pytest.mark.parametrize("clock", ["sample", "score"])
@pytest.mark.parametrize(("method", "args"), [("thread.join", []), ("csound.compileOrc", [ENDLESS, True])], ids=str)
async def test_a_deadline_counts_from_the_time_that_a_call_waited_for(
    tmp_path: Path, clock: Literal["sample", "score"], method: str, args: list[object]
) -> None:
    async with engine_in(tmp_path) as engine:
        await started(engine)
        await do(engine, "thread.play")
        await do(engine, "csound.sleep", 50)
        asked: list[asyncio.Future[Outcome]] = []
        for moment in (0.0, {"sample": 1e9, "score": 1e6}[clock]):
            asked.append(asyncio.get_running_loop().create_future())
            at = At(clock, moment)
            engine.call(Command(method, args, "me", at, deadline=Seconds(0.3)), asked[-1].set_result)
        assert isinstance((await outcome(asked[0])).error, Timeout)
        assert not asked[1].done()


async def test_calls_that_wait_keep_nobody_from_being_answered(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await started(engine)
        waiting = [sent(engine, number, method) for number, method in enumerate(["csound.perform", "thread.join"] * 50)]
        assert await do(engine, "csound.sr") == 48000.0
        await do(engine, "thread.flushMessageQueue")
        await do(engine, "thread.stop")
        assert len([await outcome(answer) for answer in waiting]) == 100


async def test_evaluating_is_given_up_after_its_timeout_and_the_engine_lives(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await started(engine)
        pid = engine.info().pid
        with pytest.raises(Timeout, match=r"0\.05 s"):
            await do(engine, "thread.evalCode", SLOW, None, 0.05)
        assert await do(engine, "thread.evalCode", "return 2 + 2\n", None, PATIENCE) == 4.0
        assert engine.info().pid == pid


async def test_a_batch_with_a_time_runs_at_that_time(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        calls = [["csound.setControlChannel", ["freq", 880.0]], ["csound.controlChannel", ["freq"]]]
        waiting = sent(engine, 1, "engine.batch", calls, at=at_sample(128))
        for _ in range(2):
            assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]
            await do(engine, "csound.performKsmps")
        await do(engine, "csound.performKsmps")
        landed = await outcome(waiting)
        assert landed.result == [{"result": None}, {"result": [880.0, 0]}]
        assert landed.receipt is not None
        assert landed.receipt.sample == 128
