"""The thread in which a script's own functions run: callbacks, tasks, requests, one after another."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, Final

_log = logging.getLogger("csoundd_client")

Job = Callable[[], Any]

PERIOD: Final = 0.01
"""Seconds between two looks at what polls, such as a keyboard callback, while nothing else happens."""


class Dispatcher:
    """Runs jobs in order. An exception in one is logged, as ctypes prints it, and keeps nothing else from running."""

    def __init__(self) -> None:
        self.idle: Job | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, job: Job) -> None:
        """Have ``job`` run as soon as those before it have."""
        self._jobs.put(job)
        self.wake()

    def wake(self) -> None:
        """Start the thread where it is not yet there."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="csoundd-callbacks", daemon=True)
                self._thread.start()

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until all that was submitted has run, or for ``timeout`` seconds: whether it has.

        Inside of a job it is done at once: the job would wait for itself.
        """
        if self._thread is None or threading.current_thread() is self._thread:
            return True
        reached = threading.Event()
        self._jobs.put(reached.set)
        return reached.wait(timeout)

    def close(self) -> None:
        """End the thread after the jobs that wait."""
        if self._thread is None:
            return
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._thread = None

    def _run(self) -> None:
        while True:
            job = self._next()
            if job is None:
                return
            try:
                job()
            except Exception:  # noqa: BLE001 - whatever a script raises
                _log.exception("a callback failed")

    def _next(self) -> Job | None:
        idle = self.idle
        try:
            return self._jobs.get(timeout=PERIOD if idle is not None else None)
        except queue.Empty:
            assert idle is not None
            return idle
