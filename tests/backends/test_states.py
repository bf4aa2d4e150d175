"""Every method in every state: an answer or a declared error, never the end of the engine, and never silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from csoundd.access import EVERYTHING
from csoundd.api import METHODS
from csoundd.api.declare import ORCHESTRA, Example, Method, filled
from csoundd.codec import JSON
from csoundd.daemon import INTERCEPTORS
from csoundd.dispatcher import Dispatcher
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import EngineName, HostOptions
from csoundd.errors import CsounddError, WrongState
from csoundd.messages import Drive, Failure, Incoming, Request, Response

DECLARED: Final = frozenset({-32000, -32002, -32003, -32004, -32005, -32006, -32007, -32008, -32602})
"""The errors that a method may answer with in some state; an engine's death and an internal error are others."""

TIMEOUT, UNSUPPORTED = -32007, -32006
PATIENCE: Final = 20.0
SHORT: Final = 0.05
"""The deadline, in seconds, of a call that may wait for ever."""

OWN_PROCESS: Final = frozenset(
    {"csound.runUtility", "csound.audioDevList", "csound.midiDevList", "csound.modules", "csound.module", "orc.check"}
)
"""They ask another process, which takes its time and knows no state: called in one state."""

ANEW: Final = frozenset({"csound.reset", "engine.restart"})
"""They begin an epoch."""

PIECE: Final = ORCHESTRA.replace("instr Bell", "instr 2\nendin\n\ninstr Bell")
"""An example compiles an instr 2, and Bell would have that number: the embedded engine's pluck dies of a pitch of 0."""

NO_SUCH: Final = "<CsOptions>\n-F missing.mid\n</CsOptions>"
ENGINE_ERROR: Final = -32000

Call = tuple[str, object]


class Visitor:
    """A caller who may do everything."""

    id = "visitor"
    grant = EVERYTHING
    receipts = False
    peer = ""


class Walker:
    """Calls methods of one engine over the dispatcher and the JSON codec."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._dispatcher = Dispatcher(engine, {})

    async def call(self, method: str, params: object = (), deadline: float | None = None) -> Any:
        """The answer's JSON value. Raises what the engine answers with."""
        answered: asyncio.Future[Response | list[Response]] = asyncio.get_running_loop().create_future()
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        if deadline is not None:
            message["deadline"] = deadline
        request: Incoming = JSON.decode(json.dumps(message))
        assert isinstance(request, Request)
        self._dispatcher.dispatch(Visitor(), request, answered.set_result)
        response = await asyncio.wait_for(answered, PATIENCE)
        if isinstance(response, Failure):
            raise response.error
        return json.loads(JSON.encode(response))["result"]

    async def do(self, *calls: Call) -> None:
        for method, params in calls:
            await self.call(method, params)

    async def is_started(self) -> bool:
        """Whether Csound was started: a method that needs it answers otherwise."""
        try:
            await self.call("csound.spout")
        except WrongState:
            return False
        return True


FRESH: Final[tuple[Call, ...]] = (("csound.reset", []),)
COMPILED: Final[tuple[Call, ...]] = (*FRESH, ("csound.compileOrc", [PIECE]))
READY: Final[tuple[Call, ...]] = (*COMPILED, ("csound.start", []))
PLAYING: Final[tuple[Call, ...]] = (*READY, ("thread.play", []))


async def after_a_failed_start(walker: Walker) -> None:
    piece = f"<CsoundSynthesizer>\n{NO_SUCH}\n<CsInstruments>\n{PIECE}</CsInstruments>\n</CsoundSynthesizer>\n"
    await walker.do(*FRESH)
    compiled = await walker.call("csound.compileCsdText", [piece])
    try:
        assert compiled != 0 or await walker.call("csound.start") != 0
    except CsounddError as error:
        assert error.code == ENGINE_ERROR  # noqa: PT017 - how a start fails differs


