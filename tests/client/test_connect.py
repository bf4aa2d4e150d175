"""Connecting: addresses, greetings, and what a refusal looks like."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from csoundd_client import ConnectionFailed, connect, errors
from tests.client.fake import FakeServer, Fault, fake_server


async def test_the_greeting_says_who_speaks_and_what_for(server: FakeServer) -> None:
    async with connect(server.url, name="my synth", token="s3cret") as cs:
        assert cs.connected
        assert cs.welcome.session == "session-1"
        assert cs.welcome.scopes == ["read", "control"]
    hello = (await server.heard("session.hello"))["params"]
    assert hello["protocol"] == 1
    assert hello["client"]["name"] == "my synth"
    assert hello["token"] == "s3cret"
    assert "resume" not in hello


@pytest.mark.parametrize(("codec", "subprotocol"), [("msgpack", "csoundd.msgpack"), ("json", "csoundd.json")])
async def test_the_codec_is_the_subprotocol(server: FakeServer, codec: Any, subprotocol: str) -> None:
    async with connect(server.url, codec=codec):
        assert server.connections[0].subprotocol == subprotocol


@pytest.mark.parametrize("form", ["ws://{}", "http://{}", "{}", "ws://{}/ws/"])
async def test_an_address_may_be_short(server: FakeServer, form: str) -> None:
    place = server.url.removeprefix("ws://").removesuffix("/ws")
    async with connect(form.format(place)):
        request = server.connections[0].request
        assert request is not None
        assert request.path == "/ws"


async def test_where_nobody_listens_there_is_no_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionFailed, match="no connection to ws://127"):
            async with connect(f"ws://127.0.0.1:{taken.getsockname()[1]}"):
                pass


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConnectionFailed, match="ftp"):
        async with connect("ftp://127.0.0.1"):
            pass


async def test_a_server_of_another_kind_is_refused() -> None:
    async with fake_server(subprotocols=()) as other:
        with pytest.raises(ConnectionFailed, match="does not speak"):
            async with connect(other.url):
                pass


async def test_a_server_that_does_not_answer_is_given_up(server: FakeServer) -> None:
    server.held = {"session.hello"}
    with pytest.raises(ConnectionFailed, match="does not answer"):
        async with connect(server.url, timeout=0.05):
            pass


async def test_a_wrong_token_is_unauthorized(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32001, "a valid token is needed")

    server.results["session.hello"] = refuse
    with pytest.raises(errors.Unauthorized):
        async with connect(server.url, token="guess"):
            pass
    await server.until(lambda: len(server.closed) == 1)


async def test_positions_and_names_do_not_mix(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        with pytest.raises(TypeError, match="all by name"):
            await cs.call("csound.setControlChannel", "cutoff", val=0.5)
