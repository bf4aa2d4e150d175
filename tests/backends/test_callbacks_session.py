"""Callbacks and pushes over a real connection, in both codecs: who sets one hears of it, and nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from csoundd.engine.options import EngineName
from tests.live.daemon import Daemon, serving
from tests.live.foreign import CODECS, Client, Codec, connected

pytestmark = pytest.mark.live

ORCHESTRA = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
massign 1, 2
instr 1
  kfreq invalue "freq"
  outvalue "echo", kfreq
endin
instr 2
  icps cpsmidi
  outvalue "cps", icps
  midiout_i 144, 1, 60, 100
endin
schedule(1, 0, -1)
"""


@pytest.fixture(scope="module")
def daemon(engine_name: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with serving(tmp_path_factory.mktemp("callbacks"), "--engine", engine_name) as shared:
        yield shared


@pytest.fixture(params=CODECS, ids=lambda codec: codec.name)
async def client(daemon: Daemon, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    codec: Codec = request.param
    async with connected(daemon.url, codec) as connection:
        await connection.call("csound.reset")
        assert await connection.call("csound.compileOrc", ORCHESTRA) == 0
        yield connection


async def test_one_client_feeds_what_another_hears(daemon: Daemon, client: Client) -> None:
    stream = await client.call("csound.setOutputChannelCallback", {"$stream": "outvalue"})
    await client.call("thread.play")
    async with connected(daemon.url, CODECS[0]) as other:
        assert await other.call("stream.push", topic="invalue", data={"freq": 440}) == {"accepted": 1}
        await client.until(lambda: any(f.data == {"name": "echo", "value": 440.0} for f in client.frames[stream]))
        assert not other.frames


async def test_pushed_midi_sounds_and_midi_comes_back(client: Client) -> None:
    outvalue = await client.call("csound.setOutputChannelCallback", {"$stream": "outvalue"})
    midi = await client.call("csound.setExternalMidiWriteCallback", {"$stream": "midi"})
    await client.call("thread.play")
    await client.call("stream.push", topic="midi", data=[144, 69, 100])
    await client.until(lambda: any(f.data["name"] == "cps" for f in client.frames[outvalue]))
    sent = {"event": "message", "bytes": [144, 60, 100]}
    await client.until(lambda: any(frame.data == sent for frame in client.frames[midi]))


async def test_null_ends_what_a_callback_began(client: Client) -> None:
    stream = await client.call("csound.setOutputChannelCallback", {"$stream": "outvalue"})
    assert [entry["stream"] for entry in await client.call("stream.list")] == [stream]
    assert await client.call("csound.setOutputChannelCallback", None) is None
    assert await client.call("stream.list") == []


async def test_a_graph_arrives_with_its_data(client: Client) -> None:
    stream = await client.call("csound.setDrawGraphCallback", {"$stream": "graphs"})
    await client.call("csound.compileOrc", "gitab ftgen 7, 0, 8, -2, 0, 1, 2, 3, 4, 5, 6, 7\n")
    await client.call("csound.start")
    frames = await client.until(
        lambda: [f for f in client.frames[stream] if f.data["event"] == "draw" and "7" in f.data["caption"]]
    )
    assert frames[0].data["data"].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


async def test_code_with_a_callback_answers_with_the_stream_of_its_value(client: Client) -> None:
    await client.call("csound.start")
    stream = await client.call("thread.evalCode", "return 2 + 2\n", {"$stream": "eval"})
    frames = await client.until(lambda: client.frames[stream])
    assert [(frame.seq, frame.data) for frame in frames] == [(1, {"value": 4.0, "error": None})]


async def test_messages_are_heard_by_their_callback(client: Client) -> None:
    stream = await client.call("csound.setMessageStringCallback", 0, {"$stream": "messages"})
    await client.call("csound.message", "good evening\n")
    await client.until(lambda: any(f.data["text"] == "good evening\n" for f in client.frames[stream]))


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("csound.setOutputChannelCallback", [{"$stream": "smell"}], -32004),
        ("csound.setOutputChannelCallback", [{"$stream": "midi"}], -32602),
        ("csound.setOutputChannelCallback", ["outvalue"], -32602),
        ("thread.evalCode", ["return 1\n", {"$stream": "outvalue"}], -32602),
        ("thread.evalCode", ["return 1\n", {"$stream": "smell"}], -32004),
        ("stream.push", ["spout", []], -32004),
        ("stream.push", ["midi", ["note"]], -32602),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Client, method: str, params: list[object], code: int) -> None:
    await client.call("csound.start")
    refused = await client.refusal(method, *params)

    assert refused.code == code
