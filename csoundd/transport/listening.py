"""``/listen.wav`` and ``/listen.opus``, what sounds, for any player: files of 16-bit WAV or Ogg Opus that have no end.

Such a file begins with the first sound after the request. It ends when the engine sounds at another rate or with other
channels, or when its client takes nothing for ten seconds. Of what a slow client did not take in time the oldest is
left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from csoundd.errors import CsounddError, LimitExceeded
from csoundd.limits import LISTENER_SECONDS, LISTENERS
from csoundd.messages import StreamFrame
from csoundd.metrics import Counts
from csoundd.transport.authentication import grant_of
from csoundd.transport.conditions import conditional, failed
from csoundd.transport.opus import Int16Block, OpusStream
from csoundd.values import AudioFormat
from csoundd.wav import header

log = logging.getLogger("csoundd.transport")

BITS: Final = 16
HEADERS: Final = [(b"cache-control", b"no-store"), (b"accept-ranges", b"none")]


class Encoding(Protocol):
    """Makes the bytes of a file of the sound, one block after the other."""

    def encode(self, block: Int16Block) -> bytes:
        """The bytes that come of ``block``, which may be none yet."""

    def close(self) -> bytes:
        """The bytes that are left."""


class WavStream:
    """The bytes of a WAV file whose header says that it has no end."""

    def __init__(self, sr: float, nchnls: int) -> None:
        self._header = header(sr, nchnls, BITS, None)

    def encode(self, block: Int16Block) -> bytes:
        """The samples as they are, behind the header at first."""
        begun, self._header = self._header, b""
        return begun + block.tobytes()

    def close(self) -> bytes:
        """Nothing: the file ends where it was cut."""
        return b""


@dataclass(frozen=True)
class Sort:
    """A sort of file: its media type, and what makes it of sound at a rate in Hz with some channels."""

    media_type: bytes
    encoding: Callable[[float, int], Encoding]


SORTS: Final = {
    "/listen.wav": Sort(b"audio/wav", WavStream),
    "/listen.opus": Sort(b"audio/ogg; codecs=opus", OpusStream),
}
"""What can be listened to, by path."""


class AudioReader(Protocol):
    """The sound, in blocks of 16-bit integers, ``[frames, nchnls]``."""

    async def read(self) -> StreamFrame:
        """The next block."""


OpenAudio = Callable[[], AbstractAsyncContextManager[AudioReader]]
Format = Callable[[], AudioFormat | None]
"""What the engine computes, None before it has been started."""


class ListenEndpoint:
    """Lets up to LISTENERS clients listen at once."""

    def __init__(
        self,
        open_audio: OpenAudio,
        audio_format: Format,
        limit: int = LISTENERS,
        counts: Counts | None = None,
    ) -> None:
        self._limit = limit
        self._counts = Counts() if counts is None else counts
        self._open_audio, self._audio_format = open_audio, audio_format
        self._listeners: set[asyncio.Task[None]] = set()

    def routes(self) -> list[BaseRoute]:
        """The route that the HTTP server adds."""
        return [Route(path, self._answer, methods=["GET"]) for path in SORTS]

    def __len__(self) -> int:
        return len(self._listeners)

    def close(self) -> None:
        """End what everybody listens to."""
        for listener in self._listeners:
            listener.cancel()

    async def _answer(self, request: Request) -> Response:
        try:
            grant_of(request.scope).permit("read", request.url.path)
        except CsounddError as refusal:
            return failed(refusal)
        sort = SORTS[request.url.path]
        if len(self._listeners) >= self._limit:
            self._counts.limited("listeners")
            exceeded = LimitExceeded(f"{self._limit} clients are listening", name="listeners", limit=self._limit)
            return failed(exceeded, HTTPStatus.SERVICE_UNAVAILABLE)
        return conditional(request, Sound(sort.media_type, partial(self._begin, sort), self._counts))

    def _begin(self, sort: Sort, send: Send) -> asyncio.Task[None]:
        listener = asyncio.create_task(self._sent(sort, send))
        self._listeners.add(listener)
        listener.add_done_callback(self._listeners.discard)
        return listener

    async def _sent(self, sort: Sort, send: Send) -> None:
        """Send what sounds for as long as it can be the same file."""
        async with self._open_audio() as audio:
            block = await audio.read()
            begun = self._format()
            if begun is None:
                return
            encoding = sort.encoding(*begun)
            while self._format() in (begun, None):
                # libsndfile and the resampler compute without Python's lock, so others are served meanwhile.
                encoded = await asyncio.to_thread(encoding.encode, np.asarray(block.data))
                if encoded:
                    await _part(send, encoded)
                block = await audio.read()
            await _part(send, encoding.close())

    def _format(self) -> tuple[float, int] | None:
        form = self._audio_format()
        return None if form is None else (form.sr, form.nchnls)


class Sound(Response):
    """An answer without a length, which the task that ``begin`` makes writes, until its client is gone."""

    def __init__(self, media_type: bytes, begin: Callable[[Send], asyncio.Task[None]], counts: Counts) -> None:
        super().__init__()
        self._head = [(b"content-type", media_type), *HEADERS]
        self._begin, self._counts = begin, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": self._head})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        sending = self._begin(send)
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sending.cancel()
            ended, _ = await asyncio.gather(sending, gone, return_exceptions=True)
        if isinstance(ended, TimeoutError):
            self._counts.stalled += 1
            log.warning("a listener took nothing for too long and is given up")
            return
        if isinstance(ended, Exception):
            raise ended
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _part(send: Send, body: bytes) -> None:
    """Send a part of the file. Raises TimeoutError where it is not taken."""
    async with asyncio.timeout(LISTENER_SECONDS):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
