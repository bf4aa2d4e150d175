"""The two-way part: OQ-30 to OQ-33."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from csoundd.codec.osc import NOW, bundle, float32, message, text
from csoundd.limits import OSC_SUBSCRIPTIONS, SENDER_SUBSCRIPTIONS
from csoundd.transport.oscquery.tree import POLLER
from tests.osc.fakes import PATIENCE, Client
from tests.oscquery.serving import ListingEngine, Query, channel, serving


@pytest.fixture
def client(query: Query) -> Iterator[Client]:
    client = Client(query.osc_port)
    yield client
    client.socket.close()


async def test_oq_30_binary_frames_are_osc_both_ways(query: Query) -> None:
    async with query.socket() as opened:
        await opened.send("/csound/version")

        assert await opened.receive() == ("/reply", ["/csound/version", 6181.0])


async def test_oq_30_a_bundle_may_come_too(query: Query, engine: ListingEngine) -> None:
    async with query.socket() as opened:
        await opened.connection.send(bundle(NOW, message("/chan/in", float32(0.125)), message("/chan/new", float32(2))))
        await opened.settled()

    assert engine.channels["new"] == 2.0


@pytest.mark.parametrize("frame", ["", "{", "[]", '{"COMMAND": "SING"}', '{"COMMAND": "LISTEN", "DATA": 1}', b"\1\2"])
async def test_oq_30_what_is_no_command_is_ignored(query: Query, frame: str | bytes) -> None:
    async with query.socket() as opened:
        await opened.connection.send(frame)

        assert await opened.settled() == []


async def test_oq_30_a_message_beyond_the_limit_ends_the_connection(query: Query) -> None:
    async with query.socket() as opened:
        await opened.connection.send(bytes(200_000))
        with pytest.raises(ConnectionClosed) as caught:
            await opened.receive()

    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1008


async def test_oq_31_a_listener_hears_a_channel(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/cutoff")
        await opened.settled()
        engine.changed(cutoff=880.0, out=0.125)

        assert await opened.settled() == [("/chan/cutoff", [880.0])]


async def test_oq_31_a_listener_is_told_the_value_there_is(query: Query) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/cutoff")

        assert await opened.receive() == ("/chan/cutoff", [0.25])


async def test_oq_31_a_listener_hears_a_method(query: Query, client: Client) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/event")
        await opened.settled()
        client.send("/event", "i", 1.0, 0.0, 0.5)
        await client.settled()

        assert await opened.receive() == ("/event", ["i", 1.0, 0.0, 0.5])


async def test_oq_31_a_listener_does_not_hear_children(query: Query, client: Client, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan")
        await opened.command("LISTEN", "/csound")
        client.send("/csound/version")
        await client.receive()
        engine.changed(cutoff=880.0)

        assert await opened.settled() == []


async def test_oq_31_nobody_hears_themselves(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened, query.watching() as other:
        for each in (opened, other):
            await each.command("LISTEN", "/chan/out")
            await each.command("LISTEN", "/event")
            await each.settled()
        await opened.send("/chan/out", 0.5)
        await opened.send("/event", "e")
        await opened.settled()
        engine.changed(out=0.5)

        assert await opened.settled() == []
        assert await other.settled() == [("/event", ["e"]), ("/chan/out", [0.5])]


async def test_oq_31_a_question_about_a_channel_is_no_value_of_it(query: Query, client: Client) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/cutoff")
        await opened.settled()
        await client.ask("/chan/cutoff")

        assert await opened.settled() == []


async def test_oq_31_ignore_ends_it(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/cutoff")
        await opened.settled()
        await opened.command("IGNORE", "/chan/cutoff")
        await opened.settled()
        engine.changed(cutoff=880.0)

        assert await opened.settled() == []


async def test_oq_31_a_new_connection_listens_to_nothing(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/cutoff")
        await opened.settled()
    async with query.watching() as opened:
        engine.changed(cutoff=880.0)

        assert await opened.settled() == []


async def test_oq_31_removal_of_the_node_ends_it(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/out")
        await opened.settled()
        engine.listed(channel("cutoff"))
        engine.listed(channel("cutoff"), channel("out"))
        engine.changed(out=0.5)

        assert ("/chan/out", [0.5]) not in await opened.settled()


async def test_oq_31_listen_implies_ignore(query: Query) -> None:
    assert (await query.node("/?HOST_INFO"))["EXTENSIONS"]["LISTEN"]


async def test_oq_32_a_new_channel_is_announced(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        engine.listed(*engine.listing, channel("new"), channel("odd name"))

        assert await opened.receive() == ("PATH_ADDED", "/chan/new")
        assert await opened.receive() == ("PATH_ADDED", "/chan/odd%20name")


async def test_oq_32_a_channel_that_is_gone_is_announced(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        engine.listed(*engine.listing[1:])

        assert await opened.receive() == ("PATH_REMOVED", "/chan/cutoff")


async def test_oq_32_a_channel_that_is_described_otherwise_is_announced(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        engine.listed(*engine.listing[:-1], channel("odd/name #1", mode=1))

        assert await opened.receive() == ("PATH_CHANGED", "/chan/odd%2Fname%20%231")


async def test_oq_32_many_changes_are_one(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        engine.listed(*engine.listing, *(channel(f"new{number}") for number in range(100)))

        assert await opened.settled() == [("PATH_CHANGED", "/chan")]


async def test_oq_32_each_is_an_extension_of_its_own(query: Query) -> None:
    extensions = (await query.node("/?HOST_INFO"))["EXTENSIONS"]

    assert {name: there for name, there in extensions.items() if name.startswith("PATH")} == {
        "PATH_ADDED": True,
        "PATH_REMOVED": True,
        "PATH_CHANGED": True,
        "PATH_RENAMED": False,
    }


async def test_oq_32_a_value_is_no_change_of_a_path(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        engine.listed(channel("cutoff", 1.0), *engine.listing[1:])
        await opened.settled()
        engine.listed(channel("cutoff", 2.0), *engine.listing[1:])

        assert await opened.settled() == []


async def test_oq_33_what_another_client_sets_is_heard(query: Query, client: Client, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/cutoff")
        await opened.settled()
        client.send("/chan/cutoff", 0.5)
        await client.settled()
        engine.changed(cutoff=0.5)

        assert await opened.settled() == [("/chan/cutoff", [0.5])]


@pytest.mark.parametrize("pattern", ["/chan/*", "/chan/{cutoff,out}", "//cutoff"])
async def test_oq_33_a_pattern_listens_to_all_it_means(query: Query, engine: ListingEngine, pattern: str) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", pattern)
        await opened.settled()
        engine.changed(cutoff=880.0)

        assert await opened.settled() == [("/chan/cutoff", [880.0])]


async def test_oq_33_feedback_needs_no_websocket(client: Client, engine: ListingEngine) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        client.send("/subscribe", "cutoff", 30.0, listener.getsockname()[1])
        async with asyncio.timeout(PATIENCE):
            packet = await asyncio.get_running_loop().sock_recv(listener, 1000)

    assert packet.startswith(b"/chan/cutoff")


async def test_oq_33_listeners_are_kept_across_a_reset(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/out")
        await opened.settled()
        engine.renewed()
        engine.listed()
        engine.listed(channel("out"))
        engine.changed(out=0.5)

        assert (await opened.settled())[-1] == ("/chan/out", [0.5])


async def test_the_engine_is_left_in_peace_when_nobody_watches(query: Query, engine: ListingEngine) -> None:
    async with query.watching():
        assert POLLER in engine.polls
        engine.unpolled.clear()
    async with asyncio.timeout(PATIENCE):
        while engine.polls:
            await engine.unpolled.wait()
            engine.unpolled.clear()


async def test_a_page_of_another_origin_gets_no_socket(query: Query) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with query.socket(origin="https://evil.example"):
            pass

    assert caught.value.response.status_code == 403


async def test_a_client_has_the_scope_of_its_network() -> None:
    async with serving(allow={"127.0.0.0/8": "read"}) as everything, everything.socket() as opened:
        await opened.send("/chan/cutoff", 1.0)

        assert (await opened.receive())[0] == "/error"


async def test_a_listener_that_cannot_be_fed_is_told_so(query: Query) -> None:
    for number in range(OSC_SUBSCRIPTIONS):
        name = f"sender {number // SENDER_SUBSCRIPTIONS}"
        sender = query.osc.admit(name, "127.0.0.1", lambda _: None, 65507)
        query.osc.router.route(message("/subscribe", text(f"nothing{number}")), sender)
    async with query.socket() as opened:
        with pytest.raises(ConnectionClosed) as caught:
            await opened.receive()

    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (
        1013,
        f"{OSC_SUBSCRIPTIONS} subscriptions of all senders are open",
    )


async def test_a_channel_is_listened_to_by_its_plain_slashes(query: Query, engine: ListingEngine) -> None:
    async with query.watching() as opened:
        await opened.command("LISTEN", "/chan/odd/name%20%231")
        engine.changed(**{"odd/name #1": 2.0})

        assert ("/chan/odd%2Fname%20%231", [2.0]) in await opened.settled()
