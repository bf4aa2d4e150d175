"""Reverse proxies: what is believed of them, and that nobody behind one is this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from csoundd.transport.proxies import TrustedProxies
from tests.transport.test_authentication import guarded
from tests.transport.test_http import fetch


async def seen(networks: list[str], peer: str, *headers: tuple[str, str], kind: str = "http") -> tuple[str, str]:
    """The address and the scheme that the application sees."""
    found: list[tuple[str, str]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append((scope["client"][0], scope["scheme"]))

    async def nothing(*_: object) -> None:
        raise AssertionError

    scope: Scope = {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "client": (peer, 5000),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    await TrustedProxies(app, networks)(scope, nothing, nothing)  # type: ignore[arg-type] # neither is called
    return found[0]


FOR, PROTO = "x-forwarded-for", "x-forwarded-proto"


async def test_a_trusted_proxy_is_believed() -> None:
    assert await seen(["10.0.0.0/8"], "10.0.0.1", (FOR, "192.0.2.7"), (PROTO, "https")) == ("192.0.2.7", "https")
    websocket = await seen(["10.0.0.1/32"], "10.0.0.1", (FOR, "192.0.2.7"), (PROTO, "https"), kind="websocket")
    assert websocket == ("192.0.2.7", "wss")


@pytest.mark.parametrize("peer", ["192.0.2.9", "11.0.0.1"])
async def test_nobody_else_is(peer: str) -> None:
    assert await seen(["10.0.0.0/8"], peer, (FOR, "10.0.0.5"), (PROTO, "https")) == (peer, "http")


async def test_what_a_client_says_of_itself_is_not_believed_behind_a_proxy() -> None:
    assert (await seen(["10.0.0.0/8"], "10.0.0.1", (FOR, "127.0.0.1, 192.0.2.7")))[0] == "192.0.2.7"


@pytest.mark.parametrize("networks", [[], ["127.0.0.0/8"], ["10.0.0.0/8"]])
@pytest.mark.parametrize("header", [FOR, "forwarded", "x-real-ip", PROTO, "x-forwarded-host"])
async def test_who_is_behind_a_proxy_is_not_this_machine(networks: list[str], header: str) -> None:
    peer = "10.0.0.1" if networks == ["10.0.0.0/8"] else "127.0.0.1"
    address, _ = await seen(networks, peer, (header, "127.0.0.1"))
    assert address not in {"127.0.0.1", "::1", "localhost"}


async def test_where_this_machine_has_a_trusted_proxy_nobody_is_this_machine() -> None:
    assert (await seen(["127.0.0.1/32"], "127.0.0.1"))[0] == "a proxy at 127.0.0.1"


async def test_without_a_proxy_it_is_who_it_is() -> None:
    assert await seen([], "127.0.0.1") == ("127.0.0.1", "http")


async def test_who_comes_through_a_proxy_on_this_machine_needs_a_token(tmp_path: Path) -> None:
    async with guarded(tmp_path, "auto") as front:
        assert (await fetch(front, "GET", "/secret")).status == 200
        assert (await fetch(front, "GET", "/secret", "X-Forwarded-For: 127.0.0.1")).status == 401
