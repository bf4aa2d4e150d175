"""From SIGKILL of an engine to sound, as a client hears it: ``python -m benchmarks.recovery --engine native:7``.

Each death waits until another host stands by, as it does some seconds after the one before. At rest the aim is a median
of 300 ms; what else the machine does is in the figure, so the load average stands beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

import tests.live.daemon
from tests.live.daemon import serving

TONE = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
instr 1
  asound = oscili(0.3, 440)
  outs asound, asound
endin
schedule(1, 0, -1)
"""
STANDS_BY_SECONDS = 8.0


class Client:
    """One connection; frames of streams are kept apart from answers."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._last = socket, 0

    async def call(self, method: str, **params: object) -> Any:  # noqa: ANN401 - whatever the method answers with
        """The result of a call."""
        self._last += 1
        await self._socket.send(json.dumps({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(await self._socket.recv())
            if message.get("id") == self._last:
                return message["result"]

    async def first_sample_after(self, last: int) -> int:
        """Wait for a frame that does not follow the sample ``last``: another engine's. Its first sample."""
        while True:
            message = json.loads(await self._socket.recv())
            if message.get("method") == "stream.data" and message["params"]["sample"] < last:
                return int(message["params"]["sample"])


async def _deaths(url: str, times: int) -> list[float]:
    async with connect(url, max_size=None) as socket:
        client = Client(socket)
        await client.call("csound.compileOrc", orc=TONE)
        await client.call("thread.play")
        await client.call("stream.subscribe", topic="spout", block=256)
        seconds = []
        for _ in range(times):
            reading = asyncio.get_running_loop().time() + STANDS_BY_SECONDS
            sample = 0
            while asyncio.get_running_loop().time() < reading:
                message = json.loads(await socket.recv())
                sample = message.get("params", {}).get("sample", sample)
            info = await client.call("engine.info")
            begun = perf_counter()
            os.kill(info["pid"], signal.SIGKILL)
            await client.first_sample_after(sample)
            seconds.append(perf_counter() - begun)
        return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", action="append")
    parser.add_argument("--times", type=int, default=20)
    told = parser.parse_args()
    tests.live.daemon.PATIENCE = 120.0
    for engine in told.engine or ["native:7", "native:6", "wasm"]:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "--engine", engine, "--no-mdns") as daemon:
            seconds = asyncio.run(_deaths(daemon.url, told.times))
        load, most = os.getloadavg()[0], max(seconds) * 1e3
        print(
            f"{engine}: {median(seconds) * 1e3:.0f} ms median, {min(seconds) * 1e3:.0f} to {most:.0f} ms, "
            f"{len(seconds)} deaths, load average {load:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
