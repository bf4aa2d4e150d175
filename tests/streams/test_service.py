"""The methods stream.* of one caller, and a subscription all the way through a real connection."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from csoundd.access import EVERYTHING, ChannelGlobs
from csoundd.api import METHODS
from csoundd.api.session import Session, Streams
from csoundd.api.values import ServerInfo
from csoundd.dispatcher import Dispatcher, RunningCalls
from csoundd.errors import Forbidden, NotFound, WrongState
from csoundd.streams.hub import Hub, StreamService
from csoundd.streams.send_queue import SendQueue, StallWatch
from csoundd.transport.http import HttpServer, RpcEndpoint, application
from csoundd.transport.session import ServerHello, SessionRegistry, SessionService
from csoundd.transport.websocket import WebSocketEndpoint
from tests.streams.fakes import FakeEngine, Listener, check_options
from tests.transport.gate import Granted, authenticator_of
from tests.transport.serving import SECOND, StillEngine, ask, hear


class Caller:
    grant = EVERYTHING
    receipts = False
    peer = ""

    def __init__(self, session: str | None) -> None:
        self.id = session


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def hub(engine: FakeEngine) -> Hub:
    return Hub(engine, check_options)


@pytest.fixture
def service(hub: Hub) -> StreamService:
    listener = Listener()
    return StreamService(hub, lambda session: listener, Caller("one"))


async def test_what_is_subscribed_is_listed_until_it_is_unsubscribed(service: StreamService) -> None:
    stream = (await service.subscribe("meters", rate=5))["stream"]
    assert [entry["stream"] for entry in await service.list()] == [stream]
    await service.unsubscribe(stream)
    assert await service.list() == []


async def test_a_stream_of_somebody_else_cannot_be_unsubscribed(service: StreamService, hub: Hub) -> None:
    await hub.subscribe(Listener(), "meters", {})
    with pytest.raises(NotFound):
        await service.unsubscribe("meters/1")


async def test_what_is_pushed_reaches_the_engine(service: StreamService, engine: FakeEngine) -> None:
    assert await service.push("midi", [144, 60, 100]) == {"accepted": 3}
    assert engine.fed == [("midi", b"\x90\x3c\x64", None)]


async def test_without_a_session_there_are_no_subscriptions(hub: Hub) -> None:
    service = StreamService(hub, lambda session: Listener(), Caller(None))
    with pytest.raises(WrongState):
        await service.subscribe("meters")


class Silent:
    """An engine that is never called."""

    def call(self, command: Any, done: Any) -> None:
        raise AssertionError

    def cancel(self, session: str, request: Any) -> bool:
        raise AssertionError


@pytest.fixture
async def url(hub: Hub) -> AsyncIterator[str]:
    watch = StallWatch()
    registry = SessionRegistry(
        lambda encoder: SendQueue(encoder, watch),
    )
    registry.on_end(lambda session: hub.drop(session.queue))
    registry.on_resume(lambda session: hub.resume(session.queue))
    hello = ServerHello(ServerInfo("csoundd", "0"), {})
    engine = Silent()
    running = RunningCalls(engine)
    dispatcher = Dispatcher(
        engine,
        {
            Session: lambda caller: SessionService(
                registry, StillEngine(), hello, caller, lambda *_: False, authenticator_of().with_token
            ),
            Streams: lambda caller: StreamService(hub, registry.queue_of, caller),
        },
        METHODS.values(),
        running=running,
    )
    app = application(
        WebSocketEndpoint(registry, dispatcher),
        RpcEndpoint(dispatcher, 1000),
        lambda: ("ready", None),
        {},
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        async with HttpServer(Granted(app), [listening], max_frame=1000):
            yield f"ws://127.0.0.1:{port}/ws"
        registry.close()
        await running.close()


def client(url: str) -> connect:
    return connect(url, proxy=None, compression=None, open_timeout=SECOND)


async def test_the_answer_comes_before_the_first_frame(url: str, engine: FakeEngine) -> None:
    engine.opening = lambda name: engine.deliver(name, {"a": 1.0}, 5)
    async with client(url) as connection:
        answer = await ask(connection, "stream.subscribe", {"topic": "channels"})
        assert answer["result"]["stream"] == "channels/1"
        assert await hear(connection) == {
            "jsonrpc": "2.0",
            "method": "stream.data",
            "params": {"stream": "channels/1", "seq": 1, "sample": 5, "data": {"a": 1.0}},
        }


async def test_subscriptions_go_on_over_another_connection(url: str, engine: FakeEngine) -> None:
    async with client(url) as first:
        session = (await ask(first, "session.hello", {"protocol": 1}))["result"]["session"]
        await ask(first, "stream.subscribe", {"topic": "channels"})
        engine.deliver("channels/1", {"a": 1.0, "b": 1.0})
        await hear(first)
        await hang_up(first)
    engine.deliver("channels/1", {"a": 2.0})
    async with client(url) as second:
        hello = await ask(second, "session.hello", {"protocol": 1, "resume": session})
        assert hello["result"]["session"] == session
        seen: dict[str, float] = {}
        while seen != {"a": 2.0, "b": 1.0}:
            frame = (await hear(second))["params"]
            assert frame["seq"] == 2
            seen |= frame["data"]
        engine.deliver("channels/1", {"b": 3.0})
        while (frame := (await hear(second))["params"])["seq"] == 2:
            pass
        assert frame["data"] == {"b": 3.0}


async def test_a_session_that_says_goodbye_leaves_no_subscription(url: str, engine: FakeEngine) -> None:
    gone = asyncio.Event()
    unpoll = engine.unpoll

    def watched(name: str) -> None:
        unpoll(name)
        gone.set()

    engine.unpoll = watched  # type: ignore[method-assign]
    async with client(url) as connection:
        await ask(connection, "stream.subscribe", {"topic": "transport"})
    async with asyncio.timeout(SECOND):
        await gone.wait()
    assert not engine.polls


async def test_bad_options_are_answered(url: str) -> None:
    async with client(url) as connection:
        answer = await ask(connection, "stream.subscribe", {"topic": "spout", "block": "many"})
        assert answer["error"]["code"] == -32602
        answer = await ask(connection, "stream.subscribe", {"topic": "smell"})
        assert answer["error"]["code"] == -32004


async def hang_up(connection: ClientConnection) -> None:
    connection.transport.abort()
    await connection.wait_closed()


def call(method: str, params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


LIMITED = ChannelGlobs(read=("fx/*", "master"), write=())


@pytest.mark.parametrize(
    ("topic", "options", "names"),
    [
        ("channels", {}, ["fx/*", "master"]),
        ("channels", {"names": "*"}, ["fx/*", "master"]),
        ("channels", {"names": ["fx/room"]}, ["fx/room"]),
    ],
)
async def test_channels_are_those_that_may_be_read(
    hub: Hub, topic: str, options: dict[str, Any], names: list[str]
) -> None:
    assert (await hub.subscribe(Listener(), topic, options, LIMITED))["names"] == names


@pytest.mark.parametrize(
    ("topic", "options"),
    [
        ("channels", {"names": "drums"}),
        ("channels", {"names": ["fx/room", "d*"]}),
        ("audio-channel", {"name": "drums"}),
        ("pvs", {"name": "drums"}),
        ("array", {"name": "drums"}),
        ("outvalue", {}),
        ("invalue", {}),
    ],
)
async def test_streams_of_other_channels_are_refused(hub: Hub, topic: str, options: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        await hub.subscribe(Listener(), topic, options, LIMITED)


@pytest.mark.parametrize("topic", ["messages", "spout", "meters", "engine", "transport", "midi"])
async def test_streams_of_no_channel_are_for_all_who_read(hub: Hub, topic: str) -> None:
    assert (await hub.subscribe(Listener(), topic, {}, LIMITED))["topic"] == topic
