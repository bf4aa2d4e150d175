"""Runs commands: the table of what this engine serves, the states that its methods need, their outcomes."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from time import monotonic_ns
from typing import Final

from csoundd.api import METHODS
from csoundd.api.declare import MethodGroup, MethodSpec, overridden
from csoundd.engine.csound.limits import LINES_BYTES, check
from csoundd.engine.host.locks import ChannelLocks
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.played import PLAYED, PlayedLog
from csoundd.engine.link.memory import Field
from csoundd.errors import CsounddError, EngineError, LimitExceeded, Unsupported, WrongState
from csoundd.messages import Command, Outcome, Receipt, Seconds

log = logging.getLogger("csoundd.engine.host")

Function = Callable[..., object]
Resolve = Callable[[object], None]

LINES: Final = frozenset(
    {"csound.eventString", "csound.inputMessage", "csound.inputMessageAsync", "thread.inputMessage"}
)
"""The methods that take lines of a score."""

NO_REASON: Final = "this version of csoundd does not serve it on this engine yet"


class Deferred:
    """The result of a blocking method: its answer comes when ``resolve`` is called, and blocks nobody."""

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


def table_of(groups: Iterable[MethodGroup]) -> dict[str, Function]:
    """The implemented methods by wire name; an earlier implementation of a method comes first."""
    table: dict[str, Function] = {}
    for implementation in groups:
        for group in type(implementation).__mro__:
            if issubclass(group, MethodGroup):
                for name in overridden(group, implementation):
                    table.setdefault(name, getattr(implementation, name.rpartition(".")[2]))
    return table


def takes_session(function: Function) -> bool:
    """Whether a method asks who its caller is, by a keyword parameter ``session``: the id, or None for nobody's.

    Asked of the code itself: ``inspect.signature`` of all methods would take 5 ms at each start of an engine.
    """
    code = getattr(function, "__code__", None)
    return code is not None and "session" in code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]


class Calls:
    """Executes checked commands on the performance thread, between two cycles.

    It serves nothing before :meth:`serve`: some methods make calls themselves, so they are made after it.
    """

    def __init__(self, performer: Performer, locks: ChannelLocks, played: PlayedLog) -> None:
        self._performer, self._locks, self._played = performer, locks, played
        self._limits = performer.backend.limits
        self._served: dict[str, tuple[Function, MethodSpec | None, bool]] = {}
        self.unsupported: dict[str, str] = {}
        """The methods of the API that this engine does not serve, each with the reason."""

    def serve(self, commands: Mapping[str, Function], groups: Iterable[MethodGroup]) -> None:
        """Serve ``commands`` in every state, and what ``groups`` implement in the states that the API declares.

        Where two groups implement the same method, the earlier one does.
        """
        table, reasons = table_of(groups), self._performer.backend.reasons
        self._served = {
            name: (function, METHODS[name].spec, takes_session(function)) for name, function in table.items()
        }
        self._served |= {name: (function, None, takes_session(function)) for name, function in commands.items()}
        lacking = (m.name for m in METHODS.values() if m.spec.served == "engine" and m.name not in table)
        self.unsupported = {name: reasons.get(name, NO_REASON) for name in lacking}

    def execute(self, number: int, command: Command, late: Seconds = Seconds(0.0)) -> Outcome | Deferred:
        """Run ``command`` now. The ring's header tells the front which one is running, should it never end."""
        header = self._performer.ring.header
        begun = header[Field.SINCE_NS] = monotonic_ns()
        header[Field.RUNNING] = number
        try:
            result = self.play(command.method, command.args, command.session)
        except CsounddError as error:
            outcome: Outcome | Deferred = Outcome(error=error, receipt=self._landed(late, begun))
        else:
            outcome = result if isinstance(result, Deferred) else Outcome(result, receipt=self._landed(late, begun))
        # An engine that is lost in here leaves the number behind, by which the front learns of what.
        header[Field.RUNNING] = 0
        return outcome

    def play(self, name: str, args: list[object], session: str | None = None) -> object:
        """Call one method as :meth:`invoke` does, and keep it in the log of what was played if it changes the sound."""
        played = self._played
        if name not in PLAYED or not played.is_kept:
            return self.invoke(name, args, session)
        try:
            result = self.invoke(name, args, session)
        except CsounddError as error:
            played.refused(name, args, error, session)
            raise
        played.add(name, args, session)
        return result

    def invoke(self, name: str, args: list[object], session: str | None = None) -> object:
        """Call one method on behalf of ``session``. Raises the contract's errors and no others."""
        served = self._served.get(name)
        if served is None:
            reason = self.unsupported.get(name, NO_REASON)
            raise Unsupported(f"{name} is not served by this engine: {reason}", method=name)
        function, spec, is_told_session = served
        performer = self._performer
        if spec is not None and (
            performer.state not in spec.states
            or (spec.started is not None and spec.started != performer.backend.started)
        ):
            raise self._wrong_state(name, spec)
        if self._locks.held:
            self._locks.check_call(session, name, args)
        if name in self._limits:
            check(self._limits, name, args)
        try:
            return function(*args, session=session) if is_told_session else function(*args)
        except CsounddError:
            raise
        except Exception as fault:
            log.exception("%s failed", name)
            reason = "".join(traceback.format_exception_only(fault)).strip()
            raise EngineError(f"{name} failed: {reason}") from fault

    def _wrong_state(self, name: str, spec: MethodSpec) -> WrongState:
        """Why ``name`` may not be called in the state that the engine is in."""
        state = self._performer.state
        if state not in spec.states:
            return WrongState(f"{name} is not allowed while {state}", hint=f"allowed: {', '.join(spec.states)}")
        if spec.started:
            return WrongState(f"{name} needs an engine that has started", hint="call csound.start or thread.play first")
        return WrongState(f"{name} is only taken before the start", hint="call csound.reset first")

    def _landed(self, late: Seconds, begun: int) -> Receipt:
        """The receipt of a command that began at ``begun``, in monotonic nanoseconds, and has just run."""
        performer, spent = self._performer, Seconds((monotonic_ns() - begun) * 1e-9)
        return Receipt(performer.sample, performer.cycle, performer.backend.score_time(), late, False, spent)  # noqa: FBT003

    def receipt(self, late: Seconds = Seconds(0.0), *, dropped: bool = False) -> Receipt:
        """The receipt of a command that ran just now."""
        performer = self._performer
        return Receipt(performer.sample, performer.cycle, performer.backend.score_time(), late, dropped)

    def batch(self, calls: list[tuple[str, list[object]]], *, session: str | None = None) -> list[dict[str, object]]:
        """Run ``calls`` one after another at this cycle edge, each with its own result or error.

        Lines of a score are read before they are counted: of all together there are as many bytes as one call may have.
        """
        done: list[dict[str, object]] = []
        lines = 0
        for name, args in calls:
            try:
                if name in LINES and isinstance(args[0], str):
                    lines += len(args[0])
                    if lines > LINES_BYTES:
                        raise LimitExceeded(
                            f"a batch takes at most {LINES_BYTES} bytes of lines",
                            hint="send the rest by itself",
                            name="csound",
                            limit=LINES_BYTES,
                        )
                result = self.play(name, args, session)
                if isinstance(result, Deferred):
                    raise WrongState(f"{name} waits, so it cannot be part of a batch")
            except CsounddError as error:
                done.append({"error": {"code": error.code, "message": error.message, "data": error.data}})
            else:
                done.append({"result": result})
        return done
