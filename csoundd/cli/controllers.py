"""``csoundd midi`` and ``csoundd layout``: MIDI controllers, and control surfaces, for a daemon that runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import typer

from csoundd.cli.program import FAILED, USAGE, plain, run_to_end
from csoundd.cli.remote import State, Url, url_of
from csoundd.layout import Control, controls_of, open_stage_control_session, touchosc_layout, web_page
from csoundd_client import connect

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
    r"""Play a MIDI controller of this machine on the daemon, until interrupted. Needs pip install 'csoundd\[midi]'."""
    source = _input()
    if list_ports:
        for name in source.get_ports():
            typer.echo(name)
        return
    opened(source, port)

    async def run() -> None:
        async with connect(url_of(url, state), name="csoundd midi") as daemon:
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

    def hear(event: tuple[list[int], float], _data: object) -> None:
        loop.call_soon_threadsafe(messages.put_nowait, event[0])

    source.set_callback(hear)
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


Kind = StrEnum("Kind", {"touchosc": "touchosc", "open_stage_control": "open-stage-control", "html": "html"})

Which = Annotated[Kind, typer.Argument(metavar="touchosc|open-stage-control|html", help="for which program")]
Output = Annotated[str, typer.Option("--output", "-o", help="where it goes (default: csoundd.tosc, .json or .html)")]
Pattern = Annotated[str, typer.Option("--channels", help="which channels: a glob")]
Osc = Annotated[str, typer.Option("--osc", help="where Open Stage Control finds the daemon's OSC, as host:port")]

_ENDINGS: Final = {Kind.touchosc: "tosc", Kind.open_stage_control: "json", Kind.html: "html"}


def layout_command(
    kind: Which,
    output: Output = "",
    channels: Pattern = "*",
    osc: Osc = "127.0.0.1:7700",
    url: Url = None,
    state: State = None,
) -> None:
    """Write a control surface for the channels there are, from their hints. With -o - it goes to standard output.

    An HTML page works from the daemon's own /files/, or as a file where the daemon has --allowed-origin null.
    """
    address = url_of(url, state)

    async def run() -> None:
        async with connect(address, name="csoundd layout", reconnect=False) as daemon:
            reply = await daemon.call("channel.list", channels)
        _write(output or f"csoundd.{_ENDINGS[kind]}", made(kind, controls_of(plain(reply.result)), address, osc))

    run_to_end(run())


def made(kind: Kind, controls: list[Control], url: str, osc: str) -> bytes:
    """The file of ``kind`` for ``controls``."""
    match kind:
        case Kind.touchosc:
            return touchosc_layout(controls)
        case Kind.open_stage_control:
            return open_stage_control_session(controls, osc)
        case _:
            return web_page(controls, url)


def _write(output: str, content: bytes) -> None:
    if output == "-":
        sys.stdout.buffer.write(content)
    else:
        Path(output).write_bytes(content)
        typer.echo(f"csoundd: wrote {output}", err=True)
