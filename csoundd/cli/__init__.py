"""The command line: the only place that prints or exits.

``serve`` runs a daemon; ``call``, ``watch`` and ``listen`` speak to one that runs, as any client does, ``layout`` and
``midi`` are for controllers, and ``engine`` is about the engines of this machine.
"""

from __future__ import annotations

import typer

from csoundd.cli.controllers import layout_command, midi
from csoundd.cli.engines import app as engine_app
from csoundd.cli.osc import app as osc_app
from csoundd.cli.program import TakesNumbers
from csoundd.cli.remote import call, listen, watch
from csoundd.cli.serving import config, serve

app = typer.Typer(
    name="csoundd",
    help="A server that owns one Csound and answers for it over WebSocket, HTTP and OSC.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command(cls=TakesNumbers)(call)
app.command()(watch)
app.command()(listen)
app.command(name="config")(config)
app.command(name="layout")(layout_command)
app.command()(midi)
app.add_typer(osc_app)
app.add_typer(engine_app)


def main() -> None:
    """Run the command line."""
    app()


__all__ = ["app", "main"]
