"""What one call costs between its bytes and the bytes of its reply, socket and engine aside.

Prints microseconds a call for both codecs, and the ratio to bare decoding and encoding with msgpack. Run as
``python -m benchmarks.dispatch [CALLS]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Final

import msgpack

from csoundd.access import EVERYTHING
from csoundd.codec import JSON, MSGPACK, Codec
from csoundd.dispatcher import Dispatcher
from csoundd.messages import Command, Done, Frames, Outcome, Receipt, RequestId, Response, Seconds

CALL: Final = {"jsonrpc": "2.0", "id": 12, "method": "csound.controlChannel", "params": {"name": "cutoff"}}
REPLY: Final = {"jsonrpc": "2.0", "id": 12, "result": [0.25, 0]}
JSON_CALL: Final = '{"jsonrpc":"2.0","id":12,"method":"csound.controlChannel","params":{"name":"cutoff"}}'
ROUNDS: Final = 7


class Immediate:
    """An engine that answers at once."""

    outcome = Outcome([0.25, 0], None, Receipt(Frames(64), 1, Seconds(0.1), Seconds(0.0)))

    def call(self, command: Command, done: Done) -> None:
        """Answer."""
        assert command.args == ["cutoff"]
        done(self.outcome)

    def cancel(self, session: str, request: RequestId) -> bool:
        """Nothing ever waits here."""
        del session, request
        return False


class Somebody:
    """A caller who may do everything."""

    id = "session"
    grant = EVERYTHING
    receipts = False
    peer = ""


def through(codec: Codec, frame: bytes | str) -> Callable[[], object]:
    dispatcher, caller, sent = Dispatcher(Immediate(), {}), Somebody(), list[bytes]()

    def answer(response: Response | list[Response]) -> None:
        sent[:] = [codec.encode(response)]

    return lambda: dispatcher.dispatch(caller, codec.decode(frame), answer)


def bare(frame: bytes) -> Callable[[], object]:
    return lambda: (msgpack.unpackb(frame), msgpack.packb(REPLY))


def cost(call: Callable[[], object], calls: int) -> float:
    """Microseconds a call, in the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(calls):
            call()
        best = min(best, perf_counter() - start)
    return best / calls * 1e6


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    frame = msgpack.packb(CALL)
    floor = cost(bare(frame), calls)
    print(f"bare msgpack  {floor:6.2f} us")
    for name, call in (("msgpack", through(MSGPACK, frame)), ("json", through(JSON, JSON_CALL))):
        spent = cost(call, calls)
        print(f"{name:12}  {spent:6.2f} us  {spent / floor:5.1f} times bare msgpack")


if __name__ == "__main__":
    main()
