"""The engine's host dies; the same connection hears the same sound again."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.live.conftest import played
from tests.live.daemon import Daemon, serving
from tests.live.foreign import Client, connected
from tests.live.processes import descendants

ENGINE_CRASHED, TIMEOUT = -32009, -32007
DEFINED = ("freq", "name", "tone", "instr 1")
"""What the piece defines: its channels and its instrument, the header aside."""

DEATHS = [signal.SIGKILL, signal.SIGSEGV] * 5
ENDLESS = "i1 = 1\nwhile i1 == 1 do\n i1 = 1\nod\nreturn i1\n"


@pytest.fixture(scope="module")
def sturdy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon for all of these deaths."""
    with serving(tmp_path_factory.mktemp("sturdy")) as daemon:
        yield daemon


@pytest.fixture
async def client(sturdy: Daemon) -> AsyncIterator[Client]:
    """A client that has begun to play the sine."""
    async with connected(sturdy.url) as connection:
        await connection.call("csound.reset")
        await played(connection)
        yield connection


async def epoch(client: Client) -> int:
    return int((await client.call("engine.info"))["epoch"])


async def kill_host(client: Client, sent: signal.Signals = signal.SIGKILL) -> int:
    pid: int = (await client.call("engine.info"))["pid"]
    os.kill(pid, sent)
    return pid


async def test_the_same_sound_comes_back_after_each_of_ten_kills(client: Client) -> None:
    spout, engine = await client.subscribe("spout"), await client.subscribe("engine")
    before, pids = await epoch(client), set()
    for turn, sent in enumerate(DEATHS):
        frequency = 500.0 + 200 * turn
        await client.call("csound.setControlChannel", "freq", frequency)
        await client.hears(spout, frequency)
        client.frames[engine].clear()
        pids.add(await kill_host(client, sent))
        await client.until(lambda: [f for f in client.frames[engine] if f.data["event"] == "died"])
        client.frames[spout].clear()
        await client.hears(spout, frequency)
        assert await client.call("csound.controlChannel", "freq") == [frequency, 0]
    info = await client.call("engine.info")
    assert len(pids) == len(DEATHS)
    assert (info["epoch"], info["state"]) == (before + len(DEATHS), "playing")


async def test_a_death_is_told_with_its_cause_and_what_was_restored(client: Client) -> None:
    before, engine = await epoch(client), await client.subscribe("engine")
    await kill_host(client, signal.SIGSEGV)
    await client.until(lambda: client.frames[engine] and client.frames[engine][-1].data["event"] == "restored")
    events = [frame.data for frame in client.frames[engine]]
    assert "SIGSEGV" in events[0]["reason"]
    assert events[0] | {"reason": ""} == {"event": "died", "state": "offline", "epoch": before, "reason": ""}
    assert events[-1]["restored"]["code"] == len(DEFINED)
    assert (events[-1]["state"], events[-1]["epoch"]) == ("playing", before + 1)


async def test_every_stream_goes_on_with_the_next_host(client: Client) -> None:
    wishes: list[dict[str, object]] = [
        {"topic": "spout"},
        {"topic": "channels", "names": "freq"},
        {"topic": "audio-channel", "name": "tone"},
        {"topic": "meters"},
        {"topic": "transport"},
    ]
    streams = [(await client.call("stream.subscribe", **wish))["stream"] for wish in wishes]
    engine = await client.subscribe("engine")
    await client.until(lambda: all(client.frames[stream] for stream in streams))
    await kill_host(client)
    await client.until(lambda: client.frames[engine] and client.frames[engine][-1].data["event"] == "restored")
    client.frames.clear()
    await client.until(lambda: all(client.frames[stream] for stream in streams))
    assert client.frames[streams[1]][0].data == {"freq": 440.0}


async def test_a_call_in_flight_is_told_of_the_crash(client: Client) -> None:
    joining = await client.begin("thread.join")
    await client.call("engine.sync")
    await kill_host(client)
    assert (await client.answer_to(joining))["error"]["code"] == ENGINE_CRASHED


async def test_calls_made_while_there_is_no_host_are_answered_by_the_next(client: Client) -> None:
    engine = await client.subscribe("engine")
    await kill_host(client)
    await client.until(lambda: client.frames[engine] and client.frames[engine][0].data["event"] == "died")
    assert await client.call("csound.controlChannel", "freq") == [440.0, 0]


async def test_an_endless_loop_is_ended_at_its_deadline_and_the_sound_comes_back(client: Client) -> None:
    before, spout = await epoch(client), await client.subscribe("spout")
    answer = await client.ask("csound.evalCode", [ENDLESS], deadline=0.5)
    assert answer["error"]["code"] == TIMEOUT
    client.frames[spout].clear()
    await client.hears(spout, 440)
    assert await epoch(client) == before + 1


async def test_a_daemon_told_to_end_while_it_replaces_a_host_ends(daemon: Daemon) -> None:
    async with connected(daemon.url) as client:
        await played(client)
        engine = await client.subscribe("engine")
        await kill_host(client)
        await client.until(lambda: [f for f in client.frames[engine] if f.data["event"] == "died"])
    daemon.terminate()
    daemon.assert_gone()


async def test_a_host_killed_while_it_is_brought_to_where_the_last_one_was_is_replaced_as_well(
    client: Client, sturdy: Daemon
) -> None:
    spout, engine = await client.subscribe("spout"), await client.subscribe("engine")
    await kill_host(client)
    for _ in range(2):
        await client.until(lambda: [f for f in client.frames[engine] if f.data["state"] == "starting"])
        client.frames[engine].clear()
        while not (children := descendants(sturdy.pid)):
            await client.call("session.ping", 0.0)
        os.kill(children[0].pid, signal.SIGKILL)
    client.frames[spout].clear()
    await client.hears(spout, 440)


@pytest.mark.parametrize("opcode", ["exitnow 3", "exitnow"])
async def test_an_orchestra_that_ends_the_program_ends_the_performance_only(
    client: Client, sturdy: Daemon, opcode: str
) -> None:
    engine = await client.subscribe("engine")
    await client.call("csound.compileOrc", f"instr 66\n {opcode}\nendin\nschedule(66, 0, 1)\n")
    await client.until(lambda: [f for f in client.frames[engine] if f.data["state"] == "ended"])
    await client.call("csound.reset")
    await played(client)
    await client.hears(await client.subscribe("spout"), 440)
    assert sturdy.process.poll() is None
