"""Every example of the reference, run on the engine it is about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from csoundd.access import EVERYTHING
from csoundd.api import METHODS
from csoundd.api.declare import ORCHESTRA, Call, Example, Method, filled
from csoundd.codec import JSON
from csoundd.daemon import INTERCEPTORS
from csoundd.dispatcher import Dispatcher
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import EngineName, HostOptions
from csoundd.messages import Failure, Incoming, Request, Response

DRIVES = ("step", "clock")
EXAMPLES = [(m, n, e) for m in METHODS.values() if m.spec.served == "engine" for n, e in enumerate(m.spec.examples)]


class ExampleCaller:
    """A caller who may do everything."""

    id = "visitor"
    grant = EVERYTHING
    receipts = False
    peer = ""


class Bench:
    """An engine that examples are run on one after another, over the dispatcher and the JSON codec."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._dispatcher = Dispatcher(engine, {})

    async def call(self, method: str, params: object) -> Any:
        """The answer's JSON value. Raises what the engine answers with."""
        answered: asyncio.Future[Response | list[Response]] = asyncio.get_running_loop().create_future()
        request: Incoming = JSON.decode(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
        assert isinstance(request, Request)
        self._dispatcher.dispatch(ExampleCaller(), request, answered.set_result)
        response = await answered
        if isinstance(response, Failure):
            raise response.error
        return json.loads(JSON.encode(response))["result"]

    async def prepare(self, example: Example) -> None:
        await self.call("csound.reset", [])
        if not example.fresh:
            assert await self.call("csound.compileOrc", [ORCHESTRA]) == 0
            assert await self.call("csound.start", []) == 0

    async def run(self, method: Method, example: Example) -> Any:
        results: list[object] = []
        for call in example.after:
            assert isinstance(call, Call)
            results.append(await self.call(call.method, filled(list(call.params), results)))
        return await self.call(method.name, filled(example.params, results))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def benches(engine_name: EngineName, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Bench]]:
    folder = str(tmp_path_factory.mktemp("workspace"))
    async with (
        Engine(HostOptions(engine=engine_name, drive="step", workspace=folder), INTERCEPTORS) as stepped,
        Engine(HostOptions(engine=engine_name, drive="clock", workspace=folder), INTERCEPTORS) as clocked,
    ):
        yield {"step": Bench(stepped), "clock": Bench(clocked)}


def alike(found: Any, shown: Any) -> bool:
    """Whether two answers are of the same shape; what the example leaves open is not compared."""
    if shown is None or found is None:
        return True
    if isinstance(shown, dict) and isinstance(found, dict):
        return set(shown) & set(found) != set() or not shown or not found
    if isinstance(shown, bool) or isinstance(found, bool):
        return type(shown) is type(found)
    if isinstance(shown, int | float):
        return isinstance(found, int | float | dict)
    return type(shown) is type(found)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("method", "number", "example"), EXAMPLES, ids=[f"{m.name}-{n}" for m, n, _ in EXAMPLES])
async def test_an_example_of_the_reference_holds(
    benches: dict[str, Bench], method: Method, number: int, example: Example
) -> None:
    del number
    bench = benches[example.drive]
    if method.name in bench.engine.hello.unsupported:
        pytest.skip("not served by this engine")
    await bench.prepare(example)
    found = await bench.run(method, example)
    if example.exact:
        assert found == pytest.approx(example.result) if isinstance(example.result, float) else found == example.result
    else:
        assert alike(found, example.result)
