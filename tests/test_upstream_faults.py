"""The page of upstream faults and the code that works around them name one another rightly."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "upstream-faults.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
TESTS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
SOURCES = [
    path
    for folder in ("csoundd", "clients/python/csoundd_client", "benchmarks", ".ci")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".txt", ""} and path.is_file()
]
NAMED = [
    (path.relative_to(ROOT).as_posix(), name)
    for path in SOURCES
    for name in re.findall(r"upstream-faults\.md#([\w-]+)", path.read_text(encoding="utf-8", errors="ignore"))
]
PARTS = ("Seen", "Upstream", "Shown by", "Workaround", "Once mended")


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_entries_have_names_of_their_own() -> None:
    assert len(ENTRIES) == len(set(ENTRIES))
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_says_all_there_is_to_say(name: str) -> None:
    entry = re.split(r"^##", PAGE.split(f"\n### {name}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    assert re.findall(r"^- ([\w ]+):", entry, re.MULTILINE) == list(PARTS)


@pytest.mark.parametrize(("path", "name"), sorted(set(TESTS)))
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    assert name in functions(path)


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)))
def test_an_entry_that_code_names_exists(path: str, name: str) -> None:
    assert name in ENTRIES


def test_code_names_entries() -> None:
    assert NAMED
