"""``PerformanceThread``: the daemon's own performance, played, paused and told from here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from csoundd_client.dropin.methods import ThreadMethods
from csoundd_client.values import Handle

if TYPE_CHECKING:
    from csoundd_client.dropin.csound import Csound


class PerformanceThread(ThreadMethods):
    """The performance thread of ``csound``. Raises RuntimeError where that has one already.

    Functions that libcsound runs in the performance thread run here, in the client: their calls reach the engine
    one by one and not in one cycle.
    """

    def __init__(self, csound: Csound) -> None:
        if csound._perfthread is not None:  # noqa: SLF001 - libcsound's name for it
            raise RuntimeError(f"A Csound instance can only have one attached performance thread, {csound} has one")
        self.csound = csound
        self._link = csound.link
        self.cpt: Handle = self._ask("csound.performanceThread", [])
        self._process: tuple[Callable[[Any], Any], Any] | None = None
        self._hears = False
        self._processQueue: SimpleQueue[Callable[[Csound], Any]] | None = None
        """Tasks that wait, None before ``setProcessQueue``; other programs look at it."""

        self._status = "paused"

    def play(self) -> None:
        """Perform from now on, in the daemon's own time; starts Csound where that has not happened."""
        self.csound.start()
        self.csound.pace(playing=True)
        self._do("thread.play", [])
        self._status = "playing"

    def pause(self) -> None:
        """Perform nothing until the next play."""
        self._do("thread.pause", [])
        self._status = "paused"

    def togglePause(self) -> None:
        """Pause if it plays, play if it does not. Raises RuntimeError when it was stopped."""
        if self._status == "stopped":
            raise RuntimeError("This thread is stopped")
        if self._status == "playing":
            self.pause()
        else:
            self.play()

    def stop(self) -> None:
        """End the performance for good."""
        self._do("thread.stop", [])
        self._status = "stopped"

    def evalCode(self, code: str, callback: Callable[[float], Any] | None = None, timeout: float = 5.0) -> float:
        """What the ``return`` of ``code`` returns. Raises TimeoutError where it does not in ``timeout`` seconds.

        With a callback the answer is 0 at once, and the callback is called with the value.
        """
        if callback is None:
            value: float = self._do("thread.evalCode", [code, None, timeout])
            return value
        self._link.dispatcher.submit(lambda: callback(self._do("thread.evalCode", [code, None, timeout])))
        return 0.0

    def requestCallback(self, callback: Callable[[Csound], Any]) -> None:
        """Have ``callback(csound)`` called once, soon."""
        self._link.dispatcher.submit(partial(callback, self.csound))

    def setProcessCallback(self, function: Callable[[Any], Any], data: Any = None) -> None:
        """Have ``function(data)`` called as the performance goes on: up to 100 times a second, not every cycle."""
        if self._processQueue is not None:
            raise RuntimeError("Process callback already set to manage the process queue")
        self._process = (function, data)
        if not self._hears:
            self._hears = self._link.listening = True
            self._link.remote.listen("transport", self._went_on, {"rate": 100.0})

    def _went_on(self, transport: dict[str, Any]) -> None:
        if self._process is not None and transport["state"] == "playing":
            function, data = self._process
            self._link.dispatcher.submit(partial(function, data))

    def processCallback(self) -> Callable[[Any], Any] | None:
        """What ``setProcessCallback`` has set, None where nothing is."""
        return None if self._process is None else self._process[0]

    def setProcessQueue(self) -> None:
        """Make ready for ``processQueueTask``. Raises RuntimeError after ``setProcessCallback``."""
        if self._process is not None:
            raise RuntimeError(f"Process callback already set: {self._process}")
        self._processQueue = self._processQueue or SimpleQueue()

    def processQueueTask(self, func: Callable[[Csound], Any]) -> None:
        """Have ``func(csound)`` called once, soon. Raises RuntimeError before ``setProcessQueue``."""
        if self._processQueue is None:
            raise RuntimeError("This action needs the process queue, start it via the setProcessQueue method")
        self._processQueue.put_nowait(func)
        self._link.dispatcher.submit(partial(self._processQueueCallback, None))

    def _processQueueCallback(self, _data: object) -> None:
        """Run the task that has waited longest."""
        if self._processQueue is not None and not self._processQueue.empty():
            self._processQueue.get_nowait()(self.csound)

    def flushProcessQueue(self, timeout: float | None = None) -> None:
        """Wait until all tasks have run, or for ``timeout`` seconds."""
        if self._processQueue is not None:
            self._link.dispatcher.drain(timeout)

    def flushMessageQueue(self) -> None:
        """Wait until the thread has done all that was sent to it, requested callbacks among it."""
        self._link.dispatcher.drain()
        self._wait("thread.flushMessageQueue", [])
