"""OSC over TCP, in both framings, and what belongs to a connection."""

from __future__ import annotations

import asyncio

import pytest

from csoundd.codec.osc import LengthFraming, SlipFraming
from tests.osc.fakes import PATIENCE, Served, StreamClient

FRAMINGS = pytest.mark.parametrize("framing", [SlipFraming, LengthFraming])


async def connected(osc: Served, framing: type[SlipFraming | LengthFraming]) -> StreamClient:
    return StreamClient(*await asyncio.open_connection("127.0.0.1", osc.tcp_port), framing(10**7))


@FRAMINGS
async def test_calls_are_answered_in_the_framing_they_came_in(
    osc: Served, framing: type[SlipFraming | LengthFraming]
) -> None:
    client = await connected(osc, framing)
    client.send("/chan/a", 0.5)
    client.send("/chan/a")

    assert await client.receive() == ("/chan/a", [0.5])
    client.writer.close()


async def test_an_answer_may_be_larger_than_a_datagram(osc: Served) -> None:
    osc.engine.channels["long"] = "x" * 100_000
    client = await connected(osc, SlipFraming)
    client.send("/chan/long")

    assert await client.receive() == ("/chan/long", ["x" * 100_000])
    client.writer.close()


async def test_what_belongs_to_a_connection_ends_with_it(osc: Served) -> None:
    client = await connected(osc, SlipFraming)
    client.send("/subscribe", "cutoff")
    await client.receive()
    client.writer.close()

    async with asyncio.timeout(PATIENCE):
        while osc.engine.polls or not osc.engine.released:
            await osc.client.settled()
    assert osc.engine.released[0].startswith("osc:tcp:127.0.0.1:")


@pytest.mark.parametrize("bytes_", [b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\4/a\0\0\xff\xff\xff\xff"])
async def test_what_is_no_osc_is_hung_up_on(osc: Served, bytes_: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", osc.tcp_port)
    writer.write(bytes_)

    async with asyncio.timeout(PATIENCE):
        assert b"/a" in await reader.read() or bytes_.startswith(b"GET")
    writer.close()
