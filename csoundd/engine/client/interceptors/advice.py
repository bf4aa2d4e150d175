"""Advice about code that the live engine refuses, from the other engines of this machine.

An opcode that it has not may be one of theirs: their opcodes are known once they have been asked for them. And what
Csound 6 refuses may be code for Csound 7: that is tried, in a throw-away engine that runs nothing of it. Both after a
failure only, and one piece of code at a time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.client.trial import trial_engine
from csoundd.engine.csound.backend import CSOUND_7
from csoundd.engine.opcodes import Engine as OtherEngine
from csoundd.engine.opcodes import askable, opcodes_of
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineUnavailable
from csoundd.limits import ADVICE_SECONDS, KEPT_ADVICE
from csoundd.messages import Command, Done, MessagePrinted, Outcome, warning

REFUSED: Final = "Parsing failed"
"""What Csound prints over code that it does not understand, and not over what fails while it runs."""

UNKNOWN: Final = re.compile(
    r"[Uu]nable to find opcode (?:entry for|with name:) '?(\w+)|unexpected T_IDENT\s+\(token \"(\w+)\"\)"
)
"""A name that Csound 7, and in two ways Csound 6, takes for an opcode that it has not."""

COMPILING: Final = ("csound.compileOrc", "csound.compileCsd", "csound.compileCsdText")
REPORTING: Final = "orc.compile"

Refusal = Callable[[Command, list[str], Outcome, Done], Coroutine[Any, Any, None]]
"""Takes a command that was refused, what Csound printed over it, its outcome, and whom to answer."""

Question = tuple[str, str, int]
"""The method, the code, and how much had been compiled before."""


class CompileAdvice:
    """Says of code that an engine refuses which other engine of this machine would take it."""

    def __init__(self) -> None:
        self._asked: dict[Question, asyncio.Task[str | None]] = {}

    async def about(self, live: Engine, command: Command, printed: list[str]) -> str | None:
        """What to tell whoever had ``live`` compile the code of ``command``, over which Csound ``printed`` this.

        None where there is nothing to say, or while another piece of code is being looked at.
        """
        if not any(REFUSED in text for text in printed):
            return None
        names = tuple(dict.fromkeys(a or b for a, b in UNKNOWN.findall("".join(printed))))
        question = (*code_of(live, command), live.journal.definitions.version)
        if question not in self._asked:
            if any(not task.done() for task in self._asked.values()):
                return None
            if len(self._asked) >= KEPT_ADVICE:
                del self._asked[next(iter(self._asked))]
            self._asked[question] = asyncio.create_task(_answer(live, question, names), name="compile-advice")
        return await asyncio.shield(self._asked[question])

    async def close(self) -> None:
        """Ask nobody any longer."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)


