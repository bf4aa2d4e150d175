"""``csoundd play``: a piece on a daemon that runs, and again whenever it is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Annotated, Any

import typer

from csoundd.cli.program import FAILED, plain, refuse, run_to_end, say
from csoundd.cli.remote import State, Url, to_daemon
from csoundd.limits import PIECE_SECONDS, WATCHED_FILES_SECONDS, WATCHED_NAME_CHARACTERS
from csoundd.syntax.csd import SectionKind, parse
from csoundd.syntax.includes import sources
from csoundd.syntax.lexer import Kind, tokens
from csoundd_client import Client

File = Annotated[Path, typer.Argument(metavar="FILE.csd|FILE.orc", help="the piece: a file of this machine")]
Watching = Annotated[bool, typer.Option("--watch", help="play it again whenever it, or a file it is made of, is saved")]

Seen = dict[Path, tuple[int, int] | None]
"""Files with their times of change, in nanoseconds, and their sizes; None for one that is still to come."""


def play(piece: File, url: Url = None, state: State = None, watch: Watching = False) -> None:
    """Play a piece on the daemon, in place of what it plays.

    With --watch what it includes counts, and each file beside it that it names, as samples. A piece that does not
    compile is told with its lines, and what plays goes on; then the exit status is 1.
    """

    async def run() -> None:
        async with to_daemon(url, state, "csoundd play", reconnect=watch) as daemon:
            seen, plays = await _load(daemon, piece)
            if not watch:
                if not plays:
                    raise typer.Exit(FAILED)
                return
            say(f"watching {piece}")
            while True:
                await asyncio.sleep(WATCHED_FILES_SECONDS)
                # An editor may take a file away and put another in its place.
                if piece.is_file() and _seen(seen) != seen:
                    await daemon.ready()
                    seen, _ = await _load(daemon, piece)

    run_to_end(run())


async def _load(daemon: Client, piece: Path) -> tuple[Seen, bool]:
    """Play ``piece`` and say what came of it; the files it is made of, and whether it plays."""
    text, place = _read(piece)
    seen = _seen({piece, *_files_beside(piece, text)})
    reply = await daemon.call("engine.load", text=text, path=place, deadline=PIECE_SECONDS)
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


def _files_beside(piece: Path, text: str) -> Iterator[Path]:
    """What a piece includes, whatever conditions say, and the files that strings in all of that name."""

    def read(name: str) -> str | None:
        try:
            return (piece.parent / name).read_text(errors="replace")
        except (OSError, ValueError):
            return None

    csd = parse(text)
    code = [part.text for part in csd.sections if part.kind in {SectionKind.INSTRUMENTS, SectionKind.SCORE}]
    for part in code if csd.is_started else [text]:
        for source in sources(part, read):
            if source.name:
                yield piece.parent / source.name
            for token in tokens(source.text):
                if token.kind is Kind.STRING and 0 < len(token.value) <= WATCHED_NAME_CHARACTERS:
                    yield piece.parent / token.value


def _described(piece: Path, diagnostic: dict[str, Any]) -> str:
    place = [diagnostic.get("file") or str(piece), *(str(diagnostic[part]) for part in ("line", "column"))]
    where = ":".join(place if diagnostic["line"] else place[:1])
    return f"{where}: {diagnostic['severity']}: {diagnostic['message']}"


def _seen(files: Iterable[Path]) -> Seen:
    """``files`` as they are now."""
    return {path: _state_of(path) for path in files}


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size) if S_ISREG(found.st_mode) else None
