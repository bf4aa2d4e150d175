"""The front's engine: commands go to the host, its outcomes and events come back.

What the host is (which process, how often it was replaced) is the supervisor's business; whoever holds an
Engine sees one engine that is sometimes away for a moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from csoundd.engine.hearing import Hearing
from csoundd.engine.link.frames import Hello
from csoundd.engine.options import HostOptions
from csoundd.engine.process.death import Death
from csoundd.engine.process.process import Process
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineCrashed, EngineUnavailable, LimitExceeded, NotFound
from csoundd.messages import (
    Command,
    Done,
    Drive,
    Outcome,
    RequestId,
    State,
    warning,
)

IN_FLIGHT: Final = 10_000
"""How many calls may wait for the host at once, of all sessions together."""

Detour = Callable[[Command, Done], None]


class Engine(Hearing):
    """One Csound behind a process that may die. Each command is answered once, in the event loop."""

    def __init__(self, options: HostOptions) -> None:
        super().__init__(options)
        self.own_drive: Drive = options.drive
        self.detours: dict[str, Detour] = {}
        """The methods that somebody in the front has a part in: who takes their commands, and submits others."""
        self.cancellers: list[Callable[[str, RequestId], bool]] = []
        """Who else may know of a call that waits."""
        self.restart_with: Callable[[HostOptions], asyncio.Future[None]] | None = None
        self.hello = Hello("", 0, {}, "")

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

    async def restart(self, options: list[str], opcode_dir: str, drive: Drive | None = None) -> None:
        """A clean engine in a new process, made with ``options``, in the daemon's own drive unless another is named."""
        if self.restart_with is None:
            raise EngineUnavailable("the engine is not running")
        folder = self._plugin_folder(opcode_dir)
        self.journal.clear()
        wanted = replace(self.options, options=tuple(options), opcode_dir=folder)
        await self.restart_with(replace(wanted, drive=drive or self.own_drive))

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

    def open(self) -> None:
        """The new host is where the last one was: send it what came in meanwhile, and all that follows."""
        self._host.serve()


def _settle(answered: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answered.done():
        answered.set_result(outcome)


def _playing(state: State) -> list[Command]:
    calls = {"playing": ["thread.play"], "paused": ["thread.play", "thread.pause"]}
    return [Command(method, []) for method in calls.get(state, [])]
