"""The command line: the only place that prints or exits.

``serve`` runs a daemon; ``play``, ``set``, ``get``, ``call``, ``watch`` and ``listen`` speak to one that runs, as any
client does, ``layout`` and ``midi`` are for controllers, and ``engine`` is about the engines of this machine. Each
command is imported when it is asked for: to import them all takes a second.
"""

from __future__ import annotations

import gc
import re
import signal
from dataclasses import dataclass
from importlib import import_module
from itertools import takewhile
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from csoundd import __version__

_NEGATIVE: Final = re.compile(r"-(\.?\d|Infinity$)")


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


@dataclass(frozen=True, slots=True)
class Place:
    """The module and the function of a command, or, where it has commands of its own, their Typer; and what it does."""

    module: str
    name: str
    summary: str
    cls: type[TyperCommand] | None = None


COMMANDS: Final = {
    "serve": Place("serving", "serve", "Start the daemon, with a piece or without one."),
    "play": Place("playing", "play", "Play a piece on the daemon, in place of what it plays."),
    "render": Place("rendering", "render", "Render pieces to sound files, without a daemon."),
    "bounce": Place("bouncing", "bounce", "Render again what was played live, to a sound file."),
    "compare": Place("comparing", "compare", "Compare two sound files, sample by sample."),
    "set": Place("remote", "set_channels", "Set channels.", TakesNumbers),
    "get": Place("remote", "get_channels", "Print channels and their values."),
    "call": Place("remote", "call", "Call one method and print its result.", TakesNumbers),
    "watch": Place("remote", "watch", "Print what a topic delivers, until interrupted."),
    "listen": Place("remote", "listen", "Record what the engine plays to a WAV file."),
    "layout": Place("controllers", "layout_command", "Write a control surface for the channels there are."),
    "midi": Place("controllers", "midi", "Play a MIDI controller of this machine on the daemon."),
    "osc": Place("osc", "app", "OSC by hand: send one message, or print those that come to a port."),
    "pair": Place("pairing", "pair", "Show a QR code and a link that give a phone a token of its own."),
    "token": Place("tokens", "app", "Tokens, for who connects from elsewhere: create, list, revoke."),
    "engine": Place("engines", "app", "The engines of this machine: list, install, opcodes."),
    "doctor": Place("doctor", "doctor", "Look at this machine and at the daemon on it."),
    "config": Place("serving", "config", "Show the settings in force and where each comes from."),
}


class LazyGroup(TyperGroup):
    """The commands of COMMANDS, each loaded when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of their help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - click's signature
        """The command of that name, loaded; None where there is none."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        named = getattr(import_module(f"csoundd.cli.{place.module}"), place.name)
        # What was imported stays: to look for garbage in it, again and again and at the end, took a fifth of a start.
        gc.freeze()
        gc.enable()
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            # All has been imported: from now on an interrupt ends a command in good order.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if not isinstance(named, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(name=cmd_name, cls=place.cls, context_settings=SETTINGS)(named)
            named = single
        return typer.main.get_command(named)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - click's signature
        """Write what each command does, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` begin with; of what is misspelt, which was meant."""
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment] # only the names are looked at
        return super().resolve_command(ctx, args)


SETTINGS: Final = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="csoundd",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # What stands in brackets in a help text is text: rich would take it for its own.
    rich_markup_mode=None,
    context_settings=SETTINGS,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"csoundd {__version__}")
        raise typer.Exit


@app.callback()
def csoundd(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="print the version and exit")
    ] = False,
) -> None:
    """Own one Csound, and answer for it over WebSocket, HTTP and OSC."""


__all__ = ["COMMANDS", "app"]
