"""Reverse proxies: what is believed of them, and that nobody behind one is this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from csoundd.transport.proxies import TrustedProxies, prefix_of, public_url, reached_server
from tests.transport.test_authentication import guarded
from tests.transport.test_http import fetch


async def seen(
    networks: list[str], peer: str, *headers: tuple[str, str], kind: str = "http", told: bool = False
) -> tuple[str, str]:
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
    await TrustedProxies(app, networks, told=told)(scope, nothing, nothing)  # type: ignore[arg-type] # neither is called
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


PREFIX = "x-forwarded-prefix"


async def links(networks: list[str], peer: str, prefix: str | None, kind: str = "http") -> tuple[str, str, object]:
    """The folder, the URL and the server that a client which asks for ``synth.example`` is told of."""
    found: list[tuple[str, str, object]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append((prefix_of(scope), public_url(scope), reached_server(scope)))

    async def nothing(*_: object) -> None:
        raise AssertionError

    headers = [(b"host", b"synth.example"), (b"x-forwarded-for", b"192.0.2.7"), (b"x-forwarded-proto", b"https")]
    headers += [] if prefix is None else [(PREFIX.encode(), prefix.encode())]
    scope: Scope = {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "client": (peer, 5000),
        "server": ("10.0.0.9", 7700),
        "headers": headers,
    }
    await TrustedProxies(app, networks)(scope, nothing, nothing)  # type: ignore[arg-type] # neither is called
    return found[0]


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_links_lead_through_a_trusted_proxy(kind: str) -> None:
    for prefix in ("/studio", "/studio/"):
        told = await links(["10.0.0.1/32"], "10.0.0.1", prefix, kind)
        assert told == ("/studio", "https://synth.example/studio", ("synth.example", 443))
    assert (await links(["10.0.0.1/32"], "10.0.0.1", "/a/b", kind))[1] == "https://synth.example/a/b"
    assert (await links(["10.0.0.1/32"], "10.0.0.1", None, kind))[1] == "https://synth.example"


async def test_nobody_else_says_where_links_lead() -> None:
    told = await links(["10.0.0.1/32"], "10.0.0.2", "/studio")
    assert told == ("", "http://synth.example", ("10.0.0.9", 7700))


@pytest.mark.parametrize(
    "prefix",
    ["studio", "//evil.example", "/a//b", "/..", "/a/../b", "/a b", "/a;Path=/", "/é", '/a"><script>', "/" * 999],
)
async def test_what_is_no_folder_is_left_out(prefix: str) -> None:
    assert (await links(["10.0.0.1/32"], "10.0.0.1", prefix))[1] == "https://synth.example"


@pytest.mark.parametrize(("headers", "address"), [([], "127.0.0.1"), ([(FOR, "192.0.2.7")], "192.0.2.7")])
async def test_a_proxy_that_always_says_so_is_not_alone_on_its_machine(
    headers: list[tuple[str, str]], address: str
) -> None:
    assert (await seen(["127.0.0.1/32"], "127.0.0.1", *headers, told=True))[0] == address
