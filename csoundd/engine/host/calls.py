"""Runs commands: the table of what this engine serves, the states they need, their outcomes."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from time import monotonic_ns
from typing import Final

from csoundd.api import METHODS
from csoundd.api.declare import Method, MethodGroup, overridden
from csoundd.engine.csound.handles import Handles
from csoundd.engine.host.edge import Edge
from csoundd.engine.host.performer import Performer
from csoundd.engine.link.ring import Field
from csoundd.errors import CsounddError, EngineError, Unsupported, WrongState
from csoundd.messages import Command, Outcome, Receipt, Seconds

log = logging.getLogger("csoundd.engine.host")

Resolve = Callable[[object], None]


class Deferred:
    """What a blocking method returns: its answer comes when ``resolve`` is called, and blocks nobody."""

    def __init__(self) -> None:
        self._waiting: Resolve | None = None
        self._value: object = None
        self._done = False

    def resolve(self, value: object) -> None:
        """Give the answer; the first one counts."""
        if self._done:
            return
        self._done, self._value = True, value
        if self._waiting is not None:
            self._waiting(value)

    def drop(self) -> None:
        """Nobody waits for the answer any more."""
        self._done, self._waiting = True, None

    def then(self, waiting: Resolve) -> None:
        """Let ``waiting`` have the answer, now or when it comes."""
        if self._done:
            waiting(self._value)
        else:
            self._waiting = waiting


def table_of(families: Iterable[MethodGroup]) -> dict[str, Callable[..., object]]:
    """The implemented methods by wire name; an earlier implementation of a method comes first."""
    table: dict[str, Callable[..., object]] = {}
    for implementation in families:
        for family in type(implementation).__mro__:
            if issubclass(family, MethodGroup):
                for name in overridden(family, implementation):
                    table.setdefault(name, getattr(implementation, name.rpartition(".")[2]))
    return table


def unsupported_by(table: dict[str, Callable[..., object]], reasons: dict[str, str]) -> dict[str, str]:
    """The methods of the API that ``table`` lacks, each with the reason."""
    served = (method for method in METHODS.values() if method.spec.served == "engine")
    return {m.name: reasons.get(m.name, NO_REASON) for m in served if m.name not in table}


NO_REASON: Final = "this version of csoundd does not serve it on this engine yet"


class Calls:
    """Executes checked commands on the performance thread, between two cycles."""

    def __init__(
        self,
        performer: Performer,
        handles: Handles,
        commands: dict[str, Callable[..., object]],
        reasons: dict[str, str],
    ) -> None:
        self._performer = performer
        self._handles = handles
        self._commands = commands
        self._reasons = reasons
        self._table: dict[str, Callable[..., object]] = {}
        self.unsupported: dict[str, str] = {}
        self._edge = Edge(performer.backend.limits, self._say)
        self.guard: Callable[[str, list[object]], None] | None = None
        """Asked before each call, and raises for one that may not be made now."""

    def serve(self, families: Iterable[MethodGroup]) -> None:
        """Serve what ``families`` implement; where two implement the same method, the earlier one."""
        self._table = table_of(families)
        self.unsupported = unsupported_by(self._table, self._reasons)

    def execute(self, number: int, command: Command, late: Seconds = Seconds(0.0)) -> Outcome | Deferred:
        """Run ``command`` now. The ring's header tells the front which one is running, should it never end."""
        header = self._performer.ring.header
        header[Field.SINCE_NS] = monotonic_ns()
        header[Field.RUNNING] = number
        self._handles.session = command.session
        outcome = self._outcome(command, late)
        # An engine that is lost in here leaves the number behind, by which the front learns of what.
        header[Field.RUNNING] = 0
        return outcome

    def _outcome(self, command: Command, late: Seconds) -> Outcome | Deferred:
        try:
            result = self.invoke(command.method, command.args)
        except CsounddError as error:
            return Outcome(error=error, receipt=self.receipt(late))
        if isinstance(result, Deferred):
            return result
        return Outcome(result, receipt=self.receipt(late))

    def invoke(self, name: str, args: list[object]) -> object:
        """Call one method. Raises the contract's errors and no others."""
        function = self._commands.get(name) or self._function(name)
        if self.guard is not None:
            self.guard(name, args)
        answered = self._edge.passes(name, args)
        if answered is not None:
            return answered.result
        try:
            return function(*args)
        except CsounddError:
            raise
        except Exception as fault:
            log.exception("%s failed", name)
            reason = "".join(traceback.format_exception_only(fault)).strip()
            raise EngineError(f"{name} failed: {reason}") from fault

    def _say(self, attr: int, text: str) -> None:
        self.invoke("csound.messageS", [attr, text])

    def _function(self, name: str) -> Callable[..., object]:
        function = self._table.get(name)
        if function is None:
            reason = self.unsupported.get(name, NO_REASON)
            raise Unsupported(f"{name} is not served by this engine: {reason}", method=name)
        self._check_state(METHODS[name])
        return function

    def _check_state(self, method: Method) -> None:
        spec, performer = method.spec, self._performer
        if performer.state not in spec.states:
            allowed = ", ".join(spec.states)
            raise WrongState(f"{method.name} is not allowed while {performer.state}", hint=f"allowed: {allowed}")
        if spec.started and not performer.backend.started:
            raise WrongState(f"{method.name} needs a started engine", hint="call csound.start or thread.play first")

    def receipt(self, late: Seconds = Seconds(0.0), *, dropped: bool = False) -> Receipt:
        """Where a command that ran just now landed."""
        performer = self._performer
        return Receipt(performer.sample, performer.cycle, performer.backend.score_time(), late, dropped)

    def batch(self, calls: list[tuple[str, list[object]]]) -> list[dict[str, object]]:
        """Run ``calls`` one after another at this cycle edge, each with its own result or error."""
        return [self._one_of_batch(name, args) for name, args in calls]

    def _one_of_batch(self, name: str, args: list[object]) -> dict[str, object]:
        try:
            result = self.invoke(name, args)
        except CsounddError as error:
            return {"error": {"code": error.code, "message": error.message, "data": error.data}}
        if isinstance(result, Deferred):
            refusal = WrongState(f"{name} waits for something and cannot be part of a batch")
            return {"error": {"code": refusal.code, "message": refusal.message, "data": refusal.data}}
        return {"result": result}
