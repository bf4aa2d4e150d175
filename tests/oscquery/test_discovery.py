"""Being found by mDNS: OQ-07."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from zeroconf import NonUniqueNameException

from csoundd.transport.oscquery import Announcement
from csoundd.transport.oscquery.discovery import OSC, OSCQUERY, Services

SERVICES = Services("127.0.0.1", {OSCQUERY: 7702, OSC: 7700})


class FakeNetwork:
    """Takes note of what is announced; some names are taken."""

    def __init__(self, *taken: str) -> None:
        self.taken = taken
        self.services: dict[str, Any] = {}
        self.closed = False

    def __call__(self, addresses: list[str]) -> FakeNetwork:
        self.addresses = addresses
        return self

    async def async_register_service(self, info: Any) -> Awaitable[None]:
        if info.name in self.taken:
            raise NonUniqueNameException
        self.services[info.name] = info
        return asyncio.sleep(0)

    async def async_unregister_all_services(self) -> None:
        self.services.clear()

    async def async_close(self) -> None:
        self.closed = True


async def test_oq_07_both_services_have_the_same_name() -> None:
    network = FakeNetwork()
    async with Announcement("csoundd here", SERVICES, respond=network) as announced:
        await announced.announced()
        assert {name: info.port for name, info in network.services.items()} == {
            "csoundd here._oscjson._tcp.local.": 7702,
            "csoundd here._osc._udp.local.": 7700,
        }
        assert all(info.parsed_addresses() == ["127.0.0.1"] for info in network.services.values())

    assert (network.services, network.closed) == ({}, True)


async def test_oq_07_a_name_that_is_taken_is_left_to_its_owner() -> None:
    network = FakeNetwork("csoundd._osc._udp.local.")
    async with Announcement("csoundd", SERVICES, respond=network) as announced:
        await announced.announced()
        assert announced.name == "csoundd 2"
        assert set(network.services) == {"csoundd 2._oscjson._tcp.local.", "csoundd 2._osc._udp.local."}


async def test_oq_07_nothing_suffers_where_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    def failing(addresses: list[str]) -> Any:
        raise OSError("no such device")

    async with Announcement("csoundd", SERVICES, respond=failing) as announced:
        await announced.announced()

    assert "no such device" in caplog.text


async def test_oq_07_on_every_address_it_names_them() -> None:
    network = FakeNetwork()
    async with Announcement("csoundd", Services("0.0.0.0", {OSC: 7700}), respond=network) as announced:
        await announced.announced()
        assert network.addresses
        assert "0.0.0.0" not in network.addresses
