"""One daemon under fire: a call is sent, and judged by everything that came of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from websockets.exceptions import ConnectionClosed

from csoundd.api import METHODS
from tests.fuzz.extremes import BLOCKING, ORCHESTRA, expanded
from tests.live.daemon import serving
from tests.live.foreign import Codec, connected

Request = dict[str, Any]

ENGINE_CRASHED: Final = -32009
UNAVAILABLE: Final = -32010
TIMEOUT: Final = -32007
INTERNAL: Final = -32603
PATIENCE: Final = 20.0
"""Seconds in which a call has to be answered: its deadline, and what the watchdog needs to end the engine."""

DEADLINE: Final = 8.0
SHORT: Final = 0.3
"""The deadline of calls that may wait for ever."""

PYTHON: Final = re.compile(
    r"\b[A-Z]\w*(?:Error|Exception|Interrupt|Warning)\b: |Traceback|embedded null|iteration over a 0-d|"
    r"could not convert|object is not|positional argument"
)
PLAIN: Final = Codec("csoundd.json", "application/json", json.dumps, json.loads)
"""Special forms stay as they came: a document of the API's has some that stand for no value."""

RESET: Final = ("the engine was reset", "the engine was restarted", "Csound did not start")
"""What a call that waits for its time is answered where the engine was made anew on purpose: no death."""

DIED: Final = frozenset({"died", "failed"})
NO_START: Final = RESET[-1]
"""The engine is made anew where Csound could not be started: the call that started it was answered, nothing died."""

SCOPES: Final = ("read", "control", "compile", "admin")


@dataclass(frozen=True)
class Finding:
    """A fault found with a call: ``kind`` in a word, and the evidence."""

    kind: str
    evidence: str


def request(method: str, params: object = (), **envelope: object) -> Request:
    """A call as it is logged."""
    return {"method": method, "params": params if isinstance(params, dict) else list(params), **envelope}  # type: ignore[call-overload]


def state(name: str, drive: str) -> list[Request]:
    """The calls that bring an engine, whatever it was, to a state."""
    calls = [request("thread.stop"), request("engine.drive", [drive]), request("csound.reset")]
    if name == "fresh":
        return calls
    calls.append(request("csound.compileOrc", [ORCHESTRA]))
    if name == "compiled":
        return calls
    calls += [request("csound.start"), request("csound.initPvsChannel", ["spectrum", 64, 16, 64, "hann"])]
    if name == "ready":
        return calls
    play = request("csound.performKsmps") if drive == "step" else request("thread.play")
    calls += [play, request("csound.setStringChannel", ["title", "Nocturne"])]
    if name == "playing":
        return calls
    return [*calls, request({"paused": "thread.pause", "ended": "thread.stop"}[name])]


STATES: Final = ("fresh", "compiled", "ready", "playing", "playing", "paused", "ended")
DRIVES: Final = ("step", "clock", "free")


