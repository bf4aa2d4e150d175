"""Calls that may hang or crash the process they run in: listing devices, and Csound's utilities.

Drivers do both (docs/upstream-faults.md#csound-device-lists). The front gives each a throw-away
process; the engine's own is only asked which modules it uses, and goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Final, cast

from csoundd.engine.detours.arguments import check_arguments
from csoundd.engine.engine import Engine
from csoundd.engine.process.launching import environment
from csoundd.engine.workspace import Workspace
from csoundd.errors import Cancelled, CsounddError, EngineError, Timeout
from csoundd.messages import Command, Done, Outcome, Printed, RequestId, Seconds

MODULE: Final = "csoundd.engine.csound.native.errand"
PATIENCE: Final = Seconds(5.0)
"""How long a driver may take to list its devices."""

FRESH: Final = Seconds(10.0)
"""How long a list of devices is taken to be true."""

AT_ONCE: Final = 4
NO_MODULE: Final = ("", "", -1)
CHUNK: Final = 65_536

Work = Callable[[dict[str, str]], Awaitable[object]]
Heard = Callable[[str], None]


class Errands:
    """What one engine has done outside of its process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[asyncio.Task[None], tuple[str | None, RequestId]] = {}
        self._lists: dict[tuple[object, ...], tuple[float, object]] = {}
        engine.detours |= {
            "csound.module": partial(self._take, self._module),
            "csound.modules": partial(self._take, self._modules),
            "csound.audioDevList": partial(self._take, partial(self._devices, "audio")),
            "csound.midiDevList": partial(self._take, partial(self._devices, "midi")),
            "csound.runUtility": partial(self._take, self._utility),
        }
        engine.cancellers.append(self._cancel)

    def _take(self, work: Callable[..., Awaitable[object]], command: Command, done: Done) -> None:
        """Have ``work`` done once the engine has come to ``command``; an embedded engine does it by itself."""
        if self._engine.hello.backend != "native":
            self._engine.submit(command, done)
            return
        asking = Command("host.modules", [], command.session, command.at, command.late, command.deadline)

        def asked(outcome: Outcome) -> None:
            if outcome.error is not None or (outcome.receipt and outcome.receipt.dropped):
                done(Outcome(None, outcome.error, outcome.receipt))
                return
            task = asyncio.get_running_loop().create_task(_finished(work(outcome.result, *command.args), outcome, done))
            self._tasks[task] = command.session, command.request
            task.add_done_callback(self._tasks.pop)

        self._engine.submit(asking, asked)

    async def _module(self, used: dict[str, str], number: int) -> tuple[str, str, int]:
        modules = await self._modules(used)
        return (*modules[number], 0) if 0 <= number < len(modules) else NO_MODULE

    async def _modules(self, _used: dict[str, str]) -> list[tuple[str, str]]:
        listed = cast("list[list[str]]", await self._listed("modules"))
        return [(name, kind) for name, kind in listed]

    async def _devices(self, kind: str, used: dict[str, str], output: bool) -> object:  # noqa: FBT001 - the API's
        return await self._listed(kind, used[kind], output)

    async def _listed(self, errand: str, *args: object) -> object:
        """The answer to an errand, or what it was a moment ago."""
        key = (errand, *args)
        since, answer = self._lists.get(key, (-FRESH, None))
        if monotonic() - since > FRESH:
            answer = await self._run(errand, args, lambda _: None, PATIENCE)
            self._lists[key] = monotonic(), answer
        return answer

    async def _utility(self, _used: dict[str, str], name: str, args: list[str]) -> object:
        words = args or [name]
        check_arguments(Workspace(self._engine.options.workspace), words)
        return await self._run("utility", (name, words), self._print, None)

    def _print(self, text: str) -> None:
        self._engine.emit(Printed(text, 0))

    async def _run(self, errand: str, args: tuple[object, ...], heard: Heard, patience: Seconds | None) -> object:
        async with self._room:
            child = await self._child(errand, args)
            try:
                async with asyncio.timeout(patience):
                    answer, _ = await asyncio.gather(_all_of(child), _hear(child, heard))
                    status = await child.wait()
            except TimeoutError:
                raise Timeout(f"no answer within {patience:g} s: a driver hangs", deadline=patience) from None
            finally:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        return _answer_in(answer, errand, status)

    async def _child(self, errand: str, args: tuple[object, ...]) -> asyncio.subprocess.Process:
        options = self._engine.options
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE, json.dumps({"errand": errand, "args": args, "parent": os.getpid()})),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=options.folder or options.workspace,
            env=environment(options),
        )

    def _cancel(self, session: str, request: RequestId) -> bool:
        meant = [task for task, key in self._tasks.items() if key == (session, request)]
        for task in meant:
            task.cancel()
        return bool(meant)

    async def close(self) -> None:
        """End what is still running."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _finished(work: Awaitable[object], landed: Outcome, done: Done) -> None:
    error: CsounddError | None = None
    result: object = None
    try:
        result = await work
    except CsounddError as refusal:
        error = refusal
    except asyncio.CancelledError:
        error = Cancelled("the call was cancelled, and what it ran was ended")
    done(Outcome(result, error, landed.receipt))


async def _all_of(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    return await child.stdout.read()


async def _hear(child: asyncio.subprocess.Process, heard: Heard) -> None:
    """Tell what the process prints, in whole lines as far as there are any."""
    assert child.stderr is not None
    rest = ""
    while chunk := await child.stderr.read(CHUNK):
        *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
        for line in lines:
            heard(f"{line}\n")
    if rest:
        heard(f"{rest}\n")


def _answer_in(answer: bytes, errand: str, status: int) -> object:
    if not answer:
        cause = signal.Signals(-status).name if status < 0 else f"status {status}"
        raise EngineError(f"the process that was to do {errand!r} ended without an answer: {cause}")
    return cast("object", json.loads(answer))
