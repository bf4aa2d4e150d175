"""Every method that only reads answers in every state of an engine, also where there is nothing to be read yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.api import METHODS
from csoundd.api.declare import Method
from csoundd.engine.client.engine import Engine
from csoundd.errors import CsounddError, EngineCrashed, EngineUnavailable, Timeout
from tests.backends.engines import EngineIn
from tests.engine.listening import TONE, do

SLOW = {"csound.audioDevList", "csound.midiDevList", "csound.module", "csound.modules"}
"""They are asked of a process of its own."""

GETTERS = [
    method
    for name, method in METHODS.items()
    if method.spec.scope == "read"
    and method.spec.served == "engine"
    and name.startswith("csound.")
    and name not in SLOW
]


def arguments(method: Method) -> list[object]:
    """Those of the method's first example; the name of a channel where that has the answer to another call."""
    given = method.spec.examples[0].params if method.spec.examples else {}
    values = [given[name] for name in method.signature.parameters if name in given]
    return [value if isinstance(value, int | float | str | list | None) else "freq" for value in values]


async def fresh(engine: Engine) -> None:
    assert engine.info().state == "ready"


async def reset(engine: Engine) -> None:
    await started(engine)
    await do(engine, "csound.reset")


async def compiled(engine: Engine) -> None:
    assert await do(engine, "csound.compileOrc", TONE, True) == 0


async def started(engine: Engine) -> None:
    await compiled(engine)
    assert await do(engine, "csound.start") == 0


@pytest.mark.parametrize("reached", [fresh, reset, compiled, started], ids=lambda state: state.__name__)
async def test_every_getter_answers(engine_in: EngineIn, tmp_path: Path, reached: object) -> None:
    assert len(GETTERS) > 40
    assert callable(reached)
    async with engine_in(tmp_path, "step") as engine:
        await reached(engine)
        for method in GETTERS:
            try:
                await do(engine, method.name, *arguments(method))
            except (EngineCrashed, EngineUnavailable, Timeout) as fault:
                pytest.fail(f"{method.name}: {fault}")
            except CsounddError:
                continue
        assert engine.epoch == (2 if reached is reset else 1)
