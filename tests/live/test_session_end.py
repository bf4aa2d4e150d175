"""What a session has set for itself ends with it: its claim, its drive, its performance, and nothing of the others'."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.daemon import PATIENCE, Daemon, finished, serving
from tests.live.foreign import CODECS, Client, Codec, connected
from tests.live.pieces import TONE

WRONG_STATE, STALE_HANDLE = -32003, -32005
LONG = TONE + "\nschedule(1, 0, 36000)\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with serving(tmp_path_factory.mktemp("ends")) as daemon:
        yield daemon


async def leaving(client: Client) -> None:
    """Break the connection of ``client`` off without a word."""
    client.connection.transport.abort()
    await client.closed()


async def greeted(client: Client, name: str = "a test") -> None:
    await client.call("session.hello", protocol=1, client={"name": name, "version": "1"}, linger=0)


async def engine_until(client: Client, **wanted: object) -> dict[str, Any]:
    """Ask for the engine until it is as ``wanted``."""
    async with asyncio.timeout(PATIENCE):
        while True:
            info: dict[str, Any] = await client.call("engine.info")
            if wanted.items() <= info.items():
                return info
            await client.call("csound.sleep", 10)


async def test_a_drive_ends_with_the_session_that_set_it(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as killed:
        await greeted(killed)
        await killed.call("engine.drive", "step")
        await killed.call("csound.performKsmps")
        assert (await client.call("engine.info"))["drive"] == "step"
        await leaving(killed)
    await engine_until(client, drive="clock", state="paused")
    await client.call("thread.play")
    await client.call("thread.stop")


async def test_a_drive_that_is_to_last_stays(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as killed:
        await greeted(killed)
        await killed.call("engine.drive", "step", True)
        await leaving(killed)
    async with connected(shared.url, codec) as other:
        await greeted(other)
        await leaving(other)
    assert (await client.call("engine.info"))["drive"] == "step"
    await client.call("engine.drive")


async def test_a_later_drive_is_not_undone(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as killed:
        await greeted(killed)
        await killed.call("engine.drive", "step")
        await client.call("engine.drive", "free")
        await leaving(killed)
    async with connected(shared.url, codec) as other:
        await greeted(other)
        await leaving(other)
    assert (await client.call("engine.info"))["drive"] == "free"
    await client.call("engine.drive")


async def test_what_plays_goes_on_in_the_daemons_drive(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as killed:
        await greeted(killed)
        await killed.call("csound.compileOrc", LONG)
        await killed.call("engine.drive", "free")
        await killed.call("thread.play")
        await leaving(killed)
    info = await engine_until(client, drive="clock")
    assert info["state"] == "playing"


async def test_a_performance_ends_with_the_session_that_asked_for_it(
    client: Client, shared: Daemon, codec: Codec
) -> None:
    async with connected(shared.url, codec) as killed:
        await greeted(killed)
        await killed.call("csound.compileOrc", LONG)
        await killed.call("engine.drive", "step")
        await killed.send(codec.encode({"jsonrpc": "2.0", "id": 1, "method": "csound.perform"}))
        await engine_until(client, state="playing")
        await leaving(killed)
    await engine_until(client, state="paused", drive="clock")
    sample = (await client.call("engine.sync"))["sample"]
    await client.call("csound.sleep", 20)
    assert (await client.call("engine.sync"))["sample"] == sample


@pytest.mark.parametrize("ends", [True, False])
async def test_a_keyboard_that_is_gone_holds_no_notes(client: Client, shared: Daemon, codec: Codec, ends: bool) -> None:
    counted = (
        'massign 0, 2\ninstr 1\n kheld active 2\n chnset kheld, "held"\nendin\ninstr 2\nendin\nschedule(1, 0, 36000)\n'
    )
    await client.call("csound.compileOrc", counted)
    await client.call("thread.play")
    await client.call("csound.event", "i", [2.5, 0, -1])

    async def until_held(count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await client.call("channel.get", "held"))["held"] != count:
                await client.call("csound.sleep", 10)

    async with connected(shared.url, codec) as keyboard:
        await keyboard.call("session.hello", protocol=1, linger=0, endNotes=ends)
        for key in (60, 64):
            await keyboard.call("csound.event", "i", [2 + key / 1000, 0, -1])
            await keyboard.call("stream.push", "midi", [0x90, key, 100])
        await until_held(5)
        await leaving(keyboard)
    # What somebody else holds goes on, and so does what a session does not want to end with it.
    await until_held(1 if ends else 5)


async def test_nothing_unpaced_runs_at_real_time_priority(client: Client) -> None:
    paced = (await client.call("engine.info"))["scheduling"]
    await client.call("engine.drive", "free")
    assert (await client.call("engine.info"))["scheduling"] == "default"
    assert (await client.call("engine.drive"))["scheduling"] == paced


async def test_a_claimed_engine_is_empty(client: Client, shared: Daemon, codec: Codec) -> None:
    await client.call("csound.compileOrc", 'instr 1\n kkey, kdown sensekey\n chnset kkey, "key"\nendin\n')
    await client.call("csound.setControlChannel", "left", 1.0)
    await client.call("csound.setHostData", {"of": "somebody else"})
    await client.call("csound.keyPress", "x")
    async with connected(shared.url, codec) as owner:
        await greeted(owner)
        info = await owner.call("engine.claim", drive="step")
        assert (info["drive"], info["state"]) == ("step", "ready")
        assert await owner.call("csound.hostData") is None
        assert await owner.call("channel.get", ["*"]) == {}
        assert await owner.call("csound.compileOrc", 'instr 1\n k1 sensekey\n chnset k1, "key"\nendin\n') == 0
        await owner.call("csound.eventString", "i 1 0 10")
        for _ in range(4):
            await owner.call("csound.performKsmps")
        assert (await owner.call("csound.controlChannel", "key"))[0] == -1


async def test_a_claim_ends_with_its_session(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as killed:
        await greeted(killed)
        await killed.call("engine.claim", drive="step")
        await killed.call("csound.setControlChannel", "left", 1.0)
        await killed.call("csound.setHostData", "left")
        await killed.call("csound.performKsmps")
        await leaving(killed)
    await engine_until(client, drive="clock", state="ready")
    assert await client.call("channel.get", ["*"]) == {}
    assert await client.call("csound.hostData") is None


async def test_a_claim_can_be_given_back(client: Client) -> None:
    await client.call("engine.claim", drive="step")
    await client.call("csound.setControlChannel", "left", 1.0)
    assert (await client.call("engine.release"))["drive"] == "clock"
    assert await client.call("channel.get", ["*"]) == {}
    assert (await client.refusal("engine.release")).code == WRONG_STATE


async def test_who_lost_the_engine_hears_who_has_it(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as first, connected(shared.url, codec) as second:
        await greeted(first, "the first")
        await greeted(second, "the second")
        await first.call("engine.claim", drive="step")
        await first.call("csound.compileOrc", LONG)
        await first.send(codec.encode({"jsonrpc": "2.0", "id": "p", "method": "csound.perform"}))
        await engine_until(client, state="playing")
        await second.call("engine.claim")
        waited = await first.until(lambda: first.replies.get("p"))
        assert waited is not None
        assert waited["error"]["code"] == STALE_HANDLE
        for method in ("csound.sr", "thread.play", "channel.list", "engine.drive", "engine.release"):
            refused = await first.refusal(method)
            assert refused.code == STALE_HANDLE
            assert "the second" in refused.message
        # What is about the session, or only looks, is answered.
        await first.call("session.ping", 1.0)
        assert (await first.call("engine.info"))["drive"] == "clock"
        # Nobody who claimed nothing is refused, and who claims anew has it again.
        assert await client.call("csound.ksmps") > 0
        await first.call("engine.claim")
        assert await first.call("csound.ksmps") > 0
        assert (await second.refusal("csound.sr")).code == STALE_HANDLE


async def test_a_claim_is_a_sessions(shared: Daemon) -> None:
    answer = await asyncio.to_thread(
        finished, "call", "--url", shared.url, "engine.drive", "step", folder=Path(shared.folder)
    )
    assert answer.returncode == 0
    async with connected(shared.url, CODECS[0]) as client:
        await greeted(client)
        await leaving(client)
    async with connected(shared.url, CODECS[0]) as client:
        # A command of its own is over when it has answered, and the drive is not.
        assert (await client.call("engine.info"))["drive"] == "step"
        await client.call("engine.drive")
