"""The front's engine: commands go to the host, its outcomes and events come back.

What the host is (which process, how often it was replaced) is the supervisor's business; whoever holds an
Engine sees one engine that is sometimes away for a moment.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Final, cast

from csoundd.engine.attachment import Attachment
from csoundd.engine.journal.journal import Journal
from csoundd.engine.journal.lists import parts
from csoundd.engine.link.frames import OUTCOMES, Hello, Kind, event_of, outcome_of
from csoundd.engine.link.mirror import Mirror
from csoundd.engine.options import HostOptions
from csoundd.engine.orders import StandingOrders
from csoundd.engine.pending import Call, Pending
from csoundd.engine.process.death import Death
from csoundd.engine.process.process import Process
from csoundd.errors import CsounddError, EngineCrashed, EngineError, EngineUnavailable, LimitExceeded
from csoundd.messages import (
    Changed,
    Command,
    Done,
    Drive,
    EngineEvent,
    Fed,
    Frames,
    Outcome,
    Printed,
    RequestId,
    Seconds,
    State,
    warning,
)

IN_FLIGHT: Final = 10_000
"""How many calls may wait for the host at once, of all sessions together."""

LAST_MESSAGES: Final = 12
"""How many of Csound's last lines an engine error quotes."""

Listener = Callable[[EngineEvent], None]
Detour = Callable[[Command, Done], None]


class Engine(StandingOrders):
    """One Csound behind a process that may die. Each command is answered once, in the event loop."""

    def __init__(self, options: HostOptions) -> None:
        super().__init__()
        self.options = options
        self.own_drive: Drive = options.drive
        self.state: State = "offline"
        self.epoch = 0
        self.journal = Journal()
        self.pending = Pending()
        self.detours: dict[str, Detour] = {}
        """The methods that somebody in the front has a part in: who takes their commands, and submits others."""
        self.cancellers: list[Callable[[str, RequestId], bool]] = []
        """Who else may know of a call that waits."""
        self.restart_with: Callable[[HostOptions], asyncio.Future[None]] | None = None
        self.hello = Hello("", 0, {}, "")
        self._format: dict[str, object] = {}
        self._host = Attachment()
        self._listeners: list[Listener] = []
        self._printed: deque[str] = deque(maxlen=LAST_MESSAGES)

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told its outcome, exactly once."""
        self.detours.get(command.method, self.submit)(command, done)

    def submit(self, command: Command, done: Done) -> None:
        """Have the host run ``command`` itself."""
        refusal = self._refusal()
        if refusal is not None:
            done(Outcome(error=refusal))
            return
        self._host.send(self.pending.add(command, done), command)

    def _refusal(self) -> CsounddError | None:
        if self.state == "failed":
            return EngineUnavailable("the engine crashed again and again", hint="engine.restart starts a clean one")
        if self.state == "offline":
            return EngineUnavailable("the engine is not running")
        if len(self.pending) >= IN_FLIGHT:
            return LimitExceeded(f"{IN_FLIGHT} calls wait for the engine", limit=IN_FLIGHT)
        return None

    async def request(self, command: Command) -> object:
        """The result of ``command``. Raises what the engine answers if that is an error."""
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.call(command, partial(_settle, answered))
        outcome = await answered
        if outcome.error is not None:
            raise outcome.error
        return outcome.result

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

    def info(self) -> dict[str, object]:
        """The result of ``engine.info``."""
        return {
            "backend": self.hello.backend,
            "version": self.hello.version or None,
            "state": self.state,
            "epoch": self.epoch,
            "pid": self._host.pid,
            "drive": self.options.drive,
            "unsupported": self.hello.unsupported,
            "scheduling": self.hello.scheduling,
            "format": self._format,
        }

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

    async def restart(self, options: list[str], opcode_dir: str, drive: Drive | None = None) -> None:
        """A clean engine in a new process, made with ``options``, in the daemon's own drive unless another is named."""
        if self.restart_with is None:
            raise EngineUnavailable("the engine is not running")
        self.journal.clear()
        wanted = replace(self.options, options=tuple(options), opcode_dir=opcode_dir)
        await self.restart_with(replace(wanted, drive=drive or self.own_drive))

    async def pace(self, drive: Drive | None) -> None:
        """Have this host, and those that follow it, perform in ``drive``, None being the daemon's own.

        Raises WrongState while it plays.
        """
        wanted = drive or self.own_drive
        await self.request(Command("host.pace", [wanted]))
        self.options = replace(self.options, drive=wanted)

    def release(self, session: str) -> None:
        """Free what ``session`` holds in the engine."""
        if self._host.serves:
            self.call(Command("host.release", [session]), lambda _: None)

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what still waits of the call ``request`` of ``session`` answer Cancelled; whether there is such a call.

        It is the host that says so, or that it has just answered: what it did run is never called cancelled.
        """
        numbers = self.pending.numbers(session, request)
        if numbers:
            self._withdraw(numbers)
        return any([bool(numbers), *(cancel(session, request) for cancel in self.cancellers)])

    def give_up(self, numbers: Iterable[int]) -> None:
        """Nobody waits for these calls any more. If the host still can, it turns its loop once."""
        self._withdraw(list(numbers))

    def _withdraw(self, numbers: list[int]) -> None:
        self._host.send(0, Command("host.cancel", [numbers]))

    def attached(self, process: Process, hello: Hello) -> None:
        """A new host is there; it knows nothing yet."""
        self._host.attach(process)
        process.interruptible = hello.interruptible
        self.hello, self._format = hello, {}

    def detached(self, death: Death | None, *, again: bool = False) -> None:
        """The engine is gone: what was in flight fails, and what it died of is not tried again.

        ``again`` says that it did not live long after it had been restored.
        """
        self.hear()
        self._host.detach()
        if death is not None:
            self._learn_from(death, again=again)
        reason = "the engine was restarted" if death is None else f"the engine died: {death.cause}"
        self.pending.fail(EngineCrashed(reason))

    def _learn_from(self, death: Death, *, again: bool) -> None:
        if death.from_outside:
            return
        running = self.pending.command(death.running)
        if running is not None:
            self.journal.discard(running)
        elif death.performing:
            dropped = again and self.journal.drop_suspects()
            if not dropped:
                self.journal.suspect(death.since)
            if dropped or (death.hung and self.journal.drop_suspects()):
                self.emit(warning("what was compiled just before the engine died is not compiled again"))

    async def restore(self, playing: State) -> dict[str, object]:
        """Bring a new host to where the last one was. Returns a summary of what was done."""
        steps = [*self.journal.steps(), *self.standing_orders(), *_playing(playing)]
        await asyncio.gather(*map(self._replayed, steps))
        return self.journal.summary()

    def _replayed(self, command: Command) -> asyncio.Future[Outcome]:
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._host.send_first(self.pending.add(command, partial(_settle, answered), journaled=False), command)
        return answered

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

    def open(self) -> None:
        """The new host is where the last one was: send it what came in meanwhile, and all that follows."""
        self._host.serve()


def _settle(answered: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answered.done():
        answered.set_result(outcome)


def _playing(state: State) -> list[Command]:
    calls = {"playing": ["thread.play"], "paused": ["thread.play", "thread.pause"]}
    return [Command(method, []) for method in calls.get(state, [])]
