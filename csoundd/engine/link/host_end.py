"""The host's end of the stream of messages.

Two kinds of messages go out. Control (answers, changes of state) goes first; output (what Csound prints, what taps and
callbacks deliver) waits in a queue of its own, which the host keeps short. So an answer stands behind little, however
much an orchestra puts out.
"""

from __future__ import annotations

import select
import socket
from collections import deque
from collections.abc import Iterator
from typing import Final

from csoundd.engine.link.frames import CLOSE, PART_BYTES, Unframer, command_of, parts
from csoundd.engine.link.ring import Field, Ring
from csoundd.messages import Command, Seconds

RECEIVE_BYTES: Final = 16 * 1024
"""What the host takes at once: so few commands that the next cycles do not wait for them."""

UNTAKEN_BYTES: Final = 16 * 1024
"""So much output may be on its way to the front, where nothing overtakes it: some hundred lines."""

IN_ORDER_BYTES: Final = 8 * 1024
"""Up to so much output still goes ahead of the answer that came after it, so that at rest all is told in its order."""

UNTAKEN_WAIT: Final = Seconds(0.002)
"""How soon the host looks whether the front has taken more."""


class HostEnd:
    """The host's end of the link: never blocks; what the socket does not take waits here."""

    def __init__(self, connection: socket.socket, ring: Ring) -> None:
        connection.settimeout(0)
        self.socket = connection
        self._header = ring.header
        self._unframer = Unframer()
        self._going = bytearray()
        self._control = bytearray()
        self._output: deque[tuple[bytes, int]] = deque()
        """Parts of frames, each with the size of the frame that it is the end of, or 0."""
        self._untaken: deque[int] = deque()
        self._untaken_bytes, self._taken = 0, 0
        self.backlog = 0
        """Bytes of output that wait."""

    @property
    def pending(self) -> bool:
        """Whether anything waits for the socket to take it."""
        return bool(self._going or self._control) or (bool(self._output) and self._may_send())

    @property
    def wait(self) -> Seconds | None:
        """How long to wait until the front has taken more output, None where none waits for that."""
        return UNTAKEN_WAIT if self._output and not self._may_send() else None

    def begin(self) -> None:
        """Another engine is made in this process, and the counts in the memory begin anew."""
        self._untaken.clear()
        self._untaken_bytes = self._taken = 0

    def _may_send(self) -> bool:
        """Whether the front has taken so much output that it may have more."""
        taken = self._header[Field.OUTPUT_TAKEN]
        while self._taken < taken and self._untaken:
            self._taken += 1
            self._untaken_bytes -= self._untaken.popleft()
        return self._untaken_bytes < UNTAKEN_BYTES

    def _sending(self, size: int) -> None:
        if size:
            self._untaken.append(size)
            self._untaken_bytes += size

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
            readable, _, _ = select.select([self.socket], [self.socket] if self.pending else [], [])
            self.flush()
            for _, command in self.receive() if readable else ():
                if command.method == CLOSE:
                    raise EOFError
                if command.method == method:
                    return command.args

    def send(self, framed: bytes) -> None:
        """Queue control; :meth:`flush` sends what is queued. It overtakes all output but a little."""
        if self.backlog <= IN_ORDER_BYTES:
            self.settle()
        self._control += framed

    def settle(self) -> None:
        """Let all output that waits keep its place before what comes."""
        for part, size in self._output:
            self._control += part
            self._sending(size)
        self._output.clear()
        self.backlog = 0

    def offer(self, framed: bytes) -> None:
        """Queue output, behind all control and all output before it."""
        if len(framed) <= PART_BYTES:
            self._output.append((framed, len(framed)))
            self.backlog += len(framed)
            return
        cut = list(parts(framed))
        self._output.extend((part, 0) for part in cut[:-1])
        self._output.append((cut[-1], len(framed)))
        self.backlog += sum(map(len, cut))

    def flush(self) -> None:
        """Give the socket what it takes now."""
        while self._going or self._refill():
            try:
                sent = self.socket.send(self._going)
            except BlockingIOError:
                return
            del self._going[:sent]

    def _refill(self) -> bool:
        """Take what is to go next: all control, else about a part's worth of output. Whether there is anything."""
        if self._control:
            self._going, self._control = self._control, self._going
            return True
        while self._output and len(self._going) < PART_BYTES and self._may_send():
            part, size = self._output.popleft()
            self._going += part
            self._sending(size)
            self.backlog -= len(part)
        return bool(self._going)
