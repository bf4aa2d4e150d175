"""Feedback: values come back to who asked, never to who sent them, and end when nobody listens."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import pytest

from csoundd.codec.osc import NOW, bundle, float32, message
from csoundd.errors import EngineUnavailable, LimitExceeded
from csoundd.limits import HOST_SUBSCRIPTIONS, SENDER_SUBSCRIPTIONS
from csoundd.transport.osc import Target
from csoundd.transport.osc.senders import Access, Deliver, Sender, TransportTraits
from csoundd.transport.osc.subscriptions import Echoes, Feedback, FollowLastSender
from tests.osc.fakes import PATIENCE, Client, FakeEngine, Served, served


async def subscribed(client: Client, *arguments: str | float) -> list[str]:
    """Subscribe; returns the addresses that are told at first."""
    client.send("/subscribe", *arguments)
    told: list[str] = []
    while (said := await client.receive())[0] != "/reply":
        told.append(said[0])
    return told + [address for address, _ in await client.settled()]


async def test_a_subscriber_is_told_everything_at_first(client: Client) -> None:
    assert sorted(await subscribed(client, "mix.*")) == ["/chan/mix.dry", "/chan/mix.wet"]


async def test_a_subscription_is_confirmed(client: Client) -> None:
    client.send("/subscribe", "nothing", 20.0)

    assert await client.receive() == ("/reply", ["/subscribe", "nothing", 20.0])


async def test_a_subscriber_is_told_of_changes(client: Client, engine: FakeEngine) -> None:
    await subscribed(client, "/chan/{cutoff,title}")
    engine.changed(cutoff=0.5, title="Étude", other=1.0)

    assert await client.settled() == [("/chan/cutoff", [0.5]), ("/chan/title", ["Étude"])]


async def test_the_poller_reads_at_the_rate_that_was_asked_for(client: Client, engine: FakeEngine) -> None:
    await subscribed(client, "mix.*", 12.0)

    assert list(engine.polls.values()) == [("channels", {"names": ["mix.*"], "rate": 12.0, "onChange": True})]


async def test_a_second_subscriber_shares_the_poller_and_is_told_everything(osc: Served) -> None:
    await subscribed(osc.client, "mix.*")

    assert len(await subscribed(osc.another(), "mix.*")) == 2
    assert len(osc.engine.polls) == 1


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(message("/chan/cutoff", float32(0.5)), id="set"),
        pytest.param(bundle(NOW, message("/chan/cutoff", float32(0.5)), message("/chan/x", float32(0.5))), id="bundle"),
        pytest.param(message("/csound/setControlChannel", ("sf", b"cutoff\0\0\x3f\0\0\0")), id="call"),
    ],
)
async def test_nobody_is_told_what_they_sent(osc: Served, packet: bytes) -> None:
    other = osc.another()
    await subscribed(osc.client, "cutoff")
    await subscribed(other, "cutoff")
    osc.client.send_packet(packet)
    await osc.client.settled()
    osc.engine.changed(cutoff=0.5)

    assert await osc.client.settled() == []
    assert await other.settled() == [("/chan/cutoff", [0.5])]


async def test_a_value_on_the_way_to_the_last_one_is_an_echo_too(client: Client, engine: FakeEngine) -> None:
    await subscribed(client, "cutoff")
    for value in (0.5, 0.75, 1.0):
        client.send("/chan/cutoff", value)
        await client.settled()
    engine.changed(cutoff=0.75)

    assert await client.settled() == []


async def test_what_another_sent_last_is_no_echo(osc: Served) -> None:
    await subscribed(osc.client, "cutoff")
    osc.client.send("/chan/cutoff", 0.5)
    await osc.client.settled()
    other = osc.another()
    other.send("/chan/cutoff", 0.5)
    await other.settled()
    osc.engine.changed(cutoff=0.5)

    assert await osc.client.settled() == [("/chan/cutoff", [0.5])]


def test_an_echo_is_forgotten_after_a_second() -> None:
    now = [0.0]
    echoes = Echoes(lambda: now[0])
    echoes.note("a", 0.5, "me")
    before = echoes.is_echo("a", 0.5, "me")
    now[0] = 1.5

    assert before
    assert not echoes.is_echo("a", 0.5, "me")


async def test_values_go_to_another_port_if_asked(osc: Served) -> None:
    other = osc.another()
    osc.client.send("/subscribe", "cutoff", 10.0, other.port)

    assert await other.receive() == ("/chan/cutoff", [0.25])
    assert await osc.client.receive() == ("/reply", ["/subscribe", "cutoff", 10.0])


async def test_rate_and_port_may_be_floats(osc: Served) -> None:
    other = osc.another()
    osc.client.send("/subscribe", "cutoff", 10, float(other.port))

    assert await other.receive() == ("/chan/cutoff", [0.25])
    assert await osc.client.receive() == ("/reply", ["/subscribe", "cutoff", 10.0])


async def test_unsubscribing_ends_it(client: Client, engine: FakeEngine) -> None:
    await subscribed(client, "cutoff")
    client.send("/unsubscribe", "cutoff")

    assert await client.settled() == []
    assert engine.polls == {}


async def test_unsubscribing_without_a_pattern_ends_everything(osc: Served) -> None:
    await subscribed(osc.client, "cutoff")
    await subscribed(osc.client, "mix.*", 10.0, osc.another().port)
    osc.client.send("/unsubscribe")
    await osc.client.settled()

    assert osc.engine.polls == {}


async def test_asking_again_renews(client: Client, engine: FakeEngine) -> None:
    await subscribed(client, "cutoff", 10.0)
    await subscribed(client, "cutoff", 20.0)
    engine.changed(cutoff=0.5)

    assert await client.settled() == [("/chan/cutoff", [0.5])]
    assert len(engine.polls) == 1


async def test_a_subscription_lapses_with_its_owner() -> None:
    async with served(lapse=0.1) as osc:
        await subscribed(osc.client, "cutoff")

        async with asyncio.timeout(PATIENCE):
            await osc.engine.unpolled.wait()


async def test_a_packet_keeps_a_subscription_from_lapsing(osc: Served) -> None:
    await subscribed(osc.client, "cutoff")
    before = monotonic()
    await osc.client.settled()
    osc.server.udp.lapse(before)

    osc.engine.changed(cutoff=0.5)

    assert await osc.client.settled() == [("/chan/cutoff", [0.5])]


async def test_a_fixed_target_is_told_without_asking() -> None:
    controller = Client(9)
    async with served(targets=[Target("127.0.0.1", controller.port, "cutoff")], lapse=0.1) as osc:
        controller.socket.connect(("127.0.0.1", osc.udp_port))
        while not osc.engine.polls:
            await osc.client.settled()
        osc.server._feedback.lapse(before=float("inf"))
        osc.engine.changed(cutoff=0.5)

        assert await controller.receive() == ("/chan/cutoff", [0.25])
        assert await controller.receive() == ("/chan/cutoff", [0.5])
    controller.socket.close()


async def test_a_fixed_target_cannot_end_what_the_settings_say() -> None:
    controller = Client(9)
    async with served(targets=[Target("127.0.0.1", controller.port, "cutoff")]) as osc:
        controller.socket.connect(("127.0.0.1", osc.udp_port))
        assert await controller.receive() == ("/chan/cutoff", [0.25])
        controller.send("/unsubscribe")
        await controller.settled()
        osc.engine.changed(cutoff=0.5)

        assert await controller.receive() == ("/chan/cutoff", [0.5])
    controller.socket.close()


@asynccontextmanager
async def following(port: int = 0, pattern: str = "*", **settings: Any) -> AsyncIterator[Served]:
    """A server that feeds whoever sent last."""
    async with served(targets=[Target(None, port, pattern)], **settings) as osc:
        yield osc


async def test_the_last_sender_is_told_what_there_is_and_what_changes() -> None:
    async with following(pattern="mix.*") as osc:
        osc.client.send("/clearSched")
        told = {(await osc.client.receive())[0] for _ in range(2)}
        osc.engine.changed(**{"mix.dry": 0.5, "cutoff": 0.5})

        assert told == {"/chan/mix.dry", "/chan/mix.wet"}
        assert await osc.client.receive() == ("/chan/mix.dry", [0.5])


async def test_the_one_before_the_last_is_told_no_longer_and_catches_up_later() -> None:
    async with following(pattern="cutoff") as osc:
        first, second = osc.client, osc.another()
        first.send("/clearSched")
        assert await first.receive() == ("/chan/cutoff", [0.25])
        second.send("/clearSched")
        assert await second.receive() == ("/chan/cutoff", [0.25])
        osc.engine.changed(cutoff=0.5)
        assert await second.receive() == ("/chan/cutoff", [0.5])

        assert await first.settled() == []
        assert await first.receive() == ("/chan/cutoff", [0.5])


async def test_the_last_sender_is_told_nothing_twice() -> None:
    async with following(pattern="{cutoff,title}") as osc:
        first, second = osc.client, osc.another()
        for client in (first, second):
            client.send("/clearSched")
            assert {(await client.receive())[0] for _ in range(2)} == {"/chan/cutoff", "/chan/title"}
        osc.engine.changed(title="Prélude")
        assert await second.receive() == ("/chan/title", ["Prélude"])
        first.send("/clearSched")

        assert await first.receive() == ("/chan/title", ["Prélude"])
        assert await first.settled() == []


async def test_the_last_sender_is_not_told_what_it_sent() -> None:
    async with following(pattern="{cutoff,title}") as osc:
        other = osc.another()
        other.send("/clearSched")
        await other.receive()
        osc.client.send("/chan/cutoff", 0.5)

        assert await osc.client.receive() == ("/chan/title", ["Nocturne"])
        assert await osc.client.settled() == []


async def test_another_port_of_the_last_sender_is_told_if_the_settings_say_so() -> None:
    listening = Client(9)
    async with following(listening.port, "cutoff") as osc:
        listening.socket.connect(("127.0.0.1", osc.udp_port))
        osc.client.send("/chan/title", "Prélude")

        assert await listening.receive() == ("/chan/cutoff", [0.25])
        assert await osc.client.settled() == []
    listening.socket.close()


async def test_the_last_sender_cannot_end_what_the_settings_say() -> None:
    async with following(pattern="cutoff") as osc:
        osc.client.send("/unsubscribe")
        assert await osc.client.receive() == ("/chan/cutoff", [0.25])
        osc.engine.changed(cutoff=0.5)

        assert await osc.client.receive() == ("/chan/cutoff", [0.5])


async def test_who_may_not_read_is_no_last_sender(engine: FakeEngine) -> None:
    feedback, sent, followed = Feedback(engine), list[bytes](), list[Sender]()
    subscription = await feedback.fix("last", lambda _: None, "cutoff", 30.0)

    def way(sender: Sender) -> tuple[str, Deliver]:
        followed.append(sender)
        return sender.id, sender.deliver

    last = FollowLastSender(feedback, subscription, way)
    for scopes in (Access().scopes("10.0.0.9"), Access().scopes("127.0.0.1")):
        last.sent(
            Sender(
                "somebody", "10.0.0.9", scopes, sent.append, TransportTraits(proven=True, lasting=False, limit=65507)
            )
        )
        engine.changed(cutoff=0.5)
    last.close()

    assert [sender.scopes for sender in followed] == [Access().scopes("127.0.0.1")]
    assert sent == [message("/chan/cutoff", float32(0.5))]


async def test_a_subscription_that_the_engine_refuses_leaves_nothing(client: Client, engine: FakeEngine) -> None:
    engine.error = EngineUnavailable("the engine is not running")
    refused = await client.ask("/subscribe", "cutoff")
    engine.error = None

    assert refused == ("/error", ["/subscribe", -32010, "the engine is not running"])
    assert await subscribed(client, "cutoff") == ["/chan/cutoff"]


async def test_who_subscribes_with_plain_slashes_is_told_with_them(client: Client, engine: FakeEngine) -> None:
    await subscribed(client, "/chan/synth/cutoff")
    engine.changed(**{"synth/cutoff": 5.0})

    assert await client.settled() == [("/chan/synth/cutoff", [5.0])]


async def test_a_pattern_with_plain_slashes_sets_and_asks(client: Client, engine: FakeEngine) -> None:
    engine.channels |= {"synth/cutoff": 1.0, "synth/q": 2.0}
    client.send("/chan/synth/{cutoff,q}", 3.0)
    client.send("/chan/synth/*")

    assert sorted(await client.settled()) == [("/chan/synth/cutoff", [3.0]), ("/chan/synth/q", [3.0])]


async def test_one_sender_takes_only_its_own_share_of_subscriptions(osc: Served) -> None:
    for number in range(SENDER_SUBSCRIPTIONS):
        await subscribed(osc.client, f"nothing{number}")
    refused = await osc.client.ask("/subscribe", "cutoff")

    assert refused[1][:2] == ["/subscribe", -32008]
    assert await osc.client.ask("/subscribe", "nothing0") == ("/reply", ["/subscribe", "nothing0", 30.0])
    assert await subscribed(osc.another(), "cutoff") == ["/chan/cutoff"]


async def test_one_address_beyond_this_machine_takes_only_its_share_whatever_its_ports(engine: FakeEngine) -> None:
    feedback = Feedback(engine)
    traits = TransportTraits(proven=True, lasting=False, limit=65507)

    async def subscribe(host: str, number: int) -> None:
        name = f"osc:udp:{host}:{number}"
        sender = Sender(name, host, frozenset({"read"}), lambda _: None, traits)
        await feedback.subscribe(sender, name, lambda _: None, "cutoff", 30.0)

    for number in range(HOST_SUBSCRIPTIONS):
        await subscribe("10.0.0.9", number)
    with pytest.raises(LimitExceeded, match=r"of 10\.0\.0\.9"):
        await subscribe("10.0.0.9", HOST_SUBSCRIPTIONS)
    await subscribe("10.0.0.8", 1)


def test_not_a_number_is_an_echo_too() -> None:
    echoes = Echoes()
    echoes.note("cutoff", math.nan, "me")
    assert echoes.is_echo("cutoff", float("nan"), "me")
