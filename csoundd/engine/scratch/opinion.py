"""What the other engines of this machine say of code that the live one refuses.

An opcode that it has not may be one of theirs: their opcodes are known once they have been asked for them. And what
Csound 6 refuses may be code for Csound 7: that is tried, in a throw-away engine that runs nothing of it. Both after a
failure only, and one piece of code at a time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self, cast

from csoundd.engine.engine import Engine
from csoundd.engine.opcodes import Engine as OtherEngine
from csoundd.engine.opcodes import askable, opcodes_of
from csoundd.engine.scratch.engine import scratch_of
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineUnavailable
from csoundd.messages import Command, Done, Outcome, Printed, Seconds, warning

CSOUND_7: Final = 7000
LIMIT: Final = Seconds(5.0)
"""How long it may take."""

KEPT: Final = 32
"""So many opinions are remembered: nobody asks twice for the same."""

REFUSED: Final = "Parsing failed"
"""What Csound prints over code that it does not understand, and not over what fails while it runs."""

UNKNOWN: Final = re.compile(
    r"[Uu]nable to find opcode (?:entry for|with name:) '?(\w+)|unexpected T_IDENT\s+\(token \"(\w+)\"\)"
)
"""A name that Csound 7, and in two ways Csound 6, takes for an opcode that it has not."""

COMPILING: Final = ("csound.compileOrc", "csound.compileCsd", "csound.compileCsdText")
REPORTING: Final = "orc.compile"

Refusal = Callable[[Command, list[str], Outcome, Done], None]
"""Takes a command that was refused, what Csound printed over it, its outcome, and whom to answer."""

Question = tuple[str, str, int]
"""The method, the code, and how much had been compiled before."""


class SecondOpinion:
    """While it is entered, says of code that ``live`` refuses when another engine here would take it.

    ``csound.compileOrc`` and its like answer as ever, and a warning follows among Csound's messages;
    ``orc.compile`` answers with one more diagnostic.
    """

    def __init__(self, live: Engine) -> None:
        self._live = live
        self._opinions: dict[Question, asyncio.Task[str | None]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        for method in COMPILING:
            self._live.detours[method] = partial(self._compile, self._warn)
        self._live.detours[REPORTING] = partial(self._compile, self._report)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for method in (*COMPILING, REPORTING):
            del self._live.detours[method]
        for opinion in self._opinions.values():
            opinion.cancel()
        await asyncio.gather(*self._opinions.values(), *self._telling, return_exceptions=True)

    async def on(self, command: Command, printed: list[str]) -> str | None:
        """The sentence to tell whoever had the code of ``command`` compiled, over which Csound ``printed`` this.

        None where there is nothing to say, or while another piece of code is being looked at.
        """
        if not any(REFUSED in text for text in printed):
            return None
        names = tuple(dict.fromkeys(a or b for a, b in UNKNOWN.findall("".join(printed))))
        opinion = self._opinion((*self._code_of(command), self._live.journal.definitions.version), names)
        return await asyncio.shield(opinion) if opinion is not None else None

    def _older(self) -> bool:
        return self._live.hello.backend == "native" and self._live.hello.version < CSOUND_7

    def _described(self) -> str:
        version = self._live.hello.version
        return f"this engine is Csound {version // 1000}.{version % 1000 // 10}"

    def _others(self) -> tuple[OtherEngine | None, list[OtherEngine]]:
        """The live engine as it can be asked for its opcodes, None where it cannot, and the others."""
        library, engines = self._live.options.library, askable()
        live = next((each for each in engines if each.library == library), None)
        return live, [each for each in engines if each.library != library]

    def _opinion(self, question: Question, names: tuple[str, ...]) -> asyncio.Task[str | None] | None:
        if question not in self._opinions:
            if any(not task.done() for task in self._opinions.values()):
                return None
            if len(self._opinions) >= KEPT:
                del self._opinions[next(iter(self._opinions))]
            self._opinions[question] = asyncio.create_task(self._asked(question, names), name="second-opinion")
        return self._opinions[question]

    async def _asked(self, question: Question, names: tuple[str, ...]) -> str | None:
        with suppress(CsounddError, TimeoutError):
            async with asyncio.timeout(LIMIT):
                holders = await asyncio.to_thread(self._holders, names) if names else None
                return holders or (await self._tried(question) if self._older() else None)
        return None

    def _holders(self, names: tuple[str, ...]) -> str | None:
        """Which of ``names`` are opcodes of another engine and not of this one, in a sentence."""
        live, others = self._others()
        held = {name: [other.name for other in others if name in _opcodes(other)] for name in names}
        known = _opcodes(live) if live is not None and any(held.values()) else frozenset()
        parts = [
            f"{name} is an opcode of csoundd serve --engine {' and --engine '.join(engines)}"
            for name, engines in held.items()
            if engines and name not in known
        ]
        return f"{', '.join(parts)}; {self._described()}" if parts else None

    async def _tried(self, question: Question) -> str | None:
        """Whether a Csound 7 of this machine accepts the code, in a sentence."""
        _, others = await asyncio.to_thread(self._others)
        newer = next((each for each in others if each.library is None or each.library.major >= CSOUND_7 // 1000), None)
        if newer is None:
            return None
        method, code, _ = question
        async with scratch_of(self._live, newer.name, started=False) as scratch:
            if not _accepted(await scratch.request(Command(method, [code]))):
                return None
        return f"this is code for Csound 7, which csoundd serve --engine {newer.name} accepts; {self._described()}"

    def _compile(self, tell: Refusal, command: Command, done: Done) -> None:
        """Submit ``command``; if it is refused, ``tell`` is handed what there is to tell of it."""
        printed: list[str] = []

        def hear(event: Printed) -> None:
            printed.append(event.text)

        def answered(outcome: Outcome) -> None:
            self._live.off(Printed, hear)
            if outcome.error is None and not _accepted(outcome.result):
                tell(command, printed, outcome, done)
            else:
                done(outcome)

        self._live.on(Printed, hear)
        self._live.submit(command, answered)

    def _warn(self, command: Command, printed: list[str], outcome: Outcome, done: Done) -> None:
        done(outcome)
        self._in_background(self._warned(command, printed))

    async def _warned(self, command: Command, printed: list[str]) -> None:
        sentence = await self.on(command, printed)
        if sentence is not None:
            self._live.emit(warning(sentence))

    def _report(self, command: Command, printed: list[str], outcome: Outcome, done: Done) -> None:
        self._in_background(self._reported(command, printed, outcome, done))

    async def _reported(self, command: Command, printed: list[str], outcome: Outcome, done: Done) -> None:
        try:
            sentence = await self.on(command, printed)
            if sentence is not None:
                diagnostic = {"line": 0, "column": 0, "message": sentence, "severity": "warning"}
                cast("dict[str, Any]", outcome.result)["diagnostics"].append(diagnostic)
        finally:
            done(outcome)

    def _code_of(self, command: Command) -> tuple[str, str]:
        """The method and the code to ask about; of a file that cannot be read, no code."""
        method, code = command.method, str(command.args[0])
        if method != "csound.compileCsd":
            return method, code
        with suppress(OSError, CsounddError):
            code = Workspace(self._live.options.workspace).resolve(code).read_text(errors="replace")
        return "csound.compileCsdText", code

    def _in_background(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


def _accepted(result: object) -> bool:
    return result["ok"] is True if isinstance(result, dict) else result == 0


def _opcodes(engine: OtherEngine) -> frozenset[str]:
    """The opcodes of an engine, none where it does not tell."""
    with suppress(EngineUnavailable):
        return opcodes_of(engine)
    return frozenset()
