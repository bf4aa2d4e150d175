"""The gate: how a token travels, what else is as good, and what is refused, over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from csoundd.access import AuthMode, Grant, TokenStore
from csoundd.access.tokens import new_token
from csoundd.messages import Scope
from csoundd.transport.authentication import grant_of
from csoundd.transport.session import NO_GOOD_TOKEN, SessionRules
from tests.transport.serving import SECOND, Front, Settings, ask, serving
from tests.transport.test_http import fetch

CALL = b'{"jsonrpc": "2.0", "id": 1, "method": "echo", "params": []}'
JSON = "Content-Type: application/json"
ANSWERS = ("/openrpc.json", "/secret")
"""Paths that answer to who may read."""


async def secret(request: Request) -> Response:
    grant_of(request.scope).permit("read", "/secret")
    return Response("secret")


@asynccontextmanager
async def guarded(folder: Path, mode: AuthMode = "required", rules: SessionRules | None = None) -> AsyncIterator[Front]:
    routes = [Route("/secret", secret)]
    async with serving(
        Settings(rules=SessionRules() if rules is None else rules, routes=routes, state=folder, auth=mode)
    ) as front:
        yield front


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with guarded(tmp_path) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path)


def made(store: TokenStore, scope: Scope = "admin") -> str:
    return store.create("phone", scope)[0]


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def subprotocol(token: str) -> str:
    return "csoundd.bearer." + urlsafe_b64encode(token.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", [*ANSWERS, "/nothing", "/ws", "/rpc", "/cookie"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
async def test_without_a_token_nothing_is_answered(front: Front, path: str, method: str) -> None:
    refused = await fetch(front, method, path)
    assert refused.status == 401
    assert refused.headers["www-authenticate"].startswith("bearer")
    assert b"secret" not in refused.body


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_probe_needs_none(front: Front, path: str) -> None:
    assert (await fetch(front, "GET", path)).status == 200


@pytest.mark.parametrize("path", ANSWERS)
async def test_a_token_in_the_header_opens(front: Front, store: TokenStore, path: str) -> None:
    assert (await fetch(front, "GET", path, bearer(made(store, "read")))).status == 200


async def test_a_call_over_http_is_made_with_what_the_token_allows(front: Front, store: TokenStore) -> None:
    assert (await fetch(front, "POST", "/rpc", JSON, bearer(made(store, "read")), body=CALL)).status == 200
    caller, _ = await front.dispatcher.calls.get()
    assert caller.grant.scopes == {"read"}


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Bearer {token}x",
        "Authorization: Bearer",
        "Authorization: Basic {token}",
        "Authorization: {token}",
        "X-Token: {token}",
        "Cookie: csoundd={token}",
    ],
)
async def test_any_other_header_does_not(
    front: Front, store: TokenStore, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csoundd.access.authenticator.WRONG_TOKEN_SECONDS", 0.0)
    assert (await fetch(front, "GET", "/secret", header.format(token=made(store)))).status == 401


@pytest.mark.parametrize("name", ["token", "access_token", "authorization", "ticket", "csoundd"])
async def test_a_token_in_the_address_opens_nothing(front: Front, store: TokenStore, name: str) -> None:
    assert (await fetch(front, "GET", f"/secret?{name}={made(store)}")).status == 401


async def test_who_needs_none_is_refused_with_a_wrong_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csoundd.access.authenticator.WRONG_TOKEN_SECONDS", 0.0)
    async with guarded(tmp_path, "auto") as front:
        assert (await fetch(front, "GET", "/secret")).status == 200
        assert (await fetch(front, "GET", "/secret", bearer(new_token()))).status == 401


async def test_where_nobody_needs_one_any_will_do(tmp_path: Path) -> None:
    async with guarded(tmp_path, "off") as front:
        assert (await fetch(front, "GET", "/secret", bearer("x"))).status == 200


@pytest.mark.parametrize("codec", ["csoundd.json", "csoundd.msgpack"])
async def test_a_token_as_a_subprotocol_opens_a_websocket(front: Front, store: TokenStore, codec: str) -> None:
    token = made(store, "control")
    async with front.connect(codec, subprotocol(token)) as client:
        assert client.subprotocol == codec
        assert token not in str(client.response)
        welcome = (await ask(client, "session.hello", {"protocol": 1}))["result"]
        assert welcome["scopes"] == ["read", "control"]


async def test_a_token_in_the_header_opens_a_websocket(front: Front, store: TokenStore) -> None:
    headers = {"Authorization": f"Bearer {made(store)}"}
    async with front.connect("csoundd.json", additional_headers=headers) as client:
        assert (await ask(client, "echo", [1]))["result"] == [1]


@pytest.mark.parametrize("offered", [subprotocol("x"), "csoundd.bearer.", "csoundd.bearer.%%%", "csoundd.bearer.w6k"])
async def test_a_wrong_token_opens_no_websocket(front: Front, offered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csoundd.access.authenticator.WRONG_TOKEN_SECONDS", 0.0)
    with pytest.raises(InvalidStatus) as refused:
        async with front.connect("csoundd.json", offered):
            pass
    assert refused.value.response.status_code == 401


async def test_hello_shows_a_token(front: Front, store: TokenStore) -> None:
    async with front.connect() as client:
        refused = (await ask(client, "session.hello", {"protocol": 1}))["error"]
        assert refused["code"] == -32001
        hello = {"protocol": 1, "token": made(store, "read")}
        assert (await ask(client, "session.hello", hello))["result"]["scopes"] == ["read"]


async def test_a_wrong_token_in_hello_is_not_repeated(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csoundd.access.authenticator.WRONG_TOKEN_SECONDS", 0.0)
    token = new_token()
    async with front.connect() as client:
        refused = await ask(client, "session.hello", {"protocol": 1, "token": token})
        assert refused["error"]["code"] == -32001
        assert token not in str(refused)


async def test_a_connection_shows_one_token(front: Front, store: TokenStore) -> None:
    async with front.connect() as client:
        await ask(client, "session.hello", {"protocol": 1, "token": made(store, "read")})
        refused = await ask(client, "session.hello", {"protocol": 1, "token": made(store, "admin")})
        assert refused["error"]["code"] == -32003


async def test_who_shows_no_token_is_cut_off(tmp_path: Path) -> None:
    async with guarded(tmp_path, rules=SessionRules(token_wait=0.05)) as front, front.connect() as client:
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(SECOND):
                await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == NO_GOOD_TOKEN


async def test_who_has_shown_one_is_not(tmp_path: Path, store: TokenStore) -> None:
    async with guarded(tmp_path, rules=SessionRules(token_wait=0.5)) as front, front.connect() as client:
        await ask(client, "session.hello", {"protocol": 1, "token": made(store)})
        async with front.connect() as later:
            with pytest.raises(ConnectionClosed):
                async with asyncio.timeout(SECOND):
                    await later.recv()
        assert (await ask(client, "echo", []))["result"] == []


async def test_so_many_may_wait_without_a_token(tmp_path: Path, store: TokenStore) -> None:
    async with guarded(tmp_path, rules=SessionRules(tokenless=1)) as front, front.connect():
        with pytest.raises(InvalidStatus) as refused:
            async with front.connect():
                pass
        assert refused.value.response.status_code == 503
        async with front.connect("csoundd.json", subprotocol(made(store))) as client:
            assert (await ask(client, "echo", []))["result"] == []


async def test_a_revoked_token_closes_its_connections(front: Front, store: TokenStore) -> None:
    token, other = made(store, "read"), made(store, "admin")
    async with (
        front.connect("csoundd.json", subprotocol(token)) as client,
        front.connect("csoundd.json", subprotocol(other)) as another,
    ):
        await ask(client, "echo", [])
        store.revoke(store.records()[0].id)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(SECOND):
                await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == NO_GOOD_TOKEN
        assert (await ask(another, "echo", []))["result"] == []
    async with asyncio.timeout(SECOND):
        await front.ended.get()


async def test_a_revoked_token_ends_what_is_being_answered(tmp_path: Path, store: TokenStore) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def endless(request: Request) -> Response:
        asked.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        left.set()
        return Response()

    token = made(store, "read")
    async with serving(Settings(routes=[Route("/endless", endless)], state=tmp_path, auth="required")) as front:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(f"GET /endless HTTP/1.1\r\nHost: localhost\r\n{bearer(token)}\r\n\r\n".encode())
        async with asyncio.timeout(SECOND):
            await asked.wait()
            store.revoke("phone")
            await left.wait()
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()


async def test_a_session_is_resumed_by_its_own_token_alone(front: Front, store: TokenStore) -> None:
    token, other = made(store, "read"), made(store, "admin")
    async with front.connect("csoundd.json", subprotocol(token)) as client:
        session = (await ask(client, "session.hello", {"protocol": 1}))["result"]["session"]
        async with front.connect("csoundd.json", subprotocol(other)) as thief:
            refused = await ask(thief, "session.hello", {"protocol": 1, "resume": session})
            assert refused["error"]["code"] == -32004
        async with front.connect("csoundd.json", subprotocol(token)) as again:
            resumed = await ask(again, "session.hello", {"protocol": 1, "resume": session})
            assert resumed["result"]["session"] == session


async def given_cookie(front: Front, token: str) -> list[str]:
    """What the header says that gives a cookie, as it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    head = ["POST /cookie HTTP/1.1", "Host: localhost", bearer(token), "Content-Length: 0", "Connection: close"]
    writer.write("\r\n".join([*head, "", ""]).encode())
    async with asyncio.timeout(SECOND):
        answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 204")
    line = next(line for line in answer.split("\r\n") if line.lower().startswith("set-cookie: "))
    return line.partition(": ")[2].split("; ")