async def after_its_score(walker: Walker) -> None:
    await walker.do(*READY, ("csound.eventString", ["e"]))
    for _ in range(100):
        if await walker.call("csound.performKsmps"):
            return
    raise AssertionError(walker.engine.state)


def calling(*calls: Call) -> Callable[[Walker], Awaitable[None]]:
    """Bring an engine to a state by these calls."""
    return lambda walker: walker.do(*calls)


WAYS: Final[dict[str, tuple[Drive, Callable[[Walker], Awaitable[None]]]]] = {
    "fresh": ("step", calling(*FRESH)),
    "compiled": ("step", calling(*COMPILED)),
    "ready": ("clock", calling(*READY)),
    "playing": ("clock", calling(*PLAYING)),
    "stepped": ("step", calling(*READY, ("csound.performKsmps", []), ("csound.performKsmps", []))),
    "paused": ("clock", calling(*PLAYING, ("thread.pause", []))),
    "stopped": ("clock", calling(*PLAYING, ("thread.stop", []))),
    "ended": ("step", after_its_score),
    "after a failed start": ("clock", after_a_failed_start),
    "reset while it played": ("clock", calling(*PLAYING, *FRESH)),
}


async def exemplified(walker: Walker, method: Method, example: Example) -> None:
    """Make the call of an example, and what it needs before as far as this state allows it."""
    results: list[object] = []
    try:
        for call in example.after:
            results.append(await walker.call(call.method, filled(list(call.params), results)))
        params = filled(example.params, results)
    except CsounddError:
        params = filled(example.params)
    deadline = SHORT if method.spec.deadline is None else None
    await walker.call(method.name, params, deadline)


@pytest.mark.parametrize("way", WAYS)
async def test_every_method_answers_in_every_state(engine_name: EngineName, tmp_path: Path, way: str) -> None:
    drive, bring = WAYS[way]
    options = HostOptions(engine=engine_name, drive=drive, workspace=str(tmp_path))
    async with Engine(options, INTERCEPTORS) as engine:
        walker = Walker(engine)
        await bring(walker)
        wanted = (engine.state, await walker.is_started())
        for method in METHODS.values():
            if method.spec.served != "engine" or (method.name in OWN_PROCESS and way != "ready"):
                continue
            for example in method.spec.examples or (Example({}, None),):
                await answers(walker, method, example, wanted)
                if method.spec.scope != "read" or (engine.state, await walker.is_started()) != wanted:
                    await engine_is_brought_back(walker, bring, wanted)


async def answers(walker: Walker, method: Method, example: Example, wanted: tuple[str, bool]) -> None:
    """Make a call, and hold what comes of it against the table of states."""
    engine, (state, is_started), needs = walker.engine, wanted, method.spec
    epoch = engine.epoch
    refused = state not in needs.states or (needs.started is not None and needs.started != is_started)
    try:
        await exemplified(walker, method, example)
    except CsounddError as error:
        shown = f"{method.name} while {state}: {error.code} {error.message}"
        assert error.code in DECLARED, shown  # noqa: PT017 - an answer is as good
        assert error.code != TIMEOUT or needs.deadline is None, shown  # noqa: PT017
        assert not refused or example.after or isinstance(error, WrongState) or error.code == UNSUPPORTED, shown  # noqa: PT017
    else:
        assert not refused or example.after, f"{method.name} is not allowed while {state}, and answered"
    assert engine.epoch == epoch or method.name in ANEW or uses(example, ANEW), f"{method.name} ended the engine"


def uses(example: Example, methods: frozenset[str]) -> bool:
    return any(call.method in methods for call in example.after)


async def engine_is_brought_back(
    walker: Walker, bring: Callable[[Walker], Awaitable[None]], wanted: tuple[str, bool]
) -> None:
    """Have the state again, where it is another."""
    if (walker.engine.state, await walker.is_started()) != wanted:
        await bring(walker)
        assert (walker.engine.state, await walker.is_started()) == wanted
