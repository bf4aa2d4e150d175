"""Has an engine die in eight ways under load, and looks whether anybody is left without an answer or a change."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

from tests.live.daemon import serving
from tests.survival.load import PATIENCE, Caller, Pause, Refused, Worker, missing, piece

CODE = {
    # Csound reads far outside of the table.
    "memory overrun": """
giLooped ftgen 0, 0, 16, 2, 0
instr 91
  aOut flooper2 1, 1e9, -1e9, 1e9, 1, giLooped
endin
schedule(91, 0.02, 1)
""",
    "crash by code": """
instr 92
  asound = oscili(0.5, 440)
  alead = -1e9
  adelayed vdelayx asound, alead, 1, 4
  outs adelayed, adelayed
endin
schedule(92, 0.02, 1)
""",
    "hang": """
instr 93
  kone init 1
  while kone == 1 do
    kone = 1
  od
endin
schedule(93, 0.02, 1)
""",
}
CODE_IN_SANDBOX = {"crash by code": "exitnow 3\n"}
"""What ends the embedded engine in the call itself. A native one takes it, and what it does in a cycle is no death."""

SIGNALS = {
    "SIGKILL": signal.SIGKILL,
    "SIGSEGV": signal.SIGSEGV,
    "trap": signal.SIGILL,
    "abort": signal.SIGABRT,
    "SIGSTOP": signal.SIGSTOP,
}
KINDS = ("SIGKILL", "memory overrun", "trap", "crash by code", "abort", "hang", "SIGSEGV", "SIGSTOP")
OF_ITS_OWN = frozenset(CODE)
"""The deaths that are put down to the engine: what began just before may be given up. The others cost nothing."""

SUSPECT_SECONDS = 1.5
"""A second, and some room: what is younger is given up."""


@dataclass(slots=True)
class Outlived:
    """What came of it: all is well where ``wrong`` has nothing in it. Times are in seconds."""

    clients: int
    deaths: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    """How long it took each time from the cause to the next engine that plays."""

    acknowledged: int = 0
    crashed: int = 0
    """Calls that were answered with the engine's death."""

    looked_at: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        every = [seconds for times in self.deaths.values() for seconds in times]
        kinds = ", ".join(f"{kind} {median(times):.2f} s" for kind, times in self.deaths.items() if times)
        return (
            f"{len(every)} deaths under load from {self.clients} clients, {self.acknowledged} changes acknowledged, "
            f"{self.crashed} calls answered with a death, {self.looked_at} things looked at, {len(self.wrong)} wrong; "
            f"until it plays again, median: {kinds}"
        )


def outlived(
    folder: Path, engine: str, *, deaths: int, clients: int, seed: int, kinds: tuple[str, ...] = KINDS
) -> Outlived:
    """Have an engine die so many times, in each way in its turn."""
    (folder / "load.csd").write_text(piece(clients))
    chance, result = random.Random(seed), Outlived(clients)
    workers = [Worker(number, seed + number) for number in range(clients)]
    pause = Pause(clients)
    with serving(folder, "load.csd", "--engine", engine, "--no-mdns", "--autoplay") as daemon:
        threads = [threading.Thread(target=worker.work, args=(daemon.port, pause), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        caller, given_up = Caller(daemon.port), _GivenUp()
        try:
            for number in range(deaths):
                threading.Event().wait(chance.uniform(0.1, 0.5))
                kind = kinds[number % len(kinds)]
                seconds = _death(caller, kind, given_up)
                result.deaths[kind].append(seconds)
                if number % len(kinds) == len(kinds) - 1 or number == deaths - 1:
                    pause.begin()
                    gone, looked = missing(workers, caller, given_up.may_be)
                    result.wrong += gone
                    result.looked_at += looked
                    pause.end(last=number == deaths - 1)
        except threading.BrokenBarrierError:
            result.wrong.append("a worker could not go on")
        for thread in threads:
            thread.join(PATIENCE)
        caller.close()
    for worker in workers:
        result.acknowledged += worker.acknowledged
        result.crashed += worker.crashed
        result.wrong += [f"an answer: {wrong}" for wrong in worker.wrong]
        if worker.lost is not None or worker.unanswered:
            result.wrong.append(f"client {worker.number}: {worker.unanswered} not answered, {worker.lost}")
    return result


def _death(caller: Caller, kind: str, given_up: _GivenUp) -> float:
    """Have the engine die; how long it takes until another one plays, in seconds."""
    info = caller.call("engine.info")
    begun = monotonic()
    if kind in CODE:
        with suppress(Refused):  # it may die before it can say that it has compiled it
            code = CODE_IN_SANDBOX.get(kind) if info["backend"] == "wasm" else None
            caller.call("csound.compileOrc", code or CODE[kind])
    else:
        os.kill(info["pid"], SIGNALS[kind])
    while True:
        now = _info(caller)
        if now["epoch"] > info["epoch"] and now["state"] == "playing":
            break
        assert monotonic() < begun + PATIENCE, f"{kind}: the engine is {now}"
    ended = monotonic()
    given_up.note(begun, ended, of_its_own=kind in OF_ITS_OWN)
    return ended - begun


def _info(caller: Caller) -> dict[str, Any]:
    info: dict[str, Any] = caller.call("engine.info")
    return info


class _GivenUp:
    """What may have been given up in deaths of the engine's own. Two of them never follow one another here."""

    def __init__(self) -> None:
        self._deaths: list[tuple[float, float]] = []
        self._was_its_own = False

    def note(self, begun: float, ended: float, *, of_its_own: bool) -> None:
        """There was a death."""
        assert not (of_its_own and self._was_its_own), "after a second one in a row all notes are given up"
        self._was_its_own = of_its_own
        if of_its_own:
            self._deaths.append((begun, ended))

    def may_be(self, kind: str, sent: float) -> bool:
        """Whether something of a kind that was changed then may have been given up."""
        if kind not in {"note", "instrument"}:
            return False
        return any(begun - SUSPECT_SECONDS < sent < ended for begun, ended in self._deaths)
