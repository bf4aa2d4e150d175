"""The closed list of what can be called, each method with its check.

A name off the wire finds its method here or nowhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, cast

from csoundd.api.declare import Method, MethodGroup
from csoundd.api.values import CallRequest
from csoundd.dispatcher.checks import Check, Params
from csoundd.errors import CsounddError, Forbidden, InvalidParams, MethodNotFound
from csoundd.messages import Scope

_SHOWN: Final = 80


class Entry:
    """One method, ready to be called. A list of calls is one command for the engine, whoever else is beside it."""

    __slots__ = ("check", "deadline", "front", "function", "method", "name", "scope")

    def __init__(self, method: Method) -> None:
        self.method = method
        self.name = method.name
        self.function = method.function.__name__
        self.scope = method.spec.scope
        self.deadline = method.spec.deadline
        self.check = Check(method)
        self.front = method.spec.served == "front" and self.check.calls is None

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

    def checked(self, method: str, params: Params, scopes: frozenset[Scope]) -> tuple[Entry, list[object]]:
        """The entry of ``method`` and its arguments, with calls inside the call checked as well.

        Raises MethodNotFound, Forbidden for a scope that is not among ``scopes``, and InvalidParams.
        """
        entry = self._allowed(method, scopes)
        arguments = entry.check(params)
        position = entry.check.calls
        if position is not None:
            arguments[position] = self._calls(arguments[position], scopes)
        return entry, arguments

    def _allowed(self, method: str, scopes: frozenset[Scope]) -> Entry:
        entry = self._entries.get(method)
        if entry is None:
            raise self._unknown(method)
        permit(scopes, entry.scope, method)
        return entry

    def _calls(self, calls: object, scopes: frozenset[Scope]) -> object:
        if not isinstance(calls, list):
            return calls
        return [self._call(index, call, scopes) for index, call in enumerate(calls)]

    def _call(self, index: int, call: CallRequest, scopes: frozenset[Scope]) -> list[object]:
        """A request inside a request, as ``[method, arguments]``."""
        try:
            entry = self._allowed(call.method, scopes)
            if entry.front or entry.check.calls is not None:
                raise InvalidParams(f"{call.method} cannot be part of a list of calls")
            return [entry.name, entry.check(call.params)]
        except CsounddError as error:
            inner = type(error)(f"call {index}: {error.message}", hint=error.hint)
            inner.details = error.details | {"call": index}
            raise inner from None

    def _unknown(self, method: str) -> MethodNotFound:
        alike = self._alike.get(_tail(method))
        shown = method if len(method) <= _SHOWN else f"{method[:_SHOWN]}…"
        return MethodNotFound(f"there is no method {shown}", hint=alike and f"there is {alike}")


def permit(scopes: frozenset[Scope], scope: Scope, what: str) -> None:
    """Raise Forbidden, which names ``what``, if ``scope`` is not among ``scopes``."""
    if scope not in scopes:
        raise Forbidden(f"{what} needs the scope {scope}", scope=scope)


def _tail(name: str) -> str:
    """What a name is known by where its namespace or its capitals are wrong."""
    return name.rpartition(".")[2].lower()
