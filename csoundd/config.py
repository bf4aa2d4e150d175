"""The settings: one frozen model, filled from four layers. Default < TOML file < ``CSOUNDD_*`` < flag."""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Annotated, Final, Literal, Self, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from csoundd.access import AuthMode
from csoundd.engine.csound.registry import CHOICES, check_name
from csoundd.engine.csound.spec import AUTO
from csoundd.errors import CsounddError
from csoundd.limits import (
    FILE_BYTES,
    FRAME_BYTES,
    LIMITS,
    MIB,
    SANDBOX_MEMORY_BYTES,
    SANDBOX_WRITTEN_BYTES,
    SESSION_SUBSCRIPTIONS,
    SESSIONS,
)

PREFIX: Final = "CSOUNDD_"
FILE_NAME: Final = "csoundd.toml"

EVERY_PAGE: Final = "*"
NO_ORIGIN: Final = "null"
"""The origin of a page that was opened from a file."""

_USUAL_PORTS: Final = {"http": 80, "https": 443}

NO_SETTINGS: Final = frozenset({"CONFIG", "DAEMON", "TOKEN", "URL", "NO_CACHE", "RENDER_CACHE", "SHARD"})
"""What else is in the environment: the file of settings, the daemon that commands and scripts speak to, their token.

And what ``csoundd render`` is told so.
"""

OTHER_PORTS: Final = ("osc_port", "osc_tcp_port", "oscquery_port")

Port = Annotated[int, Field(ge=0, le=65535)]
Layer = Literal["default", "file", "environment", "flag"]


class BadConfig(CsounddError):
    """The settings contradict themselves or their types."""

    summary = "the settings are wrong"


def origin_of(text: str) -> str:
    """``text`` as browsers write an origin. Raises ValueError for what no page's origin can be."""
    if text in {NO_ORIGIN, EVERY_PAGE}:
        return text
    try:
        parts = urlsplit(text)
        name, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as problem:
        raise ValueError(f"{text!r} is no origin: {problem}") from None
    if not parts.netloc:
        raise ValueError(f"{text!r} is no origin: it begins with http:// or https://, as in https://synth.example")
    host = f"[{name}]" if ":" in name else name
    origin = f"{parts.scheme}://{host}" + ("" if port in {None, _USUAL_PORTS.get(parts.scheme)} else f":{port}")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{text!r} is no origin: it has no path and no user's name, write {origin}")
    if not name or "*" in name:
        raise ValueError(f"{text!r} is no origin: each is named in full, as in https://synth.example")
    return origin


def host_name_of(text: str) -> str:
    """``text`` as it is looked for in a Host header. Raises ValueError for what can never be found there."""
    name = text.removeprefix("[").removesuffix("]").removesuffix(".").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name):
            raise ValueError(f"{text!r} is no host: a name or an address alone, as in synth.example") from None
    return name


