"""Standard error that never makes its writers wait: what is read slowly, or not at all, must not stop the daemon.

A pipe holds 64 KiB. Once its reader stands still (a terminal that is scrolled back, ``| less``, a log collector that
hangs), the next write to it would block the event loop, and with it every client.
"""

from __future__ import annotations

import atexit
import io
import os
import sys
import threading
from collections import deque
from time import sleep

from csoundd.limits import GATHERED_TEXT_SECONDS, STANDARD_ERROR_BYTES, STANDARD_ERROR_SECONDS


class StandardError(io.TextIOBase):
    """Writes to a file descriptor from a thread of its own. Text beyond the limit is dropped, and counted."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: deque[bytes] = deque()
        self._size = self._dropped = 0
        self._ended = False
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._write, name="standard-error", daemon=True)
        self._writer.start()

    def fileno(self) -> int:
        """The descriptor that is written to."""
        return self._descriptor

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, text: str) -> int:
        """Have ``text`` written as soon as it is taken; returns its length."""
        data = text.encode(errors="backslashreplace")
        with self._changed:
            if self._size + len(data) > STANDARD_ERROR_BYTES:
                self._dropped += max(1, text.count("\n"))
            else:
                if self._dropped:
                    self._append(f"csoundd: {self._dropped} lines were dropped, as nobody read them\n".encode())
                    self._dropped = 0
                self._append(data)
            self._changed.notify()
        return len(text)

    def end(self) -> None:
        """Wait until all is written, but not for a reader that takes nothing."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._writer.join(STANDARD_ERROR_SECONDS)

    def _append(self, data: bytes) -> None:
        self._waiting.append(data)
        self._size += len(data)

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._ended:
                        return
                    self._changed.wait()
            # Many lines at once cost no more than one.
            sleep(GATHERED_TEXT_SECONDS)
            with self._changed:
                data = b"".join(self._waiting)
                self._waiting.clear()
                # It counts until it is written, so that no more than STANDARD_ERROR_BYTES is ever held.
            written = 0
            try:
                while written < len(data):
                    written += os.write(self._descriptor, data[written:])
            except OSError:
                """Nobody reads any more, and nobody can be told so."""
            with self._changed:
                self._size -= len(data)


def install() -> None:
    """Put one in the place of ``sys.stderr``, for this process and for the engine hosts that write through it."""
    try:
        standard_error = StandardError(sys.stderr.fileno())
    except io.UnsupportedOperation:
        # It is no file but something in memory, which takes all there is.
        return
    sys.stderr = standard_error
    atexit.register(standard_error.end)
