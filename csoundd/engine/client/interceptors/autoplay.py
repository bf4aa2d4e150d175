"""Playing without being told to: a daemon on which somebody compiles, or sends an event, is meant to be heard.

Csound's API leaves it to its caller to start a performance. Whoever types two commands at a daemon does not know that,
and hears nothing. So what is compiled into an engine that is ready begins to play, and so does an event for what was
compiled before. What was paused, stopped or has ended stays so, and in the drives ``step`` and ``free`` nothing plays
by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from csoundd.api.declare import COMPILE_DEADLINE
from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.messages import Command, Done, Outcome, StateChanged, warning

COMPILING: Final = frozenset(
    {
        *("csound.compileOrc", "csound.compileOrcAsync", "csound.compileCsd", "csound.compileCsdText"),
        *("orc.compile", "thread.compileOrc"),
    }
)
EVENTS: Final = frozenset(
    {
        *("csound.event", "csound.eventString", "csound.scoreEvent", "csound.scoreEventAsync"),
        *("csound.inputMessage", "csound.inputMessageAsync", "thread.scoreEvent", "thread.inputMessage"),
    }
)
LISTS: Final = {"engine.batch": 0, "thread.requestCallback": 0, "thread.processQueueTask": 0}
"""The methods that take a list of calls, and which of their arguments it is."""

PACED: Final = frozenset({"clock", "device"})
"""The drives in which time goes by itself."""

PERFORM: Final = "csound.perform"
NOTHING_COMPILED: Final = "an event came and nothing has been compiled that could play it"


class AutoPlay(Interceptor):
    """Plays what is compiled and what events are for, in an engine that is ready."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._began = False
        engine.on(StateChanged, self._changed)

    def intercepts(self) -> Mapping[str, Intercept]:
        """What compiles, what sends events, and what would begin the performance that has begun."""
        single = dict.fromkeys([*COMPILING, *EVENTS], self._call)
        return {**single, **dict.fromkeys(LISTS, self._list), PERFORM: self._perform}

    def _call(self, proceed: Call, command: Command, done: Done) -> None:
        self._run(proceed, command, done, [command.method])

    def _list(self, proceed: Call, command: Command, done: Done) -> None:
        calls = command.args[LISTS[command.method]]
        self._run(proceed, command, done, [name for name, *_ in calls] if isinstance(calls, list) else [])

    def _run(self, proceed: Call, command: Command, done: Done, names: list[str]) -> None:
        if command.at is not None and command.at.clock in {"sample", "score"}:
            # Its time does not come before the performance has begun.
            self._play(names)

        def answered(outcome: Outcome) -> None:
            if outcome.error is None and _took(outcome.result):
                self._play(names)
            done(outcome)

        proceed(command, answered)

    def _play(self, names: list[str]) -> None:
        """Begin to perform, if the engine is ready and one of the calls ``names`` is a reason to."""
        engine = self._engine
        if engine.state != "ready" or engine.options.drive not in PACED or self._began:
            return
        if not COMPILING.isdisjoint(names) or not EVENTS.isdisjoint(names):
            if engine.journal.definitions.is_empty:
                engine.emit(warning(NOTHING_COMPILED))
                return
            self._began = True
            engine.submit(Command("thread.play", [], deadline=COMPILE_DEADLINE), self._played)

    def _played(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._began = False
            self._engine.emit(warning(f"it does not play: {outcome.error.message}"))

    def _changed(self, event: StateChanged) -> None:
        if event.state != "playing":
            self._began = False

    def _perform(self, proceed: Call, command: Command, done: Done) -> None:
        """Answer at the end of a performance that has begun by itself, in place of a refusal to begin another."""
        if self._began:
            self._engine.submit(replace(command, method="thread.join", args=[]), done)
        else:
            proceed(command, done)


def _took(result: object) -> bool:
    """Whether the engine took what it was given."""
    if isinstance(result, dict):
        return result.get("ok") is not False
    return not (type(result) is int and result != 0)
