"""A client in a process of its own, to be stopped and continued: prints what it notices, one JSON object a line.

It takes a lot of audio into small buffers. When its connection is lost it takes its session up again.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

RECEIVE_BUFFER = 64 * 1024


def say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


@contextmanager
def dialled(url: str) -> Iterator[ClientConnection]:
    parts = urlsplit(url)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    sock.connect((parts.hostname, parts.port))
    codec = Subprotocol("csoundd.msgpack")
    with connect(
        url, sock=sock, subprotocols=[codec], compression=None, max_size=None, ping_interval=None
    ) as connection:
        yield connection


def received(connection: ClientConnection) -> Any:
    frame = connection.recv()
    assert isinstance(frame, bytes)
    return msgpack.unpackb(frame)


def call(connection: ClientConnection, method: str, **params: object) -> Any:
    connection.send(msgpack.packb({"jsonrpc": "2.0", "id": method, "method": method, "params": params}))
    while True:
        message = received(connection)
        if message.get("id") == method:
            return message.get("result", message.get("error"))


def next_frame(connection: ClientConnection, stream: str) -> Any:
    while True:
        message = received(connection)
        if message.get("method") == "stream.data" and message["params"]["stream"] == stream:
            return message["params"]


def lose(url: str) -> tuple[str, str]:
    """Listen until the connection is lost; the session, and the stream that was heard."""
    with dialled(url) as connection:
        session = call(connection, "session.hello", protocol=1)["session"]
        stream = call(connection, "stream.subscribe", topic="spout", format="f64", block=256)["stream"]
        frame = next_frame(connection, stream)
        say(event="heard", seq=frame["seq"])
        try:
            while True:
                frame = next_frame(connection, stream)
        except ConnectionClosed as lost:
            say(event="lost", code=lost.rcvd.code if lost.rcvd else None, seq=frame["seq"], sample=frame["sample"])
    return session, stream


def resume(url: str, session: str, stream: str) -> None:
    """Take the session up again, and hear where its stream goes on."""
    with dialled(url) as connection:
        welcome = call(connection, "session.hello", protocol=1, resume=session)
        frame = next_frame(connection, stream)
        say(event="resumed", same=welcome["session"] == session, seq=frame["seq"], sample=frame["sample"])


if __name__ == "__main__":
    resume(sys.argv[1], *lose(sys.argv[1]))
