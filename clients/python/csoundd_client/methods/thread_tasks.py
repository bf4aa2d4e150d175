"""Work for the performance thread: lists of calls in place of functions, each run at one cycle edge.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.structs import CallRequest
from csoundd_client.values import Timing


class ThreadTasks(Namespace):
    """Work for the performance thread: lists of calls in place of functions, each run at one cycle edge.

    Every call needs the scope that it needs by itself.
    """

    def requestCallback(self, callback: Sequence[CallRequest], **timing: Unpack[Timing]) -> Call[None]:
        """Run calls at the next cycle edge, all at the same. ``engine.batch`` does so too, and answers with results."""
        return self._request("thread.requestCallback", [callback], timing)

    def setProcessQueue(self, **timing: Unpack[Timing]) -> Call[None]:
        """Make ready for processQueueTask."""
        return self._request("thread.setProcessQueue", [], timing)

    def processQueueTask(self, func: Sequence[CallRequest], **timing: Unpack[Timing]) -> Call[None]:
        """Run calls at one of the next cycle edges, all at the same. Raises WrongState before setProcessQueue."""
        return self._request("thread.processQueueTask", [func], timing)

    def flushProcessQueue(self, timeout: float | None = None, **timing: Unpack[Timing]) -> Call[None]:
        """Answer when all tasks have run, or after ``timeout`` seconds."""
        return self._request("thread.flushProcessQueue", [timeout], timing)
