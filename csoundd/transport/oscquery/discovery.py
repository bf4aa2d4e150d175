"""OSC discovery: mDNS says on the local network that there is OSC here, and where.

It takes the ``zeroconf`` package. Where that or the network fails, nobody is told, and nothing else suffers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

from csoundd.limits import ANNOUNCED_NAMES

log = logging.getLogger("csoundd.osc")

OSC: Final = "_osc._udp.local."
OSCQUERY: Final = "_oscjson._tcp.local."

_WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to


class Responder(Protocol):
    """The part that answers on the network: zeroconf's AsyncZeroconf."""

    async def async_register_service(self, info: Any) -> Awaitable[None]:  # noqa: ANN401 - zeroconf's, where it exists
        """Say that there is a service. Raises where another one has its name."""

    async def async_unregister_all_services(self) -> None:
        """Say that none of the services is there any more."""

    async def async_close(self) -> None:
        """Say nothing any more."""


@dataclass(frozen=True, slots=True)
class Services:
    """The ports of services by type, all bound to ``host``. Without any nothing is announced."""

    host: str
    ports: Mapping[str, int]


class Announcement:
    """Announces ``services`` under ``name`` while it is entered; if the name is taken, with a number behind it.

    ``respond`` makes what answers, on the interfaces with the addresses it is given.
    """

    def __init__(
        self, name: str, services: Services, *, respond: Callable[[list[str]], Responder] | None = None
    ) -> None:
        self.name = name
        self._services = services
        self._respond = respond or _zeroconf
        self._responder: Responder | None = None
        self._announcing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._services.ports:
            self._announcing = asyncio.get_running_loop().create_task(self._announce_or_log())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._announcing is not None:
            self._announcing.cancel()
        if self._responder is not None:
            await self._responder.async_unregister_all_services()
            await self._responder.async_close()

    async def announced(self) -> None:
        """Wait until it has been announced, or has failed to be: asking the network for the name takes a second."""
        if self._announcing is not None:
            await self._announcing

    async def _announce_or_log(self) -> None:
        try:
            await self._announce()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the daemon serves without being found
            log.warning("nobody is told of OSC by mDNS: %s", str(fault) or type(fault).__name__)

    async def _announce(self) -> None:
        from zeroconf import NonUniqueNameException  # noqa: PLC0415 - it is not required

        addresses = _addresses(self._services.host)
        self._responder = responder = self._respond(addresses)
        first = self.name
        for number in range(1, ANNOUNCED_NAMES + 1):
            self.name = first if number == 1 else f"{first} {number}"
            try:
                for type_, port in self._services.ports.items():
                    await (await responder.async_register_service(_info(self.name, type_, addresses, port)))
            except NonUniqueNameException:
                # All services are to have the same name.
                await responder.async_unregister_all_services()
            else:
                return


def _info(name: str, type_: str, addresses: list[str], port: int) -> object:
    from zeroconf import ServiceInfo  # noqa: PLC0415 - it is not required

    return ServiceInfo(type_, f"{name}.{type_}", port=port, parsed_addresses=addresses)


def _addresses(host: str) -> list[str]:
    if host not in _WILDCARDS:
        return [host]
    import ifaddr  # noqa: PLC0415 - zeroconf brings it

    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)]
    return [address for address in found if not address.startswith("127.")] or ["127.0.0.1"]


def _zeroconf(addresses: list[str]) -> Responder:
    from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415 - it is not required

    return AsyncZeroconf(interfaces=addresses)
