"""``/listen.wav``, what sounds, for any player: a WAV file of 16 bits that has no end.

It begins with the first sound after the request. It ends when the engine sounds at another rate or with other channels,
or when its client takes nothing for ten seconds. Of what a slow client did not take in time the oldest is left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
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
from csoundd.transport.authentication import grant_of
from csoundd.transport.conditions import conditional, failed
from csoundd.values import AudioFormat
from csoundd.wav import header

log = logging.getLogger("csoundd.transport")

BITS: Final = 16
HEADERS: Final = [(b"content-type", b"audio/wav"), (b"cache-control", b"no-store"), (b"accept-ranges", b"none")]


class AudioReader(Protocol):
    """The sound, in blocks of 16-bit integers, ``[frames, nchnls]``."""

    async def read(self) -> StreamFrame:
        """The next block."""


OpenAudio = Callable[[], AbstractAsyncContextManager[AudioReader]]
Format = Callable[[], AudioFormat | None]
"""What the engine computes, None before it has been started."""


class ListenEndpoint:
    """Lets up to LISTENERS clients listen at once."""

    def __init__(self, open_audio: OpenAudio, audio_format: Format) -> None:
        self._open_audio, self._audio_format = open_audio, audio_format
        self._listeners: set[asyncio.Task[None]] = set()

    def routes(self) -> list[BaseRoute]:
        """The route that the HTTP server adds."""
        return [Route("/listen.wav", self._answer, methods=["GET"])]

    def close(self) -> None:
        """End what everybody listens to."""
        for listener in self._listeners:
            listener.cancel()

    async def _answer(self, request: Request) -> Response:
        try:
            grant_of(request.scope).permit("read", "/listen.wav")
        except CsounddError as refusal:
            return failed(refusal)
        if len(self._listeners) >= LISTENERS:
            exceeded = LimitExceeded(f"{LISTENERS} clients are listening", limit=LISTENERS)
            return failed(exceeded, HTTPStatus.SERVICE_UNAVAILABLE)
        return conditional(request, Sound(self._begin))

    def _begin(self, send: Send) -> asyncio.Task[None]:
        listener = asyncio.create_task(self._sent(send))
        self._listeners.add(listener)
        listener.add_done_callback(self._listeners.discard)
        return listener

    async def _sent(self, send: Send) -> None:
        """Send what sounds for as long as it can be the same file."""
        async with self._open_audio() as audio:
            block = await audio.read()
            begun = self._format()
            if begun is None:
                return
            await _part(send, header(*begun, BITS, None))
            while self._format() in (begun, None):
                await _part(send, np.asarray(block.data).tobytes())
                block = await audio.read()

    def _format(self) -> tuple[float, int] | None:
        form = self._audio_format()
        return None if form is None else (form.sr, form.nchnls)


class Sound(Response):
    """An answer without a length, which the task that ``begin`` makes writes, until its client is gone."""

    def __init__(self, begin: Callable[[Send], asyncio.Task[None]]) -> None:
        super().__init__()
        self._begin = begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": HEADERS})
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
