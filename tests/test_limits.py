"""Limits: each bound of csoundd stands in one place, and is kept somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from csoundd import limits

PACKAGE = Path(limits.__file__).parent

NAMED_LIKE_A_LIMIT = re.compile(r"_?(MOST|LONGEST|LARGEST|HIGHEST|DEEPEST)(_|\b)|\w+_(SECONDS|LIMIT)\b")

OF_CSOUND = {"engine/csound/instances.py", "engine/csound/score.py"} | {
    f"syntax/{name}.py" for name in ("faults", "includes", "options", "score_lines", "settings")
}
"""Modules with bounds of Csound's own, as the text at the top of ``limits.py`` says."""

SOURCES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
LIMITS = [name for name in vars(limits) if name.isupper() and name not in {"MIB", "LIMITS"}]


def constants_of(text: str) -> list[str]:
    """The names that a module declares for numbers, calls around a number included."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                found.append(node.target.id)
    return found


CHOSEN = set(re.findall(r"_chosen\(\s*\"\w+\", \".*\", (\w+)\s*\)", SOURCES["limits.py"]))
"""Constants that are defaults of the settings, and kept by the name that they have there."""


@pytest.mark.parametrize("name", sorted(set(LIMITS) - CHOSEN))
def test_a_limit_is_kept_somewhere(name: str) -> None:
    word = re.compile(rf"\b{name}\b")
    assert [path for path, text in SOURCES.items() if path != "limits.py" and word.search(text)]


def test_a_limit_of_the_settings_is_asked_for_by_its_name() -> None:
    elsewhere = "".join(text for path, text in SOURCES.items() if path != "limits.py")
    listeners = {
        f"{prefix}{name}" for prefix in ("", "osc_", "oscquery_") for name in ("connections", "source_connections")
    }
    chosen = [name for name, limit in limits.LIMITS.items() if limit.setting == f"limits.{name}"]
    assert len(chosen) > 15
    assert [name for name in chosen if name not in listeners and f'"{name}"' not in elsewhere] == []


def limits_exceeded() -> list[tuple[str, ast.Call]]:
    """Where the package makes a LimitExceeded."""
    return [
        (path, node)
        for path, text in SOURCES.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "LimitExceeded"
    ]


def test_an_error_says_the_name_of_its_limit() -> None:
    assert len(limits_exceeded()) > 25
    for path, call in limits_exceeded():
        named = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
        assert len(named) == 1, f"{path}:{call.lineno}"
        if isinstance(named[0], ast.Constant):
            assert named[0].value in limits.LIMITS


@pytest.mark.parametrize("path", sorted(SOURCES.keys() - OF_CSOUND - {"limits.py"}))
def test_no_other_module_declares_one(path: str) -> None:
    assert not [name for name in constants_of(SOURCES[path]) if NAMED_LIKE_A_LIMIT.match(name)]
