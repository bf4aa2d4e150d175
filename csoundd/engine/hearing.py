"""What the front hears from the host: outcomes go to those who called, events to those who listen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, cast

from csoundd.engine.attachment import Attachment
from csoundd.engine.journal.journal import Journal
from csoundd.engine.journal.lists import parts
from csoundd.engine.link.frames import OUTCOMES, Kind, event_of, outcome_of
from csoundd.engine.link.mirror import Mirror
from csoundd.engine.options import HostOptions
from csoundd.engine.orders import StandingOrders
from csoundd.engine.pending import Call, Pending
from csoundd.errors import EngineError
from csoundd.messages import Changed, EngineEvent, Fed, Frames, Outcome, Printed, Seconds, State

LAST_MESSAGES: Final = 12
"""How many of Csound's last lines an engine error quotes."""

Listener = Callable[[EngineEvent], None]


class Hearing(StandingOrders):
    """Takes the host's messages, and keeps what they say of the engine: its state, its epoch, its format."""

    def __init__(self, options: HostOptions) -> None:
        super().__init__()
        self.options = options
        self.state: State = "offline"
        self.epoch = 0
        self.journal = Journal()
        self.pending = Pending()
        self._format: dict[str, object] = {}
        self._host = Attachment()
        self._listeners: list[Listener] = []
        self._printed: deque[str] = deque(maxlen=LAST_MESSAGES)

    def listen(self, listener: Listener) -> None:
        """Let ``listener`` hear every event from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Undo :meth:`listen`."""
        self._listeners.remove(listener)

    def emit(self, event: EngineEvent) -> None:
        """Tell the listeners."""
        for listener in tuple(self._listeners):
            listener(event)

    def enter(
        self, event: str, state: State, reason: str | None = None, restored: dict[str, object] | None = None
    ) -> None:
        """Change the state as the front sees it, and tell the listeners."""
        self.state = state
        self.emit(Changed(event, state, self.epoch, reason, restored))

    def format(self) -> dict[str, object]:
        """``{sr, ksmps, nchnls, zerodbfs}`` once Csound has been started, empty before."""
        return self._format

    def sample(self) -> Frames:
        """The first sample of the next cycle, read without asking the host."""
        return self._host.sample()

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle, read without asking the host."""
        return self._host.seconds_of_score()

    @property
    def mirror(self) -> Mirror | None:
        """The channels that the host shows, None while no host serves."""
        return self._host.mirror

    def receive(self, message: list[object]) -> None:
        """Take one message of the host."""
        kind = message[0]
        if kind in OUTCOMES:
            self._take_outcome(*outcome_of(message))
        elif kind == Kind.SOUNDED:
            self.hear()
        else:
            self._take_event(event_of(message))

    def _take_outcome(self, number: int, outcome: Outcome) -> None:
        call = self.pending.take(number)
        if call is None:
            return
        if outcome.error is None:
            self._record(call, outcome)
        elif isinstance(outcome.error, EngineError) and type(outcome.error) is EngineError:
            outcome.error.messages = list(self._printed)
        call.done(outcome)

    def _record(self, call: Call, outcome: Outcome) -> None:
        if not call.journaled:
            return
        score_time = outcome.receipt.score_time if outcome.receipt else Seconds(0.0)
        for command, result in parts(call.command, outcome.result):
            self.journal.record(command, result, score_time)
            if command.method == "csound.setGlobalEnv" and result == 0:
                name, value = cast("tuple[str, str | None]", tuple(command.args))
                self.options = self.options.with_variable(name, value)

    def _take_event(self, event: EngineEvent) -> None:
        match event:
            case Changed(state=state, epoch=epoch):
                self._take_epoch(epoch)
                self.state = state
            case Printed(text):
                self._printed.append(text)
            case Fed(topic="format", data=data):
                self._format = cast("dict[str, object]", data)
                return
        self.emit(event)

    def _take_epoch(self, epoch: int) -> None:
        """In a new epoch samples count from 0 again, and the rates are those of the next start."""
        if epoch != self.epoch:
            self.epoch, self._format = epoch, {}
            self._host.begin()

    def hear(self) -> None:
        """Tell the listeners all that has sounded by now: it may be more than the host has given notice of."""
        sounded = self._host.sounded()
        if sounded is not None:
            self.emit(sounded)
