"""Every getter answers what the library itself does, called alone by ctypes in a process of its own.

The embedded engine is compared with the library of its version. Three things are not asked, since csoundd means to
differ: whether there is MIDI, as its own driver is there; the value of a channel that is not there, which makes one in
the library; and the mode of a channel after its value was asked for, which the library then has as an output as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.channels import KINDS
from csoundd.engine.csound.native.libraries import chosen
from csoundd.engine.csound.native.plugins import plugin_variables
from csoundd.errors import EngineUnavailable
from tests.backends import bare
from tests.backends.engines import EngineIn
from tests.backends.sharing import Somebody
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
OF_MIDI: Final = ("rt_events", "midi_in")
"""Parameters of Csound 7 that are set once csoundd's MIDI driver has its ports."""

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
    if isinstance(expected, list) and all(isinstance(value, int) for value in expected):
        # The parameters: what is behind those that are named is not compared.
        return list(found[: len(expected)]) == expected
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
    found["messageLevel"] = await do(engine, "csound.messageLevel")
    params: Any = await do(engine, "csound.params", None)
    found["params"] = [value for name, value in params.items() if name not in OF_MIDI]
    found["env"] = [await do(engine, "csound.env", name) or "" for name in bare.VARIABLES]
    infos: Any = await do(engine, "csound.allocatedChannels")
    listed = [[info["name"], KIND_BITS[info["kind"]], info["mode"]] for info in infos if info["name"] != bare.SPECTRUM]
    return found | {"allocatedChannels": sorted(listed)}


async def array(engine: Engine) -> dict[str, Any]:
    name, sizes = bare.GRID
    session = Somebody(engine)
    await session.do("csound.initArrayChannel", name, "k", list(sizes))
    again = await session.do("csound.initArrayChannel", "level", "k", list(sizes))
    asked = ("arrayDataType", "arrayDataDimensions", "arrayDataSizes", "arrayData")
    found: dict[str, Any] = {member: await do(engine, f"csound.{member}", name) for member in asked}
    found["arrayData"] = flat(found["arrayData"])
    return found | {"arrayDataSizes": list(found["arrayDataSizes"]), "of another kind": again is None}


def flat(value: Any) -> list[float]:
    """Numbers one after another, frame by frame."""
    return [float(number) for number in np.asarray(value).ravel()]


async def in_every_state(engine: Engine) -> States:
    states = {"fresh": await answers(engine)}
    assert await do(engine, "csound.compileOrc", bare.ORCHESTRA.decode(), True) == 0
    await do(engine, "csound.setControlChannel", "level", 0.25)
    await do(engine, "csound.setStringChannel", "title", "Nocturne")
    states["compiled"] = await answers(engine)
    assert await do(engine, "csound.start") == 0
    states["ready"] = await answers(engine)
    if "csound.initArrayChannel" not in engine.hello.unsupported:
        states["array"] = await array(engine)
    await do(engine, "csound.evalCode", 'schedule "Spectrum", 0, 1\n')
    for _ in range(3):
        await do(engine, "csound.performKsmps")
    members = ("FftSize", "Overlap", "WindowSize", "Format")
    states["playing"] = await answers(engine) | {
        "spout": flat(await do(engine, "csound.spout")),
        "spin": flat(await do(engine, "csound.spin")),
        "stringChannel": await do(engine, "csound.stringChannel", "title"),
        "spectrum": [await do(engine, f"csound.pvsData{member}", bare.SPECTRUM) for member in members],
    }
    return states


async def test_every_getter_answers_as_the_library_does(engine_in: EngineIn, engine_name: str, tmp_path: Path) -> None:
    expected = told_by(engine_name)
    async with engine_in(tmp_path, "step", ("-n",)) as engine:
        found = await in_every_state(engine)
    if engine_name == "wasm":
        # Its pvsout passes neither on, where that of 7.0.0 has an overlap of 1.
        size, _overlap, _window, form = expected["playing"]["spectrum"]
        expected = expected | {"playing": expected["playing"] | {"spectrum": [size, 0, 0, form]}}
    differing = {
        (state, name): (answer, found[state][name])
        for state, told in expected.items()
        for name, answer in told.items()
        if not same(found[state][name], answer)
    }
    assert differing == {}
