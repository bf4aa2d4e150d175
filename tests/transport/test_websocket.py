"""The endpoint /ws through real sockets: subprotocols, frames good and bad, refusals."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from csoundd.transport.origin import OriginPolicy
from csoundd.transport.session import SessionRules
from tests.transport.serving import SECOND, Front, Settings, ask, hear, serving


async def test_without_a_subprotocol_the_connection_speaks_json(front: Front) -> None:
    async with front.connect() as client:
        assert client.subprotocol is None
        assert await ask(client, "echo", ["hello"]) == {"jsonrpc": "2.0", "id": 1, "result": ["hello"]}


async def test_msgpack_is_spoken_where_it_was_chosen(front: Front) -> None:
    async with front.connect("csoundd.msgpack") as client:
        await client.send(msgpack.packb({"jsonrpc": "2.0", "id": 1, "method": "echo", "params": [1.5]}))
        assert (await hear(client))["result"] == [1.5]


async def test_the_first_known_subprotocol_is_taken(front: Front) -> None:
    async with front.connect("other", "csoundd.msgpack", "csoundd.json") as client:
        assert client.subprotocol == "csoundd.msgpack"


async def test_unknown_subprotocols_are_refused(front: Front) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with front.connect("mqtt"):
            pass
    assert refusal.value.response.status_code == 400
    assert json.loads(refusal.value.response.body)["error"]["data"]["supported"] == ["csoundd.json", "csoundd.msgpack"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_page_from_elsewhere_is_refused(front: Front, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with front.connect(origin=origin):
            pass
    assert refusal.value.response.status_code == 403
    assert json.loads(refusal.value.response.body)["error"]["code"] == -32002


async def test_a_page_of_ours_may_connect(front: Front) -> None:
    async with front.connect(origin=f"http://127.0.0.1:{front.port}") as client:
        assert (await ask(client, "echo", []))["result"] == []


async def test_an_allowed_origin_may_connect() -> None:
    policy = OriginPolicy(origins=frozenset({"https://synth.example"}))
    async with serving(Settings(policy=policy)) as front, front.connect(origin="https://synth.example") as client:
        assert (await ask(client, "echo", []))["result"] == []


async def test_one_session_too_many_is_refused() -> None:
    async with serving(Settings(rules=SessionRules(limit=1))) as front, front.connect():
        with pytest.raises(InvalidStatus) as refusal:
            async with front.connect():
                pass
    assert refusal.value.response.status_code == 503
    assert json.loads(refusal.value.response.body)["error"]["code"] == -32008


async def test_a_lost_session_gives_way_to_a_new_one() -> None:
    async with serving(Settings(rules=SessionRules(limit=1))) as front:
        async with front.connect() as client:
            client.transport.abort()
        async with asyncio.timeout(SECOND):
            while True:
                try:
                    async with front.connect() as another:
                        assert (await ask(another, "echo", []))["result"] == []
                        return
                except InvalidStatus:
                    continue


async def test_batches_are_answered_together(front: Front) -> None:
    async with front.connect() as client:
        calls = [{"jsonrpc": "2.0", "id": n, "method": "echo", "params": [n]} for n in (1, 2)]
        await client.send(json.dumps(calls))
        assert [reply["result"] for reply in await hear(client)] == [[1], [2]]


async def test_a_fragmented_message_is_one_message(front: Front) -> None:
    async with front.connect() as client:
        await client.send(['{"jsonrpc": "2.0", "id": 1, ', '"method": "echo", ', '"params": ["ü"]}'])
        assert (await hear(client))["result"] == ["ü"]


@pytest.mark.parametrize(
    ("subprotocol", "frame"),
    [
        ("csoundd.json", b"\x80"),
        ("csoundd.msgpack", "{}"),
        ("csoundd.json", "{"),
        ("csoundd.msgpack", b"\xc1"),
    ],
)
async def test_an_unknown_frame_is_answered_and_the_connection_stays(
    front: Front, subprotocol: str, frame: str | bytes
) -> None:
    async with front.connect(subprotocol) as client:
        await client.send(frame)
        failure = await hear(client)
        assert (failure["id"], failure["error"]["code"]) == (None, -32700)
        assert await works(client)


async def test_text_that_is_not_utf8_is_answered_and_the_connection_stays(front: Front) -> None:
    async with front.connect() as client:
        await client.send(b'"\xff"', text=True)
        failure = await hear(client)
        assert (failure["id"], failure["error"]["code"]) == (None, -32700)
        assert await works(client)


async def test_a_frame_over_the_limit_is_answered_and_the_connection_stays(front: Front) -> None:
    async with front.connect() as client:
        await client.send("x" * 100_000)
        failure = await hear(client)
        assert (failure["id"], failure["error"]["code"]) == (None, -32008)
        assert failure["error"]["data"]["limit"] == 1000
        assert await works(client)


async def test_a_message_over_the_limit_in_fragments_is_answered_once(front: Front) -> None:
    async with front.connect() as client:
        await client.send(["x" * 400 for _ in range(20)])
        assert (await hear(client))["error"]["code"] == -32008
        assert await works(client)


async def test_pings_are_answered(front: Front) -> None:
    async with front.connect() as client:
        pong = await client.ping(b"there?")
        async with asyncio.timeout(SECOND):
            await pong


async def test_closing_is_answered_with_the_same_code(front: Front) -> None:
    async with front.connect() as client:
        await client.close(4500, "enough")
        assert (client.close_code, client.close_reason) == (4500, "enough")


async def test_a_stopping_server_says_that_it_goes_away() -> None:
    async with serving() as front:
        client = await front.connect()
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1001


async def works(client: Any) -> bool:
    reply = await ask(client, "echo", ["still here"], 99)
    return bool(reply["result"] == ["still here"])
