"""Tokens: their form, what is kept of them, and what they may be limited to."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from csoundd.access.tokens import TokenStore, digest, is_token, new_token
from csoundd.errors import InvalidParams, NotFound, WrongState


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "state")


def test_tokens_are_all_different_and_say_what_they_are() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("csd_") and len(token) == 53 and token[4:].isalnum() for token in tokens)
    assert all(map(is_token, tokens))


@pytest.mark.parametrize(
    "change",
    [lambda t: t[:-1], lambda t: t + "0", lambda t: "csx" + t[3:], str.swapcase],
    ids=["short", "long", "prefix", "case"],
)
def test_a_token_that_was_copied_badly_is_none(change: Any) -> None:
    assert not is_token(change(new_token()))


@pytest.mark.parametrize("text", ["", "csd_", "csd_" + "é" * 49, "x" * 53, "csd_" + "0" * 49])
def test_what_is_no_token(text: str) -> None:
    assert not is_token(text)


def test_one_wrong_character_is_noticed() -> None:
    token = new_token()
    for place in range(4, len(token)):
        wrong = "0" if token[place] != "0" else "1"
        assert not is_token(token[:place] + wrong + token[place + 1 :])


def test_a_token_is_found_by_whoever_has_the_folder(store: TokenStore, tmp_path: Path) -> None:
    token, record = store.create("phone", "control")
    assert TokenStore(tmp_path / "state").find(token) == store.find(token) == record
    assert store.find(new_token()) is None


def test_what_is_kept_is_no_token(store: TokenStore, tmp_path: Path) -> None:
    token, record = store.create("phone", "read")
    (kept,) = (tmp_path / "state").rglob("*.*")
    text = kept.read_text()
    assert token not in text
    assert token[4:-6] not in text
    assert json.loads(text)["sha256"] == digest(token) == record.sha256


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another matter there")
def test_nobody_else_may_read_what_is_kept(store: TokenStore, tmp_path: Path) -> None:
    store.create("phone", "read")
    (kept,) = (tmp_path / "state").rglob("*.*")
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(kept.parent.stat().st_mode)) == (0o600, 0o700)


def test_a_scope_brings_those_below_it_along(store: TokenStore) -> None:
    _, record = store.create("phone", "compile")
    assert record.grant().scopes == {"read", "control", "compile"}
    assert (record.grant().token, record.grant().name) == (record.id, "phone")


def test_a_token_that_has_expired_is_none(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    token, record = store.create("phone", "read", lifetime=60.0)
    assert store.find(token) == record
    monkeypatch.setattr("time.time", lambda: record.created + 60.0)
    assert store.find(token) is None


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_revoked_token_is_none_for_anybody(store: TokenStore, tmp_path: Path, by: str) -> None:
    token, record = store.create("phone", "read")
    other = TokenStore(tmp_path / "state")
    assert other.find(token) == record
    store.revoke(getattr(record, by))
    assert store.find(token) is None
    assert other.find(token) is None


def test_a_name_that_several_have_revokes_none(store: TokenStore) -> None:
    tokens = [store.create("phone", "read")[0] for _ in range(2)]
    with pytest.raises(InvalidParams):
        store.revoke("phone")
    assert all(map(store.find, tokens))


def test_what_is_not_there_cannot_be_revoked(store: TokenStore) -> None:
    with pytest.raises(NotFound):
        store.revoke("../daemon")


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 2}', '{"format": 1, "id": "%s", "scope": "root"}'])
def test_a_file_that_is_damaged_grants_nothing(store: TokenStore, tmp_path: Path, damage: str) -> None:
    token, record = store.create("phone", "admin")
    (kept,) = (tmp_path / "state").rglob("*.json")
    kept.write_text(damage.replace("%s", record.id))
    fresh = TokenStore(tmp_path / "state")
    assert fresh.find(token) is None
    assert fresh.records() == []


def test_a_file_under_another_name_grants_nothing(store: TokenStore, tmp_path: Path) -> None:
    token, _ = store.create("phone", "admin")
    (kept,) = (tmp_path / "state").rglob("*.json")
    kept.rename(kept.with_name("other.json"))
    assert TokenStore(tmp_path / "state").find(token) is None


@pytest.mark.parametrize(
    "given",
    [
        {"name": ""},
        {"name": "two\nlines"},
        {"name": "x" * 81},
        {"lifetime": 0.0},
        {"lifetime": float("nan")},
        {"scope": "compile", "channels": ["fx/*"]},
        {"scope": "admin", "read_channels": ["fx/*"]},
        {"scope": "read", "channels": ["fx/*"]},
        {"scope": "control", "read_channels": ["fx/*"]},
        {"scope": "control", "channels": [""]},
    ],
)
def test_a_token_that_contradicts_itself_is_not_made(store: TokenStore, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParams):
        store.create(**{"name": "phone", "scope": "read"} | given)
    assert store.records() == []


def test_without_a_state_folder_there_are_no_tokens() -> None:
    store = TokenStore(None)
    with pytest.raises(WrongState, match="no folder"):
        store.create("phone", "read")
    assert store.records() == []
    assert store.find(new_token()) is None
