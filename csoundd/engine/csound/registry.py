"""The engines that there are, by name: the one place where their names stand. Which of them this machine has.

Those of csoundd itself are listed here, in the order in which ``auto`` tries them; packages add theirs by entry points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Final

from csoundd.engine.csound.library import NativeLibrary
from csoundd.engine.csound.spec import AUTO, EngineFound, EngineSpec, Say
from csoundd.engine.options import HostOptions
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
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes 20 ms, and most engines are csoundd's own

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


def engines() -> list[EngineFound]:
    """All engines, in the order of preference; the one that AUTO takes says so."""
    found = [each for spec in all_specs() for each in spec.found()]
    if any(each.auto for each in found):
        return found
    try:
        place, _ = _automatic()
    except EngineUnavailable:
        return found
    name = spec_at(place).name
    return [replace(each, auto=each.engine == name and each.installed) for each in found]


def lacked_by(found: EngineFound) -> Mapping[str, str]:
    """The methods that an engine of this machine cannot serve, and why."""
    place = place_of(found.engine)
    return {} if place is None else spec_at(place).lacks(found)


def placed(options: HostOptions) -> HostOptions:
    """``options`` with the engine and the library that its engine's name means.

    AUTO is the first built-in engine that can be used: the newest native library that loads, else the embedded engine.
    Raises EngineUnavailable where there is none, or where what was named cannot be used, be it by LIBCSOUNDPATH.
    """
    if options.engine == AUTO:
        place, library = _automatic()
        return replace(options, place=place, library=library)
    named = place_of(options.engine)
    if named is None:
        raise EngineUnavailable(
            f"there is no engine {options.engine}", hint="csoundd engine list shows those there are"
        )
    try:
        return replace(options, place=named, library=spec_at(named).chosen(options.engine))
    except EngineUnavailable as refusal:
        _offer_others(refusal, named)
        raise


def _automatic() -> tuple[str, NativeLibrary | None]:
    """The place and the library of the engine that AUTO takes. Raises what the first of them said."""
    refused: EngineUnavailable | None = None
    for place in BUILT_IN.values():
        spec = spec_at(place)
        try:
            return place, spec.chosen(AUTO)
        except EngineUnavailable as refusal:
            if refused is None:
                _offer_others(refusal, place)
                refused = refusal
            if spec.insists():
                break
    assert refused is not None
    raise refused


def _offer_others(refusal: EngineUnavailable, place: str) -> None:
    """Put into the hint of a refusal of the engine at ``place`` what other engines there are."""
    offers = [spec_at(other).offer() for other in BUILT_IN.values() if other != place]
    refusal.hint = "; or ".join(filter(None, [refusal.hint, *offers])) or None


def ensure(name: str, say: Say) -> None:
    """Install the engine ``name`` if csoundd installs it and it is not there, for AUTO if there is no other.

    Raises EngineUnavailable where that does not work.
    """
    place = place_of(name)
    missing: EngineUnavailable | None = None
    wanted = None if place is None else spec_at(place)
    if name == AUTO:
        for spec in built_in():
            try:
                spec.chosen(AUTO)
            except EngineUnavailable as refusal:
                if spec.insists():
                    return
                missing = missing or refusal
                if not spec.capabilities.installable:
                    continue
            wanted = spec
            break
    if wanted is None or not wanted.capabilities.installable or any(each.installed for each in wanted.found()):
        return
    try:
        wanted.install(say)
    except EngineUnavailable as failure:
        if missing is not None:
            failure.message = f"{missing.message}, and {failure.message}"
            failure.hint = f"{missing.hint}; or {failure.hint}"
        raise
