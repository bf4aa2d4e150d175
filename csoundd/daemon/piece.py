"""A piece, which is compiled and played: the one of the command line, and those of ``engine.load``."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final, cast

from csoundd.api.declare import COMPILE_DEADLINE
from csoundd.api.values import CompileReport, Diagnostic
from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors.advice import CompileAdvice
from csoundd.engine.client.trial import trial_engine
from csoundd.engine.host.diagnostics import diagnose
from csoundd.engine.workspace import Workspace
from csoundd.errors import (
    CsounddError,
    EngineCrashed,
    EngineError,
    Forbidden,
    InvalidParams,
    NotFound,
    Timeout,
    WrongState,
)
from csoundd.messages import Command, MessagePrinted, Seconds
from csoundd.syntax import UNDECODED
from csoundd.syntax.csd import SectionKind, parse

IS_CSD: Final = re.compile(r"^[ \t]*<CsoundSynthesi[sz]er>", re.MULTILINE)
READS: Final = re.compile(r"^[ \t]*#include|\.(?:wav|aiff?|flac|ogg|mp3|sf2|mid)\b", re.MULTILINE | re.IGNORECASE)
"""What a piece says that reads other files."""

OF_TEXT: Final = "*string*"
"""Csound's name for the file of a text."""

SPEAKS_OF_ERROR: Final = re.compile(r"(?<!\d )error|fail", re.IGNORECASE)
"""A line that tells of an error, and is not the count of them."""


HEADER_DEADLINE: Final = Seconds(10.0)
"""The time that the code outside of instruments has in a trial: a third of what a piece has in all."""

HELD_BY_ONE: Final = tuple(
    f"(opcode {name}"
    for name in ("OSCinit", "OSCraw", "websocket", "serialBegin", "arduinoStart", "sockrecv", "stsend")
)
"""How Csound names opcodes that fail in a header for no fault of its own: what plays has their port or device."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of a piece, and the path of its file where the engine can read it there."""

    text: str
    path: str | None = None

    @property
    def is_csd(self) -> bool:
        """Whether it is a CSD; else it is an orchestra."""
        return IS_CSD.search(self.text) is not None

    def compiling(self) -> Command:
        """The call that compiles it."""
        if not self.is_csd:
            return Command("csound.compileOrc", [self.text, True], deadline=COMPILE_DEADLINE)
        if self.path is not None:
            return Command("csound.compileCsd", [self.path, True], deadline=COMPILE_DEADLINE)
        return Command("csound.compileCsdText", [self.text, True], deadline=COMPILE_DEADLINE)


class PieceLoader:
    """Plays a piece in the place of another one. ``options`` are those of an engine that has to be started for it."""

    def __init__(self, engine: Engine, advice: CompileAdvice, options: tuple[str, ...] = ()) -> None:
        self.advice = advice
        self._engine, self._options = engine, options

    async def first(self, path: Path) -> None:
        """Play the file that the daemon was started with.

        Raises NotFound where there is no such file, EngineError where it cannot be read and, with Csound's messages,
        where it does not compile.
        """
        command = _of_file(path)
        code, printed = await _compiled(self._engine, command)
        if code != 0:
            hint = await self.advice.about(self._engine, command, printed)
            raise EngineError(f"{path} does not compile", hint=hint, messages=printed)
        self._engine.journal.name_piece(path.name)
        await self._play()

    async def load(self, text: str | None, path: str | None) -> CompileReport:
        """Play ``text``, or the file of the workspace at ``path``, if it compiles, in the place of what plays."""
        piece, warnings = self._found(text, path)
        report = await self._tried(piece)
        report.diagnostics.extend(warnings)
        if not report.ok:
            return report
        if self._engine.state == "failed":
            await self._engine.restart(list(self._options), "")
        else:
            await self._engine.request(Command("csound.reset", []))
        code, printed = await _compiled(self._engine, piece.compiling())
        if code != 0:
            return CompileReport(ok=False, diagnostics=[*_diagnoses(piece, printed), *warnings], messages=printed)
        self._engine.journal.name_piece(None if path is None else PurePath(path).name)
        try:
            await self._play()
        except EngineError as error:
            # Only now its tables are made: a sound file may be missing.
            printed += error.messages or []
            over = Diagnostic(0, 0, f"{error.message}; what played before is over", "error")
            return CompileReport(ok=False, diagnostics=[*_diagnoses(piece, printed, over), *warnings], messages=printed)
        return CompileReport(ok=True, diagnostics=report.diagnostics, messages=printed)

    async def _play(self) -> None:
        start = "csound.start" if self._engine.options.drive == "step" else "thread.play"
        try:
            await self._engine.request(Command(start, [], deadline=COMPILE_DEADLINE))
        except WrongState:
            # A short piece that began to play as soon as it was compiled may be over by now.
            if self._engine.state != "ended":
                raise

    def _found(self, text: str | None, path: str | None) -> tuple[Piece, list[Diagnostic]]:
        """The piece, and what is to be said of where it is. Raises InvalidParams, NotFound or Forbidden."""
        if path is None:
            if text is None:
                raise InvalidParams("there is neither a text nor a path")
            return Piece(text), []
        workspace = Workspace(self._engine.options.workspace)
        try:
            held = workspace.resolve(path).read_bytes().decode(errors=UNDECODED)
        except (OSError, ValueError, CsounddError) as fault:
            if text is None and isinstance(fault, Forbidden):
                raise
            held = None
        if held is not None and (text is None or text == _shown(held)):
            return Piece(held, path), []
        if text is None:
            raise NotFound(f"there is no file {path!r} in the workspace")
        elsewhere = "what this piece reads is looked for in the daemon's workspace: its own folder is outside of it"
        return Piece(text), [Diagnostic(0, 0, elsewhere, "warning")] if READS.search(text) else []

    async def _tried(self, piece: Piece) -> CompileReport:
        """Compile and start it in an engine of its own, where it may fail and what plays goes on.

        That runs in the workspace: what the orchestra's header looks for there, it has to find.
        """
        async with trial_engine(self._engine, started=False, empty=True, at_home=True) as trial:
            command, printed = piece.compiling(), list[str]()
            trial.on(MessagePrinted, lambda event: printed.append(event.text))
            # The embedded engine dies of some faults in a CSD; another one then tells of the orchestra.
            with suppress(EngineCrashed):
                if await trial.request(command) == 0:
                    faults = await _started(trial, piece, printed)
                    return CompileReport(ok=not faults, diagnostics=faults, messages=printed)
            said, code, above = list(printed), piece.text, 0
            orchestra = [section for section in parse(code).sections if section.kind is SectionKind.INSTRUMENTS]
            if piece.is_csd and orchestra:
                code, above = orchestra[-1].text, code.count("\n", 0, orchestra[-1].start)
            again = Command("orc.compile", [code], deadline=COMPILE_DEADLINE)
            try:
                found = cast("dict[str, Any]", await trial.request(again))
                diagnostics = [Diagnostic(**each) for each in found["diagnostics"]]
            except EngineCrashed:
                diagnostics = diagnose(code, printed[len(said) :], lambda _: None)
        here = [replace(each, line=each.line + above) if each.line and not each.file else each for each in diagnostics]
        sentence = await self.advice.about(self._engine, command, said)
        advice = [] if sentence is None else [Diagnostic(0, 0, sentence, "warning")]
        return CompileReport(ok=False, diagnostics=[*(here or _diagnoses(piece, said)), *advice], messages=said)


