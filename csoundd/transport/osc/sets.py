"""Stage 1, OSC sets: single values for channels, many of them as one command of the engine.

What comes while the engine is busy with the last command waits for the next; only the latest value of a channel
matters, as all of them would have landed at the same cycle edge anyway. So a flood costs the engine no more than
it can take, and the first value of a quiet time goes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from csoundd.errors import CsounddError, InvalidParams
from csoundd.messages import Command, Outcome, Seconds
from csoundd.transport.osc.names import address_of
from csoundd.transport.osc.ports import EnginePort
from csoundd.transport.osc.sender import Sender

AT_ONCE: Final = 256
"""How many channels one command sets: the cycle edge it holds up is not to be noticed."""

DEADLINE: Final = Seconds(10.0)

Refused = Callable[[Sender, str, CsounddError], None]
Noted = Callable[[str, object, Sender], None]
Pending = dict[str, tuple[float | str, Sender]]


class Sets:
    """The values that wait, by channel, each with who sent it.

    ``refused`` is told of values that the engine did not take, ``noted`` of every value that it took.
    """

    def __init__(self, engine: EnginePort, refused: Refused, noted: Noted) -> None:
        self._engine = engine
        self._refused = refused
        self.noted = noted
        self._busy = 0
        self.pending: Pending = {}

    def flush(self) -> None:
        """Send what waits, if the engine is not busy with what went before."""
        if self.pending and not self._busy:
            self._send()

    def settle(self) -> None:
        """Send all that waits: something comes that has to find it done."""
        while self.pending:
            self._send()

    def _send(self) -> None:
        pending = self.pending
        if len(pending) <= AT_ONCE:
            going = pending.copy()
            pending.clear()
        else:
            going = {name: pending.pop(name) for name in list(pending)[:AT_ONCE]}
        self._busy += 1
        values = {name: value for name, (value, _) in going.items()}
        self._engine.call(Command("channel.set", [values], deadline=DEADLINE), partial(self._done, going))

    def _done(self, gone: Pending, outcome: Outcome) -> None:
        self._busy -= 1
        error = outcome.error
        if isinstance(error, InvalidParams) and len(gone) > 1:
            # One that does not fit its channel keeps all of them from being set.
            for name, entry in gone.items():
                self._alone(name, entry)
        elif error is not None:
            self._tell(gone, error)
        else:
            for name, (value, sender) in gone.items():
                self.noted(name, value, sender)
        self.flush()

    def _alone(self, name: str, entry: tuple[float | str, Sender]) -> None:
        self._busy += 1
        command = Command("channel.set", [{name: entry[0]}], deadline=DEADLINE)
        self._engine.call(command, partial(self._done, {name: entry}))

    def _tell(self, gone: Pending, error: CsounddError) -> None:
        """One error for each sender, whatever the number of values."""
        told: set[Sender] = set()
        for name, (_, sender) in gone.items():
            if sender not in told:
                told.add(sender)
                self._refused(sender, address_of(name), error)
