"""``csoundd engine``: which engines there are, installing the embedded one, and its opcodes."""

from __future__ import annotations

import dataclasses
import json
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.columns import Columns
from rich.console import Console

from csoundd.cli.program import FAILED
from csoundd.engine.csound.registry import built_in, engines, lacked_by
from csoundd.engine.csound.spec import EngineFound
from csoundd.engine.opcodes import askable, lacked, opcodes_of
from csoundd.errors import EngineUnavailable
from csoundd.licences import licences as licence_texts

INSTALLABLE: Final = {spec.name: spec for spec in built_in() if spec.capabilities.installable}
# The registry knows the names.
Installable = StrEnum("Installable", list(INSTALLABLE))  # type: ignore[misc]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]
Licences = Annotated[bool, typer.Option("--licences", help="print the notice and the licence of Csound")]
Of = Annotated[str | None, typer.Argument(metavar="ENGINE", help="one engine, by its name in the list")]
Engine = Annotated[Installable, typer.Argument(help="the engine to install")]

app = typer.Typer(
    name="engine",
    help="The engines of this machine: list, install, opcodes.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def install(engine: Engine) -> None:
    """Install the embedded engine, Csound 7 as WebAssembly, into the user's cache. Needs Node.js with npm, once."""
    try:
        where = INSTALLABLE[engine].install(_say)
    except EngineUnavailable as failure:
        raise _failed(failure) from None
    _say(f"Csound {where.version} is ready: csoundd serve --engine {engine}")


@app.command(name="list")
def list_engines(as_json: AsJson = False, licences: Licences = False) -> None:
    """Show the engines: versions, where they are, what they lack, and which one auto takes."""
    if licences:
        typer.echo(licence_texts())
        return
    found = engines()
    if as_json:
        typer.echo(json.dumps([_as_json(each) for each in found], indent=2))
        return
    for each in found:
        taken = ", which --engine auto takes" if each.auto else ""
        typer.echo(
            f"{each.engine:<10}Csound {each.version}, {each.note}{taken}"
            if each.installed
            else f"{each.engine:<10}{each.note}"
        )
        rows = [("", each.path), *(("plug-ins in ", folder) for folder in each.plugin_folders)]
        rows += [("lacks ", ", ".join(lacked_by(each)))]
        for label, value in rows:
            if value:
                typer.echo(f"{'':<10}{label}{value}")


@app.command()
def opcodes(engine: Of = None, as_json: AsJson = False) -> None:
    """Count the opcodes of all engines, and show which each of them lacks; or show those of one engine."""
    try:
        had = {each.name: opcodes_of(each) for each in askable()}
    except EngineUnavailable as failure:
        raise _failed(failure) from None
    if engine is not None and engine not in had:
        raise _failed(
            EngineUnavailable(f"there is no engine {engine} here", hint="csoundd engine list shows those there are")
        )
    lacks = {name: lacked(had, name) for name in had}
    if as_json:
        told = {name: {"count": len(had[name]), "opcodes": sorted(had[name]), "lacks": lacks[name]} for name in had}
        typer.echo(json.dumps(told if engine is None else told[engine]))
    elif engine is not None:
        Console().print(Columns(sorted(had[engine]), equal=True))
    else:
        for name, missing in lacks.items():
            typer.echo(f"{name} has {len(had[name])} opcodes, and lacks {len(missing)} that another engine here has")
            Console().print(Columns(missing, equal=True))


def _as_json(each: EngineFound) -> dict[str, object]:
    told = dataclasses.asdict(each) | {"lacks": lacked_by(each)}
    del told["library"]
    return told


def _say(text: str) -> None:
    typer.echo(f"csoundd: {text}", err=True)


def _failed(failure: EngineUnavailable) -> typer.Exit:
    _say(failure.message)
    if failure.hint:
        typer.echo(f"  ({failure.hint})", err=True)
    return typer.Exit(FAILED)
