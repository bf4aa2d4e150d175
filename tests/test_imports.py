"""The table of stages: which may import which, and no circles."""

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
    "access": {"api", "errors", "limits", "messages", "ports"},
    "limits": {"messages"},
    "metrics": {"limits"},
    "syntax": {"errors", "limits"},
    "messages": {"errors"},
    "states": {"messages"},
    "values": {"messages"},
    "ports": {"access", "errors", "messages", "values"},
    "api": {"errors", "limits", "messages", "values", "states"},
    "codec": {"errors", "limits", "messages"},
    "transport": {
        "access",
        "codec",
        "errors",
        "limits",
        "messages",
        "metrics",
        "ports",
        "syntax",
        "wav",
        "values",
        "states",
    },
    "streams": {"access", "api", "errors", "limits", "messages", "ports", "values"},
    "dispatcher": {"access", "api", "errors", "limits", "messages", "metrics", "ports", "syntax", "values"},
    "engine": {"api", "codec", "errors", "limits", "messages", "syntax", "wav", "whole_file", "values", "states"},
    "render": {"api", "engine", "errors", "limits", "messages", "ports", "syntax", "whole_file"},
    "contract": {"api", "codec", "errors", "limits", "messages", "metrics", "streams", "transport", "values", "states"},
    "config": {"access", "engine", "errors", "limits"},
    "layout": {"errors", "limits", "messages", "ports", "transport"},
    "wav": set(),
    "whole_file": set(),
    "note": set(),
    "licences": set(),
    "cli": {
        "access",
        "api",
        "codec",
        "config",
        "daemon",
        "engine",
        "errors",
        "layout",
        "licences",
        "limits",
        "note",
        "render",
        "syntax",
        "wav",
        "transport",
    },
    "__main__": {"cli"},
    "__init__": set(),
}
"""What each stage may import; ``daemon`` wires them all and may import any."""

IMPLEMENTS_A_GROUP = {
    "csoundd.transport.session",
}
"""Modules in which a stage implements methods that the API declares, and so may import its declaration."""

READS_DECLARATIONS = {"csoundd.transport.osc.addresses"}
"""Modules that make something of the declared signatures, and so share the API's reader of annotations."""

HOST_ALLOWED = {"api", "codec", "engine", "errors", "limits", "messages", "states", "syntax", "values"}
"""What the engine's process may load; the sockets' side has no business there."""

ENGINE_ROOMS: dict[str, set[str]] = {
    # The front's side: the engine as the daemon has it, ...
    "client.engine": {"client.claims", "client.instruments", "client.interceptors", "client.trial"},
    "client.claims": set(),
    "client.instruments": set(),
    "client.orders": {"client.engine"},
    "client.journal": {"client.engine", "client.orders"},
    "client.interceptors": set(),
    "client.interceptors.__init__": {"client.engine", "client.interceptors"},
    "client.trial": {"client.interceptors"},
    # ... and what keeps its host.
    "process": {"client.engine", "client.interceptors", "opcodes"},
    # Both sides.
    "link": {"client", "host", "process"},
    "options": {"client", "csound", "host", "opcodes", "process"},
    "workspace": {"client", "csound", "host", "options", "process"},
    # The host's side.
    "host": set(),
    "host.system": {"csound", "host"},
    "csound": {"client.interceptors", "host", "opcodes", "options", "process"},
    # What the engines of this machine have.
    "opcodes": {"client.interceptors"},
}
"""The rooms of the engine, and which of its other rooms may come in. What stands in a folder's own ``__init__`` may be
a room of its own."""

ENGINE_OPEN_TO = {"cli": {"csound", "opcodes"}, "config": {"csound"}}
"""Where in the engine others may look: at the registry of engines, and at what there is on this machine."""


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
    may_know = module in IMPLEMENTS_A_GROUP | READS_DECLARATIONS
    allowed = ALLOWED[stage] | {stage, "__init__"} | ({"api"} if may_know else set())
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


def room_of(module: str) -> str:
    """The room of the engine that ``module`` is in, by the longest name in the table."""
    inside = module.removeprefix("csoundd.engine").removeprefix(".")
    parts = [*inside.split("."), *(["__init__"] if MODULES[module].name == "__init__.py" else [])]
    return next((name for n in range(len(parts), 0, -1) if (name := ".".join(parts[:n])) in ENGINE_ROOMS), inside)


FOLDERS = {"csoundd.engine.client"}
"""Folders of several rooms, which import nothing themselves."""


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("csoundd.engine.")])
def test_a_room_of_the_engine_is_entered_by_whom_it_lets_in(module: str) -> None:
    own = room_of(module)
    if module in FOLDERS:
        return
    assert own in ENGINE_ROOMS, f"{module} is in no room of the table"
    whole = own.partition(".")[0]
    for name in imports_of(module):
        room = room_of(name)
        if name.startswith("csoundd.engine.") and room not in {own, whole}:
            assert {own, whole} & ENGINE_ROOMS[room], f"{module} may not import {name}"


@pytest.mark.parametrize("stage", ENGINE_OPEN_TO)
def test_from_outside_only_what_engines_there_are_is_seen(stage: str) -> None:
    seen = {name for module in MODULES if stage_of(module) == stage for name in imports_of(module)}
    rooms = {room_of(name) for name in seen if name.startswith("csoundd.engine.")}
    assert rooms <= ENGINE_OPEN_TO[stage]


ENGINES_ROOM = "csoundd.engine.csound"


def engine_of(module: str) -> str:
    """The folder of one engine that a module is in, empty for what every engine shares."""
    rest = module.removeprefix(f"{ENGINES_ROOM}.") if module.startswith(f"{ENGINES_ROOM}.") else ""
    return rest.partition(".")[0] if rest.partition(".")[0] in {"native", "wasm"} else ""


def test_what_every_engine_shares_imports_none_of_them_and_none_imports_another() -> None:
    crossing = [
        f"{module} imports {used}"
        for module in MODULES
        if module.startswith(ENGINES_ROOM)
        for used in imports_of(module)
        if engine_of(used) not in {"", engine_of(module)}
    ]
    assert not crossing


def test_nothing_outside_imports_an_engine_but_by_the_registry() -> None:
    outside = [module for module in MODULES if not module.startswith(ENGINES_ROOM)]
    found = [f"{module} imports {used}" for module in outside for used in imports_of(module) if engine_of(used)]
    assert not found
