"""``csoundd token``: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from csoundd.access import TokenStore
from csoundd.access.tokens import is_token
from tests.cli.running import FAILED, OK, USAGE, Cli

CREATE = ("token", "create", "--state", "state", "--scope")


def test_a_token_is_alone_on_standard_output(alone: Cli) -> None:
    ended = alone(*CREATE, "control", "--name", "phone", "--channels", "fx/*", "--expires", "30d")
    assert ended.status == OK
    token, newline = ended.stdout[:-1], ended.stdout[-1]
    assert is_token(token)
    assert newline == "\n"
    assert token not in ended.stderr
    record = TokenStore(Path("state")).find(token)
    assert record is not None
    assert (record.name, record.scope, record.channels, record.read_channels) == (
        "phone",
        "control",
        ("fx/*",),
        ("fx/*",),
    )
    assert record.expires == record.created + 30 * 86_400


def test_they_are_listed_without_what_is_secret(alone: Cli) -> None:
    token = alone(*CREATE, "read", "--name", "display").stdout.strip()
    shown, told = alone("token", "list", "--state", "state"), alone("token", "list", "--state", "state", "--json")
    assert "display" in shown.stdout
    (entry,) = json.loads(told.stdout)
    assert (entry["name"], entry["scope"], entry["channels"], entry["expires"]) == ("display", "read", None, None)
    record = TokenStore(Path("state")).find(token)
    assert record is not None
    for output in (shown.stdout, told.stdout):
        assert token not in output
        assert record.sha256 not in output


def test_one_is_revoked_by_its_name(alone: Cli) -> None:
    token = alone(*CREATE, "read", "--name", "display").stdout.strip()
    ended = alone("token", "revoke", "--state", "state", "display")
    assert (ended.status, ended.stdout) == (OK, "")
    assert TokenStore(Path("state")).find(token) is None


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([*CREATE, "everything"], USAGE, "everything"),
        ([*CREATE, "compile", "--channels", "fx/*"], FAILED, "cannot be limited to channels"),
        ([*CREATE, "read", "--expires", "soon"], USAGE, "30d, 12h, 15m or 90s"),
        ([*CREATE, "read", "--expires", "0d"], USAGE, "no duration"),
        (["token", "create", "--scope", "read"], USAGE, "--state"),
        (["token", "revoke", "--state", "state", "phone"], FAILED, "there is no token phone"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be(alone: Cli, words: list[str], status: int, said: str) -> None:
    ended = alone(*words)
    assert ended.status == status
    assert ended.stdout == ""
    assert said in " ".join(ended.stderr.split())


def test_a_folder_that_cannot_be_written(alone: Cli) -> None:
    Path("state").write_text("a file")
    ended = alone(*CREATE, "read")
    assert ended.status == FAILED
    assert "Traceback" not in ended.stderr
