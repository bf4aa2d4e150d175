"""Stage 1, OSC access: what an address may do. OSC has no tokens, so the network somebody speaks from counts."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from csoundd.errors import InvalidParams
from csoundd.messages import Scope

_RISING: Final[tuple[Scope, ...]] = ("read", "control", "compile", "admin")
EVERYTHING: Final = frozenset(_RISING)
NOTHING: Final[frozenset[Scope]] = frozenset()
_OWN: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"))
)
"""The networks of RFC 1918, RFC 4193 and RFC 3927, which nothing from outside is routed into."""


class Access:
    """Scopes by network: everything from this machine, elsewhere what ``allow`` says.

    ``allow`` gives a network in CIDR notation the highest scope it has; the lower ones come with it, and the
    narrowest network that holds an address counts. Raises InvalidParams for what is no network.
    """

    def __init__(self, allow: Mapping[str, Scope] | None = None) -> None:
        networks = [(_network(cidr), _up_to(scope)) for cidr, scope in (allow or {}).items()]
        self._networks = sorted(networks, key=lambda entry: entry[0].prefixlen, reverse=True)

    def scopes(self, host: str) -> frozenset[Scope]:
        """What somebody at the IP address ``host`` may do."""
        address = ip_address(host.partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        for network, scopes in self._networks:
            if address in network:
                return scopes
        return EVERYTHING if address.is_loopback else NOTHING


def is_local(host: str) -> bool:
    """Whether ``host`` is this machine, from where nobody can send in another's name."""
    address = ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_near(host: str) -> bool:
    """Whether ``host`` is in a network of somebody's own: who sends there in another's name reaches neighbours only."""
    address = ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return is_local(host) or any((mapped or address) in network for network in _OWN)


def _network(cidr: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(cidr, strict=False)
    except ValueError as error:
        raise InvalidParams(f"{cidr} is no network: {error}") from None


def _up_to(scope: Scope) -> frozenset[Scope]:
    return frozenset(_RISING[: _RISING.index(scope) + 1])
