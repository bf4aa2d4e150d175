"""The calls that the front is busy with by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from csoundd.access.audit import about
from csoundd.errors import EXHAUSTED, Cancelled, CsounddError, InternalError, LimitExceeded
from csoundd.limits import CANCELLED_CALL_SECONDS
from csoundd.messages import Failure, Reply, RequestId, Response
from csoundd.ports import EngineCalls

log = logging.getLogger("csoundd.dispatcher")

Respond = Callable[[Response], None]


class RunningCalls:
    """The calls that the front is busy with; those that wait in the engine are the engine's to know."""

    def __init__(self, engine: EngineCalls) -> None:
        self._engine = engine
        self._tasks: dict[asyncio.Task[object], tuple[str | None, RequestId]] = {}

    def start(
        self, call: Coroutine[object, object, object], session: str | None, request: RequestId, respond: Respond
    ) -> None:
        """Have ``call`` run on behalf of ``session``, and its result or its error answered."""

        def done(task: asyncio.Task[object]) -> None:
            del self._tasks[task]
            respond(_result(request, task, session))

        task = asyncio.get_running_loop().create_task(call)
        self._tasks[task] = session, request
        task.add_done_callback(done)

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have the call that ``session`` made under the id ``request`` answer Cancelled, if it still waits.

        Returns whether there is such a call, here or in the engine.
        """
        # Who asks for it may have given its own request the same id.
        asking = asyncio.current_task() if self._tasks else None
        serving = [task for task, key in self._tasks.items() if key == (session, request) and task is not asking]
        for task in serving:
            task.cancel()
        return self._engine.cancel(session, request) or bool(serving)

    def release(self, session: str) -> None:
        """The session is over: nobody waits for what the front is busy with for it."""
        for task, (caller, _) in self._tasks.items():
            if caller == session:
                task.cancel()

    async def close(self) -> None:
        """Cancel all of them; they answer Cancelled, once they have cleared up."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCELLED_CALL_SECONDS)


def _result(request_id: RequestId, task: asyncio.Task[object], session: str | None) -> Response:
    if task.cancelled():
        return Failure(request_id, Cancelled())
    error = task.exception()
    return Reply(request_id, task.result()) if error is None else failure_of(request_id, error, session)


def failure_of(request_id: RequestId, error: BaseException, session: str | None = None) -> Failure:
    """``error`` as the answer to a request; a fault of csoundd's own is in the log, and not in the answer."""
    if isinstance(error, CsounddError):
        return Failure(request_id, error)
    if isinstance(error, OSError) and error.errno in EXHAUSTED:
        log.warning("a call failed: %s", error, extra=about(session, request_id))
        told = (error.strerror or str(error)).lower()
        return Failure(
            request_id, LimitExceeded(f"the system has nothing left: {told}", name="system", hint="try again later")
        )
    log.error("a fault in csoundd itself", exc_info=error, extra=about(session, request_id))
    return Failure(request_id, InternalError(hint="the server's log says more"))
