"""``csoundd pair``: a QR code and a link that give a phone a token of its own."""

from __future__ import annotations

import asyncio
import io
import json
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import segno
import typer

from csoundd.access import RISING, TokenStore
from csoundd.cli.program import FAILED, refuse, run_to_end, say
from csoundd.cli.remote import State, Url, to_daemon
from csoundd.cli.tokens import Channels, Expires, ReadChannels, ScopeName, ScopeOf
from csoundd.errors import CsounddError
from csoundd.limits import PAIRING_LOOK_SECONDS, PAIRING_SECONDS
from csoundd_client import Client
from csoundd_client.errors import Forbidden, Unauthorized
from csoundd_client.structs import NewPairing

Name = Annotated[str, typer.Option(help="what csoundd token list calls it, unless whoever pairs it names it otherwise")]
At = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="the daemon as the phone reaches it, as https://synth.example/studio (default: an address of its machine)",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print the link as JSON, for programs, and do not wait")]

USUAL_SCOPE: Final = ScopeName("control")

NAME: Final = "csoundd pair"
"""What it calls itself."""

_LIGHT_ON_DARK: Final = "\x1b[38;5;231;48;5;16m{}\x1b[0m"
"""Scanners want a code dark on light, whatever colours a terminal has: what is drawn is its light parts."""


def pair(
    scope: ScopeOf = USUAL_SCOPE,
    channels: Channels = None,
    read_channels: ReadChannels = None,
    name: Name = "phone",
    expires: Expires = None,
    at: At = None,
    url: Url = None,
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Show a QR code and a link that give a phone a token of its own, once, within two minutes.

    Waits until the phone is paired; to interrupt it has the link be good no more. The daemon has to let you make
    tokens: on its own machine it does, or with --state, else CSOUNDD_TOKEN has one of the scope admin.
    """
    granted = next(each for each in RISING if each == scope)

    async def run() -> None:
        async with _administering(url, state) as daemon:
            made = await daemon.pairing.create(name, granted, channels or None, read_channels or None, expires, at)
            if as_json:
                typer.echo(json.dumps({"id": made.id, "link": made.link, "seconds": made.seconds}))
                return
            _show(made, granted, channels)
            try:
                await _await_phone(daemon, made.id, state)
            except asyncio.CancelledError:
                await daemon.pairing.cancel(made.id)
                raise

    run_to_end(run())


@asynccontextmanager
async def _administering(url: str | None, state: Path | None) -> AsyncIterator[Client]:
    """A connection to the daemon that may make tokens.

    Whoever has its state folder can make a token there, so one is made where it takes one, for as long as this takes.
    """
    if state is None or await _may_administer(url, state):
        async with to_daemon(url, state, NAME, reconnect=False) as daemon:
            yield daemon
        return
    store = TokenStore(state)
    try:
        token, record = store.create(NAME, "admin", lifetime=2 * PAIRING_SECONDS)
    except CsounddError as failure:
        refuse(failure.message, FAILED)
    try:
        async with to_daemon(url, state, NAME, token=token, reconnect=False) as daemon:
            yield daemon
    finally:
        store.revoke(record.id)


async def _may_administer(url: str | None, state: Path) -> bool:
    try:
        async with to_daemon(url, state, NAME, reconnect=False) as daemon:
            await daemon.pairing.list()
    except (Unauthorized, Forbidden):
        return False
    return True


def _show(made: NewPairing, scope: str, channels: list[str] | None) -> None:
    """The link alone on standard output, and the rest for whoever sits there on standard error."""
    code = _drawn(made.link)
    if code is not None:
        typer.echo(code, err=True)
    typer.echo(made.link)
    limit = f" and the channels {' '.join(channels)}" if channels else ""
    say(f"the link is good once, for two minutes, for the scope {scope}{limit}")
    if made.authority is not None:
        page = f"{made.link.partition('/pair#')[0]}/authority"
        say(f"a phone that warns of the certificate finds at {page} what to do; the SHA-256 is {made.authority}")


def _drawn(link: str) -> str | None:
    """The QR code of ``link`` in characters, None where the terminal has none to draw it with."""
    drawing = io.StringIO()
    segno.make(link, error="m", micro=False).terminal(out=drawing, border=2, compact=True)
    lines = drawing.getvalue().rstrip("\n").splitlines()
    try:
        drawing.getvalue().encode(sys.stderr.encoding)
    except UnicodeEncodeError:
        return None
    return "\n".join(_LIGHT_ON_DARK.format(line) if sys.stderr.isatty() else line for line in lines)


async def _await_phone(daemon: Client, pairing: str, state: Path | None) -> None:
    while True:
        await asyncio.sleep(PAIRING_LOOK_SECONDS)
        found = next((each for each in await daemon.pairing.list() if each.id == pairing), None)
        if found is None:
            refuse("nobody came in two minutes: the link is good no more", FAILED)
        if found.token is not None:
            folder = "DIR" if state is None else shlex.quote(str(state))
            say(f"{found.token.name} is paired; csoundd token revoke --state {folder} {found.token.id} ends that")
            return
