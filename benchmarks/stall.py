"""How long one client's large call holds up another's ``session.ping``, which the front answers by itself.

A connection pings all the while; a second one makes a large call, of each kind three times. Printed are the longest
ping during the call and, in the same run, the longest while nothing else is done. A machine that is busy holds up both.

The goal: at most 50 ms more than while nothing is done, on a quiet machine. Run as
``python -m benchmarks.stall [--engine native] [CALL...]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Final

import websockets

from benchmarks.daemon import daemon

Params = list[Any] | dict[str, Any]

REST_SECONDS: Final = 2.0
ROUNDS: Final = 3
TABLE: Final = 77
CHANNELS: Final = 10_000
BAD_LINES: Final = "".join(f"gi_x{number} = {number} + 1 * 2\n" for number in range(49_000)) + "gi = (((\n"

CALLS: Final[dict[str, tuple[str, Params]]] = {
    "discover": ("rpc.discover", []),
    "spin": ("stream.push", {"topic": "spin", "data": [0.1] * 100_000}),
    "table": ("csound.table", [TABLE]),
    "table.set": ("table.set", {"table": TABLE, "data": [0.5] * 500_000}),
    "nested": ("csound.setHostData", [{"a": [[number] for number in range(100_000)]}]),
    "channel.set": ("channel.set", {"values": {f"c{number}": float(number) for number in range(CHANNELS)}}),
    "channel.list": ("channel.list", {"pattern": "*"}),
    "orc.check": ("orc.check", {"code": BAD_LINES}),
    "one line": ("csound.compileOrc", ["1 " * 300_000]),
}


class Client:
    """One connection that speaks JSON."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket, self._number = socket, 0

    async def call(self, method: str, params: Params) -> float:
        """How long the answer took; what it is does not matter here."""
        self._number += 1
        request = json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params, "deadline": 60})
        begun = perf_counter()
        await self._socket.send(request)
        await self._socket.recv()
        return perf_counter() - begun


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """A connection to the daemon at ``port``."""
    url = f"ws://127.0.0.1:{port}/ws"
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("csoundd.json")], max_size=None) as socket:
        yield Client(socket)


class Pings:
    """``session.ping`` again and again over one connection: the longest of them since :meth:`begin`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._longest = 0.0

    def begin(self) -> None:
        """Forget the longest."""
        self._longest = 0.0

    async def longest(self) -> float:
        """The longest in seconds, that on its way among them."""
        await asyncio.sleep(0.3)
        return self._longest

    async def run(self) -> None:
        """Ping until cancelled."""
        while True:
            took = await self._client.call("session.ping", {"t": 0.0})
            self._longest = max(self._longest, took)
            await asyncio.sleep(0.002)


async def measure(port: int, names: list[str]) -> None:
    """Print a line for each call."""
    async with connected(port) as pinging, connected(port) as busy:
        await busy.call("csound.compileOrc", ["sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ninstr 1\nendin\n"])
        await busy.call("csound.start", [])
        await busy.call("thread.play", [])
        await busy.call("csound.eventString", [f"f {TABLE} 0 4194304 -2 0"])
        await busy.call("csound.sleep", [500])
        pings = Pings(pinging)
        running = asyncio.create_task(pings.run())
        await asyncio.sleep(REST_SECONDS)
        print(f"{'nothing':14} longest ping {1000 * await pings.longest():7.1f} ms", flush=True)
        for name in names or CALLS:
            longest = []
            for _ in range(ROUNDS):
                pings.begin()
                took = await busy.call(*CALLS[name])
                longest.append(await pings.longest())
            shown = ", ".join(f"{1000 * each:7.1f}" for each in longest)
            print(f"{name:14} longest ping {shown} ms, the call {1000 * took:7.0f} ms", flush=True)
        running.cancel()


def main() -> None:
    """Measure one engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="native")
    parser.add_argument("names", nargs="*", metavar="CALL", choices=[*CALLS, []], help="which calls (default: all)")
    told = parser.parse_args()
    with daemon("--engine", told.engine) as serving:
        asyncio.run(measure(serving.port, told.names))


if __name__ == "__main__":
    main()
