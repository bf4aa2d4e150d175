"""The page about OSC names the addresses that are served, each of them and no others."""

from __future__ import annotations

from csoundd.api import METHODS
from csoundd.contract.osc import FIXED, NAMESPACES, address_of, osc
from csoundd.transport.osc import addresses
from tests.osc.fakes import Served


async def test_every_address_is_on_the_page(osc: Served) -> None:
    named = {*FIXED, *(address_of(m) for m in METHODS.values() if m.name.partition(".")[0] in NAMESPACES)}

    assert set(osc.server.receiver._addresses.all) == named
    assert set(NAMESPACES) == addresses.NAMESPACES


def test_the_page_has_a_row_for_each() -> None:
    page = osc()

    assert all(f"| `{address}` |" in page for address in FIXED)
    assert "| `/csound/setControlChannel` | `csound.setControlChannel(name: str, val: float)` | control |" in page
