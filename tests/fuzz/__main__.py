"""Random calls of every method with legal types and extreme values, in every state, against a real engine.

``python -m tests.fuzz --engine native --calls 20000 --seed 1 --log fuzz.jsonl`` writes each call to the log before it
is sent and each finding after it, with the fewest calls that bring it about. ``--replay fuzz.jsonl:120`` makes the
call of that line again, alone on a clean engine. The exit status is 1 where there was a finding.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import TextIO

from csoundd.api import METHODS
from tests.fuzz.bench import DRIVES, STATES, Bench, Finding, Request, bench, request, scope, state
from tests.fuzz.extremes import Extremes

EPISODE = 100
"""Calls in one state."""

BURST = 10
"""Calls that are sent without waiting for an answer in between."""

SLOW = {
    "csound.runUtility",
    "csound.audioDevList",
    "csound.midiDevList",
    "csound.module",
    "csound.modules",
    "orc.check",
    "engine.restart",
    "rpc.discover",
    "csound.sleep",
    "csound.perform",
    "thread.join",
    "thread.flushProcessQueue",
    "thread.evalCode",
}
"""What takes a process of its own, or its time: called a tenth as often."""


LOST = ("death", "afterwards", "unanswered", "timeout")
"""The findings after which the engine is made anew, the worst first."""

ENOUGH = 3
"""How often the fewest calls are looked for that bring about the same kind of finding in the same method."""


def weights(scopes: str = "") -> dict[str, float]:
    """How often each method is called, beside the others; with ``scopes`` only those methods that need one of them."""
    wanted = [name for name, method in METHODS.items() if not scopes or method.spec.scope in scopes.split(",")]
    return {name: 0.1 if name in SLOW else 1.0 for name in wanted}


class Run:
    """One run, seeded."""

    def __init__(self, subject: Bench, log: TextIO, seed: int, scopes: str) -> None:
        self._bench, self._log = subject, log
        self._random = Random(seed)
        self._extremes = Extremes(self._random)
        self._weights = weights(scopes)
        self.lines = 0
        self.findings: list[tuple[Finding, list[Request]]] = []
        self.calls: Counter[str] = Counter()
        self._known: Counter[str] = Counter()

    def _write(self, line: dict[str, object]) -> None:
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()
        self.lines += 1

    async def go(self, calls: int) -> None:
        """Make so many random calls, those that bring about the states not counted."""
        while self.calls.total() < calls:
            await self._episode(min(EPISODE, calls - self.calls.total()))

    async def _episode(self, length: int) -> None:
        random = self._random
        name, drive = random.choice(STATES), random.choice(DRIVES)
        done, drawn = state(name, drive), 0
        findings = await self._bench.burst(done)
        if findings:
            await self._found([finding for _, finding in findings], done, f"{name} {drive}")
            return
        self._write({"state": name, "drive": drive})
        while drawn < length:
            calls = [self._drawn() for _ in range(min(BURST, length - drawn))]
            drawn += len(calls)
            for call in calls:
                self._write({"call": call})
                self.calls[call["method"]] += 1
            findings = await self._bench.burst(calls)
            if await self._judged(findings, done, calls, f"{name} {drive}"):
                return
            done += calls

    async def _judged(
        self, found: list[tuple[int, Finding]], done: list[Request], calls: list[Request], where: str
    ) -> bool:
        """Write down what was wrong with each of the calls that were sent at once; whether the engine was lost."""
        lost = [place for place, finding in found if finding.kind in LOST]
        if lost:
            # What came after the first that was lost came to another engine.
            until = max(lost) + 1
            return await self._found([finding for _, finding in found], [*done, *calls[:until]], where)
        for place in sorted({place for place, _ in found}):
            findings = [finding for other, finding in found if other == place]
            await self._found(findings, [*done, *calls[: place + 1]], where)
        return False

    def _drawn(self) -> Request:
        self._extremes.handles = self._bench.handles
        (name,) = self._random.choices(list(self._weights), list(self._weights.values()))
        method = METHODS[name]
        call = request(name, self._extremes.params(method))
        at = self._extremes.at() if method.spec.served == "engine" else None
        if at is not None:
            call |= {"at": at, "late": self._random.choice(("run", "drop", "error"))}
        return call

    async def _found(self, findings: list[Finding], calls: list[Request], where: str) -> bool:
        """Write a finding down; whether the engine had to be made anew."""
        worst = min(findings, key=lambda finding: LOST.index(finding.kind) if finding.kind in LOST else len(LOST))
        last, lost = calls[-1], worst.kind in LOST
        label = f"{worst.kind} {last['method']}"
        self._known[label] += 1
        fewest = [last]
        if lost and self._known[label] <= ENOUGH:
            fewest = await self._fewest(worst.kind, calls, where) or calls
        self.findings.append((worst, fewest))
        found = {"finding": worst.kind, "evidence": worst.evidence, "scope": scope(last), "state": where}
        self._write({**found, "fewest": fewest})
        shown = json.dumps(fewest[-6:])[:1200]
        print(f"[{self.calls.total()}] {worst.kind} ({scope(last)}, {where}): {worst.evidence[-300:]}", flush=True)  # noqa: T201
        print(f"    {shown}", flush=True)  # noqa: T201
        if lost:
            await self._bench.renew()
        return lost

    async def _fewest(self, kind: str, calls: list[Request], where: str) -> list[Request]:
        """The fewest calls that bring it about again, of a burst each alone at first; none where none do."""
        for last in calls[: -BURST - 1 : -1]:
            if fewest := await self._bench.minimal([*state(*where.split()), last], kind):
                return fewest
        return await self._bench.minimal(calls, kind)


def calls_of(place: str) -> list[Request]:
    """The calls that one line of a log speaks of, with those that bring about its state."""
    path, _, number = place.rpartition(":")
    lines = [json.loads(line) for line in Path(path).read_text().splitlines()][: int(number)]
    line = lines[-1]
    if "fewest" in line:
        return list(line["fewest"])
    before = next(entry for entry in reversed(lines) if "drive" in entry)
    return [*state(before["state"], before["drive"]), line["call"]]


async def replay(engine: str, calls: list[Request]) -> bool:
    """Make ``calls`` alone on a clean engine; whether anything was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        async with bench(Path(folder), engine) as subject:
            findings = await subject.replayed(calls)
    for finding in findings:
        print(f"{finding.kind}: {finding.evidence}")  # noqa: T201
    return bool(findings)


async def fuzz(wanted: argparse.Namespace) -> bool:
    """Make the calls that were asked for; whether anything was wrong."""
    with tempfile.TemporaryDirectory() as folder, wanted.log.open("w") as log:
        async with bench(Path(folder), wanted.engine) as subject:
            run = Run(subject, log, wanted.seed, wanted.only)
            await run.go(wanted.calls)
    kinds = Counter(f"{finding.kind} by {scope(calls[-1])}" for finding, calls in run.findings)
    made = f"{run.calls.total()} calls of {len(run.calls)} methods on {wanted.engine}, seed {wanted.seed}"
    print(f"{made}: {dict(kinds)}")  # noqa: T201
    return bool(run.findings)


def main() -> int:
    """Run, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--engine", default="native")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("fuzz.jsonl"))
    parser.add_argument("--only", default="", help="only methods that need one of these scopes, with commas between")
    parser.add_argument("--replay", metavar="LOG:LINE")
    wanted = parser.parse_args()
    if wanted.replay:
        return asyncio.run(replay(wanted.engine, calls_of(wanted.replay)))
    return asyncio.run(fuzz(wanted))


if __name__ == "__main__":
    sys.exit(main())
