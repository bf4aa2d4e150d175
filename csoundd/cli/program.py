"""Shared by the commands: reading words, printing results, refusing, running to the end."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import math
import os
import re
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130

_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def value_of(word: str) -> object:
    """A word as JSON where it is JSON, else as the text it is; ``@file`` is the text of a file.

    ``.5``, ``5.`` and ``+5`` are numbers too, as they are in a score.
    """
    if word.startswith("@"):
        return _text(Path(word[1:]))
    try:
        return json.loads(word)
    except ValueError:
        return float(word) if _NUMBER.fullmatch(word) else word


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{path} cannot be read: {error}")


def say(text: str) -> None:
    """Tell the person at the terminal, on standard error."""
    typer.echo(f"csoundd: {text}", err=True)


def refuse(problem: str, status: int = USAGE) -> NoReturn:
    """Say what is wrong, and end."""
    say(problem)
    raise typer.Exit(status)


def run_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` to its end; an interrupt or a termination ends it in good order.

    Says what went wrong, in the client or with files and sockets; where a connection is refused the caller says it.
    """
    expected: tuple[type[Exception], ...] = (*_client_errors(), OSError)
    try:
        interrupted = asyncio.run(_interruptible(_one_failure(work)))
    except BrokenPipeError:
        # Nobody reads any more; nor should Python complain of that when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except ConnectionRefusedError:
        raise
    except expected as failure:
        refuse(str(failure), FAILED)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


async def _one_failure(work: Coroutine[Any, Any, None]) -> None:
    """Do ``work``; of what goes wrong in several tasks of it the first is raised, as where there is one."""
    try:
        await work
    except BaseExceptionGroup as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None


def _client_errors() -> tuple[type[Exception], ...]:
    """The errors of the client, where a command speaks to a daemon: to import it takes longer than many a render."""
    if "csoundd_client" not in sys.modules:
        return ()
    from csoundd_client import CsounddError  # noqa: PLC0415 - as it says above

    return (CsounddError,)


async def _interruptible(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.create_task(work)
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()

    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        # A terminal that is closed is an interrupt too, except for nohup.
        hangs_up = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        for number in (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hangs_up else [])):
            loop.add_signal_handler(number, interrupt)
    try:
        await task
    except asyncio.CancelledError:
        if not interrupted:
            raise
    return interrupted


def terminal() -> Console:
    """The console for results that people read: what looks like markup in them is text."""
    from rich.console import Console  # noqa: PLC0415 - it takes 60 ms to import, and most commands print lines

    return Console(markup=False, emoji=False)


def plain(value: Any) -> Any:
    """``value`` in JSON's own types, arrays as lists, what JSON does not know in the contract's special forms."""
    import numpy as np  # noqa: PLC0415 - it takes 0.1 s to import, and a render has no use for it

    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    from csoundd_client import Handle, StreamRef  # noqa: PLC0415 - what is printed came through the client

    if dataclasses.is_dataclass(value) and not isinstance(value, type | Handle | StreamRef):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _spelled(value)


def _spelled(value: Any) -> Any:
    from csoundd_client import Handle, StreamRef  # noqa: PLC0415 - as above

    match value:
        case float() if not math.isfinite(value):
            return {"$float": str(value)}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case Handle():
            return {"$handle": value.id}
        case StreamRef():
            return {"$stream": value.topic}
        case _:
            return value


def printed(console: Console, value: Any, *, as_json: bool) -> None:
    """Print ``value`` for people, or for programs."""
    if as_json:
        print(json.dumps(plain(value)))
        return
    from rich.pretty import Pretty  # noqa: PLC0415 - as above

    simple = value if isinstance(value, float) else plain(value)
    if isinstance(simple, list) and simple and all(isinstance(row, dict) for row in simple):
        console.print(_table(simple))
    elif isinstance(simple, dict):
        console.print(_pairs(simple))
    elif simple is not None:
        console.print(simple if isinstance(simple, str) else Pretty(simple), soft_wrap=isinstance(simple, str))


def _table(rows: list[dict[str, Any]]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in rows[0]))
    return table


def _pairs(values: dict[str, Any]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in values.items():
        table.add_row(name, _cell(value))
    return table


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
