"""``csoundd config``."""

from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.config import Config
from tests.cli.running import OK, USAGE, Cli


def test_every_setting_with_where_it_comes_from(alone: Cli) -> None:
    shown = alone("config", "--json").value
    assert list(shown) == list(Config.model_fields)
    assert shown["port"] == {"value": 7700, "from": "default"}


def test_a_table_for_people(alone: Cli) -> None:
    ended = alone("config", extra={"CSOUNDD_PORT": "7800", "CSOUNDD_ALLOWED_HOSTS": "one two"})
    head, *rows = ended.stdout.splitlines()
    assert (ended.status, head.split()) == (OK, ["setting", "value", "from", "meaning"])
    assert any(row.split()[:3] == ["port", "7800", "environment"] for row in rows)
    assert any(row.split()[:4] == ["allowed_hosts", "one", "two", "environment"] for row in rows)


def test_the_file_in_this_folder(alone: Cli, tmp_path: Path) -> None:
    (tmp_path / "csoundd.toml").write_text("port = 7801\n")
    assert alone("config", "--json").value["port"] == {"value": 7801, "from": "file"}


def test_a_file_that_is_named(alone: Cli, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('drive = "step"\n')
    assert alone("config", "--json", "--config", "other.toml").value["drive"] == {"value": "step", "from": "file"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 'x'", ["port", "file"]),
        ("prot = 7700", ["prot"]),
        ("port = ", ["csoundd.toml"]),
    ],
)
def test_a_file_with_a_mistake(alone: Cli, tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "csoundd.toml").write_text(text)
    alone("config").assert_refused(USAGE, *words)


def test_a_file_that_is_missing(alone: Cli) -> None:
    alone("config", "--config", "missing.toml").assert_refused(USAGE, "missing.toml")
