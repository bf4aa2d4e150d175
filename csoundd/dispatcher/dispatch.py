"""Takes requests from the codec and gives the answers to whoever asked.

On the way checked commands go to the engine, and calls that the front does itself to its services.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Final

from csoundd.api import METHODS
from csoundd.api.declare import Method, MethodGroup
from csoundd.dispatcher.table import Entry, Table, permit
from csoundd.errors import Cancelled, CsounddError, InternalError, InvalidRequest, Timeout, Unsupported
from csoundd.messages import (
    Absent,
    Command,
    Done,
    Failure,
    Incoming,
    Outcome,
    Reply,
    Request,
    RequestId,
    Response,
    Scope,
    Seconds,
)
from csoundd.ports import Answer, Caller, EngineCalls

log = logging.getLogger("csoundd.dispatcher")

CLEARING_UP: Final = Seconds(2.0)
"""How long calls of the front may take to end once they are cancelled."""


ServiceFactory = Callable[[Caller], MethodGroup]
"""Gives the implementation of a group that the front serves, for one caller."""

Promise = Callable[[Caller, object], tuple[str, Done]]
"""Gives a stream in the place of a function, and who is to be told of the outcome; raises the contract's errors."""

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
            respond(_result(request, task))

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
            await asyncio.wait(tasks, timeout=CLEARING_UP)


class Dispatcher:
    """Answers requests for the methods of the API.

    ``services`` are the groups that the front serves, by their declaring class; a method that neither the
    engine nor a service has answers Unsupported. ``promise`` gives streams for the functions that the engine's
    methods take; without it they go to the engine.
    """

    def __init__(
        self,
        engine: EngineCalls,
        services: Mapping[type[MethodGroup], ServiceFactory],
        methods: Iterable[Method] = tuple(METHODS.values()),
        *,
        running: RunningCalls | None = None,
        promise: Promise | None = None,
    ) -> None:
        self._engine = engine
        self._services = dict(services)
        self._table = Table(methods)
        self._running = RunningCalls(engine) if running is None else running
        self._promise = promise

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        """Have ``incoming`` done on behalf of ``caller``, in the event loop. Never raises.

        ``answer`` is called once, with a list for a batch, and not at all where no answer is wanted.
        """
        if isinstance(incoming, list):
            self._batch(caller, incoming, answer)
        else:
            self._one(caller, incoming, answer)

    def permit(self, caller: Caller, scope: Scope, what: str) -> None:
        """Raise Forbidden, which names ``what``, if ``caller`` lacks ``scope``.

        For what a transport does by itself; the scope of a method is asked for with each call of it.
        """
        permit(caller.scopes, scope, what)

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what waits of the calls that ``session`` made under the id ``request`` answer Cancelled."""
        return self._running.cancel(session, request)

    def _batch(self, caller: Caller, items: list[Request | Failure], answer: Answer) -> None:
        answers = Answers(sum(map(_wants_answer, items)), answer)
        for item in items:
            self._one(caller, item, answers.place() if _wants_answer(item) else _nobody)

    def _one(self, caller: Caller, item: Request | Failure, respond: Respond) -> None:
        if isinstance(item, Failure):
            respond(item)
            return
        if not _wants_answer(item):
            respond = _nobody
        try:
            entry, arguments = self._table.checked(item.method, item.params, caller.scopes)
            if entry.front:
                self._serve(caller, entry, arguments, item, respond)
            else:
                self._command(caller, entry, arguments, item, respond)
        except Exception as error:  # noqa: BLE001 - the one place where a fault in the server becomes an answer
            respond(_failure(_id(item), error))

    def _command(self, caller: Caller, entry: Entry, args: list[object], item: Request, respond: Respond) -> None:
        request_id = _id(item)

        def done(outcome: Outcome) -> None:
            if outcome.error is not None:
                respond(Failure(request_id, outcome.error))
                return
            receipt = outcome.receipt
            if receipt is not None and not caller.receipts and not receipt.dropped:
                receipt = None
            respond(Reply(request_id, outcome.result, receipt))

        told: Done = done
        position = entry.check.callback
        if position is not None and args[position] is not None and self._promise is not None:
            stream, told = self._promise(caller, args[position])
            args[position] = None
            respond(Reply(request_id, stream))
        deadline = item.deadline or entry.deadline
        self._engine.call(Command(entry.name, args, caller.id, item.at, item.late, deadline, request_id), told)

    def _serve(self, caller: Caller, entry: Entry, args: list[object], item: Request, respond: Respond) -> None:
        if item.at is not None:
            raise InvalidRequest(f"{entry.name} is done by the front, at once: it takes no time to run at")
        factory = self._services.get(entry.method.group)
        if factory is None:
            raise Unsupported(f"{entry.name} is not served by this version of csoundd")
        call = _served(entry, factory(caller), args, item.deadline)
        self._running.start(call, caller.id, _id(item), respond)


class Answers:
    """Takes ``wanted`` answers as they come and hands them on together when the last is there."""

    def __init__(self, wanted: int, answer: Answer) -> None:
        self._wanted = wanted
        self._answer = answer
        self._places = 0
        self._responses: dict[int, Response] = {}

    def place(self) -> Respond:
        """Where the next request's answer goes."""
        index = self._places
        self._places += 1

        def respond(response: Response) -> None:
            self._responses[index] = response
            if len(self._responses) == self._wanted:
                self._answer([self._responses[i] for i in range(self._wanted)])

        return respond


async def _served(entry: Entry, service: MethodGroup, args: list[object], wished: Seconds | None) -> object:
    deadline = wished or entry.deadline
    try:
        async with asyncio.timeout(deadline) as limit:
            return await entry.called(service, args)
    except TimeoutError:
        if not limit.expired():
            raise
        raise Timeout(f"{entry.name} did not end within {deadline:g} s") from None


def _result(request_id: RequestId, task: asyncio.Task[object]) -> Response:
    if task.cancelled():
        return Failure(request_id, Cancelled())
    error = task.exception()
    return Reply(request_id, task.result()) if error is None else _failure(request_id, error)


def _failure(request_id: RequestId, error: BaseException) -> Failure:
    if isinstance(error, CsounddError):
        return Failure(request_id, error)
    log.error("a fault in csoundd itself", exc_info=error)
    return Failure(request_id, InternalError(hint="the server's log says more"))


def _wants_answer(item: Request | Failure) -> bool:
    return isinstance(item, Failure) or not isinstance(item.id, Absent)


def _id(request: Request) -> RequestId:
    return None if isinstance(request.id, Absent) else request.id


def _nobody(_: Response) -> None:
    """Where the answer to a notification goes."""
