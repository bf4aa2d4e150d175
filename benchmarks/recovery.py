"""From SIGKILL of an engine to sound, as a client hears it: ``python -m benchmarks.recovery --engine native:7``.

Each death waits until another host stands by, as it does some seconds after the one before. At rest the aim is a median
of 300 ms; what else the machine does is in the figure, so the load average stands beside it.

The parts are those that the stream ``engine`` tells of: until the death is noticed, until another host has been started
and restored, until its first sound.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import tempfile
from itertools import pairwise
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

PARTS = ("noticed", "restored", "heard")
"""What a death leads through, in this order."""


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

    async def recovery(self, spout: str, last: int) -> list[float]:
        """Wait for sound of another engine than that of the sample ``last``; when each of PARTS was reached."""
        reached: dict[str, float] = {}
        while True:
            message = json.loads(await self._socket.recv())
            told, now = message.get("params", {}), perf_counter()
            if message.get("method") != "stream.data":
                continue
            if told["stream"] != spout:
                names = {"died": "noticed", "restored": "restored"}
                name = names.get(told["data"]["event"])
                if name is not None:
                    reached.setdefault(name, now)
            elif told["sample"] < last:
                # A sound may come in the same breath as what was to be told before it.
                return [min(reached.get(part, now), now) for part in PARTS]


async def _deaths(url: str, times: int) -> list[list[float]]:
    async with connect(url, max_size=None) as socket:
        client = Client(socket)
        await client.call("csound.compileOrc", orc=TONE)
        await client.call("thread.play")
        spout = (await client.call("stream.subscribe", topic="spout", block=256))["stream"]
        await client.call("stream.subscribe", topic="engine")
        deaths = []
        for _ in range(times):
            reading = asyncio.get_running_loop().time() + STANDS_BY_SECONDS
            sample = 0
            while asyncio.get_running_loop().time() < reading:
                message = json.loads(await socket.recv())
                told = message.get("params", {})
                sample = told["sample"] if told.get("stream") == spout else sample
            info = await client.call("engine.info")
            begun = perf_counter()
            os.kill(info["pid"], signal.SIGKILL)
            deaths.append([moment - begun for moment in await client.recovery(spout, sample)])
        return deaths


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", action="append")
    parser.add_argument("--times", type=int, default=20)
    told = parser.parse_args()
    tests.live.daemon.PATIENCE = 120.0
    for engine in told.engine or ["native:7", "native:6", "wasm"]:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "--engine", engine, "--no-mdns") as daemon:
            deaths = asyncio.run(_deaths(daemon.url, told.times))
        seconds = [moments[-1] for moments in deaths]
        load, most = os.getloadavg()[0], max(seconds) * 1e3
        spent = [[end - begin for begin, end in pairwise((0.0, *moments))] for moments in deaths]
        parts = (f"{part} {median(each) * 1e3:.0f}" for part, each in zip(PARTS, zip(*spent, strict=True), strict=True))
        print(
            f"{engine}: {median(seconds) * 1e3:.0f} ms median, {min(seconds) * 1e3:.0f} to {most:.0f} ms, "
            f"{len(seconds)} deaths, load average {load:.1f}; of that, medians: {', '.join(parts)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
