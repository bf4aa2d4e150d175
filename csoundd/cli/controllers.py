"""``csoundd midi`` and ``csoundd layout``: MIDI controllers, and control surfaces, for a daemon that runs."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import typer

from csoundd.cli.program import FAILED, USAGE, refuse, run_to_end
from csoundd.cli.remote import State, Url, shown_token, to_daemon, trusting, url_of
from csoundd.layout import ENDINGS, PATH, Program
from csoundd.limits import LAYOUT_SECONDS

Port = Annotated[
    str, typer.Argument(metavar="[PORT]", help="a part of the port's name; without one, a port of our own")
]
Listing = Annotated[bool, typer.Option("--list", help="print the ports there are")]


class Input(Protocol):
    """A MIDI input: rtmidi's MidiIn."""

    def get_ports(self) -> list[str]:
        """The names of the ports."""

    def open_port(self, port: int, name: str) -> object:
        """Listen to a port."""

    def open_virtual_port(self, name: str) -> object:
        """Be a port that others send to."""

    def ignore_types(self, *, sysex: bool, timing: bool, active_sense: bool) -> None:
        """Leave messages out."""

    def set_callback(self, callback: Callable[[tuple[list[int], float], object], None]) -> None:
        """Hear each message, in a thread of its own."""

    def close_port(self) -> None:
        """Listen no more."""


def midi(port: Port = "", url: Url = None, state: State = None, list_ports: Listing = False) -> None:
    """Play a MIDI controller of this machine on the daemon, until interrupted. Needs pip install 'csoundd[midi]'."""
    source = _input()
    if list_ports:
        for name in source.get_ports():
            typer.echo(name)
        return
    opened(source, port)

    async def run() -> None:
        async with to_daemon(url, state, "csoundd midi") as daemon:
            await bridge(source, daemon)

    try:
        run_to_end(run())
    finally:
        source.close_port()


def opened(source: Input, port: str) -> None:
    """Listen to the first port with ``port`` in its name, or be one without a name to look for."""
    source.ignore_types(sysex=False, timing=True, active_sense=True)
    if not port:
        source.open_virtual_port("csoundd")
        return
    for number, name in enumerate(source.get_ports()):
        if port.lower() in name.lower():
            source.open_port(number, "csoundd")
            return
    typer.echo(f"csoundd: no MIDI port is called {port!r}: see csoundd midi --list", err=True)
    raise typer.Exit(USAGE)


async def bridge(source: Input, daemon: Any) -> None:
    """Push each message of ``source`` to ``daemon``, for ever. What comes while it is away is lost."""
    loop, messages = asyncio.get_running_loop(), asyncio.Queue[list[int]]()

    def receive(event: tuple[list[int], float], _data: object) -> None:
        loop.call_soon_threadsafe(messages.put_nowait, event[0])

    source.set_callback(receive)
    while True:
        message = await messages.get()
        await daemon.notify("stream.push", "midi", message)


def _input() -> Input:
    try:
        import rtmidi  # noqa: PLC0415 - an extra, which needs a MIDI system to be of use
    except ImportError:
        typer.echo("csoundd: this needs python-rtmidi: pip install 'csoundd[midi]'", err=True)
        raise typer.Exit(FAILED) from None
    source: Input = rtmidi.MidiIn(name="csoundd")
    return source


Which = Annotated[Program, typer.Argument(metavar="touchosc|open-stage-control|html", help="for which program")]
Output = Annotated[str, typer.Option("--output", "-o", help="where it goes (default: csoundd.tosc, .json or .html)")]
Pattern = Annotated[str, typer.Option("--channels", help="which channels: a glob")]
Osc = Annotated[
    str, typer.Option("--osc", help="where Open Stage Control finds the daemon's OSC, as host:port (default: there)")
]


def layout_command(
    program: Which,
    output: Output = "",
    channels: Pattern = "*",
    osc: Osc = "",
    url: Url = None,
    state: State = None,
) -> None:
    """Write a control surface for the channels there are, from their hints. With -o - it goes to standard output.

    The daemon serves them too, at /layout/html and so on: a phone opens the page there. The page as a file works
    where the daemon has --allowed-origin null.
    """
    address = http_url(url_of(url, state), f"{PATH}{program}", {"channels": channels} | ({"osc": osc} if osc else {}))
    content = fetched(address, trusting(state))
    if output == "-":
        sys.stdout.buffer.write(content)
        return
    name = output or f"csoundd.{ENDINGS[program]}"
    Path(name).write_bytes(content)
    typer.echo(f"csoundd: wrote {name}", err=True)
    if program is Program.HTML:
        typer.echo(f"csoundd: the same page is at {address}", err=True)


def http_url(url: str, path: str, query: dict[str, str]) -> str:
    """The address of ``path`` on the daemon whose WebSocket is at ``url``; with no scheme, http is meant."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    scheme = "https" if parts.scheme in {"wss", "https"} else "http"
    base = parts.path.rstrip("/").removesuffix("/ws")
    return urlunsplit((scheme, parts.netloc, base + path, urlencode(query), ""))


def fetched(address: str, tls: ssl.SSLContext | None = None) -> bytes:
    """What the daemon answers at ``address``. Ends the program with a word where it answers an error or nothing."""
    try:
        shown = shown_token()
        headers = {} if shown is None else {"Authorization": f"Bearer {shown}"}
        request = Request(address, headers=headers)  # noqa: S310 - http_url makes only http and https
        with urlopen(request, timeout=LAYOUT_SECONDS, context=tls) as answer:  # noqa: S310 - as above
            content: bytes = answer.read()
    except HTTPError as error:
        refuse(f"{address}: {_reason(error)}", FAILED)
    except (OSError, ValueError) as error:
        refuse(f"no connection to {address}: {getattr(error, 'reason', error)}", FAILED)
    return content


def _reason(error: HTTPError) -> str:
    """What the daemon says of an error, which is an answer of JSON-RPC."""
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
