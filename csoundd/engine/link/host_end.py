"""The host's end of the stream of messages."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from typing import Final

from csoundd.engine.link.frames import CLOSE, Unframer, command_of
from csoundd.messages import Command

RECEIVE_BYTES: Final = 16 * 1024
"""What the host takes at once: so few commands that the next cycles do not wait for them."""


class HostEnd:
    """The host's end of the link: never blocks; what the socket does not take waits here."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        self.socket = connection
        self._unframer = Unframer()
        self._out = bytearray()

    @property
    def pending(self) -> int:
        """How many bytes wait for the socket to take them."""
        return len(self._out)

    def receive(self) -> Iterator[tuple[int, Command]]:
        """The commands of one ``recv``.

        Raises EOFError when the front is gone.
        """
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return iter(())
        if not data:
            raise EOFError
        return map(command_of, self._unframer.feed(data))

    def wait_for(self, method: str) -> list[object]:
        """The arguments of the next call of ``method``; whatever comes before it is dropped, and answered by nobody.

        Raises EOFError when the front is gone, or says that it needs no more.
        """
        while True:
            readable, _, _ = select.select([self.socket], [self.socket] if self._out else [], [])
            self.flush()
            for _, command in self.receive() if readable else ():
                if command.method == CLOSE:
                    raise EOFError
                if command.method == method:
                    return command.args

    def send(self, framed: bytes) -> None:
        """Queue ``framed``; :meth:`flush` sends what is queued."""
        self._out += framed

    def flush(self) -> None:
        """Give the socket what it takes now."""
        if not self._out:
            return
        try:
            sent = self.socket.send(self._out)
        except BlockingIOError:
            return
        del self._out[:sent]
