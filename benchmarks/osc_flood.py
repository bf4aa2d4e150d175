"""How many channel sets a second arrive over UDP, and how many of them are lost; and what a get costs.

A process of its own sends ``/chan/flood.<n> ,f`` at a steady rate; the daemon's OSC server counts what its socket
gave it, and every channel is read back from the engine: each has to hold its last value. Run as
``python -m benchmarks.osc_flood [RATE] [SECONDS] [CHANNELS]``; without a rate it tries several.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median, quantiles
from time import perf_counter, process_time, sleep
from typing import Final

from csoundd.api import METHODS
from csoundd.codec.osc import float32, int32, message
from csoundd.daemon import INTERCEPTORS
from csoundd.dispatcher import Dispatcher
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import HostOptions
from csoundd.messages import Command, Seconds
from csoundd.transport.osc import OscServer

RATES: Final = (20_000, 40_000, 80_000, 100_000, 120_000)
ORCHESTRA: Final = "sr = 48000\nksmps = 64\nnchnls = 2\n0dbfs = 1\n"
GETS: Final = 2000


def flood(port: int, rate: float, seconds: float, channels: int) -> None:
    """Send, and print how many were sent and how long that took."""
    heads = [message(f"/chan/flood.{number}", float32(0.0))[:-4] for number in range(channels)]
    number_of = struct.Struct(">f").pack
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", port))
    send, total, sent = sender.send, int(rate * seconds), 0
    begun = perf_counter()
    while sent < total:
        due = min(total, int((perf_counter() - begun) * rate) + 1)
        while sent < due:
            send(heads[sent % channels] + number_of(sent // channels))
            sent += 1
    print(sent, perf_counter() - begun)


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Engine, OscServer, int]]:
    """An engine that plays, and OSC on free ports."""
    async with Engine(HostOptions(), INTERCEPTORS) as engine:
        for method, args in (("csound.compileOrc", [ORCHESTRA, True]), ("thread.play", [])):
            await engine.request(Command(method, list(args), deadline=Seconds(10.0)))
        udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        for sock in (udp, tcp):
            sock.bind(("127.0.0.1", 0))
        async with OscServer(Dispatcher(engine, {}), engine, METHODS.values(), udp=udp, tcp=tcp) as server:
            yield engine, server, udp.getsockname()[1]


async def measure(rate: float, seconds: float, channels: int) -> str:
    """One flood into one fresh server."""
    async with served() as (engine, server, port):
        command = [sys.executable, "-m", "benchmarks.osc_flood", "--send", *map(str, (port, rate, seconds, channels))]
        used = process_time()
        sender = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        output, _ = await sender.communicate()
        await asyncio.sleep(0.2)
        used = process_time() - used
        sent, took = int(output.split()[0]), float(output.split()[1])
        lost = sent - server.udp.received
        values = await engine.request(Command("channel.get", [["flood.*"]], deadline=Seconds(10.0)))
        assert isinstance(values, dict)
        wrong = sum(values.get(f"flood.{n}") != (sent - 1 - n) // channels for n in range(channels))
        return (
            f"{sent / took:9.0f}/s sent {sent:8d} lost {lost:6d} = {lost / sent:.4%}"
            f"  channels wrong {wrong}/{channels}  front CPU {used / took:.0%}"
        )


def _gets(port: int) -> None:
    """Ask for a channel again and again, and print how long that took, in microseconds."""
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(("127.0.0.1", port))
    client.send(message("/chan/level", float32(0.5)))
    client.send(message("/sync", int32(1)))
    client.recv(1024)
    ask, times = message("/chan/level"), list[float]()
    for _ in range(GETS):
        begun = perf_counter()
        client.send(ask)
        client.recv(1024)
        times.append((perf_counter() - begun) * 1e6)
        sleep(0.0005)
    print(f"get: median {median(times):.0f} us, p99 {quantiles(times, n=100)[98]:.0f} us")


async def get() -> None:
    async with served() as (_, _, port):
        await asyncio.to_thread(subprocess.run, [sys.executable, "-m", "benchmarks.osc_flood", "--get", str(port)])


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--send"]:
        flood(int(arguments[1]), float(arguments[2]), float(arguments[3]), int(arguments[4]))
        return
    if arguments[:1] == ["--get"]:
        _gets(int(arguments[1]))
        return
    rates = [float(arguments[0])] if arguments else RATES
    seconds = float(arguments[1]) if len(arguments) > 1 else 3.0
    channels = int(arguments[2]) if len(arguments) > 2 else 100
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(get())
        for rate in rates:
            print(runner.run(measure(rate, seconds, channels)))


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - it does not exist everywhere
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


if __name__ == "__main__":
    main(sys.argv[1:])
