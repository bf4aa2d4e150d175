"""The round trip of one call while the engine plays, against a bare echo through the same server stack.

The echo is uvicorn with its ``websockets-sansio`` protocol on uvloop and three lines of ASGI. Both are asked by the
same client, turn about: once over a plain blocking socket, once with the ``websockets`` library. The goal is a ratio
of at most 2 for ``csound.controlChannel``, which the front answers out of the shared channel values;
``csound.setControlChannel`` goes to the engine's process and back, and is here to show what that costs. Run as
``python -m benchmarks.round_trip [ROUNDS]``.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from benchmarks.daemon import daemon
from benchmarks.pieces import PLAYED
from benchmarks.raw import SUBPROTOCOL, RawClient, masked, payload

READ: Final = payload("csound.controlChannel", "cutoff")
WRITE: Final = payload("csound.setControlChannel", "cutoff", 0.25)
CALLS: Final = 500
ROUNDS: Final = 20

Exchange = Callable[[], object]


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    """Give back what came."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["bytes"]})


async def serve_echo() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(
            echo,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="critical",
            access_log=False,
        )
        await uvicorn.Server(config).serve([listening])


@contextmanager
def echo_server() -> Iterator[int]:
    """The port of an echo in a child process."""
    command = [sys.executable, "-m", "benchmarks.round_trip", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def raw(port: int, call: bytes, _: ExitStack) -> Exchange:
    client, frame = RawClient(port), masked(call)
    return lambda: client.exchange(frame)


def library(port: int, call: bytes, stack: ExitStack) -> Exchange:
    url, subprotocols = f"ws://127.0.0.1:{port}/ws", [Subprotocol(SUBPROTOCOL)]
    client = stack.enter_context(connect(url, subprotocols=subprotocols, compression=None))

    def exchange() -> object:
        client.send(call)
        return client.recv()

    return exchange


def timed(exchange: Exchange) -> list[float]:
    """The microseconds of each of some calls."""
    times = []
    for _ in range(CALLS):
        start = perf_counter()
        exchange()
        times.append((perf_counter() - start) * 1e6)
    return times


def compare(name: str, bare: Exchange, ours: Exchange, rounds: int) -> None:
    """Time both, turn about, and print what came of it."""
    for exchange in (bare, ours):
        timed(exchange)
    pairs = [(timed(bare), timed(ours)) for _ in range(rounds)]
    ratios = [median(own) / median(echoed) for echoed, own in pairs]
    echoed, own = ([value for pair in pairs for value in pair[side]] for side in (0, 1))
    print(
        f"{name:38} echo {median(echoed):6.1f} us (p99 {quantiles(echoed, n=100)[98]:6.1f}), "
        f"call {median(own):6.1f} us (p99 {quantiles(own, n=100)[98]:6.1f}), "
        f"ratio {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    if "--serve" in sys.argv:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_echo())
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for arguments in ([], ["--no-realtime"]):
        with ExitStack() as stack:
            bare, served = stack.enter_context(echo_server()), stack.enter_context(daemon(*arguments))
            boss = RawClient(served.port)
            boss.call("csound.compileOrc", PLAYED)
            boss.call("thread.play")
            print(f"scheduling {served.scheduling}")
            for method, call in (("controlChannel", READ), ("setControlChannel", WRITE)):
                for name, client in (("plain socket", raw), ("websockets", library)):
                    echoed, called = client(bare, call, stack), client(served.port, call, stack)
                    compare(f"{method}, {name}", echoed, called, rounds)


if __name__ == "__main__":
    main()
