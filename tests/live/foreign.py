"""A client that knows the contract only: websockets, json and msgpack, and nothing of csoundd's."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeVar

import msgpack
import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.live import leaks
from tests.live.daemon import PATIENCE

T = TypeVar("T")
ARRAY: Final = 1
"""The msgpack extension type of arrays."""

SEARCHED_BYTES: Final = 65_536
"""Replies up to this size are looked through for what nobody is to be told; what is larger is sound."""

SR: Final = 48000.0
SILENCE: Final = 1e-6


def _array(dtype: str, shape: list[int], data: bytes) -> npt.NDArray[Any]:
    return np.frombuffer(data, dtype).reshape(shape)


def _from_json(value: dict[str, Any]) -> Any:
    if value.keys() == {"$array"}:
        array = value["$array"]
        return _array(array["dtype"], array["shape"], base64.b64decode(array["data"]))
    return value


def _from_extension(code: int, data: bytes) -> Any:
    assert code == ARRAY
    return _array(*msgpack.unpackb(data))


def _bytes(frame: bytes | str) -> bytes:
    assert isinstance(frame, bytes)
    return frame


@dataclass(frozen=True)
class Codec:
    """One of the two encodings, by the name of its subprotocol and its media type."""

    name: str
    media: str
    encode: Callable[[object], bytes | str]
    decode: Callable[[bytes | str], Any]


JSON: Final = Codec(
    "csoundd.json", "application/json", json.dumps, lambda frame: json.loads(frame, object_hook=_from_json)
)
MSGPACK: Final = Codec(
    "csoundd.msgpack",
    "application/msgpack",
    msgpack.packb,
    lambda frame: msgpack.unpackb(_bytes(frame), ext_hook=_from_extension),
)
CODECS: Final = (JSON, MSGPACK)


class Refused(Exception):
    """An error as it came over the wire."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']} {error['message']}")
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.data: dict[str, Any] = error["data"]


@dataclass(frozen=True)
class Frame:
    """One ``stream.data``."""

    stream: str
    seq: int
    sample: int
    data: Any


