from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors.channel_cache import FRIENDLY, METHOD
from csoundd.limits import CACHED_READS
from csoundd.messages import Command, Outcome
from tests.engine.listening import PATIENCE, TONE, Heard, do, engine_in, outcome_of

pytestmark = pytest.mark.native


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine that plays, and whose channel ``freq`` has been read often."""
    async with engine_in(tmp_path) as playing:
        await do(playing, "csound.compileOrc", TONE, True)
        await do(playing, "csound.setControlChannel", "freq", 440.0)
        await do(playing, "thread.play")
        await read_often(playing, "freq")
        yield playing


async def read_often(engine: Engine, name: str) -> None:
    await asyncio.gather(*(do(engine, METHOD, name) for _ in range(CACHED_READS)))
    await do(engine, "engine.sync")


@contextmanager
def stopped(engine: Engine) -> Iterator[None]:
    """Have the host do nothing for a moment."""
    pid = engine.info().pid
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_what_is_read_often_is_read_without_the_host(engine: Engine) -> None:
    with stopped(engine):
        assert await do(engine, METHOD, "freq") == [440.0, 0]


async def test_a_get_of_it_alone_is_answered_without_the_host(engine: Engine) -> None:
    with stopped(engine):
        assert await do(engine, FRIENDLY, "freq") == {"freq": 440.0}


async def test_a_get_of_more_than_it_asks_the_host(engine: Engine) -> None:
    await do(engine, "csound.setControlChannel", "fret", 1.0)
    assert await do(engine, FRIENDLY, "fre?") == {"freq": 440.0, "fret": 1.0}
    assert await do(engine, FRIENDLY, ["freq", "fret"]) == {"freq": 440.0, "fret": 1.0}


async def test_a_read_waits_for_what_was_sent_for_nobody_in_particular(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    answers: list[asyncio.Future[Outcome]] = [loop.create_future() for _ in range(2)]
    engine.call(Command("channel.set", [{"freq": 777.0}]), answers[0].set_result)
    engine.call(Command(FRIENDLY, ["freq"], "somebody"), answers[1].set_result)
    async with asyncio.timeout(PATIENCE):
        assert [answer.result for answer in await asyncio.gather(*answers)] == [None, {"freq": 777.0}]


async def test_a_set_is_seen_by_whoever_was_told_of_it(engine: Engine) -> None:
    for value in (220.0, 330.0, 550.0):
        await do(engine, "csound.setControlChannel", "freq", value)
        assert await do(engine, METHOD, "freq") == [value, 0]


async def test_code_that_sets_it_is_seen(engine: Engine) -> None:
    await do(engine, "csound.evalCode", 'chnset 123, "freq"\nreturn 0')
    assert await do(engine, METHOD, "freq") == [123.0, 0]


async def test_a_read_waits_for_what_its_session_sent_before(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    answers: list[asyncio.Future[Outcome]] = [loop.create_future() for _ in range(2)]
    engine.call(Command("csound.setControlChannel", ["freq", 777.0], "somebody"), answers[0].set_result)
    engine.call(Command(METHOD, ["freq"], "somebody"), answers[1].set_result)
    async with asyncio.timeout(PATIENCE):
        assert [answer.result for answer in await asyncio.gather(*answers)] == [None, [777.0, 0]]


async def test_it_follows_the_performance_and_says_when_it_was_read(engine: Engine) -> None:
    await do(engine, "csound.compileOrc", 'instr 2\nchnset timeinsts(), "freq"\nendin\nschedule(2, 0, -1)\n', True)
    first = await outcome_of(engine, METHOD, "freq")
    assert first.receipt is not None
    async with asyncio.timeout(PATIENCE):
        while (later := await outcome_of(engine, METHOD, "freq")).result == first.result:
            await do(engine, "engine.sync")
    assert later.receipt is not None
    assert later.receipt.cycle > first.receipt.cycle
    assert later.receipt.sample == later.receipt.cycle * 64
    assert later.receipt.score_time == pytest.approx(later.receipt.sample / 48000)


async def test_a_channel_that_is_not_there_stays_so(engine: Engine) -> None:
    await read_often(engine, "nobody made this")
    assert await do(engine, METHOD, "nobody made this") == [0.0, 0]
    await do(engine, "csound.setControlChannel", "nobody made this", 1.5)
    assert await do(engine, METHOD, "nobody made this") == [1.5, 0]


async def test_after_a_reset_it_is_gone(engine: Engine) -> None:
    await do(engine, "csound.reset")
    assert await do(engine, METHOD, "freq") == [0.0, 0]


async def test_a_new_host_is_asked_again(engine: Engine) -> None:
    heard = Heard(engine)
    pid = engine.info().pid
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    await heard.until(lambda: "playing" in heard.states())
    assert await do(engine, METHOD, "freq") == [440.0, 0]
    await read_often(engine, "freq")
    with stopped(engine):
        assert await do(engine, METHOD, "freq") == [440.0, 0]
