"""Channels by address: setting, getting, many at once, by pattern, and in order."""

from __future__ import annotations

import numpy as np
import pytest

from csoundd.codec.osc import Value, float32, message
from csoundd.errors import EngineUnavailable
from tests.osc.fakes import Client, FakeEngine


@pytest.mark.parametrize(
    ("value", "kept"), [(0.5, 0.5), (3, 3.0), (True, 1.0), (False, 0.0), ("text", "text"), (2**40, 2.0**40)]
)
async def test_a_value_sets_the_channel(client: Client, engine: FakeEngine, value: Value, kept: object) -> None:
    client.send("/chan/new", value)
    await client.settled()

    assert engine.channels["new"] == kept


async def test_without_a_value_the_channel_is_told(client: Client) -> None:
    assert await client.ask("/chan/cutoff") == ("/chan/cutoff", [0.25])
    assert await client.ask("/chan/title") == ("/chan/title", ["Nocturne"])


async def test_numbers_of_channels_are_told_in_32_bits(client: Client) -> None:
    client.send("/chan/cutoff")

    assert await client.receive_packet() == message("/chan/cutoff", float32(0.25))


async def test_many_numbers_set_an_array(client: Client, engine: FakeEngine) -> None:
    client.send("/chan/side", 0.5, 1, 0.25)
    await client.settled()

    np.testing.assert_array_equal(engine.channels["side"], [0.5, 1.0, 0.25])


async def test_a_channel_that_is_not_there_is_an_error(client: Client) -> None:
    assert (await client.ask("/chan/nothing"))[1][:2] == ["/chan/nothing", -32004]


@pytest.mark.parametrize("values", [[None], ["a", 1.0], [[]], [[1.0, "a"]]])
async def test_what_is_no_value_is_an_error(client: Client, values: list[Value]) -> None:
    if values == [[]]:
        values = [[None]]

    assert (await client.ask("/chan/new", *values))[1][:2] == ["/chan/new", -32602]


async def test_names_are_percent_encoded(client: Client, engine: FakeEngine) -> None:
    client.send("/chan/a%2Fb%20%23", 1.0)
    await client.settled()

    assert engine.channels["a/b #"] == 1.0
    assert await client.ask("/chan/a%2Fb%20%23") == ("/chan/a%2Fb%20%23", [1.0])


async def test_a_name_with_the_marks_of_a_pattern_is_only_itself(client: Client, engine: FakeEngine) -> None:
    engine.channels["mix.*"] = 7.0

    assert await client.ask("/chan/mix.%2A") == ("/chan/mix.%2A", [7.0])


async def test_a_pattern_sets_every_channel_it_means(client: Client, engine: FakeEngine) -> None:
    client.send("/chan/mix.{dry,wet}", 0.5)
    await client.settled()

    assert engine.channels == {"cutoff": 0.25, "title": "Nocturne", "mix.dry": 0.5, "mix.wet": 0.5}


async def test_a_pattern_asks_for_every_channel_it_means(client: Client, engine: FakeEngine) -> None:
    engine.channels |= {"mix.dry": 0.5, "mix.wet": 0.25}
    client.send("/chan/mix.*")

    assert await client.settled() == [("/chan/mix.dry", [0.5]), ("/chan/mix.wet", [0.25])]


async def test_two_slashes_mean_any_depth(client: Client) -> None:
    assert await client.ask("//cutoff") == ("/chan/cutoff", [0.25])


async def test_a_pattern_calls_every_method_it_means(client: Client) -> None:
    client.send("/csound/{version,debug}")

    assert await client.settled() == [("/reply", ["/csound/version", 6181.0]), ("/reply", ["/csound/debug", True])]


async def test_a_pattern_that_means_nothing_is_an_error(client: Client) -> None:
    assert (await client.ask("/chan/x*", 1.0))[1][:2] == ["/chan/x*", -32004]


async def test_what_follows_a_pattern_waits_for_it(client: Client, engine: FakeEngine) -> None:
    engine.busy = True
    client.send("/chan/mix.*", 0.5)
    client.send("/chan/mix.dry", 1.0)
    other = client.ask("/sync", 1)
    engine.busy = False

    client.send("/chan/mix.wet", 0.75)
    await other

    assert (engine.channels["mix.dry"], engine.channels["mix.wet"]) == (1.0, 0.75)


async def test_while_the_engine_is_busy_values_are_gathered(client: Client, engine: FakeEngine) -> None:
    client.send("/chan/a", 0.0)
    await client.settled()
    engine.busy = True
    client.send("/chan/a", 0.25)
    await client.ask("/status")
    for number in range(100):
        client.send("/chan/a", float(number))
        client.send("/chan/b", float(number))
    await client.ask("/status")
    sent = [command.args for command in engine.commands if command.method == "channel.set"]
    engine.proceed()
    await client.settled()

    assert sent == [[{"a": 0.0}], [{"a": 0.25}]]
    assert (engine.channels["a"], engine.channels["b"]) == (99.0, 99.0)


async def test_a_call_finds_the_values_before_it_set(client: Client, engine: FakeEngine) -> None:
    engine.busy = True
    for number in range(10):
        client.send("/chan/a", float(number))
    client.send("/csound/controlChannel", "a")
    await client.ask("/status")

    assert [command.method for command in engine.commands][-1] == "csound.controlChannel"
    assert {"a": 9.0} in [command.args[0] for command in engine.commands]


async def test_a_value_that_does_not_fit_keeps_no_other_from_being_set(client: Client, engine: FakeEngine) -> None:
    engine.busy = True
    client.send("/chan/first", 1.0)
    for name in ("a", "stubborn", "b"):
        client.send(f"/chan/{name}", 1.0)
    await client.ask("/status")
    engine.proceed()

    ((address, (named, code, _)),) = await client.settled()

    assert (address, named, code) == ("/error", "/chan/stubborn", -32602)
    assert (engine.channels["a"], engine.channels["b"]) == (1.0, 1.0)


async def test_without_an_engine_a_value_is_refused(client: Client, engine: FakeEngine) -> None:
    engine.error = EngineUnavailable("the engine is not running")

    assert await client.ask("/chan/a", 1.0) == ("/error", ["/chan/a", -32010, "the engine is not running"])
