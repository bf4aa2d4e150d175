"""Who is given what, what a wrong token costs, and what ends with a token."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csoundd.access import EVERYTHING, NOTHING, AuditLog, Authenticator, AuthMode, TokenStore
from csoundd.access.tokens import new_token
from csoundd.daemon.repeating import every
from csoundd.errors import Unauthorized
from csoundd.limits import REVOCATION_SECONDS

SECOND = 30.0


class Connection:
    pass


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path)


@pytest.fixture
def authenticator(store: TokenStore) -> Authenticator:
    return Authenticator(store, "auto", AuditLog())


@pytest.mark.parametrize(
    ("mode", "address", "everything"),
    [
        ("auto", "127.0.0.1", True),
        ("auto", "127.8.8.8", True),
        ("auto", "::1", True),
        ("auto", "::ffff:127.0.0.1", True),
        ("auto", "192.168.1.5", False),
        ("auto", "::ffff:192.168.1.5", False),
        ("auto", "fe80::1%eth0", False),
        ("auto", "localhost", False),
        ("auto", None, False),
        ("required", "127.0.0.1", False),
        ("off", "192.168.1.5", True),
        ("off", None, True),
    ],
)
def test_who_needs_a_token(store: TokenStore, mode: AuthMode, address: str | None, everything: bool) -> None:
    grant = Authenticator(store, mode, AuditLog()).without_token(address)
    assert grant == (EVERYTHING if everything else NOTHING)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, without waiting them."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waited


async def test_a_token_is_worth_what_it_says(authenticator: Authenticator, store: TokenStore) -> None:
    token, record = store.create("phone", "read")
    assert await authenticator.with_token(token, Connection(), "somebody") == record.grant()


async def test_wrong_tokens_take_longer_and_longer_on_a_connection(
    authenticator: Authenticator, store: TokenStore, waits: list[float]
) -> None:
    connection = Connection()
    for _ in range(8):
        with pytest.raises(Unauthorized):
            await authenticator.with_token(new_token(), connection, "somebody")
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    token, record = store.create("phone", "read")
    assert await authenticator.with_token(token, connection, "somebody") == record.grant()
    assert len(waits) == 8


async def test_after_ten_wrong_ones_a_connection_is_asked_no_more(
    authenticator: Authenticator, store: TokenStore, waits: list[float]
) -> None:
    connection = Connection()
    for _ in range(10):
        with pytest.raises(Unauthorized):
            await authenticator.with_token(new_token(), connection, "somebody")
    token, record = store.create("phone", "read")
    with pytest.raises(Unauthorized, match="too many"):
        await authenticator.with_token(token, connection, "somebody")
    assert await authenticator.with_token(token, Connection(), "somebody") == record.grant()
    assert len(waits) == 10


@pytest.mark.parametrize("text", ["", "csd_", "é" * 60, "x" * 1_000_000, "\0"])
async def test_what_is_no_token_is_refused_like_a_wrong_one(
    authenticator: Authenticator, waits: list[float], text: str
) -> None:
    with pytest.raises(Unauthorized):
        await authenticator.with_token(text, Connection(), "somebody")
    assert waits == [0.25]


async def test_a_wrong_token_is_recorded_and_is_not_in_the_record(
    authenticator: Authenticator, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    token = new_token()
    with caplog.at_level(logging.DEBUG), pytest.raises(Unauthorized) as refused:
        await authenticator.with_token(token, Connection(), "192.0.2.7")
    assert "192.0.2.7" in caplog.text
    assert token not in caplog.text + str(refused.value) + str(refused.value.data)


def test_a_flood_of_refusals_leaves_room_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    audit = AuditLog()
    with caplog.at_level(logging.INFO):
        for number in range(10_000):
            audit.refused(f"somebody {number}", "a token", "it is wrong")
        audit.allowed("me", "token.create")
    lines = caplog.text.splitlines()
    assert len(lines) < 1_000
    assert "allowed me: token.create" in lines[-1]


def test_a_line_of_the_record_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        AuditLog().refused("me\nallowed root: everything", "x" * 100_000, "\x1b[2J")
    assert len(caplog.records) == 1
    message = caplog.records[0].getMessage()
    assert message.isprintable()
    assert len(message) < 1_000


async def ended_by(authenticator: Authenticator, store: TokenStore, end: Callable[[str], Any]) -> bool:
    _, record = store.create("phone", "read", lifetime=3600.0)
    ended = asyncio.Event()
    async with every(REVOCATION_SECONDS, authenticator.end_what_is_over):
        authenticator.hold(record.grant(), ended.set)
        end(record.id)
        async with asyncio.timeout(SECOND):
            await ended.wait()
    return True


async def test_what_uses_a_token_ends_when_it_is_revoked_here(authenticator: Authenticator, store: TokenStore) -> None:
    _, record = store.create("phone", "read")
    ended: list[str] = []
    authenticator.hold(record.grant(), lambda: ended.append("one"))
    authenticator.hold(record.grant(), lambda: ended.append("two"))
    authenticator.revoke(record.id)
    assert sorted(ended) == ["one", "two"]


async def test_what_uses_a_token_ends_when_another_process_revokes_it(
    authenticator: Authenticator, store: TokenStore, tmp_path: Path
) -> None:
    assert await ended_by(authenticator, store, TokenStore(tmp_path).revoke)


async def test_what_uses_a_token_ends_when_it_expires(
    authenticator: Authenticator, store: TokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + 3601.0
    assert await ended_by(authenticator, store, lambda _: monkeypatch.setattr("time.time", lambda: later))


async def test_what_was_released_is_not_ended(authenticator: Authenticator, store: TokenStore) -> None:
    _, record = store.create("phone", "read")
    ended: list[str] = []
    release = authenticator.hold(record.grant(), lambda: ended.append("one"))
    release()
    release()
    authenticator.revoke(record.id)
    assert ended == []
    assert not authenticator.is_good(record.grant())
