"""Every getter answers what the library itself does, called alone by ctypes in a process of its own.

The embedded engine is compared with the library of its version. Two things are not asked, since csoundd means to
differ: the value of a channel that is not there, which makes one in the library, and the mode of a channel after its
value was asked for, which the library then has as an output as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.channels import KINDS
from csoundd.engine.csound.native.libraries import chosen
from csoundd.engine.csound.native.plugins import plugin_variables
from csoundd.errors import EngineUnavailable
from tests.backends import bare
from tests.backends.engines import EngineIn
from tests.engine.listening import do

KIND_BITS: Final = {word: bits for bits, word in KINDS.items()} | {"": 0}
FIGURES: Final = (
    "sr",
    "kr",
    "ksmps",
    "nchnls",
    "nchnlsInput",
    "get0dBFS",
    "A4",
    "scoreTime",
    "currentTimeSamples",
    "isScorePending",
    "scoreOffsetSeconds",
    "debug",
    "version",
    "sizeOfMYFLT",
)
States = dict[str, dict[str, Any]]


@cache
def told_by(engine: str) -> States:
    """What the library of ``engine`` answers without us."""
    try:
        library = chosen("native:7" if engine == "wasm" else engine)
    except EngineUnavailable as missing:
        pytest.skip(str(missing))
    environment = os.environ | {"CS_LANG": "none"} | plugin_variables(library, os.environ, "")
    done = subprocess.run(
        [sys.executable, str(bare.__file__), library.path, str(library.major)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=True,
    )
    states: States = json.loads(done.stdout.splitlines()[-1])
    return states


def same(found: Any, expected: Any) -> bool:
    """Whether two answers are equal, numbers but for the last bits, in which mathematical libraries differ."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    return bool(found == pytest.approx(expected, abs=1e-12) if isinstance(expected, float) else found == expected)


def plain(value: Any) -> Any:
    return value if value is None else [float(number) for number in value]


async def channel(engine: Engine, name: str) -> dict[str, object]:
    info: Any = await do(engine, "csound.channelInfo", name)
    hints: Any = await do(engine, "csound.controlChannelHints", name)
    value: Any = await do(engine, "csound.controlChannel", name)
    return {
        "channelInfo": KIND_BITS[info[0]],
        "mode": info[1],
        "controlChannel": list(value),
        "channelDatasize": await do(engine, "csound.channelDatasize", name),
        "controlChannelHints": hints[0] is not None,
    }


async def answers(engine: Engine) -> dict[str, Any]:
    """What the API answers to the same questions in the same order."""
    found: dict[str, Any] = {name: await do(engine, f"csound.{name}") for name in FIGURES}
    found["channels"] = {name: await channel(engine, name) for name in bare.NAMES}
    found["tableLength"] = [await do(engine, "csound.tableLength", table) for table in bare.TABLES]
    if found["tableLength"][0] > 0:
        found["table"] = [plain(await do(engine, "csound.table", table, 0, None)) for table in bare.TABLES]
        found["tableArgs"] = [plain(await do(engine, "csound.tableArgs", table)) for table in bare.TABLES]
    infos: Any = await do(engine, "csound.allocatedChannels")
    listed = [[info["name"], KIND_BITS[info["kind"]], info["mode"]] for info in infos]
    return found | {"allocatedChannels": sorted(listed)}


async def in_every_state(engine: Engine) -> States:
    states = {"fresh": await answers(engine)}
    assert await do(engine, "csound.compileOrc", bare.ORCHESTRA.decode(), True) == 0
    await do(engine, "csound.setControlChannel", "level", 0.25)
    await do(engine, "csound.setStringChannel", "title", "Nocturne")
    states["compiled"] = await answers(engine)
    assert await do(engine, "csound.start") == 0
    states["ready"] = await answers(engine)
    for _ in range(3):
        await do(engine, "csound.performKsmps")
    states["playing"] = await answers(engine)
    return states


async def test_every_getter_answers_as_the_library_does(engine_in: EngineIn, engine_name: str, tmp_path: Path) -> None:
    expected = told_by(engine_name)
    async with engine_in(tmp_path, "step", ("-n",)) as engine:
        found = await in_every_state(engine)
    differing = {
        (state, name): (answer, found[state][name])
        for state, told in expected.items()
        for name, answer in told.items()
        if not same(found[state][name], answer)
    }
    assert differing == {}
