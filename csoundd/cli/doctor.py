"""``csoundd doctor``: looks at this machine, and at the daemon that runs on it, for what would be in the way."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, Final, Literal

import typer
from rich.table import Table

from csoundd.cli.program import FAILED, USAGE, say, terminal
from csoundd.cli.remote import State, Url, to_daemon
from csoundd.config import BadConfig, Config, load
from csoundd.engine.csound.registry import engines
from csoundd.limits import DESCRIPTORS_RESERVED, DOCTOR_SECONDS
from csoundd.note import noted_url
from csoundd.transport.certificates import expiry_of, first_of
from csoundd.transport.sockets import authority
from csoundd_client import ConnectionLost
from csoundd_client import CsounddError as ClientError

AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="a TOML file of settings (default csoundd.toml)")]

Verdict = Literal["good", "note", "bad"]

_MARK: Final = {"good": "ok", "note": "note", "bad": "BAD"}
_DAY: Final = 86_400.0
_SOON_DAYS: Final = 14.0
_LEAST_DESCRIPTORS: Final = 1024
_CLOCKS_APART: Final = 5.0
_PYTHON: Final = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what was seen or is to be done."""

    what: str
    verdict: Verdict
    told: str


def doctor(url: Url = None, state: State = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Look at this machine and at the daemon on it. The exit status is 1 where something would not work."""
    try:
        settings = load({} if state is None else {"state": state}, file=config).config
    except BadConfig as problem:
        say(problem.message)
        raise typer.Exit(USAGE) from None
    answer = _answer(url, state)
    findings = [*_machine(settings, runs=answer is not None), *_daemon(answer)]
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        table = Table("", "what", "seen", box=None, pad_edge=False)
        for finding in findings:
            table.add_row(_MARK[finding.verdict], finding.what, finding.told)
        terminal().print(table)
    if any(finding.verdict == "bad" for finding in findings):
        raise typer.Exit(FAILED)


def _machine(config: Config, *, runs: bool) -> Iterator[Finding]:
    looks: dict[str, Callable[[Config], Iterator[tuple[Verdict, str]]]] = {
        "Python": _python,
        "engines": _engines,
        "workspace": _workspace,
        "state": _state,
        "descriptors": _descriptors,
        "real-time priority": _priority,
        "certificate": _certificate,
        "clock": _clock,
    }
    if not runs:
        looks["ports"] = _ports
    for what, look in looks.items():
        for verdict, told in look(config):
            yield Finding(what, verdict, told)


def _python(_: Config) -> Iterator[tuple[Verdict, str]]:
    version = sys.version_info
    yield "good" if version >= _PYTHON else "bad", f"{version.major}.{version.minor}.{version.micro}, {sys.executable}"


def _engines(config: Config) -> Iterator[tuple[Verdict, str]]:
    found = [each for each in engines() if each.installed]
    for each in found:
        yield "good", f"{each.engine}: Csound {each.version}{', which auto takes' if each.auto else ''}"
    if not found:
        yield "bad", "there is none: csoundd engine install wasm, or install Csound"
    elif config.engine != "auto" and not any(each.engine.startswith(config.engine.partition(":")[0]) for each in found):
        yield "note", f"the settings name {config.engine}, which is none of these"


def _workspace(config: Config) -> Iterator[tuple[Verdict, str]]:
    yield _writable(config.workspace.resolve())


def _state(config: Config) -> Iterator[tuple[Verdict, str]]:
    if config.state is None:
        yield "note", "no folder is given: no tokens can be made (--state DIR)"
    elif config.state.resolve().is_relative_to(config.workspace.resolve()):
        yield "bad", f"{config.state} is in the workspace, where code that is compiled could make tokens"
    elif config.state.exists():
        yield _writable(config.state)
        if os.name == "posix" and config.state.stat().st_mode & 0o022:
            yield "bad", f"{config.state} can be written to by others: chmod 700 {config.state}"


def _writable(folder: Path) -> tuple[Verdict, str]:
    try:
        with TemporaryFile(dir=folder):
            return "good", f"{folder} can be written to"
    except OSError as problem:
        return "bad", f"{folder} cannot be written to: {problem.strerror}"


def _descriptors(config: Config) -> Iterator[tuple[Verdict, str]]:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - it does not exist everywhere

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = config.max_sessions + DESCRIPTORS_RESERVED
    unlimited = most == resource.RLIM_INFINITY
    told = "as many as it likes" if unlimited else f"{most} at most"
    if unlimited or most >= max(wanted, _LEAST_DESCRIPTORS):
        yield "good", told
    else:
        yield "note", f"{told}, and {wanted} are needed for {config.max_sessions} sessions: ulimit -n, LimitNOFILE="


def _priority(config: Config) -> Iterator[tuple[Verdict, str]]:
    if not config.realtime:
        yield "note", "not asked for by the settings"
    elif not hasattr(os, "sched_setscheduler"):
        yield "note", "this system grants it in another way"
    else:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except OSError:
            yield "note", "not granted, so a busy machine makes cycles late: rtprio in limits.conf, LimitRTPRIO="
        else:
            os.sched_setscheduler(0, *before)
            yield "good", "granted"


def _certificate(config: Config) -> Iterator[tuple[Verdict, str]]:
    path = config.tls_cert
    if path is None and config.tls == "auto" and config.state is not None:
        path = config.state / "tls" / "server.crt"
        if not path.exists():
            yield "note", "it will be made when the daemon first starts"
            return
    if path is None:
        yield "note", "nothing is encrypted, which is right on this machine alone"
        return
    try:
        left = (expiry_of(first_of(path)) - time.time()) / _DAY
    except (OSError, ValueError, IndexError) as problem:
        yield "bad", f"{path} cannot be used: {problem}"
        return
    verdict: Verdict = "bad" if left <= 0 else "note" if left < _SOON_DAYS else "good"
    yield verdict, f"{path} is good for {left:.0f} days"


def _clock(_: Config) -> Iterator[tuple[Verdict, str]]:
    built = Path(__file__).stat().st_mtime
    now = time.strftime("%Y-%m-%d %H:%M:%S %z")
    if time.time() < built - _DAY:
        yield "bad", f"it shows {now}, which is before csoundd was installed: certificates and tokens go by it"
    else:
        yield "good", f"it shows {now}"


def _ports(config: Config) -> Iterator[tuple[Verdict, str]]:
    for name, host, port, kind in (
        ("HTTP", config.host, config.port, socket.SOCK_STREAM),
        ("OSC", config.osc_address, config.osc_port, socket.SOCK_DGRAM),
        ("OSC over TCP", config.osc_address, config.osc_tcp_port, socket.SOCK_STREAM),
        ("OSCQuery", config.osc_address, config.oscquery_port, socket.SOCK_STREAM),
    ):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, kind) as sock:
            if kind == socket.SOCK_STREAM and os.name == "posix":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((host.strip("[]"), port))
            except OSError as problem:
                yield "bad", f"{name} cannot have {authority(host, port)}: {problem.strerror}"
            else:
                yield "good", f"{name} can have {authority(host, port)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a daemon says of itself, how many seconds its clock is ahead, and why it says nothing, where it does not."""

    status: dict[str, Any] | None = None
    ahead: float = 0.0
    refusal: str | None = None


def _answer(url: str | None, state: Path | None) -> Answer | None:
    """The answer of the daemon; None where nothing listens."""
    try:
        return asyncio.run(_asked(url, state))
    except (OSError, TimeoutError) as problem:
        # Somebody who gave an address expects a daemon there.
        return None if url is None else Answer(refusal=f"{url} does not answer: {problem}")
    except ConnectionLost as refusal:
        return None if url is None and noted_url(state) is None else Answer(refusal=str(refusal))
    except ClientError as refusal:
        return Answer(refusal=str(refusal))


async def _asked(url: str | None, state: Path | None) -> Answer:
    async with asyncio.timeout(DOCTOR_SECONDS):
        async with to_daemon(url, state, "csoundd doctor", reconnect=False) as daemon:
            begun = time.time()
            pong = (await daemon.call("session.ping", begun)).result
            took = time.time() - begun
            status = (await daemon.call("server.status")).result
            return Answer(status, pong["wall"] - begun - took / 2)


def _daemon(answer: Answer | None) -> Iterator[Finding]:
    if answer is None:
        yield Finding("daemon", "note", "none runs here")
        return
    status = answer.status
    if status is None:
        yield Finding("daemon", "bad", str(answer.refusal))
        return
    hours = status["uptime"] / 3600
    yield Finding("daemon", "good", f"csoundd {status['version']} has run for {hours:.1f} h, auth {status['auth']}")
    state = status["state"]
    told = f"{status['engine']} is {state}, load {status['load']:.0%}, {status['restarts']} restarts"
    if status["reason"]:
        told += f": {status['reason']}"
    yield Finding("engine", "bad" if state in {"failed", "offline"} else "good", told)
    connected = ", ".join(f"{count} {kind}" for kind, count in status["connections"].items() if count)
    yield Finding("connections", "good", connected or "none")
    for name, limit in status["limits"].items():
        if limit["hits"]:
            setting = f", set by {limit['setting']}" if limit["setting"] else ""
            told = f"{name} was come to {limit['hits']} times: {limit['value']:g} {limit['what']}{setting}"
            yield Finding("limit", "note", told)
    if abs(answer.ahead) > _CLOCKS_APART:
        yield Finding("clock", "bad", f"the daemon's clock is {answer.ahead:+.1f} s apart from this one")
    left = status["certificateSeconds"]
    if left is not None:
        verdict: Verdict = "bad" if left <= 0 else "note" if left < _SOON_DAYS * _DAY else "good"
        yield Finding("certificate", verdict, f"the one in use is good for {left / _DAY:.0f} days")
