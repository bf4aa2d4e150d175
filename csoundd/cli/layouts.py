"""``csoundd layout``: a control surface for the channels of a daemon that runs, as a file."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from csoundd.cli.printing import plain
from csoundd.cli.program import run_to_end
from csoundd.cli.remote import State, Url, url_of
from csoundd.layout import Control, controls_of, open_stage_control_session, touchosc_layout, web_page
from csoundd_client import connect

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
