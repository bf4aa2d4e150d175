"""The notes that a session holds: those of a keyboard whose browser is gone are ended with its session.

A script that begins a drone and leaves means it to go on, so that is done for sessions that asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, cast

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.limits import KEPT_NOTES
from csoundd.messages import Command, Done, Outcome, StateChanged
from csoundd.syntax.score_lines import ended_by

EVENT: Final = "csound.event"
INSTRUMENT, DURATION = 0, 2


class HeldNotes(Interceptor):
    """Knows the notes that each session has begun by ``csound.event`` with a negative p3, and not ended since."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[str, dict[float | str, None]] = {}
        engine.on(StateChanged, self._changed)

    def intercepts(self) -> Mapping[str, Intercept]:
        """What begins notes and ends them."""
        return {EVENT: self._event}

    def release(self, session: str, *, end_notes: bool) -> None:
        """``session`` is over; with ``end_notes`` what it holds is ended."""
        held = self._held.pop(session, {})
        for instrument in held if end_notes else ():
            ending = f"-{instrument}" if isinstance(instrument, str) else -instrument
            self._engine.call(Command(EVENT, ["i", [ending, 0.0, 0.0], False]), _ignore)

    def _event(self, proceed: Call, command: Command, done: Done) -> None:
        session, args = command.session, command.args
        if (
            session is not None
            and args[0] == "i"
            and len(fields := list(cast("list[float | str]", args[1]))) > DURATION
        ):
            proceed(command, partial(self._begun, session, fields, done))
        else:
            proceed(command, done)

    def _begun(self, session: str, fields: list[float | str], done: Done, outcome: Outcome) -> None:
        if outcome.error is None:
            instrument, duration = fields[INSTRUMENT], fields[DURATION]
            ended = ended_by(instrument)
            if ended is not None:
                for others in self._held.values():
                    others.pop(ended, None)
            elif isinstance(duration, int | float) and duration < 0:
                held = self._held.setdefault(session, {})
                held[instrument] = None
                if len(held) > KEPT_NOTES:
                    del held[next(iter(held))]
        done(outcome)

    def _changed(self, event: StateChanged) -> None:
        if event.event == "reset":
            self._held.clear()


def _ignore(_outcome: Outcome) -> None:
    pass