def network_of(text: str) -> str:
    """``text`` as a network in CIDR notation. Raises ValueError for what is none."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is no network: write an address, or one as 10.0.0.0/8") from None


Network = Annotated[str, AfterValidator(network_of)]
Origin = Annotated[str, AfterValidator(origin_of)]
HostName = Annotated[str, AfterValidator(host_name_of)]


CHOSEN_LIMITS: Final = {name: limit for name, limit in LIMITS.items() if limit.setting == f"limits.{name}"}
"""The limits that the setting ``limits`` changes."""


def limits_of(given: object) -> object:
    """``NAME=NUMBER`` words as a table; a table as it is. Raises ValueError."""
    if not isinstance(given, list | tuple):
        return given
    table: dict[str, float] = {}
    for word in given:
        name, _, number = str(word).partition("=")
        try:
            table[name] = float(number)
        except ValueError:
            raise ValueError(f"{word!r} is not NAME=NUMBER, as requests=5000") from None
    return table


def check_limits(given: dict[str, float]) -> dict[str, float]:
    """``given``, where they are limits that there are. Raises ValueError."""
    for name, number in given.items():
        if name not in CHOSEN_LIMITS:
            own = LIMITS[name].setting if name in LIMITS else None
            close = get_close_matches(name, CHOSEN_LIMITS, n=1)
            hint = f"it is the setting {own}" if own else f"did you mean {close[0]}?" if close else ""
            raise ValueError(f"there is no limit {name}, {hint or 'there are ' + ', '.join(CHOSEN_LIMITS)}")
        if not 0 < number < inf:
            raise ValueError(f"the limit {name} is above 0, and this is {number:g}")
    return given


LimitTable = Annotated[dict[str, float], BeforeValidator(limits_of), AfterValidator(check_limits)]


class Config(BaseModel):
    """The settings of one daemon. Every field is a flag of ``csoundd serve`` of the same name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="the address that HTTP and WebSocket listen on")
    port: Port = Field(
        7700,
        description="the port of HTTP and WebSocket (0: any that is free, for OSC and OSCQuery as well)",
    )
    osc_port: Port = Field(7700, description="the port of OSC over UDP (0: any that is free)")
    osc_tcp_port: Port = Field(7701, description="the port of OSC over TCP (0: any that is free)")
    oscquery_port: Port = Field(7702, description="the port of OSCQuery (0: any that is free)")
    osc_host: str | None = Field(
        None,
        description="the address that OSC listens on (default: that of HTTP, if it is this machine's, or --insecure)",
    )
    osc_allow: tuple[str, ...] = Field((), description="scopes of OSC senders by network, as CIDR=scope")
    mdns: bool = Field(default=True, description="let programs on the network find OSC and OSCQuery by mDNS")
    osc_targets: tuple[str, ...] = Field(
        (),
        description="controllers to send channels to, as HOST:PORT, or last for whoever sent last, or last:PORT for "
        "another port of theirs; each may end in /PATTERN",
    )
    engine: Annotated[str, AfterValidator(check_name)] = Field(
        AUTO,
        description=f"which Csound to run: {CHOICES}",
    )
    drive: Literal["clock", "device", "free", "step"] = Field("clock", description="what paces the performance")
    autoplay: bool = Field(
        default=True, description="play what is compiled, and events, without being told to, in drives clock and device"
    )
    workspace: Path = Field(Path(), description="the folder that every path of a client stays inside")
    samples: tuple[Path, ...] = Field(
        (), description="a folder outside the workspace to search for sounds, which the embedded engine may only read"
    )
    state: Path | None = Field(
        None,
        description="a folder where the daemon notes its addresses, keeps its tokens and, however it ends, what plays",
    )
    no_state: bool = Field(
        default=False, description="keep nothing on disk of what plays, for a daemon that comes after this one"
    )
    renders: Path | None = Field(
        None,
        description="a folder where the jobs of render.submit are kept with their sound files (default: renders in the "
        "state folder)",
    )
    render_jobs: Annotated[int, Field(ge=0)] = Field(
        0, description="how many jobs are rendered at a time (0: one for each processor)"
    )
    render_engines: tuple[Annotated[str, AfterValidator(check_name)], ...] = Field(
        (), description="engines that a job may ask for, beside the daemon's own and wasm"
    )
    block: Annotated[int, Field(ge=1, le=65536)] = Field(128, description="frames performed at a time in drive clock")
    realtime: bool = Field(default=True, description="ask for real-time scheduling of the engine")
    options: tuple[str, ...] = Field((), description="options for Csound, as on its command line")
    auth: AuthMode = Field(
        "auto",
        description="who needs a token: everybody but this machine's own (auto), everybody (required), nobody (off)",
    )
    tls: Literal["off", "auto"] = Field(
        "off",
        description="encrypt HTTP and WebSocket, with an authority of the daemon's own in the state folder",
    )
    tls_cert: Path | None = Field(
        None, description="a certificate to encrypt HTTP and WebSocket with, and its chain (PEM)"
    )
    tls_key: Path | None = Field(None, description="the key of that certificate (PEM)")
    trusted_proxies: tuple[Network, ...] = Field(
        (), description="networks of reverse proxies whose word on address and scheme is taken, as CIDR"
    )
    insecure: bool = Field(default=False, description="listen beyond this machine although nothing there is encrypted")
    allowed_hosts: tuple[HostName, ...] = Field(
        (), description="further names that clients may reach the daemon by, without scheme and port"
    )
    allowed_origins: tuple[Origin, ...] = Field(
        (),
        description="web pages of other origins that may connect, as https://synth.example or http://localhost:5173; "
        "null for pages opened from a file",
    )
    confine: Literal["auto", "off", "strict"] = Field(
        "auto",
        description="confine a native engine to the files it needs, without programs and TCP: where the system offers "
        "it (auto), never (off), or do not start without (strict)",
    )
    max_frame: Annotated[int, Field(ge=1024)] = Field(FRAME_BYTES, description="the largest message, in bytes")
    max_file: Annotated[int, Field(ge=1024)] = Field(FILE_BYTES, description="the largest file to put, in bytes")
    max_memory: Annotated[int, Field(ge=16 * MIB, le=4095 * MIB)] = Field(
        SANDBOX_MEMORY_BYTES, description="the memory that the embedded engine may take, in bytes"
    )
    max_written: Annotated[int, Field(ge=0)] = Field(
        SANDBOX_WRITTEN_BYTES, description="what the embedded engine may write to files in its life, in bytes"
    )
    limits: LimitTable = Field({}, description="what clients may ask for, as NAME=NUMBER: " + ", ".join(CHOSEN_LIMITS))
    max_sessions: Annotated[int, Field(ge=1)] = Field(SESSIONS, description="the most sessions at once")
    max_subscriptions: Annotated[int, Field(ge=1)] = Field(
        SESSION_SUBSCRIPTIONS, description="the most subscriptions of a session"
    )
    log_format: Literal["text", "json"] = Field("text", description="the log in lines for people, or as JSON")
    verbose: bool = Field(default=False, description="have all that Csound prints in the log, not its warnings alone")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least severe kind of message in the log"
    )

    def limit(self, name: str) -> float | None:
        """The limit ``name`` that is in force, None where it is no number by itself; a whole one is an int."""
        limit = LIMITS[name]
        value = limit.value
        if limit.setting in type(self).model_fields:
            value = getattr(self, str(limit.setting))
        elif limit.setting is not None:
            value = self.limits.get(name, value)
        return value if value is None or value % 1 else int(value)

    def bound(self, name: str) -> int:
        """The same of one that is a whole number."""
        value = self.limit(name)
        if value is None:
            raise TypeError(f"the limit {name} is no number")
        return int(value)

    @property
    def needs_tokens(self) -> bool:
        """Whether anybody who can reach it over HTTP needs a token."""
        return self.auth == "required" or (self.auth == "auto" and not is_loopback(self.host))

    @property
    def is_encrypted(self) -> bool:
        """Whether HTTP and WebSocket are encrypted."""
        return self.tls == "auto" or self.tls_cert is not None

    @property
    def osc_address(self) -> str:
        """The address that OSC listens on: that of HTTP unless one is given, but never by itself beyond here."""
        if self.osc_host is not None:
            return self.osc_host
        return self.host if self.insecure or is_loopback(self.host) else "127.0.0.1"

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together: give the certificate and its key")
        if self.tls == "auto" and self.tls_cert is not None:
            raise ValueError("tls: auto makes a certificate of its own: leave tls_cert and tls_key out, or tls")
        if self.tls == "auto" and self.state is None:
            raise ValueError("tls: auto keeps its authority in the state folder: give --state DIR")
        if not self.insecure and not self.is_encrypted and not is_loopback(self.host):
            state = self.state or "DIR"
            message = (
                f"listening on {self.host or 'every address'} sends tokens and sound over the network in the clear. "
                f"This makes it right: csoundd token create --scope control --state {state}; csoundd serve --host "
                f"{self.host or '::'} --tls auto --state {state}. Or use --insecure if that is what you want"
            )
            raise ValueError(message)
        if not self.insecure and self.osc_host is not None and not is_loopback(self.osc_host):
            message = (
                f"OSC on {self.osc_host or 'every address'} is neither encrypted nor asked for a token: "
                "use --insecure if that is what you want, and --osc-allow for who may do what"
            )
            raise ValueError(message)
        if self.auth == "off" and not self.insecure and not is_loopback(self.host):
            raise ValueError(
                "auth: off lets everybody on the network run code: use --insecure if that is what you want"
            )
        if self.state is None and self.needs_tokens:
            message = (
                "who connects needs a token, and there is no folder for tokens: give --state DIR, and make one with "
                "csoundd token create --state DIR; or let everybody in with --auth off"
            )
            raise ValueError(message)
        if EVERY_PAGE in self.allowed_origins and not self.insecure:
            message = (
                "allowed_origins: * lets every web page that is opened on this machine run code: "
                "name the origins, or use --insecure if that is what you want"
            )
            raise ValueError(message)
        return self