class AdvisedCompiling(Interceptor):
    """Adds advice to refusals of code.

    ``csound.compileOrc`` and its like answer as ever, and a warning follows among Csound's messages;
    ``orc.compile`` answers with one more diagnostic.
    """

    def __init__(self, advice: CompileAdvice, engine: Engine) -> None:
        self._advice, self._engine = advice, engine
        self._telling: set[asyncio.Task[None]] = set()

    def intercepts(self) -> Mapping[str, Intercept]:
        """What compiles code."""
        compiling = dict.fromkeys(COMPILING, partial(self._compile, self._warn))
        return {**compiling, REPORTING: partial(self._compile, self._report)}

    async def close(self) -> None:
        """Answer whoever still waits for a sentence."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    def _compile(self, tell: Refusal, proceed: Call, command: Command, done: Done) -> None:
        """Have ``command`` run; if it is refused, ``tell`` is handed what there is to tell of it."""
        printed: list[str] = []

        def note(event: MessagePrinted) -> None:
            printed.append(event.text)

        def answered(outcome: Outcome) -> None:
            self._engine.off(MessagePrinted, note)
            if outcome.error is None and not _accepted(outcome.result):
                telling = asyncio.create_task(tell(command, printed, outcome, done))
                self._telling.add(telling)
                telling.add_done_callback(self._telling.discard)
            else:
                done(outcome)

        self._engine.on(MessagePrinted, note)
        proceed(command, answered)

    async def _warn(self, command: Command, printed: list[str], outcome: Outcome, done: Done) -> None:
        done(outcome)
        sentence = await self._advice.about(self._engine, command, printed)
        if sentence is not None:
            self._engine.emit(warning(sentence))

    async def _report(self, command: Command, printed: list[str], outcome: Outcome, done: Done) -> None:
        try:
            sentence = await self._advice.about(self._engine, command, printed)
            if sentence is not None:
                diagnostic = {"line": 0, "column": 0, "message": sentence, "severity": "warning"}
                cast("dict[str, Any]", outcome.result)["diagnostics"].append(diagnostic)
        finally:
            done(outcome)


async def _answer(live: Engine, question: Question, names: tuple[str, ...]) -> str | None:
    """The sentence about code that ``live`` refuses, over opcodes that it calls ``names``."""
    # An OSError is a timeout, or a system without descriptors: then there is no advice, and the refusal is told alone.
    with suppress(CsounddError, OSError):
        async with asyncio.timeout(ADVICE_SECONDS):
            holders = await asyncio.to_thread(_holders, live, names) if names else None
            is_older = live.hello.version < CSOUND_7
            return holders or (await _tried(live, question) if is_older else None)
    return None


def _holders(live: Engine, names: tuple[str, ...]) -> str | None:
    """Which of ``names`` are opcodes of another engine and not of this one, in a sentence."""
    own, others = _engines(live)
    held = {name: [other.name for other in others if name in _opcodes(other)] for name in names}
    known = _opcodes(own) if own is not None and any(held.values()) else frozenset()
    parts = [
        f"{name} is an opcode of csoundd serve --engine {' and --engine '.join(engines)}"
        for name, engines in held.items()
        if engines and name not in known
    ]
    return f"{', '.join(parts)}; {_described(live)}" if parts else None


async def _tried(live: Engine, question: Question) -> str | None:
    """Whether a Csound 7 of this machine accepts the code, in a sentence."""
    _, others = await asyncio.to_thread(_engines, live)
    newer = next((each for each in others if each.major >= CSOUND_7 // 1000), None)
    if newer is None:
        return None
    method, code, _ = question
    async with trial_engine(live, newer.name, started=False) as trial:
        if not _accepted(await trial.request(Command(method, [code]))):
            return None
    return f"this is code for Csound 7, which csoundd serve --engine {newer.name} accepts; {_described(live)}"


def _engines(live: Engine) -> tuple[OtherEngine | None, list[OtherEngine]]:
    """The live engine as it can be asked for its opcodes, None where it cannot, and the others."""
    options, engines = live.options, askable()
    own = next((each for each in engines if (each.place, each.library) == (options.place, options.library)), None)
    return own, [each for each in engines if each != own]


def _described(live: Engine) -> str:
    version = live.hello.version
    return f"this engine is Csound {version // 1000}.{version % 1000 // 10}"


def code_of(live: Engine, command: Command) -> tuple[str, str]:
    """The method and the code to ask about; of a file that cannot be read, no code."""
    method, code = command.method, str(command.args[0])
    if method != "csound.compileCsd":
        return method, code
    with suppress(OSError, CsounddError):
        code = Workspace(live.options.workspace).resolve(code).read_text(errors="replace")
    return "csound.compileCsdText", code


def _accepted(result: object) -> bool:
    return result["ok"] is True if isinstance(result, dict) else result == 0


def _opcodes(engine: OtherEngine) -> frozenset[str]:
    """The opcodes of an engine, none where it does not tell."""
    with suppress(EngineUnavailable):
        return opcodes_of(engine)
    return frozenset()
