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

EPISODE = 40
"""Calls in one state."""

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


def weights() -> dict[str, float]:
    """How often each method is called, beside the others."""
    return {name: 0.1 if name in SLOW else 1.0 for name in METHODS}


class Run:
    """One run, seeded."""

    def __init__(self, subject: Bench, log: TextIO, seed: int) -> None:
        self._bench, self._log = subject, log
        self._random = Random(seed)
        self._extremes = Extremes(self._random)
        self._weights = weights()
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
        done = state(name, drive)
        for call in done:
            findings = await self._bench.send(call)
            if findings:
                await self._found(findings, [call], f"{name} {drive}")
                return
        self._write({"state": name, "drive": drive})
        for _ in range(length):
            call = self._drawn()
            self._write({"call": call})
            self.calls[call["method"]] += 1
            findings = await self._bench.send(call)
            if findings and await self._found(findings, [*done, call], f"{name} {drive}"):
                return
            done.append(call)

    def _drawn(self) -> Request:
        self._extremes.handles = self._bench.handles
        (name,) = self._random.choices(list(self._weights), list(self._weights.values()))
        method = METHODS[name]
        call = request(name, self._extremes.params(method))
        at = self._extremes.at() if method.facts.served == "engine" else None
        if at is not None:
            call |= {"at": at, "late": self._random.choice(("run", "drop", "error"))}
        return call

    async def _found(self, findings: list[Finding], calls: list[Request], where: str) -> bool:
        """Write a finding down; whether the engine had to be made anew."""
        worst = min(
            findings,
            key=lambda finding: (
                ("death", "afterwards", "unanswered", "timeout").index(finding.kind)
                if finding.kind in ("death", "afterwards", "unanswered", "timeout")
                else 9
            ),
        )
        last = calls[-1]
        label = f"{worst.kind} {last['method']}"
        self._known[label] += 1
        lost = worst.kind in {"death", "afterwards", "unanswered", "timeout"}
        fewest = [last]
        if lost and self._known[label] <= 3:
            alone = [*state(where.split(maxsplit=1)[0], where.split()[1]), last]
            fewest = await self._bench.minimal(alone, "death") or await self._bench.minimal(calls, "death") or calls
        self.findings.append((worst, fewest))
        self._write(
            {"finding": worst.kind, "evidence": worst.evidence, "scope": scope(last), "state": where, "fewest": fewest}
        )
        text = json.dumps(fewest[-6:])
        print(
            f"[{self.calls.total()}] {worst.kind} ({scope(last)}, {where}): {worst.evidence[-300:]}\n    {text[:1200]}",
            flush=True,
        )  # noqa: T201
        if lost:
            await self._bench.renew()
        return lost


async def replay(engine: str, place: str) -> None:
    """Make the call of one line of a log again, in its state, alone."""
    path, _, number = place.rpartition(":")
    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    line = lines[int(number) - 1]
    before = next(entry for entry in reversed(lines[: int(number)]) if "state" in entry and "drive" in entry)
    calls = line.get("fewest") or [*state(before["state"], before["drive"]), line["call"]]
    with tempfile.TemporaryDirectory() as folder:
        async with bench(Path(folder), engine) as subject:
            for finding in await subject.replayed(calls):
                print(f"{finding.kind}: {finding.evidence}")  # noqa: T201


async def main() -> int:
    """Run, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--engine", default="native")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("fuzz.jsonl"))
    parser.add_argument("--only", default="", help="only methods whose scope is among these, with commas between")
    parser.add_argument("--replay", metavar="LOG:LINE")
    wanted = parser.parse_args()
    if wanted.replay:
        await replay(wanted.engine, wanted.replay)
        return 0
    with tempfile.TemporaryDirectory() as folder, wanted.log.open("w") as log:
        async with bench(Path(folder), wanted.engine) as subject:
            run = Run(subject, log, wanted.seed)
            if wanted.only:
                scopes = wanted.only.split(",")
                run._weights = {
                    name: weight for name, weight in run._weights.items() if METHODS[name].facts.scope in scopes
                }
            await run.go(wanted.calls)
    kinds = Counter(f"{finding.kind} by {scope(calls[-1])}" for finding, calls in run.findings)
    print(
        f"{run.calls.total()} calls of {len(run.calls)} methods on {wanted.engine}, seed {wanted.seed}: {dict(kinds)}"
    )  # noqa: T201
    return bool(run.findings)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
