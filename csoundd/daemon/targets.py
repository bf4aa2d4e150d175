"""Where OSC sends channels without being asked: the settings' words to addresses."""

from __future__ import annotations

import socket
from typing import Final

from csoundd.config import BadConfig
from csoundd.transport.osc import Target

LAST: Final = "last"
"""What stands for whoever sent last."""

_PORTS: Final = range(1, 65536)


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
