"""The front's engine: commands go to the host, its outcomes and events come back.

What the host is (which process, how often it was replaced) is its supervisor's business; whoever holds an
Engine sees one engine that is sometimes away for a moment.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Final, Self, TypeVar, cast, get_args

from csoundd.engine.client.interceptors import Interceptor, chain
from csoundd.engine.client.journal.definitions import has_only_macros
from csoundd.engine.client.journal.journal import LISTS, Journal, parts
from csoundd.engine.client.journal.rows import Rows, by_kind
from csoundd.engine.client.journal.store import Rows as Kept
from csoundd.engine.client.orders import StandingOrders
from csoundd.engine.link.connection import HostConnection
from csoundd.engine.link.memory import SharedValues
from csoundd.engine.link.protocol import OUTCOMES, Hello, Kind, Message, decode_events, decode_outcome
from csoundd.engine.options import HostOptions
from csoundd.engine.process.process import ExitInfo, Process
from csoundd.engine.process.supervisor import Supervisor
from csoundd.engine.workspace import Workspace
from csoundd.errors import (
    CsounddError,
    EngineCrashed,
    EngineError,
    EngineUnavailable,
    LimitExceeded,
    NotFound,
)
from csoundd.limits import OPTIONS_BYTES, STATE_POSITION_SECONDS, WAITING_CALLS
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
    ignore,
    warning,
)
from csoundd.states import LIVE, may_follow
from csoundd.syntax import UNDECODED
from csoundd.values import AudioFormat, EngineInfo, PerformanceSeen

log = logging.getLogger("csoundd.engine")

RESET: Final = "csound.reset"
RESTORE: Final = "host.restore"
SET_VARIABLE: Final = "csound.setGlobalEnv"
RESTORING: Final = "restoring"
BEGIN: Final = frozenset({"csound.start", "thread.play", "thread.togglePause", "csound.perform", "csound.performKsmps"})
"""The calls that start Csound where it has not been started."""

COMPILING: Final = frozenset({"csound.compileOrc", "csound.compileCsdText"})
"""The calls that answer 0 where Csound took the code."""

InterceptorFactory = Callable[["Engine"], Interceptor]
"""Makes an interceptor of one engine, which it may listen to."""

E = TypeVar("E", bound=EngineEvent)

KINDS: Final[tuple[type[EngineEvent], ...]] = get_args(EngineEvent)


class Engine:
    """One Csound behind a process that may die, from ``async with`` to its end.

    Each command is answered once, in the event loop. ``interceptors`` are what may answer in place of the host, the
    first asked first. What is acknowledged is in ``rows`` before; it begins with what another process ``kept`` there.
    """

    def __init__(
        self,
        options: HostOptions,
        interceptors: Sequence[InterceptorFactory] = (),
        rows: Rows | None = None,
        kept: Kept | None = None,
    ) -> None:
        self.options = self._given = options
        self.own_drive: Drive = options.drive
        self.state: State = "offline"
        self.reason: str | None = None
        """Why there is no host, where that is known: what the last one died of, or why none can be started."""
        self.epoch = 0
        self.hello = Hello("", 0, {}, "")
        self._paced_by: str | None = None
        """The session that has set the drive, which is the daemon's own again when that session is over."""
        self._rows = Rows() if rows is None else rows
        self.journal = Journal(partial(_text_of, Workspace(options.workspace)), self._rows)
        self._closing = False
        self._audio_held = self._audio_due = False
        self._format: AudioFormat | None = None
        self._host = HostConnection()
        self._listeners: dict[type, list[Callable[..., None]]] = {kind: [] for kind in KINDS}
        self._resets: list[Done] = []
        self._given_up: list[str] = []
        self._is_restored = False
        """Whether what the engine shows of itself counts: a new one shows what it is before it is restored."""

        self._has_died = False
        """Whether the next host takes the place of one that died, and is not asked to be clean."""

        self._orders = StandingOrders(self.call, self.request, self._rows)
        self.poll, self.unpoll = self._orders.poll, self._orders.unpoll
        self.capture, self.follow = self._orders.capture, self._orders.follow
        self.push, self.push_at = self._orders.push, self._orders.push_at
        self.forget_pushed = self._orders.forget_pushed
        self._interceptors = [make(self) for make in interceptors]
        self._intercepted = chain(self._interceptors, self.submit)
        self._supervisor = Supervisor(self)
        self._writing: asyncio.Task[None] | None = None
        self._was: State | None = None
        """The state in which another process has left the engine, None where it has left nothing."""

        self._kept_state: State = "ready"
        self._rows.register("engine", self._row)
        if kept:
            try:
                self._load(kept)
            except (TypeError, ValueError, KeyError, AttributeError):
                log.exception("what was kept of the engine cannot be read, and is left out")
                self.journal.clear()

    def _row(self, name: str) -> object:
        """What is kept of the engine itself: its options as far as they are not the daemon's own, and its state."""
        if name == "state":
            return self._kept_state
        options, given = self.options, self._given
        own = self.own_drive if self._paced_by is not None else options.drive
        return [
            list(options.options) if options.options != given.options else None,
            options.opcode_dir,
            [list(pair) for pair in options.environment],
            own if own != given.drive else None,
        ]

    def _load(self, kept: Kept) -> None:
        """Take in what another process has left."""
        self.journal.load(kept)
        self._orders.load(kept)
        rows = by_kind(kept, "engine")
        match rows.get("options"):
            case [options, str(opcode_dir), environment, drive]:
                self.options = replace(
                    self.options,
                    options=self.options.options if options is None else tuple(options),
                    opcode_dir=opcode_dir,
                    environment=tuple((name, value) for name, value in environment),
                    drive=drive or self.options.drive,
                )
        self._was = self._kept_state = rows.get("state", "ready")
        self._has_died = True

    @property
    def was_taken_up(self) -> bool:
        """Whether it goes on where another process has left it."""
        return self._was is not None

    async def __aenter__(self) -> Self:
        """Start the first host. Raises EngineUnavailable where no engine can run here."""
        await self._supervisor.start(self._was)
        if self._rows.kept:
            self._rows.commit()
            self._writing = asyncio.create_task(self._write(), name="state-writer")
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing})
            self._write_now()
        self._closing = True
        await self._supervisor.close()
        self._rows.commit()
        self.enter("state", "offline", "the daemon is stopping")
        for interceptor in reversed(self._interceptors):
            await interceptor.close()

    async def _write(self) -> None:
        """Write by and by what the engine shows of itself: what was acknowledged has been written at once."""
        while True:
            await asyncio.sleep(STATE_POSITION_SECONDS)
            self._write_now()

    def _write_now(self) -> None:
        if self._is_restored:
            self.journal.still(*self._host.unchanged())
        self._rows.commit()

    # What goes to the host.

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told its outcome, exactly once."""
        self._intercepted.get(command.method, self.submit)(command, done)

    def submit(self, command: Command, done: Done) -> None:
        """Have the host run ``command`` itself. What it does is recorded before anybody hears of it."""
        if self.state == "failed":
            error: CsounddError = EngineUnavailable(
                "the engine crashed again and again", hint="engine.restart starts a clean one"
            )
        elif self.state == "offline" and self._closing:
            error = EngineUnavailable("the engine is not running")
        elif len(self._host.calls) >= WAITING_CALLS:
            error = LimitExceeded(f"{WAITING_CALLS} calls wait for the engine", name="calls", limit=WAITING_CALLS)
        else:
            self._host.send(command, done)
            return
        done(Outcome(error=error))

    async def request(self, command: Command) -> object:
        """The result of ``command``. Raises what the engine answers if that is an error."""
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.call(command, partial(_settle, answered))
        outcome = await answered
        if outcome.error is not None:
            raise outcome.error
        return outcome.result

    def release(self, session: str, *, end_notes: bool = False) -> None:
        """End what ``session`` has of the engine: handles, locks, what it waits for, its performance, its drive.

        With ``end_notes`` the notes as well that it holds.
        """
        for interceptor in self._interceptors:
            interceptor.release(session, end_notes=end_notes)
        if self._host.serves:
            self.call(Command("host.release", [session]), ignore)
        if self._paced_by == session:
            self._paced_by = None
            self.options = replace(self.options, drive=self.own_drive)
            self.call(Command("host.run_in", [self.own_drive]), self._paced)

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what still waits of the call ``request`` of ``session`` answer Cancelled; whether there is such a call.

        It is the host that says so, or that it has just answered: what it did run is never called cancelled.
        """
        numbers = self._host.numbers(session, request)
        self._host.withdraw(numbers)
        return any([bool(numbers), *(each.cancel(session, request) for each in self._interceptors)])

    def expire(self) -> set[int]:
        """Answer Timeout to the calls past their deadline, and return their numbers.

        Nobody waits for them any more. If the host still can, it turns its loop once.
        """
        expired = self._host.expire()
        self._host.withdraw(expired)
        return set(expired)

    def overdue(self, number: int) -> Command | None:
        """The call ``number`` if it is past its deadline, and the host has not answered it."""
        return self._host.overdue(number)

    def may_wait_for(self, session: str | None) -> bool:
        """Whether calls of ``session`` may be in flight; where there are many calls, nobody looks whose they are."""
        return self._host.concern(session)

    # What comes from the host.

    def on(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Call ``listener`` with every event of that kind from now on."""
        self._listeners[kind].append(listener)

    def off(self, kind: type[E], listener: Callable[[E], None]) -> None:
        """Undo :meth:`on`."""
        self._listeners[kind].remove(listener)

    def emit(self, event: EngineEvent) -> None:
        """Tell those who listen to events of its kind."""
        for listener in tuple(self._listeners[type(event)]):
            listener(event)

    def enter(
        self, event: str, state: State, reason: str | None = None, restored: dict[str, object] | None = None
    ) -> None:
        """Change the state as the front sees it, and tell the listeners."""
        self._go(state, reason)
        self._rows.commit()
        self.emit(StateChanged(event, state, self.epoch, reason, restored))

    def recorded(self, name: str, reason: str | None) -> None:
        """Tell that the recording ``name`` is complete, and with ``reason`` why it ended early."""
        self.emit(StateChanged("recorded", self.state, self.epoch, reason, recording=name))

    def _go(self, state: State, reason: str | None = None) -> None:
        if not may_follow(state, self.state):
            log.error("a fault in csoundd itself: %s has followed %s", state, self.state)
        self.state = state
        if (state in LIVE or state == "failed") and not self._closing and self._kept_state != state:
            self._kept_state = state
            self._rows.mark("engine", "state")
        if state in LIVE:
            self.reason = None
        elif reason is not None:
            self.reason = reason

    def receive(self, message: Message) -> None:
        """Take one message of the host."""
        kind = message[0]
        if kind in OUTCOMES:
            self._answer_call(*decode_outcome(message))
        elif kind == Kind.AUDIO:
            self._audio_due = self._audio_held
            if not self._audio_held:
                self.deliver_audio()
        elif kind == Kind.FORMAT:
            self._format = AudioFormat(*message[1])
        elif kind == Kind.SNAPSHOT:
            if self._is_restored:
                self.journal.show(message[1])
        else:
            for event in decode_events(message):
                self._tell_event(event)

    def _answer_call(self, number: int, outcome: Outcome) -> None:
        call = self._host.pop(number)
        if call is None:
            return
        command, receipt = call.command, outcome.receipt
        if call.replay:
            if command.method == RESTORE:
                # At once: a snapshot may come in the same breath.
                self._is_restored = True
        else:
            # What it has done outlives the host, whether somebody still waits for the answer or not.
            if outcome.error is None and (receipt is None or not receipt.dropped):
                self.journal.record(command, outcome.result, receipt)
                if command.method == SET_VARIABLE or command.method in LISTS:
                    self._keep_variables(command, outcome.result)
            if command.method in BEGIN and _did_not_start(outcome):
                self._given_up += self.journal.did_not_start()
                self._supervisor.begin_anew("Csound did not start")
            self._rows.commit()
        if not call.given_up:
            call.done(outcome)

    def _keep_variables(self, command: Command, result: object) -> None:
        """Variables of the environment that were set are set for the hosts that follow."""
        for part, code in parts(command, result):
            if part.method == SET_VARIABLE and code == 0:
                match part.args:
                    case [str(name), None | str() as value]:
                        self.options = self.options.with_variable(name, value)
                        self._rows.mark("engine", "options")

    def _tell_event(self, event: EngineEvent) -> None:
        if isinstance(event, StateChanged):
            if self.state in {"offline", "failed"}:
                return  # It comes too late: that host is gone.
            # What sounded before is told before: a new epoch forgets it.
            self.deliver_audio()
            self._enter_epoch(event.epoch)
            self._go(event.state)
        self.emit(event)

    def _enter_epoch(self, epoch: int) -> None:
        """In a new epoch samples count from 0 again, and the rates are those of the next start."""
        if epoch != self.epoch:
            self.epoch, self._format = epoch, None
            self._host.begin()

    def deliver_audio(self) -> None:
        """Tell the listeners all that has sounded by now: it may be more than the host has given notice of."""
        block = self._host.read_audio(self.epoch)
        if block is not None:
            self.emit(block)

    def waits(self) -> bool:
        """Whether nothing paces the performance, so that it may wait for those who hear it."""
        return self._host.unpaced

    def hold_audio(self, wanted: bool) -> None:  # noqa: FBT001 - the argument is the point
        """Whether audio is to stay in the ring: when that is full, a performance that nothing paces waits."""
        self._audio_held = wanted
        if self._audio_due and not wanted:
            self._audio_due = False
            self.deliver_audio()

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
            confined=list(self.hello.confined),
            piece=self.journal.piece,
            format={} if self._format is None else asdict(self._format),
        )

    def format(self) -> AudioFormat | None:
        """The rates of a Csound that has been started, None before."""
        return self._format

    def sample(self) -> Frames:
        """The first sample of the next cycle, read without asking the host."""
        return self._host.sample()

    def seen(self) -> PerformanceSeen:
        """How far the performance is and what it takes, read without asking the host."""
        return self._host.seen()

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle, read without asking the host."""
        return self._host.seconds_of_score()

    @property
    def shared_values(self) -> SharedValues | None:
        """The channels that the host shows, None while no host serves."""
        return self._host.shared_values

    # One host after another.

    async def restart(
        self, options: list[str], opcode_dir: str, drive: Drive | None = None, *, by: str | None = None
    ) -> None:
        """A clean engine in a new process, made with ``options``, in the daemon's own drive unless another is named.

        A drive that is named is that of the session ``by``, and ends with it, unless a device is concerned.
        """
        if self._closing:
            raise EngineUnavailable("the engine is not running")
        if (size := len(json.dumps(options))) > OPTIONS_BYTES:
            raise LimitExceeded(
                f"all options together have at most {OPTIONS_BYTES} bytes, and these {size}",
                name="options",
                limit=OPTIONS_BYTES,
            )
        folder = self._plugin_folder(opcode_dir)
        wanted = replace(self.options, options=tuple(options), opcode_dir=folder)
        self._paced_by = by if drive is not None and "device" not in {drive, self.own_drive} else None
        await self._supervisor.restart(replace(wanted, drive=drive or self.own_drive))

    def _plugin_folder(self, opcode_dir: str) -> str:
        """``opcode_dir`` as the host is told it. Csound would only warn of a folder that is not there."""
        if not opcode_dir:
            return ""
        folder = Workspace(self.options.workspace).resolve(opcode_dir)
        if not folder.is_dir():
            raise NotFound(f"opcodeDir: there is no folder {opcode_dir!r} in the workspace")
        return str(folder)

    async def pace(self, drive: Drive | None, *, by: str | None = None) -> None:
        """Have this host, and those that follow it, perform in ``drive``, None being the daemon's own.

        Where a session asks, ``by``, that lasts as long as the session. Raises WrongState while it plays.
        """
        wanted = drive or self.own_drive
        granted = await self.request(Command("host.pace", [wanted]))
        self._paced_by = by
        self.options = replace(self.options, drive=wanted)
        self._rows.mark("engine", "options")
        self._rows.commit()
        self.hello = replace(self.hello, scheduling=str(granted))

    def _paced(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self.hello = replace(self.hello, scheduling=str(outcome.result))

    def starting(self, options: HostOptions) -> HostOptions:
        """A host with ``options`` is about to be started: it begins a new epoch. Returns the options with that."""
        self.epoch += 1
        self.options = replace(options, epoch=self.epoch)
        self.enter("state", "starting")
        return self.options

    def attached(self, process: Process, hello: Hello, options: HostOptions) -> None:
        """A host is there that was started with ``options``, and knows nothing yet."""
        self._is_restored = False
        self._host.attach(process.front_end, process.pid)
        if hello.confined and hello.confined != self.hello.confined:
            log.info("the engine is held off from: %s", ", ".join(hello.confined))
        if options is not self.options:
            self._rows.mark("engine", "options")
        self.options, self.hello, self._format = options, hello, None

    def detached(self, ended: ExitInfo | None, *, again: bool = False) -> bool:
        """The engine is gone: what it was running fails, and what it died of is not tried again.

        What it had not come to, and what waited for its time, waits for the next one. Where ``ended`` is None, the next
        one is to be clean, and all that waits fails. ``again`` says that it did not live long after it had been
        restored. Returns whether it was being reset, which its end has done: the next one is clean as well.
        """
        self.deliver_audio()
        self.journal.still(*self._host.unchanged())
        self._has_died = ended is not None
        if ended is None:
            self._was = None
            if not self._closing:
                # Not before: until its end the old host answers, and shows what has become of its channels.
                self.journal.clear()
            self._host.detach(EngineCrashed("the engine was restarted"))
            return False
        running = self._host.running
        command = self._host.command(running)
        resets = self._host.lose(EngineCrashed(f"the engine died: {ended.cause}"), RESET)
        if command is not None and not ended.from_outside:
            self.journal.died_in(command)
        if resets:
            self._resets += resets
            self._host.fail(EngineCrashed("the engine was reset"))
            self.journal.clear()
        elif not ended.from_outside and ended.performing and not running:
            self._given_up += self.journal.suspect(ended.since, hung=ended.hung, again=again)
        return bool(resets)

    async def restore(self, was: State) -> None:
        """Bring a new host to where the last one was, and tell what was done."""
        journal, failed = self.journal, self._given_up
        self._given_up = []
        for command in journal.prepared():
            failed += await self._defined(command)
        if journal.started:
            died = self._has_died
            if died:
                await self._replayed(Command("host.replace", [True]))
            outcome = await self._replayed(Command("csound.start", []))
            if died:
                await self._replayed(Command("host.replace", [False]))
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
        refused = command.method in COMPILING and outcome.result != 0 and not has_only_macros(command)
        if outcome.error is None and not refused:
            return []
        single = self.journal.definitions.one_by_one(command)
        if not single:
            return [_command_text(command)]
        return [text for each in single for text in await self._defined(each)]

    async def _replayed(self, command: Command) -> Outcome:
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._host.send(command, partial(_settle, answered), replay=True)
        return await answered

    def opened(self) -> None:
        """The new host is where the last one was: send it what came in meanwhile, and all that follows."""
        self._rows.commit()
        self._host.serve()
        resets, self._resets = self._resets, []
        for done in resets:
            done(Outcome())

    def failed(self, reason: str) -> None:
        """No host follows: nobody waits any longer."""
        resets, self._resets = self._resets, []
        for done in resets:
            done(Outcome(error=EngineUnavailable(reason)))
        self._host.fail(EngineUnavailable(reason))


def _settle(answered: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answered.done():
        answered.set_result(outcome)


def _did_not_start(outcome: Outcome) -> bool:
    if outcome.error is not None:
        return type(outcome.error) is EngineError and outcome.error.data.get("returned") is not None
    return type(outcome.result) is int and outcome.result < 0


def _command_text(command: Command) -> str:
    """``command`` as a listener is told of it."""
    text = str(command.args[0]).strip().splitlines()[0][:60] if command.args else ""
    return f"{command.method}: {text}"


def _text_of(workspace: Workspace, path: str) -> str | None:
    """The text of a file of the workspace, None where it cannot be read."""
    try:
        return workspace.resolve(path).read_bytes().decode(errors=UNDECODED)
    except (OSError, ValueError, CsounddError):
        return None