async def test_a_browser_is_given_a_cookie(front: Front, store: TokenStore) -> None:
    token = made(store)
    cookie, *rules = await given_cookie(front, token)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(rules)
    assert token not in cookie


@pytest.mark.parametrize("path", ANSWERS)
async def test_a_cookie_is_good_for_reading(front: Front, store: TokenStore, path: str) -> None:
    cookie = (await given_cookie(front, made(store)))[0]
    assert (await fetch(front, "GET", path, f"Cookie: {cookie}")).status == 200
    assert (await fetch(front, "GET", path, f"Cookie: {cookie}", "Sec-Fetch-Site: same-origin")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_cookie_is_good_for_nothing_else(front: Front, store: TokenStore, method: str) -> None:
    cookie = (await given_cookie(front, made(store)))[0]
    for path in ("/rpc", "/secret", "/cookie"):
        assert (await fetch(front, method, path, JSON, f"Cookie: {cookie}", body=CALL)).status == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_cookie_that_another_site_sends_is_worth_nothing(front: Front, store: TokenStore, site: str) -> None:
    cookie = (await given_cookie(front, made(store)))[0]
    # A link may be followed from anywhere, and then a token is asked for; what a page embeds is refused at once.
    followed = (f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
    assert (await fetch(front, "GET", "/secret", f"Cookie: {cookie}", *followed)).status == 401
    assert (await fetch(front, "GET", "/secret", f"Cookie: {cookie}", f"Sec-Fetch-Site: {site}")).status == 403


async def test_a_cookie_ends_with_its_token(front: Front, store: TokenStore) -> None:
    cookie = (await given_cookie(front, made(store)))[0]
    store.revoke("phone")
    assert (await fetch(front, "GET", "/secret", f"Cookie: {cookie}")).status == 401


async def test_a_cookie_can_be_given_back(front: Front, store: TokenStore) -> None:
    token = made(store)
    cookie = (await given_cookie(front, token))[0]
    assert (await fetch(front, "DELETE", "/cookie", bearer(token), f"Cookie: {cookie}")).status == 204
    assert (await fetch(front, "GET", "/secret", f"Cookie: {cookie}")).status == 401


READER = Grant(frozenset({"read", "control"}))


async def test_a_ticket_is_good_once(front: Front) -> None:
    ticket = front.tickets.issue(READER, "/secret")
    assert (await fetch(front, "GET", f"/secret?ticket={ticket}")).status == 200
    assert (await fetch(front, "GET", f"/secret?ticket={ticket}")).status == 401


async def test_a_ticket_is_for_its_path(front: Front) -> None:
    ticket = front.tickets.issue(READER, "/listen.wav")
    assert (await fetch(front, "GET", f"/secret?ticket={ticket}")).status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_ticket_is_good_for_reading_alone(front: Front, method: str) -> None:
    ticket = front.tickets.issue(READER, "/rpc")
    assert (await fetch(front, method, f"/rpc?ticket={ticket}", JSON, body=CALL)).status == 401


async def test_a_ticket_opens_no_websocket(front: Front) -> None:
    ticket = front.tickets.issue(READER, "/ws")
    async with connect(f"{front.url}?ticket={ticket}", proxy=None) as client:
        assert "error" in await ask(client, "session.hello", {"protocol": 1})
