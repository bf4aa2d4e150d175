"""The front's additions to the engine, over the wire: recordings, files, checks, and calls that are cancelled."""

from __future__ import annotations

import asyncio
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.live.daemon import PATIENCE, Daemon
from tests.live.foreign import CODECS, Client, Codec, connected, spectral_peak
from tests.live.pieces import TONE
from tests.waves import samples_of

FORBIDDEN, WRONG_STATE, TIMEOUT, CANCELLED = -32002, -32003, -32007, -32011
ENDLESS = "ix = 0\nwhile ix < 1 do\n  ix = 0\nod\n"


async def play(client: Client) -> None:
    assert await client.call("csound.compileOrc", TONE) == 0
    await client.call("csound.setControlChannel", "freq", 440.0)
    await client.call("thread.play")


@pytest.mark.parametrize("bits", [16, 24, 32])
async def test_a_recording_is_complete_after_sigterm(daemon: Daemon, tmp_path: Path, bits: int) -> None:
    async with connected(daemon.url) as client:
        await play(client)
        stream = await client.subscribe("spout")
        await client.call("thread.record", "take.wav", bits, 4)
        await client.audio(stream, 24000)
        sample = (await client.call("session.ping", 0.0))["sample"]
        daemon.terminate()
    sr, frames = samples_of(tmp_path / "take.wav")
    assert sr == 48000
    assert len(frames) >= 24000 - 2048
    assert len(frames) <= sample + 48000
    assert abs(spectral_peak(frames) - 440.0) < 5


async def test_a_recording_lands_where_its_receipts_say(shared: Daemon) -> None:
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        await client.call("session.hello", protocol=1, receipts=True)
        await play(client)
        now = (await client.call("engine.sync"))["sample"]
        begun = await client.ask("thread.record", ["take.wav", 32, 4], at={"sample": now + 9600})
        ended = await client.ask("thread.stopRecord", [], at={"sample": now + 24000})
    landed = [answer["meta"]["sample"] for answer in (begun, ended)]
    assert now + 9600 - 64 <= landed[0] <= now + 9600
    assert len(samples_of(shared.folder / "take.wav")[1]) == landed[1] - landed[0]


async def test_a_recording_can_be_fetched_while_it_goes_on(shared: Daemon) -> None:
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        await play(client)
        await client.call("thread.record", "take.wav", 16, 4)
        assert await asyncio.to_thread(fetched, shared, "/files/take.wav") == 200
        await client.call("thread.stopRecord")


async def test_recordings_are_no_part_of_a_list_of_calls(shared: Daemon) -> None:
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        (answer,) = await client.call("engine.batch", [{"method": "thread.record", "params": ["a.wav", 16, 4]}])
        assert answer["error"]["code"] == WRONG_STATE
        assert (await client.refusal("thread.record", "../a.wav", 16, 4)).code == FORBIDDEN


async def test_a_file_that_was_put_can_be_played(shared: Daemon) -> None:
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        orchestra = f"<CsoundSynthesizer>\n<CsInstruments>\n{TONE}\n</CsInstruments>\n</CsoundSynthesizer>\n"
        assert await asyncio.to_thread(put, shared, "/files/pieces/tone.csd", orchestra) == 201
        assert await client.call("csound.compileCsd", "pieces/tone.csd") == 0


def put(shared: Daemon, path: str, text: str) -> int:
    with closing(HTTPConnection(shared.http, timeout=PATIENCE)) as connection:
        connection.request("PUT", path, text)
        return connection.getresponse().status


def fetched(shared: Daemon, path: str) -> int:
    with closing(HTTPConnection(shared.http, timeout=PATIENCE)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.read()[:4] == b"RIFF"
        return response.status


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
async def test_code_is_checked_while_the_live_engine_plays(shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as client:
        await client.call("csound.reset")
        await play(client)
        stream = await client.subscribe("engine")
        good = await client.call("orc.check", "instr 2\n  asig oscili 0.1, 440\n  outs asig, asig\nendin\n")
        bad = await client.call("orc.check", "instr 2\n  asig pluk 1, 2\nendin\n")
        assert (good["ok"], good["diagnostics"]) == (True, [])
        assert (bad["ok"], bad["diagnostics"][0]["line"]) == (False, 2)
        endless = await client.ask("orc.check", [ENDLESS], deadline=2.0)
        assert endless["error"]["code"] == TIMEOUT
        assert client.frames[stream] == []
        assert (await client.call("engine.info"))["state"] == "playing"


@pytest.mark.parametrize(
    ("method", "params"),
    [("csound.perform", []), ("thread.join", []), ("csound.sleep", [60_000]), ("orc.check", [ENDLESS])],
)
async def test_a_call_that_waits_is_cancelled_by_its_id(shared: Daemon, method: str, params: list[object]) -> None:
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        await client.call("csound.compileOrc", TONE)
        number = await client.begin(method, params)
        assert await client.call("csound.kr") == 750.0
        assert await client.call("session.cancel", number) is True
        assert (await client.answer_to(number))["error"]["code"] == CANCELLED
        assert await client.call("session.cancel", number) is False


async def test_a_call_that_waits_for_its_time_is_cancelled_by_its_id(shared: Daemon) -> None:
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        await client.call("csound.setControlChannel", "freq", 1.0)
        number = await client.begin("csound.setControlChannel", ["freq", 2.0], at={"delay": 60})
        assert await client.call("session.cancel", id=number) is True
        assert (await client.answer_to(number))["error"]["code"] == CANCELLED
        assert await client.call("csound.controlChannel", "freq") == [1.0, 0]


async def test_nobody_cancels_for_somebody_else(shared: Daemon) -> None:
    async with connected(shared.url) as client, connected(shared.url) as other:
        await client.call("csound.reset")
        number = await client.begin("csound.sleep", [60_000])
        await client.call("engine.sync")
        assert await other.call("session.cancel", number) is False
        assert await client.call("session.cancel", number) is True


async def test_what_can_be_played_is_listed_also_what_came_later_by_macro_or_from_a_file(shared: Daemon) -> None:
    (shared.folder / "more.inc").write_text("instr 7\nendin\n")
    async with connected(shared.url) as client:
        await client.call("csound.reset")
        assert await client.call("orc.instruments") == []
        await client.call("csound.compileOrc", 'instr 20, 3, Bell\nendin\n#include "more.inc"\n')
        await client.call("thread.play")
        assert await client.call("orc.compile", "#define WHO #Drum#\ninstr 3\nendin\ninstr $WHO\nendin\n")
        listed = await client.call("orc.instruments")
        numbers = [await client.call("csound.instrNumber", name) for name in ("Bell", "Drum")]
        assert listed == [
            *({"name": "", "number": number} for number in (3, 7, 20)),
            *({"name": name, "number": number} for name, number in zip(("Bell", "Drum"), numbers, strict=True)),
        ]
        assert min(numbers) > 0
        await client.call("csound.reset")
        assert await client.call("orc.instruments") == []
