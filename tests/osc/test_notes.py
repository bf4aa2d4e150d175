"""Notes with ids: begun, changed and released; and what waits for its time is forgotten when asked to."""

from __future__ import annotations

from time import time
from typing import Any, cast

import pytest

from csoundd.codec.osc import NOW, Timetag, Value, bundle, message, of_value
from tests.osc.fakes import Client, FakeEngine, Served


def played(engine: FakeEngine) -> list[list[object]]:
    """The p-fields of every event so far."""
    events = [cast("list[Any]", command.args) for command in engine.commands if command.method == "csound.event"]
    return [args[1] for args in events]


async def do(client: Client, address: str, *values: Value) -> list[tuple[str, list[Value]]]:
    client.send(address, *values)
    return await client.settled()


@pytest.mark.parametrize(
    ("arguments", "pfields"),
    [
        pytest.param([5, 1, 2.0, 0.5], [1.0005, 0.0, 2.0, 0.5], id="an id that is the fraction"),
        pytest.param([5, 1.0], [1.0005, 0.0, -1.0], id="held without p-fields"),
        pytest.param(["a", 2, -1.0], [2 + 9999 / 10000, 0.0, -1.0], id="a text as id"),
        pytest.param([5, "Tone", -1.0, "x"], ["Tone.0005", 0.0, -1.0, "x"], id="an instrument by name"),
    ],
)
async def test_a_note_begins(client: Client, engine: FakeEngine, arguments: list[Value], pfields: list[object]) -> None:
    assert await do(client, "/note", *arguments) == []
    assert played(engine) == [pfields]


@pytest.mark.parametrize(
    "arguments", [[], [1], [1, -2.0], [1, 1.5], [1, "-x"], [1, "1"], [1.5, 1], [1, 1, b"x"], [1, True]], ids=repr
)
async def test_what_is_no_note_is_refused(client: Client, engine: FakeEngine, arguments: list[Value]) -> None:
    (told,) = await do(client, "/note", *arguments)

    assert told[1][:2] == ["/note", -32602]
    assert played(engine) == []


async def test_a_held_note_is_released(client: Client, engine: FakeEngine) -> None:
    await do(client, "/note", 5, 1)
    await do(client, "/note/release", 5)

    assert played(engine)[-1] == [-1.0005, 0.0, 0.0]


async def test_a_held_note_of_a_named_instrument_is_released(client: Client, engine: FakeEngine) -> None:
    await do(client, "/note", 5, "Tone")
    await do(client, "/note/release", 5)

    assert played(engine)[-1] == ["-Tone.0005", 0.0, 0.0]


async def test_a_note_that_would_end_by_itself_is_released(client: Client, engine: FakeEngine) -> None:
    await do(client, "/note", 5, 1, 10.0)
    await do(client, "/note/release", 5)

    command = next(command for command in engine.commands if command.method == "csound.killInstance")
    assert command.args == [1.0005, 4, True]


async def test_a_held_note_takes_new_p_fields(client: Client, engine: FakeEngine) -> None:
    await do(client, "/note", 5, 1, -1.0, 0.5)
    await do(client, "/note/set", 5, 4, 0.25, 6, 3.0)
    await do(client, "/note/set", 5, 5, 2.0)

    assert played(engine)[1:] == [
        [1.0005, 0.0, -1.0, 0.25, 0.0, 3.0],
        [1.0005, 0.0, -1.0, 0.25, 2.0, 3.0],
    ]


async def test_a_note_has_channels_of_its_own(client: Client, engine: FakeEngine) -> None:
    await do(client, "/note", 5, 1, 10.0)
    await do(client, "/note/set", 5, "cutoff", 440.0, "name", "x")

    assert engine.channels["note.5.cutoff"] == 440.0
    assert engine.channels["note.5.name"] == "x"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [([6, 4, 1.0], -32004), ([5, 4, 1.0], -32003), ([5, 4], -32602), ([5], -32602)],
    ids=["no such note", "not held", "half a pair", "nothing"],
)
async def test_what_cannot_be_changed_is_refused(client: Client, arguments: list[Value], code: int) -> None:
    await do(client, "/note", 5, 1, 10.0)
    (told,) = await do(client, "/note/set", *arguments)

    assert told[1][:2] == ["/note/set", code]


@pytest.mark.parametrize("place", [1, 3, 100_000])
async def test_only_p_fields_of_the_instrument_can_be_changed(client: Client, place: int) -> None:
    await do(client, "/note", 5, 1)
    (told,) = await do(client, "/note/set", 5, place, 1.0)

    assert told[1][:2] == ["/note/set", -32602]


async def test_a_note_that_was_released_is_unknown(client: Client) -> None:
    await do(client, "/note", 5, 1)
    await do(client, "/note/release", 5)
    (told,) = await do(client, "/note/release", 5)

    assert told[1][:2] == ["/note/release", -32004]


async def test_ids_are_the_same_for_everybody(osc: Served) -> None:
    await do(osc.client, "/note", 5, 1)

    assert await do(osc.another(), "/note/release", 5) == []


async def test_an_id_that_another_instrument_holds_is_refused(client: Client) -> None:
    await do(client, "/note", 5, 1)
    (told,) = await do(client, "/note", 5, 2)

    assert told[1][:2] == ["/note", -32003]


async def test_fractions_are_used_again(client: Client, engine: FakeEngine) -> None:
    notes: list[list[Value]] = [[f"id {number}", 1, 0.1] for number in range(10_050)]
    packets = [message("/note", *map(of_value, note)) for note in notes]
    for start in range(0, len(packets), 50):
        client.send_packet(bundle(NOW, *packets[start : start + 50]))
        assert await client.settled() == []

    assert engine.commands[-2].method == "engine.batch"


async def test_after_a_reset_no_note_is_left(client: Client, osc: Served, engine: FakeEngine) -> None:
    await do(client, "/note", 5, 1)
    engine.begin_anew()
    (told,) = await do(client, "/note/release", 5)

    assert told[1][:2] == ["/note/release", -32004]


async def test_what_waits_is_forgotten(osc: Served, engine: FakeEngine) -> None:
    other = osc.another()
    engine.busy = True
    for sender, name in ((osc.client, "mine"), (other, "theirs")):
        sender.send_packet(bundle(Timetag.of(time() + 60), message(f"/chan/{name}", of_value(1.0))))
    osc.client.send("/clearSched")
    assert (await osc.client.ask("/status"))[0] == "/status.reply"
    engine.proceed()

    assert await osc.client.settled() == []
    assert (engine.channels.get("mine"), engine.channels.get("theirs")) == (None, 1.0)
