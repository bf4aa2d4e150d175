"""``csoundd serve`` and ``csoundd config``: settings from the command line to a daemon, and shown."""

from __future__ import annotations

import json
import logging
import os
import shlex
import shutil
import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from csoundd.cli.logs import log_to_standard_error
from csoundd.cli.program import FAILED, USAGE, say, terminal
from csoundd.config import CHOSEN_LIMITS, BadConfig, Config, Settings, load
from csoundd.daemon import Addresses, csound_log, run
from csoundd.engine.csound.registry import check_name, ensure
from csoundd.errors import CsounddError
from csoundd.layout import Control

USUAL_ADDRESS: Final = "http://127.0.0.1:7700"
"""Where the commands look for a daemon by themselves."""

Pace = StrEnum("Pace", ["clock", "device", "free", "step"])
Level = StrEnum("Level", ["debug", "info", "warning", "error"])
Who = StrEnum("Who", ["auto", "required", "off"])


def _meaning(name: str) -> str:
    """The meaning of a setting, as its help."""
    return Config.model_fields[name].description or ""


def _engine_named(name: str | None) -> str | None:
    try:
        return name if name is None else check_name(name)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None


Piece = Annotated[Path | None, typer.Argument(metavar="FILE.csd|FILE.orc", help="a piece to compile and play")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="a TOML file of settings (default csoundd.toml)")]
Host = Annotated[str | None, typer.Option(help=_meaning("host"))]
Port = Annotated[int | None, typer.Option(help=_meaning("port"))]
OscPort = Annotated[int | None, typer.Option(help=_meaning("osc_port"))]
OscTcpPort = Annotated[int | None, typer.Option(help=_meaning("osc_tcp_port"))]
OscqueryPort = Annotated[int | None, typer.Option(help=_meaning("oscquery_port"))]
OscHost = Annotated[str | None, typer.Option(help=_meaning("osc_host"))]
OscAllow = Annotated[list[str] | None, typer.Option("--osc-allow", help=_meaning("osc_allow"))]
Mdns = Annotated[bool | None, typer.Option("--mdns/--no-mdns", help=_meaning("mdns"))]
OscTargets = Annotated[list[str] | None, typer.Option("--osc-target", help=_meaning("osc_targets"))]
Engine = Annotated[str | None, typer.Option(metavar="NAME", help=_meaning("engine"), callback=_engine_named)]
Drive = Annotated[Pace | None, typer.Option(help=_meaning("drive"))]
Autoplay = Annotated[bool | None, typer.Option("--autoplay/--no-autoplay", help=_meaning("autoplay"))]
Workspace = Annotated[Path | None, typer.Option(help=_meaning("workspace"))]
Samples = Annotated[list[Path] | None, typer.Option("--samples", help=_meaning("samples") + "; may be repeated")]
State = Annotated[Path | None, typer.Option(help=_meaning("state"))]
NoState = Annotated[bool | None, typer.Option("--no-state", help=_meaning("no_state"))]
Renders = Annotated[Path | None, typer.Option(metavar="DIR", help=_meaning("renders"))]
RenderJobs = Annotated[int | None, typer.Option(help=_meaning("render_jobs"))]
RenderEngines = Annotated[
    list[str] | None, typer.Option("--render-engine", help=_meaning("render_engines") + "; may be repeated")
]
Block = Annotated[int | None, typer.Option(help=_meaning("block"))]
Realtime = Annotated[bool | None, typer.Option("--realtime/--no-realtime", help=_meaning("realtime"))]
Options = Annotated[list[str] | None, typer.Option("--option", help=_meaning("options") + "; may be repeated")]
Auth = Annotated[Who | None, typer.Option(help=_meaning("auth"))]
Encrypt = StrEnum("Encrypt", ["off", "auto"])
Tls = Annotated[Encrypt | None, typer.Option(help=_meaning("tls"))]
TlsCert = Annotated[Path | None, typer.Option(help=_meaning("tls_cert"))]
TlsKey = Annotated[Path | None, typer.Option(help=_meaning("tls_key"))]
TrustedProxies = Annotated[list[str] | None, typer.Option("--trusted-proxy", help=_meaning("trusted_proxies"))]
Insecure = Annotated[bool | None, typer.Option("--insecure", help=_meaning("insecure"))]
AllowedHosts = Annotated[list[str] | None, typer.Option("--allowed-host", help=_meaning("allowed_hosts"))]
AllowedOrigins = Annotated[list[str] | None, typer.Option("--allowed-origin", help=_meaning("allowed_origins"))]
Confinement = StrEnum("Confinement", ["auto", "off", "strict"])
Confine = Annotated[Confinement | None, typer.Option(help=_meaning("confine"))]
MaxFrame = Annotated[int | None, typer.Option(help=_meaning("max_frame"))]
MaxFile = Annotated[int | None, typer.Option(help=_meaning("max_file"))]
MaxMemory = Annotated[int | None, typer.Option(help=_meaning("max_memory"))]
MaxWritten = Annotated[int | None, typer.Option(help=_meaning("max_written"))]
Limits = Annotated[list[str] | None, typer.Option("--limit", help=_meaning("limits") + "; may be repeated")]
MaxSessions = Annotated[int | None, typer.Option(help=_meaning("max_sessions"))]
MaxSubscriptions = Annotated[int | None, typer.Option(help=_meaning("max_subscriptions"))]
ExitOnEof = Annotated[
    bool, typer.Option("--exit-on-eof", help="end when standard input does, as with the program at its other end")
]
LogForm = StrEnum("LogForm", ["text", "json"])
LogFormat = Annotated[LogForm | None, typer.Option(help=_meaning("log_format"))]
Verbose = Annotated[bool | None, typer.Option("--verbose/--quiet", "-v", help=_meaning("verbose"))]
LogLevel = Annotated[Level | None, typer.Option(help=_meaning("log_level"))]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]


