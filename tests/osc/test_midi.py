"""MIDI over OSC reaches the engine as from a controller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from csoundd.api.session import Streams
from csoundd.codec.osc import Midi, Value
from csoundd.dispatcher import Dispatcher
from tests.osc.fakes import Client, FakeEngine, bound_server


class Pushed(Streams):
    """Keeps what is pushed."""

    def __init__(self) -> None:
        self.data: list[tuple[str, Any]] = []

    async def push(self, topic: str, data: Any) -> dict[str, Any]:
        self.data.append((topic, data))
        return {"accepted": len(data)}


@pytest.fixture
def pushed() -> Pushed:
    return Pushed()


@pytest.fixture
async def client(pushed: Pushed) -> AsyncIterator[Client]:
    engine = FakeEngine()
    async with bound_server(engine, Dispatcher(engine, {Streams: lambda _: pushed})) as (_, port, _):
        client = Client(port)
        yield client
        client.socket.close()


@pytest.mark.parametrize(
    ("arguments", "data"),
    [
        ([Midi(b"\0\x90\x3c\x64")], [144, 60, 100]),
        ([Midi(b"\0\xc0\x05\0")], [192, 5]),
        ([Midi(b"\0\x90\x3c\x64"), Midi(b"\0\x80\x3c\0")], [144, 60, 100, 128, 60, 0]),
        ([144, 60, 100], [144, 60, 100]),
        ([b"\x90\x3c\x64"], [144, 60, 100]),
    ],
    ids=["m", "one data byte", "two", "integers", "a blob"],
)
async def test_midi_is_pushed(client: Client, pushed: Pushed, arguments: list[Value], data: list[int]) -> None:
    client.send("/midi", *arguments)

    assert await client.settled() == []
    assert pushed.data == [("midi", data)]


async def test_what_is_no_midi_is_refused(client: Client) -> None:
    assert (await client.ask("/midi", "note"))[1][:2] == ["/midi", -32602]
