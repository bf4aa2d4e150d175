"""The front's engine: commands go to the host, its outcomes and events come back.

What the host is (which process, how often it was replaced) is its supervisor's business; whoever holds an
Engine sees one engine that is sometimes away for a moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final, Self, TypeVar, cast, get_args

from csoundd.engine.client.connection import HostConnection
from csoundd.engine.client.interceptors.interceptor import Interceptor, chain
from csoundd.engine.client.journal.journal import Journal, parts
from csoundd.engine.client.orders import StandingOrders
from csoundd.engine.client.pending import Pending
from csoundd.engine.link.mirror import Mirror
from csoundd.engine.link.protocol import OUTCOMES, Hello, Kind, decode_events, decode_outcome
from csoundd.engine.options import HostOptions
from csoundd.engine.process.process import ExitInfo, Process
from csoundd.engine.process.supervisor import Supervisor
from csoundd.engine.workspace import Workspace
from csoundd.errors import (
    Cancelled,
    CsounddError,
    EngineCrashed,
    EngineError,
    EngineUnavailable,
    LimitExceeded,
    NotFound,
)
from csoundd.messages import (
    Command,
    Done,
    Drive,
    EngineEvent,
    Frames,
    Outcome,
    RequestId,
    Seconds,
    State,
    StateChanged,
    warning,
)
from csoundd.states import may_follow
from csoundd.values import AudioFormat, EngineInfo

log = logging.getLogger("csoundd.engine")

IN_FLIGHT: Final = 10_000
"""How many calls may wait for the host at once, of all sessions together."""

RESET: Final = "csound.reset"
RESTORE: Final = "host.restore"
RESTORING: Final = "restoring"
BEGIN: Final = frozenset({"csound.start", "thread.play", "thread.togglePause", "csound.perform", "csound.performKsmps"})
"""The calls that start Csound where it has not been started."""

COMPILING: Final = frozenset({"csound.compileOrc", "csound.compileCsdText"})
"""The calls that answer 0 where Csound took the code."""

InterceptorFactory = Callable[["Engine"], Interceptor]
"""Makes an interceptor of one engine, which it may listen to."""

E = TypeVar("E", bound=EngineEvent)

Listener = Callable[[EngineEvent], None]
KINDS: Final[tuple[type[EngineEvent], ...]] = get_args(EngineEvent)


class Engine:
    """One Csound behind a process that may die, from ``async with`` to its end.

    Each command is answered once, in the event loop. ``interceptors`` are what may answer in place of the host, the
    first asked first.
    """

    def __init__(self, options: HostOptions, interceptors: Sequence[InterceptorFactory] = ()) -> None:
        self.options = options
        self.own_drive: Drive = options.drive
        self.state: State = "offline"
        self.epoch = 0
        self.hello = Hello("", 0, {}, "")
        self.journal = Journal(partial(_text_of, Workspace(options.workspace)))
        self.pending = Pending()
        self._closing = False
        self._format: AudioFormat | None = None
        self._host = HostConnection()
        self._listeners: dict[type, list[Callable[..., None]]] = {kind: [] for kind in KINDS}
        self._resets: list[Done] = []
        self._given_up: list[str] = []
        self._is_restored = False
        """Whether what the engine shows of itself counts: a new one shows what it is before it is restored."""

        self._has_died = False
        """Whether the next host takes the place of one that died, and is not asked to be clean."""

        self._orders = StandingOrders(self.call, self.request)
        self.poll, self.unpoll = self._orders.poll, self._orders.unpoll
        self.capture, self.follow = self._orders.capture, self._orders.follow
        self.push, self.push_at = self._orders.push, self._orders.push_at
        self._interceptors = [make(self) for make in interceptors]
        self._intercepted = chain(self._interceptors, self.submit)
        self._supervisor = Supervisor(self)

    async def __aenter__(self) -> Self:
        """Start the first host. Raises EngineUnavailable where no engine can run here."""
        await self._supervisor.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._closing = True
        await self._supervisor.close()
        self.enter("state", "offline", "the daemon is stopping")
        for interceptor in reversed(self._interceptors):
            await interceptor.close()

    # What goes to the host.

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told its outcome, exactly once."""
        self._intercepted.get(command.method, self.submit)(command, done)

    def submit(self, command: Command, done: Done) -> None:
        """Have the host run ``command`` itself. What it does is recorded before anybody hears of it."""
        refusal = self._refusal()
        if refusal is not None:
            done(Outcome(error=refusal))
            return
        self._host.send(self.pending.add(command, done), command)

    def _refusal(self) -> CsounddError | None:
        if self.state == "failed":
            return EngineUnavailable("the engine crashed again and again", hint="engine.restart starts a clean one")
        if self.state == "offline" and self._closing:
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
        return any([bool(numbers), *(each.cancel(session, request) for each in self._interceptors)])

    def expire(self) -> set[int]:
        """Answer Timeout to the calls past their deadline, and return their numbers.

        Nobody waits for them any more. If the host still can, it turns its loop once.
        """
        expired = set(self.pending.expire())
        if expired:
            self._withdraw(list(expired))
        return expired

    def method_of(self, number: int) -> str | None:
        """The method of the call ``number``, while it is in flight."""
        command = self.pending.command(number)
        return None if command is None else command.method

    def _withdraw(self, numbers: list[int]) -> None:
        sent = []
        for number in numbers:
            if not self._host.withdraw(number):
                sent.append(number)
                continue
            call = self.pending.take(number)
            if call is not None:
                call.done(Outcome(error=Cancelled(f"{call.command.method} was cancelled")))
        if sent and self._host.serves:
            self._host.send(0, Command("host.cancel", [sent]))

    # What comes from the host.

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every event of that kind from now on."""
        self._listeners[kind].append(listener)

    def off(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Undo :meth:`on`."""
        self._listeners[kind].remove(listener)

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with every event, of whatever kind."""
        for kind in KINDS:
            self.on(kind, listener)

    def unlisten(self, listener: Listener) -> None:
        """Undo :meth:`listen`."""
        for kind in KINDS:
            self.off(kind, listener)

    def emit(self, event: EngineEvent) -> None:
        """Tell those who listen to events of its kind."""
        for listener in tuple(self._listeners[type(event)]):
            listener(event)

    def enter(
        self, event: str, state: State, reason: str | None = None, restored: dict[str, object] | None = None
    ) -> None:
        """Change the state as the front sees it, and tell the listeners."""
        self._go(state)
        self.emit(StateChanged(event, state, self.epoch, reason, restored))

    def _go(self, state: State) -> None:
        if not may_follow(state, self.state):
            log.error("a fault in csoundd itself: %s has followed %s", state, self.state)
        self.state = state

    def receive(self, message: list[object]) -> None:
        """Take one message of the host."""
        kind = message[0]
        if kind in OUTCOMES:
            self._take_outcome(*decode_outcome(message))
        elif kind == Kind.AUDIO:
            self.hear()
        elif kind == Kind.FORMAT:
            self._format = AudioFormat(*cast("list[Any]", message[1]))
        elif kind == Kind.SNAPSHOT:
            if self._is_restored:
                self.journal.show(cast("dict[str, object]", message[1]))
        else:
            for event in decode_events(message):
                self._take_event(event)

    def _take_outcome(self, number: int, outcome: Outcome) -> None:
        call = self.pending.take(number)
        answered = call is not None
        call = call or self.pending.take_given_up(number)
        if call is None:
            return
        if not call.replay:
            self._record(call.command, outcome)
        elif call.command.method == RESTORE:
            # At once: a snapshot may come in the same breath.
            self._is_restored = True
        if answered:
            call.done(outcome)

    def _record(self, command: Command, outcome: Outcome) -> None:
        """Have what a call has done outlive the host."""
        receipt = outcome.receipt
        if outcome.error is None and (receipt is None or not receipt.dropped):
            self.journal.record(command, outcome.result, receipt)
            for part, result in parts(command, outcome.result):
                if part.method == "csound.setGlobalEnv" and result == 0:
                    name, value = cast("tuple[str, str | None]", tuple(part.args))
                    self.options = self.options.with_variable(name, value)
        if command.method in BEGIN and _did_not_start(outcome):
            self._given_up += self.journal.did_not_start()
            self._supervisor.begin_anew("Csound did not start")

    def _take_event(self, event: EngineEvent) -> None:
        if isinstance(event, StateChanged):
            if self.state in {"offline", "failed"}:
                return  # It comes too late: that host is gone.
            self._take_epoch(event.epoch)
            self._go(event.state)
        self.emit(event)

    def _take_epoch(self, epoch: int) -> None:
        """In a new epoch samples count from 0 again, and the rates are those of the next start."""
        if epoch != self.epoch:
            self.epoch, self._format = epoch, None
            self._host.begin()

    def hear(self) -> None:
        """Tell the listeners all that has sounded by now: it may be more than the host has given notice of."""
        sounded = self._host.sounded()
        if sounded is not None:
            self.emit(sounded)

    # What is known of the host without asking it.

    def info(self) -> EngineInfo:
        """The engine at a glance."""
        return EngineInfo(
            backend=self.hello.backend,
            version=self.hello.version or None,
            state=self.state,
            epoch=self.epoch,
            pid=self._host.pid,
            drive=self.options.drive,
            unsupported=self.hello.unsupported,
            scheduling=self.hello.scheduling,
            format={} if self._format is None else asdict(self._format),
        )

    def format(self) -> AudioFormat | None:
        """The rates of a Csound that has been started, None before."""
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

    # One host after another.

    async def restart(self, options: list[str], opcode_dir: str, drive: Drive | None = None) -> None:
        """A clean engine in a new process, made with ``options``, in the daemon's own drive unless another is named."""
        if self._closing:
            raise EngineUnavailable("the engine is not running")
        folder = self._plugin_folder(opcode_dir)
        self.journal.clear()
        wanted = replace(self.options, options=tuple(options), opcode_dir=folder)
        await self._supervisor.restart(replace(wanted, drive=drive or self.own_drive))

    def _plugin_folder(self, opcode_dir: str) -> str:
        """``opcode_dir`` as the host is told it. Csound would only warn of a folder that is not there."""
        if not opcode_dir:
            return ""
        folder = Workspace(self.options.workspace).resolve(opcode_dir)
        if not folder.is_dir():
            raise NotFound(f"opcodeDir: there is no folder {opcode_dir!r} in the workspace")
        return str(folder)

    async def pace(self, drive: Drive | None) -> None:
        """Have this host, and those that follow it, perform in ``drive``, None being the daemon's own.

        Raises WrongState while it plays.
        """
        wanted = drive or self.own_drive
        await self.request(Command("host.pace", [wanted]))
        self.options = replace(self.options, drive=wanted)

    def starting(self, options: HostOptions) -> HostOptions:
        """A host with ``options`` is about to be started: it begins a new epoch. Returns the options with that."""
        self.epoch += 1
        self.options = replace(options, epoch=self.epoch)
        self.enter("state", "starting")
        return self.options

    def attached(self, process: Process, hello: Hello, options: HostOptions) -> None:
        """A host is there that was started with ``options``, and knows nothing yet."""
        self._is_restored = False
        self._host.attach(process)
        self.options, self.hello, self._format = options, hello, None

    def detached(self, ended: ExitInfo | None, *, again: bool = False) -> bool:
        """The engine is gone: what it was running fails, and what it died of is not tried again.

        What it had not come to, and what waited for its time, waits for the next one. Where ``ended`` is None, the next
        one is to be clean, and all that waits fails. ``again`` says that it did not live long after it had been
        restored. Returns whether it was being reset, which its end has done: the next one is clean as well.
        """
        self.hear()
        accepted, running, sample = self._host.accepted, self._host.running, self._host.sample()
        self.journal.still(*self._host.unchanged())
        self._host.detach()
        self._has_died = ended is not None
        if ended is None:
            self.pending.fail(EngineCrashed("the engine was restarted"))
            self._host.drop()
            return False
        command = self.pending.command(running)
        was_reset = self._resolve(ended, accepted, running, sample)
        if command is not None and not ended.from_outside:
            self.journal.died_in(command)
        if was_reset:
            self.journal.clear()
        elif not ended.from_outside and ended.performing and not running:
            self._given_up += self.journal.suspect(ended.since, hung=ended.hung, again=again)
        return was_reset

    def _resolve(self, ended: ExitInfo, accepted: int, running: int, sample: Frames) -> bool:
        """Decide about each call that was in flight; returns whether a reset was among them."""
        waiting: list[int] = []
        was_reset = False
        for number, call in self.pending:
            method = call.command.method
            if number > accepted and not call.replay:
                waiting.append(number)
            elif number != running and call.command.at is not None:
                call.command = call.later(sample)
                waiting.append(number)
            else:
                self.pending.take(number)
                if method == RESET:
                    was_reset = True
                    self._resets.append(call.done)
                else:
                    call.done(Outcome(error=EngineCrashed(f"the engine died: {ended.cause}")))
        if was_reset:
            self.pending.fail(EngineCrashed("the engine was reset"))
            self._host.drop()
        else:
            self._host.hold([number for number in waiting if not self._host.withdraw(number)])
        return was_reset

    async def restore(self, was: State) -> None:
        """Bring a new host to where the last one was, and tell what was done."""
        journal, failed = self.journal, self._given_up
        self._given_up = []
        for command in journal.prepared():
            failed += await self._defined(command)
        if journal.started:
            outcome = await self._replayed(Command("csound.start", []))
            if _did_not_start(outcome):
                failed.append("Csound did not start")
            for command in journal.definitions.after_start():
                failed += await self._defined(command)
        playing = "ended" if failed and was in {"playing", "paused"} and journal.definitions.is_empty else was
        state, lost = journal.state(playing)
        failed += lost
        for command in self._orders.commands():
            await self._replayed(command)
        # Handles belong to a session; those that come of restoring are nobody's.
        outcome = await self._replayed(Command(RESTORE, [state], session=RESTORING))
        await self._replayed(Command("host.release", [RESTORING]))
        failed += cast("list[str]", outcome.result) if outcome.error is None else [outcome.error.message]
        summary = journal.summary()
        if failed:
            self.emit(warning(f"not everything could be restored: {'; '.join(failed)}"))
            summary["failed"] = failed
        event = "restored" if self._has_died else "state"
        self._has_died = False
        self.enter(event, "ready" if self.state == "starting" else self.state, None, summary)

    async def _defined(self, command: Command) -> list[str]:
        """Have a new host run what defines something; returns what it did not take, in words."""
        outcome = await self._replayed(command)
        refused = command.method in COMPILING and outcome.result != 0
        if outcome.error is None and not refused:
            return []
        single = self.journal.definitions.one_by_one(command)
        if not single:
            return [_told(command)]
        return [text for each in single for text in await self._defined(each)]

    async def _replayed(self, command: Command) -> Outcome:
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        number = self.pending.add(command, partial(_settle, answered), replay=True)
        self._host.send_first(number, command)
        return await answered

    def opened(self) -> None:
        """The new host is where the last one was: send it what came in meanwhile, and all that follows."""
        for number in self._host.serve():
            sent = self.pending.renumber(number)
            command = None if sent is None else self.pending.command(sent)
            if sent is not None and command is not None:
                self._host.send(sent, command)
        resets, self._resets = self._resets, []
        for done in resets:
            done(Outcome())

    def failed(self, reason: str) -> None:
        """No host follows: nobody waits any longer."""
        resets, self._resets = self._resets, []
        for done in resets:
            done(Outcome(error=EngineUnavailable(reason)))
        self.pending.fail(EngineUnavailable(reason))
        self._host.drop()


def _settle(answered: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answered.done():
        answered.set_result(outcome)


def _did_not_start(outcome: Outcome) -> bool:
    if outcome.error is not None:
        return type(outcome.error) is EngineError and outcome.error.data.get("returned") is not None
    return type(outcome.result) is int and outcome.result < 0


def _told(command: Command) -> str:
    """``command`` as a listener is told of it."""
    text = str(command.args[0]).strip().splitlines()[0][:60] if command.args else ""
    return f"{command.method}: {text}"


def _text_of(workspace: Workspace, path: str) -> str | None:
    """The text of a file of the workspace, None where it cannot be read."""
    try:
        return workspace.resolve(path).read_bytes().decode(errors="replace")
    except (OSError, ValueError, CsounddError):
        return None
