"""The addresses of a daemon: its sockets, its ready line, and the targets of its OSC."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, get_args

from csoundd.config import BadConfig, is_loopback
from csoundd.errors import WrongState
from csoundd.messages import Scope
from csoundd.transport.certificates import WILDCARDS, machine_addresses
from csoundd.transport.osc import Target
from csoundd.transport.sockets import authority

LAST: Final = "last"
"""What stands for whoever sent last."""

_PORTS: Final = range(1, 65536)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that a daemon is bound to; as text, the words of its ready line.

    ``local`` is the URL, without an end, at which programs of its own machine reach HTTP.
    """

    http: str
    osc_udp: str
    osc_tcp: str
    oscquery: str
    local: str

    def __str__(self) -> str:
        return f"http={self.http} osc=udp:{self.osc_udp},tcp:{self.osc_tcp} oscquery={self.oscquery}"


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port`` over TCP. Raises BadConfig where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        raise BadConfig(_refusal("listen", host, port, error)) from error


def bound(host: str, port: int) -> socket.socket:
    """A socket for UDP on ``host`` and ``port``. Raises BadConfig where there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    try:
        datagrams.bind((host.strip("[]"), port))
    except OSError as error:
        datagrams.close()
        raise BadConfig(_refusal("receive", host, port, error)) from error
    return datagrams


def _refusal(what: str, host: str, port: int, error: OSError) -> str:
    reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)
    way = " (another csoundd? --port 0 takes free ports)" if error.errno == errno.EADDRINUSE else ""
    return f"cannot {what} on {authority(host, port)}: {reason}{way}"


def address_of(served: socket.socket) -> str:
    """``host:port`` of a bound socket."""
    host, port = served.getsockname()[:2]
    return authority(host, port)


def reached_at(host: str) -> str | None:
    """The address at which other machines reach what listens on ``host``, None where that is this machine alone.

    Of what listens on every address it is the one that this machine speaks to the rest of the network from.
    """
    bare = host.strip("[]")
    if is_loopback(bare):
        return None
    if bare not in WILDCARDS:
        return bare
    family, elsewhere = (socket.AF_INET6, "2001:db8::1") if ":" in bare else (socket.AF_INET, "192.0.2.1")
    # To connect over UDP sends nothing. The addresses are for examples (RFC 5737, RFC 3849), and nobody has them.
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((elsewhere, 9))
        own = str(probe.getsockname()[0])
        if not is_loopback(own):
            return own
    fitting = [each for each in machine_addresses() if (":" in each) == (family == socket.AF_INET6)]
    return next((each for each in fitting if not is_loopback(each)), None)


def local_url(host: str, port: int, *, encrypted: bool) -> str:
    """The URL, without an end, at which programs of this machine reach HTTP: from it nothing need be encrypted."""
    bare = host.strip("[]")
    if bare in WILDCARDS:
        return f"http://{authority('::1' if ':' in bare else '127.0.0.1', port)}"
    scheme = "https" if encrypted and not is_loopback(bare) else "http"
    return f"{scheme}://{authority(bare, port)}"


def base_url(host: str, port: int, *, encrypted: bool) -> str:
    """The URL, without an end, at which a phone reaches HTTP. Raises WrongState where none does."""
    address = reached_at(host)
    if address is None:
        raise WrongState(
            "the daemon listens on this machine alone, where no phone reaches it",
            hint="start it with --host 0.0.0.0 --tls auto, or say by which url a proxy makes it reached",
        )
    return f"{'https' if encrypted else 'http'}://{authority(address, port)}"


def target(text: str, family: socket.AddressFamily) -> Target:
    """``HOST:PORT``, ``last`` or ``last:PORT``, each with an optional ``/PATTERN`` after it.

    A name is looked up now, for an address of the ``family`` of the socket that sends. Raises BadConfig.
    """
    address, _, pattern = text.partition("/")
    host, colon, port = (address, "", "0") if address == LAST else address.rpartition(":")
    if not host or not port.isdecimal() or (colon and int(port) not in _PORTS):
        raise BadConfig(f"osc_targets: {text!r} is not HOST:PORT, last or last:PORT, with or without /PATTERN")
    place = None if host == LAST else _resolved(host.strip("[]"), int(port), family)
    return Target(place, int(port), pattern or "*")


def _resolved(host: str, port: int, family: socket.AddressFamily) -> str:
    try:
        ((*_, place), *_) = socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise BadConfig(f"osc_targets: OSC cannot send to {host}: {error}") from None
    return str(place[0])


def allowance(text: str) -> tuple[str, Scope]:
    """``CIDR=scope`` as its two parts."""
    network, _, scope = text.partition("=")
    for known in get_args(Scope):
        if scope == known:
            return network, known
    raise BadConfig(f"osc_allow: {text!r} is not CIDR=scope with one of {', '.join(get_args(Scope))}")
