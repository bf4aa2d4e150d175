"""What our way through uvicorn costs: ratios between its own WebSocket echo and ours, both served in this run.

Both decode and encode with the same codec; the way from the socket to the dispatcher and back is what differs.
Round trips one at a time, round trips with many in flight, and audio frames to many subscribers. Servers run in
child processes; the rounds alternate, so that what slows the machine slows both. Ratios below 1 are in our favour.
The same over TLS, with a certificate of our own authority, is compared with ours without it.

    python benchmarks/echo.py [--rounds 5] [--subscribers 200] [--loop asyncio]
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import selectors
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgpack
import numpy as np
import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from csoundd.access import EVERYTHING
from csoundd.codec import MSGPACK
from csoundd.messages import Frames, Incoming, Reply, Request, StreamFrame
from csoundd.ports import Answer, Caller
from csoundd.streams.backlog import NEWEST_BYTES
from csoundd.streams.send_queue import SendQueue, StallWatch
from csoundd.transport.authentication import GRANT_KEY
from csoundd.transport.certificates import Authority, Certificate
from csoundd.transport.http import HttpServer
from csoundd.transport.session import Session, SessionRegistry, SessionRules
from csoundd.transport.websocket import WebSocketEndpoint

CALL = msgpack.packb({"jsonrpc": "2.0", "id": 1, "method": "echo", "params": ["cutoff", 0.25, "x" * 40]})
BLOCK = np.zeros((512, 2), np.float32)
FRAME_PERIOD = 512 / 48_000
FAN_SECONDS = 3.0
IN_FLIGHT = 64
KINDS = ("stock", "ours", "tls")
"""uvicorn's own WebSocket, ours, and ours over TLS."""


class EchoDispatcher:
    """Answers a call with its parameters; ``fan`` sends audio to every session and answers the CPU time it took."""

    def __init__(self) -> None:
        self.registry: SessionRegistry | None = None
        self.sessions: list[Session] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        """Answer."""
        if not isinstance(incoming, Request) or not isinstance(caller, Session):
            raise TypeError(incoming)
        if incoming.method == "join":
            self.sessions.append(caller)
        if incoming.method == "fan":
            self.tasks.add(asyncio.create_task(self._fan(answer)))
        else:
            answer(Reply(1, incoming.params))

    async def _fan(self, answer: Answer) -> None:
        def send(seq: int) -> None:
            frame = StreamFrame("spout/1", seq, Frames(seq * 512), BLOCK, NEWEST_BYTES)
            for session in self.sessions:
                session.queue.offer(frame)

        answer(Reply(1, await paced(send)))


async def paced(send: Callable[[int], None]) -> float:
    """Call ``send`` as often as blocks come; the seconds of CPU that this process used meanwhile."""
    loop, used = asyncio.get_running_loop(), time.process_time()
    start = loop.time()
    for seq in range(int(FAN_SECONDS / FRAME_PERIOD)):
        send(seq)
        await asyncio.sleep(max(0.0, start + (seq + 1) * FRAME_PERIOD - loop.time()))
    return time.process_time() - used


class StockEcho:
    """The same on uvicorn's own protocol: messages through its queue, frames through a queue for each subscriber."""

    def __init__(self) -> None:
        self.queues: list[asyncio.Queue[bytes]] = []

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "csoundd.msgpack"})
        while (message := await receive())["type"] == "websocket.receive":
            call = MSGPACK.decode(message["bytes"])
            if not isinstance(call, Request):
                raise TypeError(call)
            result = await paced(self._offer) if call.method == "fan" else call.params
            await send({"type": "websocket.send", "bytes": MSGPACK.encode(Reply(1, result))})
            if call.method == "join":
                await self._forward(send)

    def _offer(self, seq: int) -> None:
        frame = MSGPACK.encode(StreamFrame("spout/1", seq, Frames(seq * 512), BLOCK, NEWEST_BYTES))
        for queue in self.queues:
            queue.put_nowait(frame)

    async def _forward(self, send: Send) -> None:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.queues.append(queue)
        while True:
            await send({"type": "websocket.send", "bytes": await queue.get()})


