"""The opcodes of each engine of this machine, asked of the engine itself in a throw-away process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from csoundd.engine.csound.library import NativeLibrary
from csoundd.engine.csound.registry import all_specs, place_of, spec_at
from csoundd.engine.options import HostOptions
from csoundd.engine.process.environment import environment
from csoundd.errors import EngineUnavailable
from csoundd.limits import OPCODES_SECONDS


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that can be asked: ``name`` is what ``--engine`` calls it, ``library`` what it loads, if anything."""

    name: str
    version: str
    library: NativeLibrary | None
    place: str

    @property
    def major(self) -> int:
        """The first number of its version."""
        return int(self.version.partition(".")[0])


def askable() -> list[Engine]:
    """The engines of this machine that can be used, in the order of preference."""
    found = [each for spec in all_specs() if spec.lists_opcodes_by() for each in spec.found() if each.installed]
    return [Engine(each.engine, each.version, each.library, place_of(each.engine) or "") for each in found]


@cache
def opcodes_of(engine: Engine) -> frozenset[str]:
    """The names of its opcodes, those of its plug-ins too.

    Raises EngineUnavailable where it does not tell: a plug-in may crash or hang whoever loads it.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a module of our own
            [sys.executable, "-m", *spec_at(engine.place).lists_opcodes_by()],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=OPCODES_SECONDS,
            env=environment(HostOptions(place=engine.place, library=engine.library)),
            check=False,
        )
        return frozenset(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"{engine.name} did not list its opcodes within {OPCODES_SECONDS:g} s") from None
    except ValueError:
        why = f"status {done.returncode}"
        raise EngineUnavailable(f"the process in which {engine.name} lists its opcodes ended with {why}") from None


def lacked(engines: dict[str, frozenset[str]], name: str) -> dict[str, list[str]]:
    """The opcodes that the engine ``name`` has not and another has, each with who has it."""
    beyond = sorted(frozenset().union(*engines.values()) - engines[name])
    return {opcode: [other for other, names in engines.items() if opcode in names] for opcode in beyond}
