"""What the commands share: how the words of an argument are read, and how a command refuses, runs and ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Coroutine
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand

from csoundd_client import CsounddError as ClientError

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130

_NEGATIVE: Final = re.compile(r"-(\.?\d|Infinity$)")
_DECIMAL: Final = re.compile(r"[-+]?(\d+\.\d*|\.\d+)([eE][-+]?\d+)?")


class TakesNumbers(TyperCommand):
    """A command among whose arguments ``-7`` is a number, where click takes a word with a dash for an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leave numbers alone. A word with a dash that is neither a number nor an option is refused as ever."""
        words = list(takewhile(lambda word: word != "--", args))
        if any(map(_NEGATIVE.match, words)):
            ctx.ignore_unknown_options = True
            flags = {flag for parameter in self.get_params(ctx) for flag in parameter.opts}
            for word in words:
                if word.startswith("-") and not _NEGATIVE.match(word) and word.partition("=")[0] not in flags:
                    ctx.fail(f"No such option: {word}")
        return super().parse_args(ctx, args)


def value_of(word: str) -> object:
    """A word as JSON where it is JSON, else as the text it is; ``@file`` is the text of a file.

    ``.5`` and ``5.`` are numbers too, as they are in a score.
    """
    if word.startswith("@"):
        return _text(Path(word[1:]))
    if _DECIMAL.fullmatch(word):
        return float(word)
    try:
        return json.loads(word)
    except ValueError:
        return word


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{path} cannot be read: {error}")


def refuse(problem: str, status: int = USAGE) -> NoReturn:
    """Say what is wrong, and end."""
    typer.echo(f"csoundd: {problem}", err=True)
    raise typer.Exit(status)


def run_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` to its end; an interrupt or a termination ends it in good order.

    Says what went wrong, in the client or with files and sockets; where a connection is refused the caller says it.
    """
    try:
        interrupted = asyncio.run(_interruptible(work))
    except BrokenPipeError:
        # Nobody reads any more; nor should Python complain of that when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except ConnectionRefusedError:
        raise
    except (ClientError, OSError) as failure:
        refuse(str(failure), FAILED)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


async def _interruptible(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.create_task(work)
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()

    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)
    try:
        await task
    except asyncio.CancelledError:
        if not interrupted:
            raise
    return interrupted