def serve(
    piece: Piece = None,
    config: ConfigFile = None,
    host: Host = None,
    port: Port = None,
    osc_port: OscPort = None,
    osc_tcp_port: OscTcpPort = None,
    oscquery_port: OscqueryPort = None,
    osc_host: OscHost = None,
    osc_allow: OscAllow = None,
    mdns: Mdns = None,
    osc_targets: OscTargets = None,
    engine: Engine = None,
    drive: Drive = None,
    autoplay: Autoplay = None,
    workspace: Workspace = None,
    samples: Samples = None,
    state: State = None,
    no_state: NoState = None,
    renders: Renders = None,
    render_jobs: RenderJobs = None,
    render_engines: RenderEngines = None,
    block: Block = None,
    realtime: Realtime = None,
    options: Options = None,
    auth: Auth = None,
    tls: Tls = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    trusted_proxies: TrustedProxies = None,
    insecure: Insecure = None,
    allowed_hosts: AllowedHosts = None,
    allowed_origins: AllowedOrigins = None,
    confine: Confine = None,
    max_frame: MaxFrame = None,
    max_file: MaxFile = None,
    max_memory: MaxMemory = None,
    max_written: MaxWritten = None,
    limits: Limits = None,
    max_sessions: MaxSessions = None,
    max_subscriptions: MaxSubscriptions = None,
    log_format: LogFormat = None,
    verbose: Verbose = None,
    log_level: LogLevel = None,
    exit_on_eof: ExitOnEof = False,
) -> None:
    """Start the daemon, with a piece or without one, and play what is compiled, until interrupted.

    Without a piece, csoundd play FILE plays one, and so does the first compileOrc of a client.
    """
    flags = {name: value for name, value in locals().items() if name in Config.model_fields and value not in (None, [])}
    if piece is not None and workspace is None:
        flags["workspace"] = piece.parent
    settings = _settings(flags, config)
    log_to_standard_error(settings.config)
    try:
        ensure(settings.config.engine, say)
        status = run(settings.config, piece, partial(_announce, settings.config, piece), exit_on_eof=exit_on_eof)
    except CsounddError as failure:
        _complain(failure)
        raise typer.Exit(FAILED) from None
    raise typer.Exit(status)


