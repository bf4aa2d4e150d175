"""``csoundd play``: a piece on a daemon that runs, and again whenever it is saved."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from csoundd.cli.program import FAILED, plain, refuse, run_to_end, say
from csoundd.cli.remote import State, Url, url_of
from csoundd_client import Client, connect

LOOKING: Final = 0.2
"""Seconds between two looks at the files that are watched."""

COMPILING: Final = 30.0
"""Seconds that a piece may take to compile."""

INCLUDED: Final = re.compile(r'^[ \t]*#include[ \t]+(["|^\'])(.+?)\1', re.MULTILINE)

File = Annotated[Path, typer.Argument(metavar="FILE.csd|FILE.orc", help="the piece: a file of this machine")]
Watching = Annotated[bool, typer.Option("--watch", help="play it again whenever it, or what it includes, is saved")]

Seen = dict[Path, tuple[int, int]]
"""Files with their times of change, in nanoseconds, and their sizes."""


def play(piece: File, url: Url = None, state: State = None, watch: Watching = False) -> None:
    """Play a piece on the daemon, in place of what it plays.

    A piece that does not compile is told with its lines, and what plays goes on; then the exit status is 1.
    """

    async def run() -> None:
        async with connect(url_of(url, state), name="csoundd play", reconnect=watch) as daemon:
            seen, plays = await _load(daemon, piece)
            if not watch:
                if not plays:
                    raise typer.Exit(FAILED)
                return
            say(f"watching {piece}")
            while True:
                await asyncio.sleep(LOOKING)
                # An editor may take a file away and put another in its place.
                if piece.is_file() and _seen(seen) != seen:
                    await daemon.ready()
                    seen, _ = await _load(daemon, piece)

    run_to_end(run())


async def _load(daemon: Client, piece: Path) -> tuple[Seen, bool]:
    """Play ``piece`` and say what came of it; the files it is made of, and whether it plays."""
    text, place = _read(piece)
    seen = _seen([piece, *(piece.parent / name for _, name in INCLUDED.findall(text))])
    reply = await daemon.call("engine.load", text=text, path=place, deadline=COMPILING)
    report: dict[str, Any] = plain(reply.result)
    for diagnostic in report["diagnostics"]:
        say(_described(piece, diagnostic))
    say(f"{piece} plays" if report["ok"] else f"{piece} does not compile")
    return seen, report["ok"]


def _read(piece: Path) -> tuple[str, str]:
    """The text of a file, and its whole path: the daemon may stand in another folder."""
    try:
        return piece.read_bytes().decode(errors="replace"), str(piece.resolve())
    except OSError as error:
        refuse(f"{piece} cannot be read: {(error.strerror or str(error)).lower()}", FAILED)


def _described(piece: Path, diagnostic: dict[str, Any]) -> str:
    place = [diagnostic.get("file") or str(piece), *(str(diagnostic[part]) for part in ("line", "column"))]
    where = ":".join(place if diagnostic["line"] else place[:1])
    return f"{where}: {diagnostic['severity']}: {diagnostic['message']}"


def _seen(files: Seen | list[Path]) -> Seen:
    """``files`` as they are now, those that there are."""
    return {path: (found.st_mtime_ns, found.st_size) for path in files if path.is_file() for found in [path.stat()]}