async def serve(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        if kind == "stock":
            config = uvicorn.Config(
                StockEcho(),
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                lifespan="off",
                log_level="critical",
                access_log=False,
            )
            await uvicorn.Server(config).serve([listening])
        else:
            dispatcher, watch = EchoDispatcher(), StallWatch()
            registry = SessionRegistry(lambda encoder: SendQueue(encoder, watch), SessionRules(limit=5000))
            endpoint = WebSocketEndpoint(registry, dispatcher)

            async def granted(scope: Scope, receive: Receive, send: Send) -> None:
                await endpoint({**scope, GRANT_KEY: EVERYTHING}, receive, send)

            with TemporaryDirectory() as folder:
                tls = _encrypting(Path(folder)) if kind == "tls" else None
                async with HttpServer(granted, [listening], max_frame=1 << 24, tls=tls, plain=lambda _: tls is None):
                    await asyncio.Event().wait()


def _encrypting(folder: Path) -> Callable[[], ssl.SSLContext]:
    authority = Authority(folder, lambda: ["127.0.0.1"])
    return Certificate(authority.leaf, authority.leaf_key).context


@contextmanager
def child(kind: str, loop: str) -> Iterator[int]:
    command = [sys.executable, __file__, "--serve", kind, "--loop", loop]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


class Client:
    """A blocking WebSocket client that sends ready frames and counts bytes, over TLS where it is to."""

    def __init__(self, port: int, *, tls: bool = False) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock)
        lines = [
            "GET /ws HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: csoundd.msgpack",
        ]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        while not self.sock.recv(4096).endswith(b"\r\n\r\n"):
            pass

    def call(self, payload: bytes) -> bytes:
        """Send a call and wait for its answer."""
        self.sock.sendall(masked(payload))
        return self.sock.recv(65536)

    def round_trips(self, count: int) -> float:
        """The median time of one call, in microseconds."""
        frame, times = masked(CALL), []
        for _ in range(count):
            start = time.perf_counter()
            self.sock.sendall(frame)
            self.sock.recv(65536)
            times.append(time.perf_counter() - start)
        return statistics.median(times) * 1e6

    def throughput(self, count: int) -> float:
        """Microseconds for each call with many in flight."""
        frame = masked(CALL)
        answer = len(self.call(CALL))
        start, sent, received = time.perf_counter(), 0, 0
        while received < count * answer:
            ahead = min(IN_FLIGHT - (sent - received // answer), count - sent)
            if ahead > 0:
                self.sock.sendall(frame * ahead)
                sent += ahead
            received += len(self.sock.recv(65536))
        return (time.perf_counter() - start) / count * 1e6


def masked(payload: bytes) -> bytes:
    """``payload`` as a client's frame under a mask of zeros."""
    size = len(payload)
    head = struct.pack("!BB", 0x82, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x82, 0xFE, size)
    return head + bytes(4) + payload


def fan_out(port: int, subscribers: int, *, tls: bool) -> float:
    """The CPU of the server while audio goes to all subscribers, in percent of a core for each."""
    clients = [Client(port, tls=tls) for _ in range(subscribers)]
    for client in clients:
        client.call(msgpack.packb({"jsonrpc": "2.0", "id": 1, "method": "join", "params": []}))
    boss = Client(port, tls=tls)
    boss.sock.sendall(masked(msgpack.packb({"jsonrpc": "2.0", "id": 1, "method": "fan", "params": []})))
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for client in (*clients, boss):
            stack.enter_context(client.sock)
            selector.register(client.sock, selectors.EVENT_READ, client)
        while True:
            for key, _ in selector.select():
                data = key.data.sock.recv(1 << 16)
                if key.data is boss:
                    reply = msgpack.unpackb(data[2:])
                    return float(reply["result"]) / FAN_SECONDS / subscribers * 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--subscribers", type=int, default=200)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--serve", choices=KINDS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    if options.serve:
        factory = uvloop.new_event_loop if options.loop == "uvloop" else None
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(serve(options.serve))
        return
    measure(options.rounds, options.subscribers, options.loop)


def measure(rounds: int, subscribers: int, loop: str) -> None:
    kinds = KINDS
    seen: dict[str, dict[str, list[float]]] = {kind: {"one": [], "many": [], "fan": []} for kind in kinds}
    with ExitStack() as stack:
        ports = {kind: stack.enter_context(child(kind, loop)) for kind in kinds}
        clients = {kind: Client(port, tls=kind == "tls") for kind, port in ports.items()}
        for kind in kinds:
            clients[kind].round_trips(500)
        for _ in range(rounds):
            for kind in kinds:
                seen[kind]["one"].append(clients[kind].round_trips(2000))
                seen[kind]["many"].append(clients[kind].throughput(10_000))
        for kind in kinds:
            seen[kind]["fan"].append(fan_out(ports[kind], subscribers, tls=kind == "tls"))
    for one, other in (("stock", "ours"), ("ours", "tls")):
        for what, unit, key in (
            ("round trip, one at a time", "us", "one"),
            (f"call, {IN_FLIGHT} in flight", "us", "many"),
            (f"a subscriber of {subscribers}", "% of a core", "fan"),
        ):
            before, after = (statistics.median(seen[kind][key]) for kind in (one, other))
            print(f"{what:28} {one} {before:8.3f} {unit}, {other} {after:8.3f} {unit}, ratio {after / before:.2f}")


if __name__ == "__main__":
    main()