def config(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show the settings in force and where each comes from."""
    settings = _settings({}, config)
    values = settings.config.model_dump(mode="json")
    if as_json:
        layered = {name: {"value": value, "from": settings.layer(name)} for name, value in values.items()}
        typer.echo(json.dumps(layered, indent=2))
        return
    table = Table("setting", "value", "from", "meaning", box=None, pad_edge=False)
    rows = {name: value for name, value in values.items() if name != "limits"}
    rows |= {f"limits.{name}": settings.config.limit(name) for name in CHOSEN_LIMITS}
    for name, value in rows.items():
        if name.startswith("limits."):
            limit = name.removeprefix("limits.")
            layer = settings.layer("limits") if limit in settings.config.limits else "default"
            table.add_row(name, f"{value:g}", layer, CHOSEN_LIMITS[limit].what)
            continue
        shown = " ".join(value) if isinstance(value, list) else str(value)
        table.add_row(name, shown, settings.layer(name), _meaning(name))
    terminal().print(table)


def _settings(flags: dict[str, object], file: Path | None) -> Settings:
    try:
        settings = load(flags, file=file)
    except BadConfig as problem:
        say(problem.message)
        raise typer.Exit(USAGE) from None
    for sentence in settings.misspelt:
        say(sentence)
    return settings


def _announce(config: Config, piece: Path | None, addresses: Addresses, controls: list[Control], goes_on: bool) -> None:
    """Print the one line that ever goes to stdout, and greet who is at the terminal."""
    sys.stdout.write(f"csoundd ready {addresses}\n")
    sys.stdout.flush()
    if config.log_level in {"debug", "info"}:
        typer.echo(_greeting(config, piece, addresses.local, controls, goes_on=goes_on), err=True)


def _greeting(config: Config, piece: Path | None, at: str, controls: list[Control], *, goes_on: bool) -> str:
    """The address ``at`` which this machine reaches it, what plays, and three things to try in another terminal."""
    program = _program()
    url = "" if at == USUAL_ADDRESS else f" --url {at.removeprefix('http://')}"
    if at.startswith("https:") and config.state is not None:
        # There is the authority to trust.
        url = f" --state {shlex.quote(str(config.state))}"
    moved = _moved(controls)
    first = f"{program} get{url}" if moved is None else f"{program} set{url} {moved}"
    if goes_on:
        playing = "What was left off goes on. In another terminal:"
        tries = [first, f"{program} play{url} {piece or 'FILE.csd'}"]
    elif piece is None:
        playing = "Nothing plays yet. In another terminal:"
        tries = [f"{program} play{url} FILE.csd", f"{program} call{url} csound.compileOrc @FILE.orc"]
    else:
        playing = f"{piece} {'is stepped' if config.drive == 'step' else 'plays'}. In another terminal:"
        tries = [first, f"{program} play{url} --watch {piece}"]
    opened = f"csoundd: open {at}/ in a browser to hear and play it; {at}/listen.wav is the sound alone."
    lines = [opened, f"csoundd: {playing}"]
    lines += [f"    {each}" for each in (*tries, f"{program} listen{url} --seconds 10 heard.wav")]
    if config.needs_tokens and config.state is not None:
        lines.append(f"csoundd: a phone is let in by {program} pair --state {shlex.quote(str(config.state))}")
    return "\n".join(lines)


def _moved(controls: list[Control]) -> str | None:
    """A channel of the piece and a value for it that is heard, as they are typed; None where no channel has a range.

    A frequency is heard best, then what moves exponentially.
    """
    faders = [each for each in controls if each.kind == "fader" and each.writable and not each.name.startswith("-")]
    for fader in sorted(faders, key=lambda each: (each.unit != "hz", not each.exponential)):
        now, low, high = float(fader.value), fader.low, fader.high
        if low <= now <= high:
            far = high if now < (low + high) / 2 else low
            aim = far if fader.whole else (now * far) ** 0.5 if fader.exponential else (now + far) / 2
            return f"{shlex.quote(fader.name)} {float(f'{aim:.2g}'):g}"
    return None


def _program() -> str:
    """The program as whoever started it can type it: by its name where the shell finds it, else by its path."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return f"{sys.executable} -m csoundd"
    if shutil.which(started.name) and Path(shutil.which(started.name) or "").samefile(started):
        return started.name
    return os.path.relpath(started) if started.is_relative_to(Path.cwd()) else str(started)


def _complain(failure: CsounddError) -> None:
    say(failure.message)
    if not csound_log.isEnabledFor(logging.INFO):
        for line in filter(str.strip, "".join(failure.messages or []).splitlines()):
            typer.echo(f"  {line}", err=True)
    if failure.hint:
        typer.echo(f"  ({failure.hint})", err=True)
