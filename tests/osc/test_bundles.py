"""Bundles: one command for all of their messages, at their time."""

from __future__ import annotations

from time import time
from typing import cast

import pytest

from csoundd.codec.osc import NOW, Timetag, bundle, float32, int32, message, parse, text
from csoundd.limits import REJECTED_MESSAGES, SENDER_BUNDLES, WAITING_BUNDLES
from csoundd.messages import At, Seconds
from tests.osc.fakes import Client, FakeEngine, Served

SET = message("/chan/a", float32(1.0))
GET = message("/chan/a")


async def test_a_bundle_is_one_command(client: Client, engine: FakeEngine) -> None:
    client.send_packet(bundle(NOW, SET, message("/event", text("i"), float32(1.0)), GET))

    assert await client.receive() == ("/chan/a", [1.0])
    (command,) = engine.commands
    assert command.method == "engine.batch"
    assert [call[0] for call in cast("list[list[object]]", command.args[0])] == [
        "csound.setControlChannel",
        "csound.event",
        "channel.get",
    ]
    assert command.at is None


async def test_a_timetag_is_when_it_runs(client: Client, engine: FakeEngine) -> None:
    moment = float(int(time())) + 100.5
    client.send_packet(bundle(Timetag.of(moment), SET, GET))
    await client.receive()

    (command,) = engine.commands
    assert command.at == At("wall", moment)
    assert command.deadline is not None
    assert command.deadline > 100


async def test_a_nested_bundle_has_its_own_time(client: Client, engine: FakeEngine) -> None:
    early, late = 4_000_000_000.0, 4_000_000_001.0
    inner = bundle(Timetag.of(late), message("/chan/b", float32(2.0)), message("/chan/b", float32(3.0)))
    client.send_packet(bundle(Timetag.of(early), SET, inner, SET, bundle(NOW, SET)))
    await client.settled()

    assert [(command.at and command.at.value, len(command.args[0])) for command in engine.commands[:2]] == [  # type: ignore[arg-type]
        (early, 3),
        (late, 2),
    ]


async def test_a_wrong_message_does_not_keep_the_others_from_running(client: Client) -> None:
    wrong = [message("/csound/nothing"), message("/csound/controlChannel"), message("/chan/[", float32(1.0))]
    client.send_packet(bundle(NOW, SET, *wrong, GET))

    told = await client.settled()

    assert ("/chan/a", [1.0]) in told
    assert {str(arguments[0]) for address, arguments in told if address == "/error"} == {
        "/csound/nothing",
        "/csound/controlChannel",
        "/chan/[",
    }


async def test_a_sync_in_a_bundle_is_answered(client: Client) -> None:
    client.send_packet(bundle(NOW, SET, message("/sync", int32(5))))

    assert await client.receive() == ("/synced", [5])


async def test_a_pattern_in_a_bundle_is_part_of_it(client: Client, engine: FakeEngine) -> None:
    client.send_packet(bundle(NOW, message("/chan/mix.*", float32(0.5)), SET))
    await client.settled()

    assert len(engine.commands[1].args[0]) == 3  # type: ignore[arg-type]


async def test_an_empty_bundle_does_nothing(client: Client, engine: FakeEngine) -> None:
    client.send_packet(bundle(NOW, bundle(NOW)))

    assert await client.settled() == []
    assert [command.method for command in engine.commands] == ["engine.sync"]


async def test_who_asked_hears_of_lateness(client: Client, engine: FakeEngine) -> None:
    await client.ask("/notify", 1)
    engine.late = Seconds(0.25)
    client.send_packet(bundle(Timetag.of(time() - 1), SET, SET))

    assert await client.receive() == ("/late", ["/chan/a", 0.25, 0])


async def test_who_did_not_ask_does_not(client: Client, engine: FakeEngine) -> None:
    engine.late = Seconds(0.25)
    client.send_packet(bundle(Timetag.of(time() - 1), SET, SET))

    assert await client.settled() == []


async def test_what_is_late_is_dropped_where_that_is_wanted(client: Client, engine: FakeEngine) -> None:
    await client.ask("/notify", 1)
    client.send("/latePolicy", "drop")
    engine.late = Seconds(0.25)
    client.send_packet(bundle(Timetag.of(time() - 1), SET, GET))

    assert await client.settled() == [("/late", ["/chan/a", 0.25, 1])]
    assert "a" not in engine.channels


@pytest.mark.parametrize("size", [1, 300])
async def test_a_bundle_may_be_large(client: Client, engine: FakeEngine, size: int) -> None:
    client.send_packet(bundle(NOW, *[message(f"/chan/{n}", float32(n)) for n in range(size)]))
    await client.settled()

    assert engine.channels[str(size - 1)] == size - 1


async def test_bundles_that_wait_are_limited_for_each_sender_and_for_all(osc: Served) -> None:
    osc.engine.busy = True
    refused: list[bytes] = []
    later = bundle(Timetag.of(time() + 3600), SET, SET)
    for name in ("a", "b", "c"):
        sender = osc.server.admit(name, "127.0.0.1", refused.append, 65507)
        for _ in range(SENDER_BUNDLES + 1):
            osc.server.router.route(later, sender)
    told = [str(parse(packet)) for packet in refused]
    assert sum(f"{SENDER_BUNDLES} bundles wait" in said for said in told) == 2
    assert sum(f"{WAITING_BUNDLES} bundles wait" in said for said in told) == SENDER_BUNDLES + 1


BROKEN = {
    "unknown tag": b"/chan/b\0,Z\0\0\0\0\0\1",
    "no UTF-8": b"/chan/b\0,s\0\0\xff\xfe\0\0",
    "cut short": b"/chan/b\0,f\0\0",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("nested", [False, True], ids=["beside", "inside"])
async def test_a_message_that_cannot_be_read_is_left_out(client: Client, broken: bytes, nested: bool) -> None:
    element = bundle(NOW, broken) if nested else broken
    client.send_packet(bundle(NOW, SET, element, GET, message("/sync", int32(5))))

    told = await client.settled()

    assert [(address, values[:2]) for address, values in told if address == "/error"] == [
        ("/error", ["/chan/b", -32700])
    ]
    assert ("/chan/a", [1.0]) in told
    assert ("/synced", [5]) in told


async def test_a_bundle_full_of_what_cannot_be_read_is_answered_a_few_times(client: Client) -> None:
    client.send_packet(bundle(NOW, *[BROKEN["unknown tag"]] * 100, GET))

    assert len([None for address, _ in await client.settled() if address == "/error"]) == REJECTED_MESSAGES + 1


@pytest.mark.parametrize("ntp", [0, 1, 2**31, 2**32 - 1])
async def test_the_first_second_of_1900_is_immediately(client: Client, engine: FakeEngine, ntp: int) -> None:
    client.send_packet(bundle(Timetag(ntp), SET, GET))

    assert await client.receive() == ("/chan/a", [1.0])
    assert [command.at for command in engine.commands] == [None]