async def _started(trial: Engine, piece: Piece, printed: list[str]) -> list[Diagnostic]:
    """Run the header of ``piece``, which ``trial`` has compiled; what is wrong with it, nothing where it starts."""
    before, reason = len(printed), "Csound does not start with this piece"
    try:
        code = await trial.request(Command("csound.start", [], deadline=HEADER_DEADLINE))
    except Timeout:
        reason = f"the orchestra's header, its code outside of instruments, does not end within {HEADER_DEADLINE:g} s"
    except CsounddError as failure:
        reason = f"{reason}: {failure.message}"
    else:
        if code == 0:
            return []
    said = printed[before:]
    if any(opcode in text for opcode in HELD_BY_ONE for text in said):
        return []
    found = [each for each in diagnose(piece.text, said, lambda _: None) if each.severity == "error"]
    # Csound names the piece itself like a file that it includes.
    own = {"*string*", Path(piece.path or "").name}
    errors = [replace(each, file="") if Path(each.file).name in own else each for each in found]
    return errors or [Diagnostic(0, 0, reason, "error")]


def _shown(text: str) -> str:
    """``text`` as a client reads it that takes its file for UTF-8."""
    return text.encode(errors=UNDECODED).decode(errors="replace")


def _of_file(path: Path) -> Command:
    """The call that compiles a file of the command line; a CSD is one by its name."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    if path.suffix.lower() == ".csd":
        return Command("csound.compileCsd", [str(path.resolve()), True], deadline=COMPILE_DEADLINE)
    try:
        code = path.read_bytes().decode(errors=UNDECODED)
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error}") from error
    return Command("csound.compileOrc", [code, True], deadline=COMPILE_DEADLINE)


def _diagnoses(piece: Piece, printed: list[str], beside: Diagnostic | None = None) -> list[Diagnostic]:
    """The errors that Csound ``printed`` over a piece, each with its line where that is known, and one ``beside``.

    Without any, the first line that speaks of an error stands for all of them.
    """
    found = [
        # What was compiled as a text has no file.
        replace(each, file="") if each.file == OF_TEXT else each
        for each in diagnose(piece.text, printed, lambda _: None)
        if each.severity == "error"
    ]
    if not found:
        told = [line.strip() for text in printed for line in text.splitlines() if SPEAKS_OF_ERROR.search(line)]
        found = [Diagnostic(0, 0, told[0] if told else "it does not compile", "error")]
    return found if beside is None else [*found, beside]


async def _compiled(engine: Engine, command: Command) -> tuple[object, list[str]]:
    """The answer to ``command``, and what Csound printed over it."""
    printed: list[str] = []

    def note(event: MessagePrinted) -> None:
        printed.append(event.text)

    engine.on(MessagePrinted, note)
    try:
        return await engine.request(command), printed
    finally:
        engine.off(MessagePrinted, note)
