"""Pairings: what a link is good for, how often and for how long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from csoundd.access import TokenStore
from csoundd.access.pairing import Pairings
from csoundd.access.tokens import is_token
from csoundd.errors import InvalidParams, NotFound, WrongState
from csoundd.limits import PAIRING_SECONDS, PAIRINGS
from csoundd.messages import Scope


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path)


@pytest.fixture
def pairings(store: TokenStore) -> Pairings:
    return Pairings(store)


def test_it_gives_the_token_that_was_settled(pairings: Pairings, store: TokenStore) -> None:
    secret, pairing = pairings.offer("phone", "control", channels=["fx/*"], lifetime=60.0)
    taken = pairings.take(secret)
    assert taken is not None
    token, record = taken
    assert is_token(token)
    assert store.find(token) == pairing.record == record
    assert (record.name, record.scope, record.channels, record.expires) == (
        "phone",
        "control",
        ("fx/*",),
        record.created + 60.0,
    )


def test_it_is_good_once(pairings: Pairings, store: TokenStore) -> None:
    secret, _ = pairings.offer("phone", "read")
    assert pairings.take(secret) is not None
    assert pairings.take(secret) is None
    assert len(store.records()) == 1


def test_it_is_good_for_two_minutes(pairings: Pairings, store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr("csoundd.access.pairing.time.monotonic", lambda: now)
    secret, pairing = pairings.offer("phone", "read")
    assert pairing.seconds == PAIRING_SECONDS == 120.0
    now += PAIRING_SECONDS
    assert pairings.take(secret) is None
    assert pairings.all() == []
    assert store.records() == []


@pytest.mark.parametrize("secret", ["", "x", "é", "\ud800", "csd_", "0" * 10_000])
def test_nothing_else_is_good(pairings: Pairings, store: TokenStore, secret: str) -> None:
    good, pairing = pairings.offer("phone", "read")
    assert good != pairing.id
    assert pairings.take(secret) is None
    assert pairings.take(pairing.id) is None
    assert pairings.take(good + secret) is None or secret == ""
    assert len(store.records()) == (secret == "")


def test_a_device_may_name_itself(pairings: Pairings, store: TokenStore) -> None:
    secret, _ = pairings.offer("phone", "read")
    with pytest.raises(InvalidParams):
        pairings.take(secret, "two\nlines")
    assert store.records() == []
    taken = pairings.take(secret, "the phone on the sofa")
    assert taken is not None
    assert taken[1].name == "the phone on the sofa"


@pytest.mark.parametrize("way", ["id", "name"])
def test_one_that_is_cancelled_is_good_no_more(pairings: Pairings, way: str) -> None:
    secret, pairing = pairings.offer("phone", "read")
    other, _ = pairings.offer("tablet", "read")
    assert pairings.cancel(getattr(pairing, way)) is pairing
    assert pairings.take(secret) is None
    assert pairings.take(other) is not None
    with pytest.raises(NotFound):
        pairings.cancel(pairing.id)


def test_a_name_that_two_have_cancels_neither(pairings: Pairings) -> None:
    for _ in range(2):
        pairings.offer("phone", "read")
    with pytest.raises(InvalidParams):
        pairings.cancel("phone")
    assert len(pairings.all()) == 2


def test_of_too_many_the_oldest_go(pairings: Pairings) -> None:
    secrets = [pairings.offer("phone", "read")[0] for _ in range(PAIRINGS + 1)]
    assert len(pairings.all()) == PAIRINGS
    assert pairings.take(secrets[0]) is None
    assert pairings.take(secrets[-1]) is not None


@pytest.mark.parametrize(
    ("scope", "channels", "name"),
    [("compile", ["fx/*"], "phone"), ("read", ["fx/*"], "phone"), ("control", [""], "phone"), ("control", None, " ")],
)
def test_what_no_token_can_be_is_refused_at_once(
    pairings: Pairings, scope: Scope, channels: list[str] | None, name: str
) -> None:
    with pytest.raises(InvalidParams):
        pairings.offer(name, scope, channels=channels)
    assert pairings.all() == []


def test_without_a_folder_for_tokens_there_are_none() -> None:
    with pytest.raises(WrongState):
        Pairings(TokenStore(None)).offer("phone", "read")


def test_the_secret_is_kept_nowhere(pairings: Pairings, tmp_path: Path) -> None:
    secret, _ = pairings.offer("phone", "read")
    assert secret not in str(vars(pairings))
    pairings.take(secret)
    assert not any(secret.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
