"""The way of a request: to a checked, permitted call, and from its outcome to the answer for whoever asked.

What can be called is a closed list, each method with its check: a name off the wire finds its method here or nowhere.
Checked commands go to the engine, and calls that the front does itself to its services.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from operator import itemgetter
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, cast, get_type_hints

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from csoundd.access.audit import AuditLog, who_of
from csoundd.access.grants import ChannelGlobs, Grant
from csoundd.access.quotas import Quota, Quotas
from csoundd.api import METHODS
from csoundd.api.annotations import Declared, DictOf, ListOf, Plain, declared, holds_calls, may_be
from csoundd.api.callbacks import CALLBACKS, EVAL
from csoundd.api.declare import Method, MethodGroup
from csoundd.api.values import CallRequest
from csoundd.dispatcher.checks import check_of, first_fault
from csoundd.dispatcher.reach import EventReach
from csoundd.dispatcher.running import Respond, RunningCalls, failure_of
from csoundd.errors import (
    CsounddError,
    Forbidden,
    InvalidParams,
    InvalidRequest,
    LimitExceeded,
    MethodNotFound,
    StaleHandle,
    Timeout,
    Unauthorized,
    Unsupported,
)
from csoundd.limits import QUOTED_CHARACTERS
from csoundd.messages import (
    Absent,
    Command,
    Done,
    Failure,
    Incoming,
    Malformed,
    Outcome,
    Reply,
    Request,
    RequestId,
    Response,
    Scope,
    Seconds,
    StreamRef,
)
from csoundd.metrics import Counts
from csoundd.ports import Answer, Caller, EngineCalls

Params = list[object] | dict[str, object]

ServiceFactory = Callable[[Caller], MethodGroup]
"""Gives the implementation of a group that the front serves, for one caller."""

Promise = Callable[[Caller, object], tuple[str, Done]]
"""Gives a stream in the place of a function, and who is to be told of the outcome; raises the contract's errors."""

_NOT_ABOUT_IT: Final = frozenset({"session", "stream", "rpc", "token", "pairing"})
_ANYBODYS: Final = frozenset({"engine.info", "engine.claim", "engine.release"})
"""What is answered also to a session that another has taken the engine from."""

_MISSING: Final = inspect.Parameter.empty

UNKNOWN: Final = "unknown"
"""The group of what is no method."""

MALFORMED: Final = "malformed"
"""The group of what is no request."""