class Bench:
    """A daemon and one connection to it. Deaths of the engine are heard of on the topic ``engine``."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        self._folder, self._arguments = folder, arguments
        self._told = 0
        self.handles: list[str] = []

    async def open(self) -> None:
        """Start a daemon, and hear of what befalls its engine."""
        self._serves = AsyncExitStack()
        self._daemon = self._serves.enter_context(serving(self._folder, *self._arguments))
        self._client = await self._serves.enter_async_context(connected(self._daemon.url, PLAIN))
        self._stream = await self._client.subscribe("engine")
        self._told = 0

    async def close(self) -> None:
        """End the daemon, which may have hung or lost its connection."""
        self._daemon.close()
        with suppress(Exception):
            await self._serves.aclose()

    async def renew(self) -> None:
        """A clean engine in the place of one that died; a clean daemon where even that has no answer."""
        try:
            await self._client.ask("engine.restart", {"options": [], "drive": "step"}, deadline=30)
        except (TimeoutError, AssertionError, ConnectionClosed):
            await self.close()
            await self.open()
        self._client.frames[self._stream].clear()
        self._told = len(self._daemon.errors())

    async def send(self, call: Request) -> list[Finding]:
        """Send one call, let a cycle pass, and say what was wrong."""
        return [finding for _, finding in await self.burst([call])]

    async def burst(self, calls: Sequence[Request]) -> list[tuple[int, Finding]]:
        """Send ``calls`` without waiting in between, a cycle after each; what was wrong, and with which.

        What befell the engine is put down to the last.
        """
        client = self._client
        numbers, followers = [], []
        for call in calls:
            name = call["method"]
            envelope: Request = {key: value for key, value in call.items() if key not in {"method", "params"}}
            envelope.setdefault("deadline", SHORT if name in BLOCKING else DEADLINE)
            numbers.append(await client.begin(name, expanded(call["params"]), **envelope))
            followers.append(await client.begin("csound.performKsmps", deadline=DEADLINE))
        followers.append(await client.begin("engine.sync", deadline=DEADLINE))
        findings: list[tuple[int, Finding]] = []
        last = len(calls) - 1

        def answered() -> bool:
            # A frame that is too large is answered without the id that is in it.
            missing = sum(number not in client.replies for number in (*numbers, *followers))
            return missing <= len(client.complaints)

        try:
            await client.until(answered, PATIENCE + len(calls))
        except (TimeoutError, AssertionError) as problem:
            late = [number for number in (*numbers, *followers) if number not in client.replies]
            names = [call["method"] for number, call in zip(numbers, calls, strict=True) if number in late]
            findings.append((last, Finding("unanswered", f"{names} and {len(late)} in all had no answer: {problem!r}")))
        client.complaints.clear()
        for place, (number, call) in enumerate(zip(numbers, calls, strict=True)):
            answer = client.replies.pop(number, {})
            findings += [(place, finding) for finding in self._answer(call["method"], answer)]
        for place, follower in enumerate(followers):
            error = client.replies.pop(follower, {}).get("error")
            if (
                error is not None
                and error["code"] in {ENGINE_CRASHED, TIMEOUT, INTERNAL}
                and not error["message"].endswith(RESET)
            ):
                findings.append((min(place, last), Finding("afterwards", f"{error['code']} {error['message']}")))
        return findings + [(last, finding) for finding in self._heard()]

    def _answer(self, name: str, answer: dict[str, Any]) -> list[Finding]:
        error = answer.get("error")
        if error is None:
            self._keep_handles(answer.get("result"))
            text = str(answer.get("result"))[:20_000]
            # An instrument may print such words; a result of the API never has them.
            return [Finding("python", text)] if PYTHON.search(text) and name != "rpc.discover" else []
        findings = []
        shown = f"{error['code']} {error['message']}"
        if error["code"] == ENGINE_CRASHED and not error["message"].endswith(RESET):
            findings.append(Finding("death", shown))
        if error["code"] == INTERNAL:
            findings.append(Finding("internal", shown))
        if error["code"] == TIMEOUT and name not in BLOCKING and name != "thread.evalCode":
            findings.append(Finding("timeout", shown))
        said = shown + str({key: value for key, value in error["data"].items() if key != "messages"})
        if PYTHON.search(said):
            findings.append(Finding("python", said[:500]))
        return findings

    def _keep_handles(self, result: object) -> None:
        found = result[0] if isinstance(result, list) and result else result
        if isinstance(found, dict) and found.keys() == {"$handle"}:
            self.handles = [*self.handles[-20:], found["$handle"]]

    def _heard(self) -> list[Finding]:
        frames = self._client.frames[self._stream]
        deaths = [
            Finding("death", str(frame.data["reason"]))
            for frame in frames
            if frame.data["event"] in DIED and frame.data["reason"] != NO_START
        ]
        frames.clear()
        written = self._daemon.errors()
        told, self._told = written[self._told :], len(written)
        _, trace, what = told.partition("Traceback")
        return deaths + ([Finding("traceback", what[:3000])] if trace else [])

    async def replayed(self, calls: Sequence[Request]) -> list[Finding]:
        """What comes of ``calls``, in order, on a clean engine."""
        await self.renew()
        return [finding for _, finding in await self.burst(calls)]

    async def minimal(self, calls: Sequence[Request], kind: str) -> list[Request]:
        """The fewest of ``calls``, the last among them, that bring about a finding of this kind."""

        async def shows(some: Sequence[Request]) -> bool:
            return any(finding.kind == kind for finding in await self.replayed(some))

        kept = list(calls)
        if not await shows(kept):
            return []
        width = max(1, len(kept) // 2)
        while width:
            place = 0
            while place < len(kept):
                fewer = kept[:place] + kept[place + width :]
                if fewer and await shows(fewer):
                    kept = fewer
                else:
                    place += width
            width //= 2
        return kept


@asynccontextmanager
async def bench(folder: Path, engine: str, *arguments: str) -> AsyncIterator[Bench]:
    """A daemon of this engine in drive ``step``, and a connection to it."""
    made = Bench(folder, ("--engine", engine, "--drive", "step", *arguments))
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def scope(call: Request) -> str:
    """What a caller has to be allowed to make the call, and those that are in it."""
    method = METHODS.get(call["method"])
    needed = "read" if method is None else method.spec.scope
    within = [call["params"]]
    while within:
        value = within.pop()
        if isinstance(value, dict) and value.get("method") in METHODS:
            needed = max(needed, METHODS[value["method"]].spec.scope, key=SCOPES.index)
        if isinstance(value, dict | list):
            within += value.values() if isinstance(value, dict) else value
    return needed
