"""``csoundd engine``: which engines there are, installing the embedded one, and its opcodes."""

from __future__ import annotations

import dataclasses
import json
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from csoundd.engine.embedded.cache import install as install_embedded
from csoundd.engine.engines import engines, opcode_names, opcodes_lacking
from csoundd.errors import EngineUnavailable

FAILED: Final = 1

Installable = StrEnum("Installable", ["wasm"])
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]
Present = Annotated[bool, typer.Option("--present", help="those that the embedded engine has")]
Engine = Annotated[Installable, typer.Argument(help="the engine to install")]

app = typer.Typer(name="engine", help="The engines of this machine: list, install, opcodes.", no_args_is_help=True)


@app.command()
def install(engine: Engine) -> None:
    """Install the embedded engine, Csound 7 as WebAssembly, into the user's cache. Needs Node.js with npm, once."""
    try:
        where = install_embedded(_say)
    except EngineUnavailable as failure:
        raise _failed(failure) from None
    _say(f"Csound {where.version} is ready: csoundd serve --engine {engine}")


@app.command(name="list")
def list_engines(as_json: AsJson = False) -> None:
    """Show the engines, their versions, where they are, and which one ``--engine auto`` takes."""
    found = engines()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
        return
    table = Table("engine", "version", "auto", Column("path", overflow="fold"), "", box=None, pad_edge=False)
    for each in found:
        row = (each.engine, each.version or "-", "*" if each.auto else "", each.path or "-", each.note)
        table.add_row(*map(escape, row))
    Console().print(table)


@app.command()
def opcodes(present: Present = False, as_json: AsJson = False) -> None:
    """Show the opcodes that a native Csound has and the embedded engine lacks."""
    try:
        names = opcode_names() if present else opcodes_lacking()
    except EngineUnavailable as failure:
        raise _failed(failure) from None
    if as_json:
        typer.echo(json.dumps(names))
    else:
        Console().print(Columns(names, equal=True))


def _say(text: str) -> None:
    typer.echo(f"csoundd: {text}", err=True)


def _failed(failure: EngineUnavailable) -> typer.Exit:
    _say(failure.message)
    if failure.hint:
        typer.echo(f"  ({failure.hint})", err=True)
    return typer.Exit(FAILED)
