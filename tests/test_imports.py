"""Who may import whom: the table of stages, and no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "csoundd"

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "syntax": {"errors"},
    "messages": {"errors"},
    "states": {"messages"},
    "values": {"messages"},
    "ports": {"errors", "messages", "values"},
    "api": {"errors", "messages", "values", "states"},
    "codec": {"errors", "messages"},
    "transport": {"codec", "errors", "messages", "ports", "syntax", "wav", "values", "states"},
    "streams": {"api", "errors", "messages", "ports", "values"},
    "dispatcher": {"api", "errors", "messages", "ports", "syntax", "values"},
    "engine": {"api", "codec", "errors", "messages", "syntax", "wav", "values", "states"},
    "render": {"api", "engine", "errors", "messages", "values"},
    "contract": {"api", "codec", "errors", "messages", "streams", "transport", "values", "states"},
    "config": {"engine", "errors"},
    "layout": {"errors", "messages", "transport"},
    "wav": set(),
    "licences": set(),
    "cli": {"codec", "config", "daemon", "engine", "errors", "layout", "licences", "syntax", "wav"},
    "__main__": {"cli"},
    "__init__": set(),
}
"""What each stage may import; ``daemon`` wires them all and may import any."""

IMPLEMENTS_A_FAMILY = {
    "csoundd.transport.service",
}
"""Modules in which a stage implements methods that the API declares, and so may import its declaration."""

HOST_ALLOWED = {"api", "codec", "engine", "errors", "messages", "states", "syntax", "values"}
"""What the engine's process may load; the sockets' side has no business there."""


def stage_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module_of(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}


def names_in(tree: ast.AST, module: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            source = node.module or ""
            yield from (f"{source}.{alias.name}" for alias in node.names)


def imports_of(module: str) -> set[str]:
    """The modules of ours that ``module`` names in an import, wherever it stands."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found = set()
    for name in names_in(tree, module):
        if name.split(".")[0] == PACKAGE:
            found.add(name if name in MODULES else name.rpartition(".")[0])
    return found - {module}


@pytest.mark.parametrize("module", MODULES)
def test_a_stage_imports_only_what_it_may(module: str) -> None:
    stage = stage_of(module)
    if stage == "daemon":
        return
    allowed = ALLOWED[stage] | {stage, "__init__"} | ({"api"} if module in IMPLEMENTS_A_FAMILY else set())
    used = {stage_of(name): name for name in imports_of(module)}
    assert used.keys() <= allowed, f"{module} imports {[used[name] for name in used.keys() - allowed]}"


def test_nobody_imports_in_a_circle() -> None:
    graph = {module: imports_of(module) for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other: {' -> '.join(error.args[1])}")


def test_the_host_loads_nothing_of_the_sockets_side() -> None:
    reached: set[str] = set()
    waiting = [module for module in MODULES if module.startswith("csoundd.engine.host")]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imports_of(module)
    assert {stage_of(module) for module in reached} <= HOST_ALLOWED | {"__init__"}


def test_every_stage_is_in_the_table() -> None:
    assert {stage_of(module) for module in MODULES} <= ALLOWED.keys() | {"daemon"}
