"""OSC senders: who is behind an address, what its network lets it do, and the way back there.

A sender is to OSC what a session is to WebSocket: handles and subscriptions belong to it, and end when nothing has
come from it for a while. OSC has no tokens, so the network somebody speaks from counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from secrets import randbits
from time import monotonic
from typing import Final, Literal

from csoundd.access.grants import Grant
from csoundd.errors import InvalidParams
from csoundd.limits import HELD_PACKETS
from csoundd.messages import LatePolicy, Scope

NO_SCOPE: Final[frozenset[Scope]] = frozenset()
_RISING: Final[tuple[Scope, ...]] = ("read", "control", "compile", "admin")
_ALL_SCOPES: Final = frozenset(_RISING)
_PRIVATE: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"))
)
"""The networks of RFC 1918, RFC 3927, RFC 4193 and RFC 4291 (2.5.6), which nothing from outside is routed into."""

ReplyTypes = Literal["full", "standard"]
"""The type tags of answers: all of OSC 1.1 and ``d``, or only ``i f s b``, which every program reads."""

Deliver = Callable[[bytes], None]
"""Sends a packet."""


class Access:
    """Scopes by network: everything from this machine, elsewhere what ``allow`` says.

    ``allow`` gives a network in CIDR notation the highest scope it has; the lower ones come with it, and the
    narrowest network that holds an address counts. Raises InvalidParams for what is no network.
    """

    def __init__(self, allow: Mapping[str, Scope] | None = None) -> None:
        networks = [
            (_network(cidr), frozenset(_RISING[: _RISING.index(scope) + 1])) for cidr, scope in (allow or {}).items()
        ]
        self._networks = sorted(networks, key=lambda entry: entry[0].prefixlen, reverse=True)

    def scopes(self, host: str) -> frozenset[Scope]:
        """The scopes of senders at the IP address ``host``; none where it is no address, as of one behind a proxy."""
        try:
            address = _address(host)
        except ValueError:
            return NO_SCOPE
        for network, scopes in self._networks:
            if address in network:
                return scopes
        return _ALL_SCOPES if address.is_loopback else NO_SCOPE


def is_local(host: str) -> bool:
    """Whether the IP address ``host`` is this machine's loopback: nobody elsewhere can send from it."""
    return _address(host).is_loopback


def is_private_network(host: str) -> bool:
    """Whether ``host`` is in a private network: a forged sender's address there reaches only neighbours."""
    address = _address(host)
    return address.is_loopback or any(address in network for network in _PRIVATE)


def _address(host: str) -> IPv4Address | IPv6Address:
    """``host`` without its zone; an IPv4 address that a socket for IPv6 shows as ``::ffff:…`` is itself."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _network(cidr: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(cidr, strict=False)
    except ValueError as error:
        raise InvalidParams(f"{cidr} is no network: {error}") from None


@dataclass(frozen=True, slots=True)
class TransportTraits:
    """Properties of a transport that all its senders share.

    ``proven`` says that what is sent back certainly reaches who sent (a source address over UDP can be forged),
    ``lasting`` that the end of the connection is noticed; ``limit`` is the largest packet in bytes.
    """

    proven: bool
    lasting: bool
    limit: int


class Sender:
    """One address that packets come from, and the Caller of its calls. ``deliver`` sends a packet back there.

    ``other_port`` gives, for a port of the same host, the name of that address and what sends there; None where
    the transport has no other ports.
    """

    receipts = True

    def __init__(  # noqa: PLR0913 - what is known of a sender when it first speaks
        self,
        name: str,
        host: str,
        scopes: frozenset[Scope],
        deliver: Deliver,
        traits: TransportTraits,
        *,
        other_port: Callable[[int], tuple[str, Deliver]] | None = None,
    ) -> None:
        self.id = name
        self.host = self.peer = host
        self.scopes = scopes
        self.grant = Grant(scopes, name=name)
        self.deliver = deliver
        self.lasting = traits.lasting
        self.limit = traits.limit
        self.proven = traits.proven
        self.number = randbits(31)
        """A secret that only a program that receives at this address can send back."""
        self.seen = monotonic()
        """When the last packet came, in monotonic seconds."""
        self.wants_late = False
        """Whether it is told ``/late``."""
        self.late_policy: LatePolicy = "run"
        self.reply_types: ReplyTypes = "full"
        self.quick = False
        """Whether its channel sets may skip parsing: they are permitted, and nothing waits or is logged."""
        self._may_set = False
        self._log_level = 0
        self._held: deque[bytes] | None = None
        self._other_port = other_port

    def touch(self, now: float) -> None:
        """A packet came at ``now``, in monotonic seconds."""
        self.seen = now

    def prove(self, number: int) -> bool:
        """Take ``number`` as proof that packets sent to this address arrive; whether it is one."""
        self.proven = self.proven or number == self.number
        return number == self.number

    def tell_late(self, *, wanted: bool) -> None:
        """Have it told ``/late`` from now on, or not."""
        self.wants_late = wanted

    def run_late_ones(self, policy: LatePolicy) -> None:
        """Treat what comes too late by ``policy`` from now on."""
        self.late_policy = policy

    def answer_in(self, types: ReplyTypes) -> None:
        """Answer with these type tags from now on."""
        self.reply_types = types

    @property
    def may_set(self) -> bool:
        """Whether the dispatcher was asked and permits it to set channels."""
        return self._may_set

    def permit_sets(self) -> None:
        """Remember that the dispatcher permits it to set channels: its scopes never change."""
        self._may_set = True
        self._update()

    @property
    def log_level(self) -> int:
        """The detail in which each packet is logged: 1 its meaning, 2 its bytes, 3 both."""
        return self._log_level

    def log_packets(self, level: int) -> None:
        """Log what ``level`` says of each packet."""
        self._log_level = level
        self._update()

    @property
    def waits(self) -> bool:
        """Whether its packets are held back."""
        return self._held is not None

    def hold(self) -> None:
        """Keep what comes from now on for :meth:`released`: it has to run after something that is looked up."""
        self._held = deque()
        self._update()

    def keep(self, packet: bytes) -> None:
        """Keep ``packet`` for :meth:`released`; beyond HELD_PACKETS of them it is lost."""
        if self._held is not None and len(self._held) < HELD_PACKETS:
            self._held.append(packet)

    def released(self) -> deque[bytes]:
        """Hold nothing back any more; returns what was."""
        held, self._held = self._held, None
        self._update()
        return held or deque()

    def at_port(self, port: int) -> tuple[str, Deliver]:
        """The name of another port of its host, and what sends there. Raises InvalidParams where there is no way."""
        if self._other_port is None:
            raise InvalidParams("another port is for senders over UDP")
        return self._other_port(port)

    def _update(self) -> None:
        self.quick = self._may_set and not self._log_level and self._held is None
