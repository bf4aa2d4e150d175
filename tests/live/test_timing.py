"""The time at which calls run: at a time, late, within a deadline, together, and after a new start."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.live.conftest import played
from tests.live.daemon import Daemon
from tests.live.foreign import Client, Codec, connected
from tests.live.pieces import HEADER

METHOD_NOT_FOUND, INVALID_PARAMS = -32601, -32602
CANCELLED, LATE, TIMEOUT, FORBIDDEN = -32011, -32012, -32007, -32002


@pytest.fixture
async def playing(shared: Daemon, codec: Codec) -> AsyncIterator[Client]:
    """A client with receipts, and the sine playing."""
    async with connected(shared.url, codec) as client:
        await client.call("session.hello", protocol=1, receipts=True)
        await client.call("csound.reset")
        await played(client)
        yield client


async def now(client: Client) -> int:
    return int((await client.call("engine.sync"))["sample"])


SET: tuple[str, list[object]] = ("csound.setControlChannel", ["freq", 500.0])


async def test_a_call_runs_at_its_sample(playing: Client) -> None:
    sample = await now(playing) // 64 * 64 + 9600
    answer = await playing.ask(*SET, at={"sample": sample})
    assert answer["meta"]["sample"] == sample
    assert answer["meta"]["late"] == 0


async def test_a_call_runs_in_the_cycle_that_holds_its_sample(playing: Client) -> None:
    sample = await now(playing) // 64 * 64 + 9600
    answer = await playing.ask(*SET, at={"sample": sample + 40})
    assert answer["meta"]["sample"] == sample


async def test_a_call_runs_at_its_score_time(playing: Client) -> None:
    second = (await playing.call("engine.sync"))["scoreTime"] + 0.2
    meta = (await playing.ask(*SET, at={"score": second}))["meta"]
    assert meta["scoreTime"] == pytest.approx(second, abs=64 / 48000)


async def test_a_call_runs_after_its_delay(playing: Client) -> None:
    begun = await now(playing)
    meta = (await playing.ask(*SET, at={"delay": 0.2}))["meta"]
    assert meta["sample"] >= begun + 0.15 * 48000


async def test_a_call_runs_at_its_wall_time(playing: Client) -> None:
    begun = await now(playing)
    meta = (await playing.ask(*SET, at={"wall": time.time() + 0.2}))["meta"]
    assert meta["sample"] >= begun + 0.1 * 48000


async def test_calls_in_the_future_keep_nothing_waiting(playing: Client) -> None:
    later = await playing.begin(*SET, at={"delay": 1000})
    assert await playing.call("csound.controlChannel", "freq") == [440.0, 0]
    assert later not in playing.replies


async def test_a_reset_cancels_what_waits(playing: Client) -> None:
    later = await playing.begin(*SET, at={"delay": 1000})
    await playing.call("csound.reset")
    assert (await playing.answer_to(later))["error"]["code"] == CANCELLED


async def test_a_late_call_runs_and_says_how_late(playing: Client) -> None:
    await playing.ask(*SET, at={"delay": 0.1})
    answer = await playing.ask("csound.setControlChannel", ["freq", 600.0], at={"sample": 0})
    assert answer["meta"]["late"] == pytest.approx(answer["meta"]["sample"] / 48000, abs=0.01)
    assert await playing.call("csound.controlChannel", "freq") == [600.0, 0]


async def test_a_late_call_is_dropped_where_that_is_asked_for(playing: Client) -> None:
    await playing.ask(*SET, at={"delay": 0.1})
    answer = await playing.ask("csound.setControlChannel", ["freq", 600.0], at={"sample": 0}, late="drop")
    assert answer["meta"]["dropped"] is True
    assert answer["result"] is None
    assert await playing.call("csound.controlChannel", "freq") == [500.0, 0]


async def test_a_late_call_fails_where_that_is_asked_for(playing: Client) -> None:
    await playing.ask(*SET, at={"delay": 0.1})
    answer = await playing.ask("csound.setControlChannel", ["freq", 600.0], at={"sample": 0}, late="error")
    assert answer["error"]["code"] == LATE
    assert answer["error"]["data"]["late"] > 0
    assert await playing.call("csound.controlChannel", "freq") == [500.0, 0]


async def test_a_call_past_its_deadline_times_out_and_the_connection_goes_on(playing: Client) -> None:
    answer = await playing.ask("thread.join", deadline=0.2)
    assert answer["error"]["code"] == TIMEOUT
    assert await playing.call("csound.controlChannel", "freq") == [440.0, 0]


async def test_a_batch_is_one_cycle(playing: Client) -> None:
    requests: list[dict[str, object]] = [
        {"method": "engine.sync"},
        {"method": "csound.setControlChannel", "params": ["freq", 700.0]},
        {"method": "csound.controlChannel", "params": {"name": "freq"}},
        {"method": "csound.setAudioChannel", "params": ["tone", [0.0]]},
        {"method": "engine.sync"},
    ]
    answer = await playing.ask("engine.batch", [requests])
    results: list[Any] = answer["result"]
    assert results[1:3] == [{"result": None}, {"result": [700.0, 0]}]
    assert results[3]["error"]["code"] == INVALID_PARAMS
    assert results[0]["result"] == results[4]["result"]
    assert results[0]["result"]["sample"] == answer["meta"]["sample"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"method": "csound.nope"}, METHOD_NOT_FOUND),
        ({"method": "csound.setControlChannel", "params": ["freq", "x"]}, INVALID_PARAMS),
    ],
    ids=repr,
)
async def test_a_batch_with_a_call_that_cannot_be_made_does_nothing(
    playing: Client, bad: dict[str, object], code: int
) -> None:
    good = {"method": "csound.setControlChannel", "params": ["freq", 700.0]}
    answer = await playing.ask("engine.batch", [[good, bad]])
    assert (answer["error"]["code"], answer["error"]["data"]["call"]) == (code, 1)
    assert await playing.call("csound.controlChannel", "freq") == [440.0, 0]


async def test_a_batch_runs_at_its_time(playing: Client) -> None:
    sample = await now(playing) // 64 * 64 + 9600
    requests = [{"method": "engine.sync"}, {"method": "csound.setControlChannel", "params": ["freq", 800.0]}]
    answer = await playing.ask("engine.batch", [requests], at={"sample": sample})
    assert answer["result"][0]["result"]["sample"] == sample


async def test_sync_answers_when_what_came_before_has_run(playing: Client) -> None:
    for value in range(200):
        await playing.say({"jsonrpc": "2.0", "method": "csound.setControlChannel", "params": ["freq", float(value)]})
    await playing.call("engine.sync")
    assert await playing.call("csound.controlChannel", "freq") == [199.0, 0]


async def test_panic_ends_every_note(playing: Client) -> None:
    spout = await playing.subscribe("spout")
    await playing.hears(spout, 440)
    await playing.call("engine.panic")
    await playing.hears(spout, 0)
    assert (await playing.call("engine.info"))["state"] == "playing"


async def test_a_restart_begins_clean_with_other_options(shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as client:
        await client.call("csound.reset")
        await played(client)
        engine = await client.subscribe("engine")
        before = await client.call("engine.info")
        info = await client.call("engine.restart", ["--ksmps=32"])
        assert (info["state"], info["epoch"]) == ("ready", before["epoch"] + 1)
        assert info["pid"] != before["pid"]
        assert await client.call("csound.controlChannel", "freq") == [0.0, 0]
        await client.call("csound.compileOrc", HEADER)
        await client.call("thread.play")
        assert await client.call("csound.ksmps") == 32
        await client.until(lambda: [f for f in client.frames[engine] if f.data["state"] == "playing"])
        await client.call("engine.restart")


async def test_a_restart_refuses_options_of_the_daemons_own(shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as client:
        answer = await client.ask("engine.restart", [["--port=1234"]])
        assert answer["error"]["code"] == FORBIDDEN
        assert await client.call("csound.ksmps") > 0
