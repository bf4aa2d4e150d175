"""The engines that there are, by name: the one place where their names stand.

Those of csoundd itself are listed here, in the order in which ``auto`` tries them; packages add theirs by entry points.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

from csoundd.engine.csound.spec import AUTO, EngineSpec
from csoundd.errors import EngineUnavailable

GROUP: Final = "csoundd.engines"
"""The group of entry points by which a package brings an engine."""

BUILT_IN: Final = {
    "native": "csoundd.engine.csound.native.spec:SPEC",
    "wasm": "csoundd.engine.csound.wasm.spec:SPEC",
}
CHOICES: Final = "auto, native, native:7 or native:6, wasm, or the path of a library"
"""How help texts name them."""

NAMES: Final = "auto, native, native:7, native:6, wasm"
"""How messages name them."""

PLACE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
"""Where a spec is: a module and a name in it."""


@cache
def spec_at(place: str) -> EngineSpec:
    """The spec at a place ``package.module:NAME``. Raises EngineUnavailable where there is none."""
    module, _, name = place.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise EngineUnavailable(f"there is no engine at {place}: {error}") from error
    if not isinstance(found, EngineSpec):
        raise EngineUnavailable(f"{place} is no engine", hint="an engine is an instance of EngineSpec")
    return found


def installed() -> dict[str, str]:
    """The places of the engines that packages bring, by name."""
    return {entry.name: entry.value for entry in entry_points(group=GROUP) if entry.name not in {*BUILT_IN, AUTO}}


def place_of(name: str) -> str | None:
    """The place of the spec of the engine that ``name`` means, None where there is none. AUTO means none."""
    built_in = next((place for place in BUILT_IN.values() if spec_at(place).means(name)), None)
    if built_in is not None or name == AUTO:
        return built_in
    kind = name.partition(":")[0]
    is_place = PLACE.fullmatch(name) is not None and kind not in BUILT_IN
    return installed().get(kind) or (name if is_place else None)


def built_in() -> list[EngineSpec]:
    """Those of csoundd itself, in the order in which AUTO tries them."""
    return [spec_at(place) for place in BUILT_IN.values()]


def all_specs() -> list[EngineSpec]:
    """Every engine that is known by a name. Raises EngineUnavailable for one that a package names and has not."""
    return [*built_in(), *map(spec_at, installed().values())]


def check_name(name: str) -> str:
    """``name``, if it can be an engine's. Raises ValueError, saying what can."""
    if name == AUTO or place_of(name) is not None:
        return name
    others = "".join(f", {other}" for other in installed())
    raise ValueError(f"input should be {NAMES}{others}, or the path of a library (with a slash)")
