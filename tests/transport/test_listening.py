"""``/listen.wav`` and ``/listen.opus``: what sounds, as a file without an end."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.types import ASGIApp

from csoundd.limits import LISTENERS
from csoundd.messages import Frames, StreamFrame
from csoundd.metrics import Counts
from csoundd.streams.backlog import NEWEST_BYTES
from csoundd.transport import listening
from csoundd.transport.listening import ListenEndpoint
from csoundd.values import AudioFormat
from tests.transport.gate import authenticator_of, gate

PATIENCE = 5.0
HEADER_BYTES = 44


class Played:
    """The sound that a listener hears, put there by a test."""

    def __init__(self, limit: int = LISTENERS) -> None:
        self.blocks: asyncio.Queue[StreamFrame] = asyncio.Queue()
        self.rates: AudioFormat | None = AudioFormat(48000.0, 64, 2, 1.0)
        self.heard = asyncio.Event()
        self.ears = 0
        self.counts = Counts()
        self.endpoint = ListenEndpoint(self._ear, lambda: self.rates, limit, self.counts)
        self.app = gate(Starlette(routes=self.endpoint.routes()), authenticator_of())

    @asynccontextmanager
    async def _ear(self) -> AsyncIterator[Played]:
        self.ears += 1
        self.heard.set()
        try:
            yield self
        finally:
            self.ears -= 1

    async def read(self) -> StreamFrame:
        return await self.blocks.get()

    def play(self, level: int) -> None:
        self.blocks.put_nowait(StreamFrame("spout/1", 1, Frames(0), np.full((64, 2), level, np.int16), NEWEST_BYTES))


class Listener:
    """A client of the application, without a socket."""

    def __init__(
        self, app: ASGIApp, host: bytes = b"localhost", method: str = "GET", path: str = "/listen.wav"
    ) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = bytearray()
        self.ended = False
        self.taking = asyncio.Event()
        self.taking.set()
        self._left = asyncio.Event()
        self._stirred = asyncio.Event()
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "scheme": "http",
            "server": ("127.0.0.1", 7700),
            "client": ("127.0.0.1", 50000),
            "headers": [(b"host", host)],
            "query_string": b"",
        }
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.taking.wait()
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        self.body += message.get("body", b"")
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        self._stirred.set()

    def leave(self) -> None:
        self._left.set()

    async def until(self, size: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.body) < size:
                self._stirred.clear()
                await self._stirred.wait()

    async def end(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.task


async def test_what_sounds_is_a_wav_file_that_goes_on() -> None:
    played = Played()
    client = Listener(played.app)
    for level in (100, -200):
        played.play(level)
    await client.until(HEADER_BYTES + 2 * 256)
    client.leave()
    await client.end()

    assert (client.status, client.headers[b"content-type"]) == (200, b"audio/wav")
    with wave.open(io.BytesIO(bytes(client.body))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48000, 2, 2)
        frames = np.frombuffer(file.readframes(128), "<i2")
    assert frames.tolist() == [100] * 128 + [-200] * 128


async def test_it_begins_with_the_first_sound_and_at_its_rate() -> None:
    played = Played()
    played.rates = None
    client = Listener(played.app)
    async with asyncio.timeout(PATIENCE):
        await played.heard.wait()
    played.rates = AudioFormat(32000.0, 64, 2, 1.0)
    played.play(1)
    await client.until(HEADER_BYTES + 256)
    client.leave()
    await client.end()

    assert int.from_bytes(client.body[24:28], "little") == 32000


async def test_it_ends_when_the_engine_sounds_otherwise() -> None:
    played = Played()
    client = Listener(played.app)
    played.play(1)
    await client.until(HEADER_BYTES + 256)
    played.rates = AudioFormat(44100.0, 64, 2, 1.0)
    played.play(2)
    await client.end()

    assert len(client.body) == HEADER_BYTES + 256


async def test_it_goes_on_after_an_engine_that_was_away() -> None:
    played = Played()
    client = Listener(played.app)
    played.play(1)
    await client.until(HEADER_BYTES + 256)
    rates, played.rates = played.rates, None
    played.play(2)
    await client.until(HEADER_BYTES + 512)
    played.rates = rates
    played.play(3)
    await client.until(HEADER_BYTES + 768)
    client.leave()
    await client.end()


async def test_who_leaves_is_no_listener_any_more() -> None:
    played = Played()
    client = Listener(played.app)
    played.play(1)
    await client.until(HEADER_BYTES)
    client.leave()
    await client.end()

    assert played.ears == 0


async def test_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LISTENER_SECONDS", 0.05)
    played = Played()
    client = Listener(played.app)
    played.play(1)
    await client.until(HEADER_BYTES)
    client.taking.clear()
    played.play(2)
    played.play(3)
    await client.end()

    assert (played.ears, played.counts.stalled) == (0, 1)


async def test_closing_ends_the_file_in_good_order() -> None:
    played = Played()
    client = Listener(played.app)
    played.play(1)
    await client.until(HEADER_BYTES)
    played.endpoint.close()
    await client.end()

    assert (played.ears, client.ended) == (0, True)


async def test_there_are_so_many_listeners_and_no_more() -> None:
    played = Played(limit=1)
    first = Listener(played.app)
    played.play(1)
    await first.until(HEADER_BYTES)
    second = Listener(played.app)
    await second.end()
    first.leave()
    await first.end()

    assert (first.status, second.status) == (200, 503)


@pytest.mark.parametrize(("host", "method", "status"), [(b"evil.example", "GET", 403), (b"localhost", "HEAD", 200)])
async def test_who_may_ask(host: bytes, method: str, status: int) -> None:
    client = Listener(Played().app, host, method)
    await client.end()

    assert client.status == status


@pytest.mark.parametrize("sr", [48000.0, 44100.0, 96000.0, 8000.0])
@pytest.mark.parametrize("nchnls", [1, 2, 5])
async def test_opus_is_the_same_sound(sr: float, nchnls: int) -> None:
    played = Played()
    played.rates = AudioFormat(sr, 64, nchnls, 1.0)
    client = Listener(played.app, path="/listen.opus")
    seconds = np.arange(int(sr * 4)) / sr
    tone = (8000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    for first in range(0, len(tone), 1000):
        block = np.repeat(tone[first : first + 1000, None], nchnls, axis=1)
        played.blocks.put_nowait(StreamFrame("spout/1", 1, Frames(0), block, NEWEST_BYTES))
    await client.until(20_000)
    client.leave()
    await client.end()

    assert (client.status, client.headers[b"content-type"]) == (200, b"audio/ogg; codecs=opus")
    sound, rate = soundfile.read(io.BytesIO(bytes(client.body)))
    heard = sound.reshape(len(sound), -1)[rate // 2 : rate]
    assert heard.shape[1] == min(nchnls, 2)
    strongest = np.abs(np.fft.rfft(heard[:, 0])).argmax() * rate / len(heard)
    assert (strongest, round(float(np.abs(heard).max()), 1)) == (440, 0.2)


async def test_opus_comes_as_it_sounds_not_in_heaps() -> None:
    played = Played()
    client = Listener(played.app, path="/listen.opus")
    noise = np.random.default_rng(1).integers(-9000, 9000, (48000, 2), np.int16)
    sizes = []
    for first in range(0, 48000, 9600):
        played.blocks.put_nowait(StreamFrame("spout/1", 1, Frames(0), noise[first : first + 9600], NEWEST_BYTES))
        await client.until(len(client.body) + 1000)
        sizes.append(len(client.body))
    client.leave()
    await client.end()

    assert sizes[-1] * 8 < 160_000
