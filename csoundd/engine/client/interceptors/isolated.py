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
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Final, cast

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.csound.registry import spec_at
from csoundd.engine.process.environment import environment
from csoundd.engine.workspace import Workspace
from csoundd.errors import Cancelled, CsounddError, EngineError, EngineUnavailable, Forbidden, InvalidParams, Timeout
from csoundd.limits import DRIVER_SECONDS, ISOLATED_CALLS, LISTED_DEVICES_SECONDS, UTILITY_ARGUMENT_CHARACTERS
from csoundd.messages import Command, Done, MessagePrinted, Outcome, RequestId, Seconds

NO_MODULE: Final = ("", "", -1)
CHUNK: Final = 65_536
PATH_SIGNS: Final = ("/", "\\", "..", "~")

PrintLine = Callable[[str], None]


class IsolatedCalls(Interceptor):
    """Runs calls in a process of their own, once the engine has come to them, where it has a module for that."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._room = asyncio.Semaphore(ISOLATED_CALLS)
        self._tasks: dict[asyncio.Task[None], tuple[str | None, RequestId]] = {}
        self._lists: dict[tuple[object, ...], tuple[float, object]] = {}

    def intercepts(self) -> Mapping[str, Intercept]:
        """Modules, devices and utilities."""
        return {
            "csound.module": partial(self._run_apart, self._module_numbered),
            "csound.modules": partial(self._run_apart, self._modules),
            "csound.audioDevList": partial(self._run_apart, partial(self._devices, "audio")),
            "csound.midiDevList": partial(self._run_apart, partial(self._devices, "midi")),
            "csound.runUtility": partial(self._run_apart, self._utility),
        }

    def _run_apart(self, work: Callable[..., Awaitable[object]], proceed: Call, command: Command, done: Done) -> None:
        """Have ``work`` done once the engine has come to ``command``, by its module for that, else by itself."""
        if not self._module():
            proceed(command, done)
            return
        asking = Command("host.modules", [], command.session, command.at, command.late, command.deadline)

        def asked(outcome: Outcome) -> None:
            if outcome.error is not None or (outcome.receipt and outcome.receipt.dropped):
                done(Outcome(None, outcome.error, outcome.receipt))
                return
            task = asyncio.get_running_loop().create_task(_finished(work(outcome.result, *command.args), outcome, done))
            self._tasks[task] = command.session, command.request
            task.add_done_callback(self._tasks.pop)

        proceed(asking, asked)

    def _module(self) -> str:
        """What does it for this engine, empty for an engine that does it itself."""
        return spec_at(self._engine.options.place).capabilities.isolating_module

    async def _module_numbered(self, used: dict[str, str], number: int) -> tuple[str, str, int]:
        modules = await self._modules(used)
        return (*modules[number], 0) if 0 <= number < len(modules) else NO_MODULE

    async def _modules(self, _used: dict[str, str]) -> list[tuple[str, str]]:
        listed = cast("list[list[str]]", await self._listed("modules"))
        return [(name, kind) for name, kind in listed]

    async def _devices(self, kind: str, used: dict[str, str], output: bool) -> object:  # noqa: FBT001 - the API's
        return await self._listed(kind, used[kind], output)

    async def _listed(self, work: str, *args: object) -> object:
        """What a listing answers, or what it was a moment ago."""
        key = (work, *args)
        since, answer = self._lists.get(key, (-LISTED_DEVICES_SECONDS, None))
        if monotonic() - since > LISTED_DEVICES_SECONDS:
            answer = await self._run(work, args, lambda _: None, DRIVER_SECONDS)
            self._lists[key] = monotonic(), answer
        return answer

    async def _utility(self, _used: dict[str, str], name: str, args: list[str]) -> object:
        words = args or [name]
        check_arguments(Workspace(self._engine.options.workspace), words)
        return await self._run("utility", (name, words), self._print, None)

    def _print(self, text: str) -> None:
        self._engine.emit(MessagePrinted(text, 0))

    async def _run(
        self, work: str, args: tuple[object, ...], print_line: PrintLine, patience: Seconds | None
    ) -> object:
        async with self._room:
            child = await self._child(work, args)
            try:
                async with asyncio.timeout(patience):
                    answer, _ = await asyncio.gather(_all_of(child), _print_lines(child, print_line))
                    status = await child.wait()
            except TimeoutError:
                raise Timeout(f"no answer within {patience:g} s: a driver hangs", deadline=patience) from None
            finally:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        return _answer_in(answer, work, status)

    async def _child(self, work: str, args: tuple[object, ...]) -> asyncio.subprocess.Process:
        options = self._engine.options
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._module(), json.dumps({"call": work, "args": args, "parent": os.getpid()})),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=options.folder or options.workspace,
            env=environment(options),
        )

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have the call wait no longer, and end the process that it runs in."""
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
    except OSError as problem:
        error = EngineUnavailable(f"no process for it can be started: {problem.strerror or problem}")
    except asyncio.CancelledError:
        error = Cancelled("the call was cancelled, and what it ran was ended")
    done(Outcome(result, error, landed.receipt))


async def _all_of(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    return await child.stdout.read()


async def _print_lines(child: asyncio.subprocess.Process, print_line: PrintLine) -> None:
    """Hand on what the process prints, in whole lines as far as there are any."""
    assert child.stderr is not None
    rest = ""
    while chunk := await child.stderr.read(CHUNK):
        *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
        for line in lines:
            print_line(f"{line}\n")
    if rest:
        print_line(f"{rest}\n")


def _answer_in(answer: bytes, work: str, status: int) -> object:
    if not answer:
        cause = signal.Signals(-status).name if status < 0 else f"status {status}"
        raise EngineError(f"the process for {work!r} ended without an answer: {cause}")
    answered: object = json.loads(answer)
    return answered


def check_arguments(workspace: Workspace, words: Sequence[str]) -> None:
    """Raise Forbidden where one of ``words`` leads out of the workspace.

    Utilities read options in many ways, so a path within an option is refused wherever it leads.
    """
    for word in words:
        if len(word) > UTILITY_ARGUMENT_CHARACTERS or "\0" in word:
            raise InvalidParams(
                f"an argument may have at most {UTILITY_ARGUMENT_CHARACTERS} characters, and no zero among them"
            )
        if word.startswith("|"):
            raise Forbidden("a utility must not run another program")
        if not word.startswith("-"):
            workspace.resolve(word)
        elif any(sign in word for sign in PATH_SIGNS):
            raise Forbidden(f"{word!r} has a path in an option", hint="give the path as an argument of its own")
