"""The engines that this machine has: what they are, which of them ``auto`` takes, and installing what is missing."""

from __future__ import annotations

from dataclasses import replace

from csoundd.engine.csound.backend import NativeLibrary
from csoundd.engine.csound.registry import BUILT_IN, all_specs, built_in, place_of, spec_at
from csoundd.engine.csound.spec import AUTO, EngineFound, Say
from csoundd.engine.options import HostOptions
from csoundd.errors import EngineUnavailable


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
