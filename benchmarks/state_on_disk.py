"""The cost of keeping the state on disk: channel sets a second, with and without it, in turns.

``python -m benchmarks.state_on_disk`` prints, for calls one after another and for many at once, how much of the speed
without a state is left with one.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.live.daemon import serving

CALLS, ROUNDS, AT_ONCE, CHANNELS = 4000, 7, 64, 64


async def _sets(socket: ClientConnection, at_once: int) -> float:
    """Sets a second, ``at_once`` of them in flight."""
    began, sent = perf_counter(), 0
    for answered in range(CALLS):
        while sent < min(CALLS, answered + at_once):
            params = [f"channel {sent % CHANNELS}", float(sent)]
            await socket.send(
                msgpack.packb({"jsonrpc": "2.0", "id": sent, "method": "csound.setControlChannel", "params": params})
            )
            sent += 1
        await socket.recv()
    return CALLS / (perf_counter() - began)


async def _measured(urls: tuple[str, str], at_once: int) -> None:
    rates: tuple[list[float], list[float]] = ([], [])
    msgpacked = [Subprotocol("csoundd.msgpack")]
    async with connect(urls[0], subprotocols=msgpacked) as kept, connect(urls[1], subprotocols=msgpacked) as plain:
        for _ in range(ROUNDS):
            for socket, told in ((kept, rates[0]), (plain, rates[1])):
                told.append(await _sets(socket, at_once))
    with_state, without = map(median, rates)
    share = median(one / other for one, other in zip(*rates, strict=True))
    print(f"{at_once} at once: {with_state:.0f} with a state, {without:.0f} without: {share:.0%}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        state, pieces = Path(folder) / "state", [Path(folder) / name for name in ("kept", "plain")]
        for piece in pieces:
            piece.mkdir()
        with serving(pieces[0], "--state", state) as kept, serving(pieces[1]) as plain:
            for at_once in (1, AT_ONCE):
                asyncio.run(_measured((kept.url, plain.url), at_once))


if __name__ == "__main__":
    main()
