"""A piece given on the command line, compiled and played before the daemon says that it is ready."""

from __future__ import annotations

from pathlib import Path

from csoundd.api.declare import COMPILE_DEADLINE
from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors.advice import CompileAdvice
from csoundd.errors import EngineError, NotFound
from csoundd.messages import Command, MessagePrinted
from csoundd.syntax import UNDECODED


async def play(engine: Engine, advice: CompileAdvice, piece: Path) -> None:
    """Compile ``piece`` and play it (in drive ``step``, only start it).

    Raises NotFound where there is no such file, EngineError where it cannot be read and, with Csound's messages,
    where it does not compile.
    """
    command = _compiling(piece)
    printed: list[str] = []

    def note(event: MessagePrinted) -> None:
        printed.append(event.text)

    engine.on(MessagePrinted, note)
    try:
        code = await engine.request(command)
    finally:
        engine.off(MessagePrinted, note)
    if code != 0:
        hint = await advice.about(engine, command, printed)
        raise EngineError(f"{piece} does not compile", hint=hint, messages=printed)
    start = "csound.start" if engine.options.drive == "step" else "thread.play"
    await engine.request(Command(start, [], deadline=COMPILE_DEADLINE))


def _compiling(piece: Path) -> Command:
    if not piece.is_file():
        raise NotFound(f"there is no file {piece}")
    if piece.suffix.lower() == ".csd":
        return Command("csound.compileCsd", [str(piece.resolve()), True], deadline=COMPILE_DEADLINE)
    try:
        code = piece.read_bytes().decode(errors=UNDECODED)
        return Command("csound.compileOrc", [code, True], deadline=COMPILE_DEADLINE)
    except OSError as error:
        raise EngineError(f"{piece} cannot be read: {error}") from error
