"""The contract as the tools read it that everybody has: AsyncAPI's parser, and Open-RPC's own, which dereferences."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from csoundd.api import METHODS
from csoundd.streams.topics import TOPICS

TOOLS = Path(__file__).with_name("stock")
PROTOCOL = Path(__file__).parents[2] / "protocol"

pytestmark = [
    pytest.mark.skipif(not (TOOLS / "node_modules" / "installed").is_file(), reason="make setup found no npm"),
    pytest.mark.timeout(120),
]


def read(openrpc: Path, asyncapi: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node is not None
    return subprocess.run(
        [node, "read.js", openrpc, asyncapi], cwd=TOOLS, capture_output=True, text=True, timeout=100, check=False
    )


def changed(name: str, folder: Path, old: str, new: str) -> Path:
    """A document with a fault in it."""
    text = (PROTOCOL / name).read_text(encoding="utf-8")
    assert old in text
    path = folder / name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    ran = read(PROTOCOL / "openrpc.json", PROTOCOL / "asyncapi.json")
    assert ran.returncode == 0, ran.stderr
    document: dict[str, Any] = json.loads(ran.stdout)
    return document


def test_every_method_is_read_and_nothing_is_left_to_look_up(found: dict[str, Any]) -> None:
    assert found["methods"] == list(METHODS)
    assert found["references"] == 0


def test_every_topic_is_read(found: dict[str, Any]) -> None:
    said = json.dumps([found["channels"], found["messages"]])
    assert [topic for topic in TOPICS if topic not in said] == []


def test_the_tools_find_a_fault(tmp_path: Path) -> None:
    good = PROTOCOL / "openrpc.json", PROTOCOL / "asyncapi.json"
    assert read(changed("openrpc.json", tmp_path, '"methods"', '"method"'), good[1]).returncode != 0
    assert read(good[0], changed("asyncapi.json", tmp_path, '"channels"', '"channel"')).returncode != 0
