"""The page that pairs a device: what it shows to whom, and what it takes."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from csoundd.access import AuditLog, TokenStore
from csoundd.access.pairing import Pairings
from csoundd.access.tickets import cookies
from csoundd.limits import PAIRING_BYTES
from csoundd.transport.pairing import PairingEndpoint
from tests.transport.gate import authenticator_of
from tests.transport.serving import Front, Settings, serving
from tests.transport.test_authentication import bearer
from tests.transport.test_http import fetch

JSON = "Content-Type: application/json"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csoundd.access.authenticator.WRONG_TOKEN_SECONDS", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path)


@pytest.fixture
def pairings(store: TokenStore) -> Pairings:
    return Pairings(store)


@pytest.fixture
async def front(tmp_path: Path, pairings: Pairings) -> AsyncIterator[Front]:
    authenticator = authenticator_of(tmp_path, "required")
    endpoint = PairingEndpoint(pairings, authenticator, AuditLog(), cookies(authenticator.is_good), "AB:CD")
    async with serving(Settings(state=tmp_path, auth="required", routes=endpoint.routes())) as running:
        yield running


def sent(secret: object, name: object = None) -> bytes:
    return json.dumps({"secret": secret, "name": name}).encode()


async def test_a_device_is_given_a_token_of_its_own(front: Front, pairings: Pairings, store: TokenStore) -> None:
    secret, _ = pairings.offer("phone", "control", channels=["fx/*"])
    answer = await fetch(front, "POST", "/pair", JSON, body=sent(secret, "sofa"))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    told = json.loads(answer.body)
    record = store.find(told.pop("token"))
    assert record is not None
    assert (record.name, record.scope, record.channels) == ("sofa", "control", ("fx/*",))
    assert told == {
        "id": record.id,
        "name": "sofa",
        "scope": "control",
        "channels": ["fx/*"],
        "readChannels": ["fx/*"],
        "created": record.created,
        "expires": None,
    }
    rules = answer.headers["set-cookie"].lower()
    assert "httponly" in rules
    assert "samesite=strict" in rules
    again = await fetch(front, "POST", "/pair", JSON, body=sent(secret, "thief"))
    assert again.status == 401
    assert b"csd_" not in again.body
    assert [each.name for each in store.records()] == ["sofa"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
async def test_to_look_where_a_link_leads_uses_it_not(front: Front, pairings: Pairings, method: str) -> None:
    secret, pairing = pairings.offer("phone", "read")
    for path in ("/pair", f"/pair?secret={secret}"):
        answer = await fetch(front, method, path, JSON, body=sent(secret) if method not in {"GET", "HEAD"} else b"")
        assert b"csd_" not in answer.body
        assert secret.encode() not in answer.body
    assert pairing.record is None
    assert (await fetch(front, "POST", "/pair", JSON, body=sent(secret))).status == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((JSON, "Origin: https://evil.example"), None, 403),
        ((JSON, "Origin: null"), None, 403),
        ((JSON, "Sec-Fetch-Site: cross-site"), None, 403),
        (("Content-Type: text/plain",), None, 415),
        (("Content-Type: application/x-www-form-urlencoded",), None, 415),
        ((), None, 415),
        ((JSON,), b"", 400),
        ((JSON,), b"[" * 4000, 400),
        ((JSON,), b"\xff", 400),
        ((JSON,), b'"secret"', 400),
        ((JSON,), sent(7), 400),
        ((JSON,), sent(None), 400),
        ((JSON,), sent("x", {}), 400),
        ((JSON,), sent("x" * PAIRING_BYTES), 413),
        ((JSON,), sent("x"), 401),
        ((JSON,), sent("\ud800"), 401),
    ],
    ids=range(16),
)
async def test_what_is_refused(
    front: Front, pairings: Pairings, store: TokenStore, headers: tuple[str, ...], body: bytes | None, status: int
) -> None:
    secret, _ = pairings.offer("phone", "read")
    answer = await fetch(front, "POST", "/pair", *headers, body=sent(secret) if body is None else body)
    assert answer.status == status
    assert store.records() == []
    assert secret.encode() not in answer.body
    assert (await fetch(front, "POST", "/pair", JSON, body=sent(secret))).status == 200


async def test_a_name_that_is_none_leaves_the_link_good(front: Front, pairings: Pairings) -> None:
    secret, _ = pairings.offer("phone", "read")
    assert (await fetch(front, "POST", "/pair", JSON, body=sent(secret, "x" * 1000))).status == 400
    assert (await fetch(front, "POST", "/pair", JSON, body=sent(secret))).status == 200


async def test_the_token_opens_and_is_cut_off(front: Front, pairings: Pairings, store: TokenStore) -> None:
    secret, _ = pairings.offer("phone", "read")
    token = json.loads((await fetch(front, "POST", "/pair", JSON, body=sent(secret))).body)["token"]
    assert (await fetch(front, "GET", "/openrpc.json", bearer(token))).status == 200
    store.revoke("phone")
    assert (await fetch(front, "GET", "/openrpc.json", bearer(token))).status == 401


async def test_the_page_loads_nothing_and_lets_nothing_in(front: Front) -> None:
    answer = await fetch(front, "GET", "/pair")
    text = answer.body.decode()
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    for kind in ("script", "style"):
        ((content,),) = [re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)]
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest.lower()}'" in policy
    assert not re.search(r"""(src|href)\s*=\s*["']?(\w+:|/)|@import|url\(|\son\w+=|style=""", text)
    assert "AB:CD" in text


async def test_wrong_links_are_recorded(
    front: Front, caplog: pytest.LogCaptureFixture, pairings: Pairings, store: TokenStore
) -> None:
    secret, _ = pairings.offer("phone", "read")
    await fetch(front, "POST", "/pair", JSON, body=sent("guessed-secret"))
    await fetch(front, "POST", "/pair", JSON, body=sent(secret))
    assert "refused 127.0.0.1: a pairing" in caplog.text
    assert "guessed-secret" not in caplog.text
    assert secret not in caplog.text