class Client:
    """One connection. Whatever comes is kept, and ``until`` waits for more."""

    def __init__(self, connection: ClientConnection, codec: Codec) -> None:
        self.connection = connection
        self.codec = codec
        self.frames: defaultdict[str, list[Frame]] = defaultdict(list)
        self.complaints: list[dict[str, Any]] = []
        """Answers without an id."""
        self.batches: list[list[dict[str, Any]]] = []
        self.replies: dict[object, dict[str, Any]] = {}
        self.ends: list[dict[str, Any]] = []
        """The params of each ``stream.ended``."""
        self.over = False
        self._last = 0
        self._stirred = asyncio.Event()

    async def listen(self) -> None:
        """Take what comes until the connection ends."""
        with suppress(ConnectionClosed):
            async for frame in self.connection:
                if len(frame) < SEARCHED_BYTES:
                    leaks.check_reply(frame)
                self._take(self.codec.decode(frame))
                self._stirred.set()
        self.over = True
        self._stirred.set()

    def _take(self, message: Any) -> None:
        if isinstance(message, list):
            self.batches.append(message)
        elif message.get("method") == "stream.data":
            frame = Frame(**message["params"])
            self.frames[frame.stream].append(frame)
        elif message.get("method") == "stream.ended":
            self.ends.append(message["params"])
        elif message["id"] is None:
            self.complaints.append(message)
        else:
            self.replies[message["id"]] = message

    async def until(self, wanted: Callable[[], T], patience: float = PATIENCE) -> T:
        """Wait until ``wanted`` gives something true, and return that."""
        async with asyncio.timeout(patience):
            while not (found := wanted()):
                assert not self.over, f"the connection ended with {self.connection.close_code}"
                self._stirred.clear()
                await self._stirred.wait()
        return found

    async def closed(self) -> int | None:
        """Wait for the end of the connection; its close code."""
        async with asyncio.timeout(PATIENCE):
            while not self.over:
                self._stirred.clear()
                await self._stirred.wait()
        return self.connection.close_code

    async def send(self, frame: bytes | str) -> None:
        """Send a frame as it is."""
        await self.connection.send(frame)

    async def say(self, message: object) -> None:
        """Send ``message`` in the connection's encoding."""
        await self.send(self.codec.encode(message))

    async def ask(self, method: str, params: object = (), **envelope: object) -> dict[str, Any]:
        """Call a method, and return the whole answer."""
        number = await self.begin(method, params, **envelope)
        return await self.answer_to(number)

    async def begin(self, method: str, params: object = (), **envelope: object) -> int:
        """Send a call, and return its number."""
        self._last += 1
        named = params if isinstance(params, dict) else list(params)  # type: ignore[call-overload]
        await self.say({"jsonrpc": "2.0", "id": self._last, "method": method, "params": named, **envelope})
        return self._last

    async def answer_to(self, number: object) -> dict[str, Any]:
        """Wait for the answer to the call with this id."""
        await self.until(lambda: number in self.replies)
        return self.replies.pop(number)

    async def call(self, method: str, *params: object, **named: object) -> Any:
        """Call a method, and return its result or raise Refused."""
        answer = await self.ask(method, named or params)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    async def refusal(self, method: str, *params: object, **named: object) -> Refused:
        """Call a method that has to be refused."""
        answer = await self.ask(method, named or params)
        assert "error" in answer, answer
        return Refused(answer["error"])

    async def complaint(self) -> Refused:
        """The error that comes without an id."""
        await self.until(lambda: self.complaints)
        return Refused(self.complaints.pop(0)["error"])

    async def batch(self) -> list[dict[str, Any]]:
        """The answers to a batch."""
        await self.until(lambda: self.batches)
        return self.batches.pop(0)

    async def subscribe(self, topic: str, **options: object) -> str:
        """Subscribe, and return the stream's id."""
        described = await self.call("stream.subscribe", topic=topic, **options)
        assert described["topic"] == topic
        return str(described["stream"])

    async def audio(self, stream: str, count: int) -> npt.NDArray[Any]:
        """The next ``count`` samples and more of ``stream``, in a row."""
        self.frames[stream].clear()
        await self.until(lambda: self._latest(stream, count) is not None)
        latest = self._latest(stream, count)
        assert latest is not None
        return latest

    async def hears(self, stream: str, frequency: float, window: int = 8192) -> None:
        """Wait until the strongest partial in the last ``window`` samples of ``stream`` is ``frequency``."""

        def there() -> bool:
            latest = self._latest(stream, window)
            return latest is not None and abs(spectral_peak(latest) - frequency) < SR / window

        await self.until(there)

    def _latest(self, stream: str, count: int) -> npt.NDArray[Any] | None:
        """The last ``count`` samples or a few more, None while there are not so many without a break."""
        blocks: list[npt.NDArray[Any]] = []
        length, begins = 0, None
        for frame in reversed(self.frames[stream]):
            if begins is not None and frame.sample + len(frame.data) != begins:
                break
            begins = frame.sample
            blocks.append(frame.data)
            length += len(frame.data)
            if length >= count:
                return np.concatenate(blocks[::-1])
        return None


def spectral_peak(frames: npt.NDArray[Any], sr: float = SR) -> float:
    """The frequency of the strongest partial of the first channel, 0 where there is silence."""
    column = frames[:, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(column * np.hanning(len(column))))
    return float(spectrum.argmax() * sr / len(column)) if spectrum.max() > SILENCE else 0.0


def gaps(frames: list[Frame]) -> list[tuple[int, int]]:
    """The pairs of numbers that follow each other without being neighbours."""
    seqs = [frame.seq for frame in frames]
    return [(one, other) for one, other in pairwise(seqs) if other != one + 1]


@asynccontextmanager
async def connected(url: str, codec: Codec = MSGPACK, **headers: str) -> AsyncIterator[Client]:
    """A client that is connected and listens."""
    async with websocket(
        url,
        subprotocols=[Subprotocol(codec.name)],
        additional_headers=headers,
        compression=None,
        max_size=None,
        ping_interval=None,
        open_timeout=PATIENCE,
        close_timeout=PATIENCE,
        proxy=None,
    ) as connection:
        client = Client(connection, codec)
        listening = asyncio.create_task(client.listen())
        try:
            yield client
        finally:
            await connection.close()
            await listening
