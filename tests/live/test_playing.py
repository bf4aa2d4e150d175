"""A client of any kind compiles, plays, changes, and hears what comes of it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.live.foreign import Client, Codec, spectral_peak
from tests.live.pieces import HEADER


async def test_the_spectral_peak_follows_the_channel(playing: Client) -> None:
    spout = await playing.subscribe("spout")
    await playing.hears(spout, 440)
    await playing.call("csound.setControlChannel", "freq", 1000.0)
    await playing.hears(spout, 1000)


async def test_channels_come_complete_at_first_and_then_as_they_change(playing: Client, codec: Codec) -> None:
    # A pattern that fits nothing, so that this is not somebody else's stream.
    channels = await playing.subscribe("channels", names=["freq", "name", f"{codec.name}*"], onChange=True)
    first = await playing.until(lambda: playing.frames[channels])
    assert first[0].data == {"freq": 440.0, "name": ""}
    await playing.call("channel.set", {"freq": 660.0})
    await playing.until(lambda: playing.frames[channels][-1].data == {"freq": 660.0})


async def test_what_an_instrument_prints_is_heard(playing: Client) -> None:
    messages = await playing.subscribe("messages")
    code = 'instr 9\n  prints "a line of its own\\n"\nendin\nschedule(9, 0, 1)\n'
    assert await playing.call("csound.compileOrc", code) == 0
    await playing.until(lambda: any("a line of its own" in frame.data["text"] for frame in playing.frames[messages]))


async def test_messages_can_be_had_from_the_past(playing: Client) -> None:
    live = await playing.subscribe("messages")
    await playing.call("csound.message", "said before\n")
    await playing.until(lambda: [f for f in playing.frames[live] if f.data["text"] == "said before\n"])
    heard = list(playing.frames[live])
    await playing.call("stream.unsubscribe", live)
    playing.frames[live].clear()
    await playing.subscribe("messages", since=heard[0].seq - 1)
    await playing.until(lambda: len(playing.frames[live]) >= len(heard))
    assert playing.frames[live][: len(heard)] == heard


async def test_an_audio_channel_is_heard_alone(playing: Client) -> None:
    stream = await playing.subscribe("audio-channel", name="tone")
    await playing.until(lambda: len(playing.frames[stream]) >= 20)
    frames = playing.frames[stream]
    sound = np.concatenate([frame.data for frame in frames])
    assert [frame.sample for frame in frames[1:]] == [frame.sample + len(frame.data) for frame in frames[:-1]]
    assert spectral_peak(sound.reshape(-1, 1)) == pytest.approx(440, abs=20)


async def test_meters_measure_each_channel(playing: Client) -> None:
    meters = await playing.subscribe("meters")
    frames = await playing.until(lambda: playing.frames[meters][3:])
    assert frames[0].data["peak"] == pytest.approx([0.3, 0.15], rel=0.01)
    assert frames[0].data["rms"] == pytest.approx([0.3 / 2**0.5, 0.15 / 2**0.5], rel=0.02)


async def test_transport_tells_where_it_is(playing: Client) -> None:
    transport = await playing.subscribe("transport")
    one, other = (await playing.until(lambda: playing.frames[transport][1:]) and playing.frames[transport])[:2]
    assert one.data["state"] == "playing"
    assert other.data["sample"] > one.data["sample"]
    assert other.data["scoreTime"] == pytest.approx(other.data["sample"] / 48000)


async def test_each_change_of_state_is_told(client: Client) -> None:
    engine = await client.subscribe("engine")
    await client.call("csound.compileOrc", HEADER)
    for method in ("thread.play", "thread.pause", "thread.play", "thread.stop", "csound.reset"):
        await client.call(method)
    await client.until(lambda: len(client.frames[engine]) >= 5)
    states = [(frame.data["event"], frame.data["state"]) for frame in client.frames[engine]]
    assert states == [
        ("state", "playing"),
        ("state", "paused"),
        ("state", "playing"),
        ("state", "ended"),
        ("reset", "ready"),
    ]


@pytest.mark.parametrize(("wanted", "dtype", "full"), [("f32", "<f4", 1.0), ("f64", "<f8", 1.0), ("i16", "<i2", 32767)])
async def test_spout_comes_in_the_format_asked_for(playing: Client, wanted: str, dtype: str, full: float) -> None:
    spout = await playing.subscribe("spout", format=wanted, block=100)
    sound = await playing.audio(spout, 4800)
    assert sound.dtype == np.dtype(dtype)
    assert all(frame.data.shape == (100, 2) for frame in playing.frames[spout])
    assert np.abs(sound).max(axis=0) / full == pytest.approx([0.3, 0.15], rel=0.01)


async def test_spout_comes_with_the_channels_asked_for(playing: Client) -> None:
    spout = await playing.subscribe("spout", channels=[1])
    sound = await playing.audio(spout, 4800)
    assert sound.shape[1] == 1
    assert np.abs(sound).max() == pytest.approx(0.15, rel=0.01)


async def test_spout_has_no_gap(playing: Client) -> None:
    spout = await playing.subscribe("spout", block=64)
    await playing.until(lambda: len(playing.frames[spout]) >= 500)
    frames = playing.frames[spout]
    assert [frame.seq for frame in frames] == list(range(frames[0].seq, frames[0].seq + len(frames)))
    assert [frame.sample for frame in frames] == [frames[0].sample + 64 * n for n in range(len(frames))]


async def test_who_unsubscribes_hears_no_more(playing: Client) -> None:
    spout = await playing.subscribe("spout")
    await playing.until(lambda: playing.frames[spout])
    await playing.call("stream.unsubscribe", spout)
    playing.frames[spout].clear()
    transport = await playing.subscribe("transport", rate=50)
    await playing.until(lambda: len(playing.frames[transport]) >= 5)
    assert playing.frames[spout] == []
    assert [described["stream"] for described in await playing.call("stream.list")] == [transport]


async def test_calls_run_in_the_order_they_were_sent(playing: Client) -> None:
    numbers = [await playing.begin("csound.setControlChannel", ("freq", float(n))) for n in range(100, 150)]
    assert await playing.call("csound.controlChannel", "freq") == [149.0, 0]
    await asyncio.gather(*(playing.answer_to(number) for number in numbers))
