"""The 167 names of Csound's API, each called over a real WebSocket in both codecs."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csoundd.api import METHODS
from csoundd.api.declare import ORCHESTRA, Example, filled
from csoundd.engine.options import EngineName
from tests.backends.engines import ENGINES
from tests.live.daemon import Daemon, serving
from tests.live.foreign import Client, Codec, Refused, connected

NAMES_FILE = Path(__file__).parents[1] / "api" / "csound7-methods.json"
UNSUPPORTED = -32006
MOST_REFUSALS = 8
WHO = re.compile("csound[A-Z]|the native engine")
"""A refusal names the C function that is missing, or the engine that has what is."""

SPACES = {"Csound": "csound", "PerformanceThread": "thread"}


def names() -> list[str]:
    classes = json.loads(NAMES_FILE.read_text())["classes"]
    return [f"{SPACES[name]}.{method['name']}" for name, methods in classes.items() for method in methods]


@pytest.fixture(scope="module", params=ENGINES)
def daemons(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Daemon]]:
    """One daemon for each drive that the examples ask for, on each engine."""
    engine: EngineName = request.param
    folders = {drive: tmp_path_factory.mktemp(drive) for drive in ("step", "clock")}
    with (
        serving(folders["step"], "--engine", engine, "--drive", "step") as step,
        serving(folders["clock"], "--engine", engine, "--drive", "clock") as clock,
    ):
        yield {"step": step, "clock": clock}


def as_json(value: Any) -> Any:
    """What came, in the forms of the JSON codec, whichever codec it came in."""
    if isinstance(value, np.ndarray):
        data = base64.b64encode(value.tobytes()).decode()
        return {"$array": {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")}
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return value


def fits(found: Any, example: Example) -> bool:
    """Whether an answer is the example's, or of its type where the example leaves the value open."""
    shown = example.result
    if example.exact:
        return bool(found == pytest.approx(shown)) if isinstance(shown, float) else bool(found == shown)
    numbers = (int, float, dict)
    return (
        found is None
        or shown is None
        or type(found) is type(shown)
        or (type(found) in numbers and type(shown) in numbers)
    )


async def walked(clients: dict[str, Client], name: str) -> str | None:
    """Call ``name`` as its examples do. Returns the reason where the engine refuses it."""
    for example in METHODS[name].spec.examples:
        client = clients[example.drive]
        await client.call("csound.reset")
        if not example.fresh:
            assert await client.call("csound.compileOrc", ORCHESTRA) == 0
            assert await client.call("csound.start") == 0
        try:
            found = as_json(await exemplified(client, name, example))
        except Refused as refused:
            if refused.code != UNSUPPORTED:
                raise AssertionError(f"{name}{example.params}: {refused}, {refused.data}") from refused
            return refused.message
        assert fits(found, example), f"{name}{example.params} answered {found}, not {example.result}"
    return None


async def exemplified(client: Client, name: str, example: Example) -> Any:
    results: list[object] = []
    for call in example.after:
        results.append(as_json(await client.call(call.method, *filled(list(call.params), results))))  # type: ignore[misc]
    params = filled(example.params, results)
    answer = await client.ask(name, params)
    if "error" in answer:
        raise Refused(answer["error"])
    return answer["result"]


async def test_every_name_of_the_api_answers_or_says_why_not(daemons: dict[str, Daemon], codec: Codec) -> None:
    refused: dict[str, str] = {}
    async with (
        connected(daemons["step"].url, codec) as step,
        connected(daemons["clock"].url, codec) as clock,
    ):
        for name in names():
            reason = await walked({"step": step, "clock": clock}, name)
            if reason is not None:
                refused[name] = reason
    print(f"{len(refused)} of {len(names())} refused over {codec.name}:")  # noqa: T201 - the count is asked for
    print("\n".join(refused.values()))  # noqa: T201
    assert len(refused) <= MOST_REFUSALS
    assert all(WHO.search(reason.removeprefix(name)) for name, reason in refused.items())
