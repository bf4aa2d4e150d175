"""``csoundd token``: tokens for who connects from elsewhere. They are files in the state folder; no daemon is asked."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from csoundd.access import RISING, TokenRecord, TokenStore
from csoundd.access.service import told_of
from csoundd.cli.program import FAILED, refuse, say, terminal
from csoundd.errors import CsounddError

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

# The scopes are declared where they are granted.
ScopeName = StrEnum("ScopeName", list(RISING))  # type: ignore[misc]


def seconds_of(text: str) -> float:
    """A duration such as 30d, 12h or 90s in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", text.strip())
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"{text!r} is no duration: write 30d, 12h, 15m or 90s")
    return float(match[1]) * _UNITS[match[2]]


State = Annotated[Path, typer.Option(envvar="CSOUNDD_STATE", help="the folder that the daemon is given as --state")]
ScopeOf = Annotated[
    ScopeName, typer.Option(help="what it may do: read, control (channels, events), compile (code, files), admin")
]
Name = Annotated[str, typer.Option(help="what the list calls it")]
Channels = Annotated[
    list[str] | None,
    typer.Option(help="channels that it may set and read, as a glob such as 'fx/*', and nothing else; may be repeated"),
]
ReadChannels = Annotated[
    list[str] | None, typer.Option(help="channels that it may read in place of those; may be repeated")
]
Expires = Annotated[
    float | None, typer.Option(metavar="DURATION", parser=seconds_of, help="for how long it is good, as 30d or 12h")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]
Named = Annotated[str, typer.Argument(metavar="ID|NAME", help="the token, by its id or its name in the list")]

app = typer.Typer(
    name="token",
    help="Tokens, for who connects from elsewhere: create, list, revoke.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def create(
    state: State,
    scope: ScopeOf,
    name: Name = "token",
    channels: Channels = None,
    read_channels: ReadChannels = None,
    expires: Expires = None,
) -> None:
    """Make a token and print it, this once: only a digest is kept."""
    try:
        token, record = TokenStore(state).create(
            name,
            next(each for each in RISING if each == scope),
            channels=channels or None,
            read_channels=read_channels or None,
            lifetime=expires,
        )
    except (CsounddError, OSError) as failure:
        refuse(_told(failure), FAILED)
    typer.echo(token)
    say(f"this is the token {record.name} ({record.id}); it cannot be shown again")


@app.command(name="list")
def list_tokens(state: State, as_json: AsJson = False) -> None:
    """Show the tokens there are, and what each may do."""
    records = TokenStore(state).records()
    if as_json:
        typer.echo(json.dumps([asdict(told_of(record)) for record in records], indent=2))
        return
    table = Table("id", "name", "scope", "sets", "reads", "created", "expires", box=None, pad_edge=False)
    for record in records:
        table.add_row(
            record.id,
            record.name,
            record.scope,
            _globs(record.channels, "" if record.scope == "read" else "all"),
            _globs(record.read_channels, "all"),
            _day(record.created),
            _expiry(record),
        )
    terminal().print(table)


@app.command()
def revoke(token: Named, state: State) -> None:
    """Have a token be good no more. A daemon that runs cuts whoever uses it within a second."""
    try:
        record = TokenStore(state).revoke(token)
    except (CsounddError, OSError) as failure:
        refuse(_told(failure), FAILED)
    say(f"the token {record.name} ({record.id}) is good no more")


def _told(failure: CsounddError | OSError) -> str:
    if isinstance(failure, OSError):
        return f"the tokens cannot be reached: {failure}"
    return failure.message if failure.hint is None else f"{failure.message} ({failure.hint})"


def _globs(globs: tuple[str, ...] | None, otherwise: str) -> str:
    return otherwise if globs is None else " ".join(globs)


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _expiry(record: TokenRecord) -> str:
    if record.expires is None:
        return "never"
    over = record.is_over(datetime.now(UTC).timestamp())
    return f"{_day(record.expires)}{' (over)' if over else ''}"