def is_loopback(host: str) -> bool:
    """Whether ``host`` names this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Settings:
    """A Config with the layer that each of its values comes from.

    ``misspelt`` are sentences about variables that look like settings and are none.
    """

    def __init__(self, config: Config, layers: Mapping[str, Layer], misspelt: Sequence[str] = ()) -> None:
        self.config = config
        self.misspelt = misspelt
        self._layers = layers

    def layer(self, name: str) -> Layer:
        """The layer that the value of ``name`` comes from."""
        return self._layers.get(name, "default")


def load(
    flags: Mapping[str, object], environment: Mapping[str, str] | None = None, file: Path | None = None
) -> Settings:
    """The settings in force. ``flags`` are those that were given.

    Raises BadConfig with a sentence for people where a value is wrong, or a named file cannot be read.
    """
    variables = os.environ if environment is None else environment
    named = file or (Path(variables[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in variables else None)
    layers: list[tuple[Layer, Mapping[str, object]]] = [
        ("file", _from_file(named)),
        ("environment", _from_environment(variables)),
        ("flag", flags),
    ]
    values: dict[str, object] = {}
    limits: dict[str, object] = {}
    origins: dict[str, Layer] = {}
    for layer, given in layers:
        try:
            chosen = limits_of(given.get("limits"))
        except ValueError as problem:
            raise BadConfig(f"limits ({layer}): {problem}") from None
        if "state" in given:
            # Whoever names a folder wants it used, whatever a file or the environment says.
            values.pop("no_state", None)
        values |= given
        if isinstance(chosen, dict):
            # Limits that another layer has chosen stay as they are.
            limits |= chosen
            values["limits"] = dict(limits)
        origins |= dict.fromkeys(given, layer)
    if str(values.get("port")) == "0":
        # Whoever wants any port wants no quarrel over the others with a daemon that has the usual ones.
        values |= dict.fromkeys((name for name in OTHER_PORTS if name not in values), 0)
    return Settings(_checked(values, origins), origins, _misspelt(variables))


def _misspelt(variables: Mapping[str, str]) -> list[str]:
    known = {name.upper() for name in Config.model_fields} | NO_SETTINGS
    unknown = [name for name in variables if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known]
    return [
        f"{name} is ignored: there is no such setting{_suggestion(name.removeprefix(PREFIX).lower(), PREFIX)}"
        for name in sorted(unknown)
    ]


def _from_file(named: Path | None) -> dict[str, object]:
    path = named or Path(FILE_NAME)
    if named is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{path}: {error}") from error


def _from_environment(variables: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, field in Config.model_fields.items():
        text = variables.get(PREFIX + name.upper())
        if text is not None:
            values[name] = _listed(text, field.annotation)
    return values


def _listed(text: str, annotation: object) -> object:
    """``text``, taken apart where the setting is a list."""
    if annotation == tuple[Path, ...]:
        return tuple(filter(None, text.split(os.pathsep)))
    return tuple(text.split()) if get_origin(annotation) in {tuple, dict} else text


def _checked(values: Mapping[str, object], origins: Mapping[str, Layer]) -> Config:
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise BadConfig("; ".join(_sentence(dict(problem), origins) for problem in error.errors())) from None


def _sentence(problem: dict[str, object], origins: Mapping[str, Layer]) -> str:
    location = problem.get("loc")
    name = str(location[0]) if isinstance(location, tuple) and location else ""
    text = str(problem.get("msg", "")).removeprefix("Value error, ").replace("a valid tuple", "a list")
    if not name:
        return text
    if problem.get("type") == "extra_forbidden":
        text = f"there is no such setting{_suggestion(name)}"
    return f"{name} ({origins.get(name, 'default')}): {text[:1].lower()}{text[1:]}"


def _suggestion(name: str, prefix: str = "") -> str:
    """The setting that was meant by ``name``, with ``prefix`` as a variable of the environment."""
    close = get_close_matches(name, Config.model_fields, n=1, cutoff=0.7)
    if not close:
        return ""
    return f", did you mean {prefix + close[0].upper() if prefix else close[0]}?"
