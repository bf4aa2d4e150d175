"""What the distributions say of themselves, which nothing else would notice."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from csoundd import __version__

ROOT = Path(__file__).parent.parent
CLIENT = "clients/python"


def described(folder: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())


def needed(folder: str) -> set[str]:
    """The names of the distributions that the one in ``folder`` needs."""
    return {re.split(r"[^\w-]", need)[0] for need in described(folder)["project"]["dependencies"]}


def test_the_daemon_brings_the_client_and_what_that_needs() -> None:
    assert f"{CLIENT}/csoundd_client" in described(".")["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert needed(CLIENT) <= needed(".")


def test_both_have_one_version() -> None:
    assert described(CLIENT)["project"]["version"] == described(".")["project"]["version"]


def test_the_daemon_and_the_javascript_client_tell_it_too() -> None:
    package = json.loads((ROOT / "clients/javascript/package.json").read_text())
    told = re.search(r'VERSION = "([^"]+)"', (ROOT / "clients/javascript/src/connect.ts").read_text())
    assert told is not None
    assert {__version__, package["version"], told[1]} == {described(".")["project"]["version"]}