class Check:
    """The check of one signature: binds by position or by name, fills defaults in, and tests every type.

    ``spread`` says that the last argument is a list to spread (``*args``), ``options`` that it is an object of
    further named members (``**options``), ``calls`` which argument holds requests to check in turn, ``callback``
    which stands for a function that is told of the outcome.
    """

    def __init__(self, method: Method) -> None:
        parameters = list(method.signature.parameters.values())
        hints = get_type_hints(method.function, include_extras=True)
        types = [declared(hints[parameter.name]) for parameter in parameters]
        self.label = _label(method.name, parameters)
        self.spread = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
        self.options = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        self._names = [parameter.name for parameter in parameters]
        self._known = frozenset(self._names)
        self._named = [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        self._whole = len(parameters) if len(self._named) == len(parameters) else -1
        """How many parameters are all there are: as they came where they came by position."""
        # Where all of them come by name they are picked at once, without a function of Python's for each.
        self._in_order = itemgetter(*self._names) if len(self._names) > 1 else None
        self.calls = next((i for i, type_ in enumerate(types) if holds_calls(type_)), None)
        promising = CALLBACKS.get(method.name) == EVAL
        self.callback = next((i for i, type_ in enumerate(types) if promising and may_be(type_, StreamRef)), None)
        schemas = [check_of(_bound(parameter, type_)) for parameter, type_ in zip(parameters, types, strict=True)]
        self._validate: Callable[[Any], tuple[Any, ...]] = SchemaValidator(cs.tuple_schema(schemas)).validate_python

    def __call__(self, params: Params) -> list[object]:
        """The arguments in the order of the signature.

        Raises InvalidParams, naming the parameter, for whatever does not fit.
        """
        values: Sequence[object]
        if isinstance(params, list):
            values = params if len(params) == self._whole else self._by_position(params)
        elif self._in_order is not None and len(params) == self._whole and self._known.issuperset(params):
            values = self._in_order(params)
        else:
            values = self._by_name(params)
        try:
            arguments: list[object] = list(self._validate(values))
        except ValidationError as error:
            raise self._refusal(error, values) from None
        if self.spread:
            arguments[-1:] = arguments[-1]  # type: ignore[call-overload]
        return arguments

    def _by_position(self, params: list[object]) -> list[object]:
        named, given = self._named, len(params)
        if given > len(named) and not self.spread:
            raise self._unfit(f"takes at most {len(named)} parameters by position, and {given} came")
        values = params[: len(named)]
        values += [self._default(name, default) for name, default in named[given:]]
        if self.spread:
            values.append(params[len(named) :])
        elif self.options:
            values.append({})
        return values

    def _by_name(self, params: dict[str, object]) -> list[object]:
        values: list[object] = []
        taken = 0
        for name, default in self._named:
            if name in params:
                values.append(params[name])
                taken += 1
            else:
                values.append(self._default(name, default))
        if self.spread:
            name = self._names[-1]
            values.append(params.get(name, []))
            taken += name in params
        elif self.options:
            named = dict(self._named)
            values.append({key: value for key, value in params.items() if key not in named})
            return values
        if taken != len(params):
            raise self._unfit(f"has no parameter {_quoted(next(key for key in params if key not in self._names))}")
        return values

    def _default(self, name: str, default: object) -> object:
        if default is _MISSING:
            raise self._unfit(f"needs the parameter {name}", parameter=name)
        return default

    def _unfit(self, what: str, **details: object) -> InvalidParams:
        error = InvalidParams(f"{self.label.partition('(')[0]} {what}", hint=self.label)
        error.details |= details
        return error

    def _refusal(self, error: ValidationError, values: Sequence[object]) -> InvalidParams:
        index, place, text = first_fault(error)
        given, name = values[int(index)], self._names[int(index)]
        if isinstance(given, Malformed):
            text = given.reason
        return InvalidParams(f"{name}{place}: {text}", hint=self.label, parameter=name)


class Entry:
    """One method, ready to be called. A list of calls is one command for the engine, whoever else is beside it."""

    __slots__ = (
        "channels",
        "check",
        "compiles",
        "deadline",
        "front",
        "function",
        "group",
        "method",
        "name",
        "of_instance",
        "reach",
        "scope",
        "tokenless",
    )

    def __init__(self, method: Method) -> None:
        self.method = method
        self.name = method.name
        self.function = method.function.__name__
        self.scope = method.spec.scope
        self.channels = method.spec.channels
        self.tokenless = method.spec.tokenless
        self.deadline = method.spec.deadline
        self.check = Check(method)
        reach = EventReach(method)
        self.reach = reach if reach.sends_events else None
        self.of_instance = method.group.namespace not in _NOT_ABOUT_IT and method.name not in _ANYBODYS
        self.front = method.spec.served == "front" and self.check.calls is None
        self.group = method.group.namespace
        self.compiles = self.scope == "compile" and not self.front
        """Whether the engine's time for it is counted."""

    def limit(self, arguments: list[object], channels: ChannelGlobs) -> None:
        """Have ``arguments`` keep to ``channels``. Raises Forbidden where they, or the method, lead further."""
        named = arguments[0] if arguments else None
        match self.channels, named:
            case "reads", str(name):
                channels.check_read(name)
            case "finds", str() | list():
                arguments[0] = channels.narrowed(cast("str | list[str]", named))
            case "sets", str(name):
                channels.check_write(name)
            case "sets", dict(values):
                for name in values:
                    channels.check_write(name)
            case "lists", _:
                pass
            case "tells", _ if not channels.limits_reading:
                pass
            case None, _ if self.scope == "read" and self.check.calls is None:
                pass
            case "reads" | "finds" | "sets", _:
                raise Forbidden("this token is limited to channels by name: a handle is not for it")
            case _:
                raise Forbidden(
                    f"{self.name} is not for a token that is limited to channels",
                    hint="it reads, and sets channels by name: channel.set, channel.get",
                )

    def called(self, service: MethodGroup, arguments: list[object]) -> Awaitable[object]:
        """The call of this method of ``service``, not yet awaited."""
        # The name is the declaration's own, never one off the wire.
        function: Callable[..., Awaitable[object]] = getattr(service, self.function)
        if not self.check.options:
            return function(*arguments)
        *named, options = arguments
        return function(*named, **cast("dict[str, object]", options))


class Table:
    """The methods by their names on the wire."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._entries = {method.name: Entry(method) for method in methods}
        self._alike = {_tail(name): name for name in reversed(self._entries)}

    def checked(self, method: str, params: Params, grant: Grant) -> tuple[Entry, list[object]]:
        """The entry of ``method`` and its arguments, with calls inside the call checked as well.

        Raises MethodNotFound, Unauthorized or Forbidden for what ``grant`` does not allow, and InvalidParams.
        """
        entry = self._entries.get(method)
        if entry is None or entry.scope not in grant.scopes:
            entry = self._allowed(method, grant)
        arguments = entry.check(params)
        if grant.channels is not None:
            entry.limit(arguments, grant.channels)
        if entry.reach is not None:
            entry.reach.check(arguments, grant)
        position = entry.check.calls
        if position is not None:
            arguments[position] = self._calls(arguments[position], grant)
        return entry, arguments

    def compiles(self, method: object) -> bool:
        """Whether the engine's time for ``method``, a name that was checked, is counted."""
        return self._entries[str(method)].compiles

    def _allowed(self, method: str, grant: Grant) -> Entry:
        entry = self._entries.get(method)
        if entry is None:
            raise self._unknown(method)
        if entry.scope not in grant.scopes and not (entry.tokenless and not grant.scopes):
            raise _refusal(method, entry.scope, grant)
        return entry

    def _calls(self, calls: object, grant: Grant) -> object:
        if not isinstance(calls, list):
            return calls
        return [self._call(index, call, grant) for index, call in enumerate(calls)]

    def _call(self, index: int, call: CallRequest, grant: Grant) -> list[object]:
        """A request inside a request, as ``[method, arguments]``."""
        try:
            entry = self._allowed(call.method, grant)
            if entry.front or entry.check.calls is not None:
                raise InvalidParams(f"{call.method} cannot be part of a list of calls")
            arguments = entry.check(call.params)
            if entry.reach is not None:
                entry.reach.check(arguments, grant)
        except CsounddError as error:
            inner = type(error)(f"call {index}: {error.message}", hint=error.hint)
            inner.details = error.details | {"call": index}
            raise inner from None
        return [entry.name, arguments]

    def _unknown(self, method: str) -> MethodNotFound:
        tail = _tail(method[-QUOTED_CHARACTERS:])
        close = [tail] if tail in self._alike else get_close_matches(tail, self._alike, n=1, cutoff=0.8)
        alike = self._alike[close[0]] if close else None
        shown = method if len(method) <= QUOTED_CHARACTERS else f"{method[:QUOTED_CHARACTERS]}…"
        return MethodNotFound(f"there is no method {shown}", hint=alike and f"there is {alike}")


class Dispatcher:
    """Answers requests for the methods of the API.

    ``services`` are the groups that the front serves, by their declaring class; a method that neither the
    engine nor a service has answers Unsupported. ``promise`` gives streams for the functions that the engine's
    methods take; without it they go to the engine. ``taken`` has the sessions that have lost the engine to another,
    with the name of that one: their calls answer StaleHandle. ``quotas`` say how much a session may ask for; every
    answer is counted in ``counts``, and ``audit`` has what was refused and what an administrator did.
    """

    def __init__(  # noqa: PLR0913 - each is a part of its own
        self,
        engine: EngineCalls,
        services: Mapping[type[MethodGroup], ServiceFactory],
        methods: Iterable[Method] = tuple(METHODS.values()),
        *,
        running: RunningCalls | None = None,
        promise: Promise | None = None,
        taken: Mapping[str, str] = MappingProxyType({}),
        quotas: Quotas | None = None,
        counts: Counts | None = None,
        audit: AuditLog | None = None,
    ) -> None:
        self._engine = engine
        self._services = dict(services)
        self._table = Table(methods)
        self._running = RunningCalls(engine) if running is None else running
        self._promise = promise
        self._taken = taken
        self._quotas = Quotas() if quotas is None else quotas
        self._counts = Counts() if counts is None else counts
        self._audit = AuditLog() if audit is None else audit

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        """Have ``incoming`` done on behalf of ``caller``, in the event loop. Never raises.

        ``answer`` is called once, with a list for a batch, and not at all where no answer is wanted.
        """
        if isinstance(incoming, Request):
            self._one(caller, incoming, answer)
        elif isinstance(incoming, Failure):
            self._malformed(caller, incoming, answer)
        else:
            answers = Answers(sum(map(_wants_answer, incoming)), answer)
            for item in incoming:
                if isinstance(item, Failure):
                    self._malformed(caller, item, answers.place())
                else:
                    self._one(caller, item, answers.place() if _wants_answer(item) else _nobody)

    def permit(self, caller: Caller, scope: Scope, what: str) -> None:
        """Raise Forbidden, which names ``what``, if ``caller`` lacks ``scope``.

        For what a transport does by itself; the scope of a method is asked for with each call of it.
        """
        if scope not in caller.grant.scopes:
            raise _refusal(what, scope, caller.grant)

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what waits of the calls that ``session`` made under the id ``request`` answer Cancelled."""
        return self._running.cancel(session, request)

    def _malformed(self, caller: Caller, failure: Failure, respond: Respond) -> None:
        """Answer what is no request."""
        self._failed(caller, "", failure.error)
        self._counts.failed(MALFORMED, type(failure.error).__name__, 0.0)
        respond(failure)

    def _one(self, caller: Caller, item: Request, respond: Respond) -> None:  # noqa: C901 - the way of a call
        request_id: RequestId = None
        if isinstance(item.id, Absent):
            respond = _nobody
        else:
            request_id = item.id
        begun, group, compiles, is_batch = perf_counter(), UNKNOWN, False, False
        quota = None if caller.id is None else self._quotas.sessions[caller.id]

        def done(outcome: Outcome) -> None:
            error, receipt = outcome.error, outcome.receipt
            if self._taken:
                # It was made while the session still had the engine.
                error = self._lost_claim(caller) or error
            if compiles and quota is not None:
                # Without a receipt the engine has died of it, or it ran out of time.
                quota.compiled(perf_counter() - begun if receipt is None else receipt.spent)
            if error is not None:
                self._answer(caller, item, group, begun, respond, Failure(request_id, error))
                return
            if receipt is not None and not caller.receipts and not receipt.dropped:
                receipt = None
            if is_batch:
                self._count_limits(outcome.result)
            self._counts.latencies[group].add(perf_counter() - begun)
            respond(Reply(request_id, outcome.result, receipt, outcome.messages))

        try:
            grant = caller.grant
            if quota is not None and not quota.requests.take(1.0, begun):
                raise quota.exceeded()  # noqa: TRY301 - a function more would be one more for every request
            entry, args = self._table.checked(item.method, item.params, grant)
            group = entry.group
            is_batch = entry.check.calls is not None
            if quota is not None and (entry.compiles or is_batch):
                compiles = self._charge(quota, entry, args)
            if entry.scope == "admin":
                self._audit.allowed(who_of(caller.grant, caller.peer), item.method, caller.id, request_id)
            if grant.channels is not None and entry.channels == "lists":
                respond = _readable(respond, grant.channels)
            if self._taken and entry.of_instance:
                self._check_claim(caller)
            if entry.front:
                call = self._service_call(caller, entry, args, item)
                answer = partial(self._answer, caller, item, group, begun, respond)
                self._running.start(call, caller.id, request_id, answer)
                return
            told: Done = done
            position = entry.check.callback
            if position is not None and args[position] is not None and self._promise is not None:
                stream, told = self._promise(caller, args[position])
                args[position] = None
                self._answer(caller, item, group, begun, respond, Reply(request_id, stream))
            deadline = item.deadline or entry.deadline
            self._engine.call(Command(entry.name, args, caller.id, item.at, item.late, deadline, request_id), told)
        except Exception as error:  # noqa: BLE001 - the one place where a fault in the server becomes an answer
            self._answer(caller, item, group, begun, respond, failure_of(request_id, error, caller.id))

    def _answer(  # noqa: PLR0913, PLR0917 - what is known of a request
        self, caller: Caller, item: Request, group: str, begun: float, respond: Respond, response: Response
    ) -> None:
        """Count the answer to ``item``, which came at the time ``begun``, and send it."""
        spent = perf_counter() - begun
        if isinstance(response, Failure):
            self._failed(caller, item.method, response.error)
            self._counts.failed(group, type(response.error).__name__, spent)
        else:
            self._counts.latencies[group].add(spent)
        respond(response)

    def _charge(self, quota: Quota, entry: Entry, args: list[object]) -> bool:
        """Count the calls inside a call; whether any of it compiles, which the session has time for.

        Raises LimitExceeded where there are too many, or it has no time left.
        """
        compiles, position = entry.compiles, entry.check.calls
        if position is not None and isinstance(calls := args[position], list):
            quota.take(len(calls))
            compiles = any(self._table.compiles(name) for name, _ in calls)
        if compiles:
            quota.check_compiling()
        return compiles

    def _failed(self, caller: Caller, method: str, error: CsounddError) -> None:
        """Take note of what was refused, and of limits."""
        if isinstance(error, LimitExceeded):
            self._counts.limited(error.details.get("name"))
        elif isinstance(error, Forbidden | Unauthorized):
            self._counts.refused("scope" if isinstance(error, Forbidden) else "token")
            self._audit.refused(who_of(caller.grant, caller.peer), method, error.message, caller.id)

    def _count_limits(self, results: object) -> None:
        """Count the limits that calls inside a call have come to."""
        for result in results if isinstance(results, list) else ():
            error = result.get("error") if isinstance(result, dict) else None
            if isinstance(error, dict) and error["code"] == LimitExceeded.code:
                self._counts.limited(error["data"].get("name"))

    def _lost_claim(self, caller: Caller) -> StaleHandle | None:
        """What answers ``caller`` where another has claimed the engine that it had claimed."""
        who = None if caller.id is None else self._taken.get(caller.id)
        if who is None:
            return None
        hint = 'Csound(daemon="spawn") has a daemon and an engine to itself; engine.claim takes this one back'
        return StaleHandle(f"the engine was taken over by {who}", hint=hint)

    def _check_claim(self, caller: Caller) -> None:
        lost = self._lost_claim(caller)
        if lost is not None:
            raise lost

    def _service_call(
        self, caller: Caller, entry: Entry, args: list[object], item: Request
    ) -> Coroutine[object, object, object]:
        """The call of a method that the front serves."""
        if item.at is not None:
            raise InvalidRequest(f"{entry.name} runs at once in the front, and takes no at")
        factory = self._services.get(entry.method.group)
        if factory is None:
            raise Unsupported(f"{entry.name} is not served by this version of csoundd")
        return _served(entry, factory(caller), args, item.deadline)


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


def _wants_answer(item: Request | Failure) -> bool:
    return isinstance(item, Failure) or not isinstance(item.id, Absent)


def _nobody(_: Response) -> None:
    """Where the answer to a notification goes."""


def _bound(parameter: inspect.Parameter, type_: Declared) -> Declared:
    """The type of the one value that stands for ``parameter`` while it is checked."""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return ListOf(type_)
    if parameter.kind is parameter.VAR_KEYWORD:
        return DictOf(Plain(str), type_)
    if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
        return type_
    raise TypeError(f"{parameter} cannot be given both by position and by name")


def _label(name: str, parameters: list[inspect.Parameter]) -> str:
    """The signature as a person reads it."""
    return f"{name}({', '.join(str(parameter).replace(chr(39), '') for parameter in parameters)})"


def _quoted(name: object) -> str:
    return repr(name if len(str(name)) <= QUOTED_CHARACTERS else f"{str(name)[:QUOTED_CHARACTERS]}…")


def _refusal(what: str, scope: Scope, grant: Grant) -> CsounddError:
    """The error for ``what``, which needs ``scope``, and is not in ``grant``."""
    if not grant.scopes:
        return Unauthorized(f"{what} needs a token", hint="send it in session.hello, or when connecting")
    return Forbidden(f"{what} needs the scope {scope}", scope=scope)


def _readable(respond: Respond, channels: ChannelGlobs) -> Respond:
    """``respond``, with those channels left out of a list that may not be read."""

    def answer(response: Response) -> None:
        if isinstance(response, Reply):
            response = Reply(response.id, _without_others(response.result, channels), response.receipt)
        respond(response)

    return answer


def _without_others(result: object, channels: ChannelGlobs) -> object:
    if not isinstance(result, list | tuple):
        return result
    readable: list[object] = []
    for entry in result:
        if isinstance(entry, dict):
            if channels.may_read(str(entry.get("name"))):
                readable.append(entry)
        else:
            readable.append(_without_others(entry, channels))
    return readable


def _tail(name: str) -> str:
    """What a name is known by where its namespace or its capitals are wrong."""
    return name.rpartition(".")[2].lower()
