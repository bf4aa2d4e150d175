"""Kills a daemon under load again and again, and looks whether all that it had acknowledged comes back."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic

from tests.live.daemon import Daemon
from tests.survival.load import Caller, Worker, missing, piece


@dataclass(slots=True)
class Survived:
    """What came of it: ``missing`` has nothing in it where all is well. Times are in seconds."""

    kills: int
    acknowledged: int
    looked_at: int
    missing: list[str]
    back: list[float]

    def __str__(self) -> str:
        return (
            f"{self.kills} SIGKILLs, {self.acknowledged} changes acknowledged, {self.looked_at} looked at, "
            f"{len(self.missing)} not there; ready again after {median(self.back):.2f} s "
            f"(at most {max(self.back):.2f} s)"
        )


def survived(folder: Path, engine: str, *, kills: int, clients: int, seed: int) -> Survived:
    """Kill a daemon with ``engine`` in ``folder`` so many times."""
    workspace, state, chance = folder / "pieces", folder / "state", random.Random(seed)
    workspace.mkdir()
    (workspace / "load.csd").write_text(piece(clients))
    workers = [Worker(number, seed + number) for number in range(clients)]
    result = Survived(kills, 0, 0, [], [])
    daemon = _started(workspace, state, engine)
    try:
        for _ in range(kills):
            threads = [threading.Thread(target=worker.work, args=(daemon.port,)) for worker in workers]
            for thread in threads:
                thread.start()
            threading.Event().wait(chance.uniform(0.1, 0.6))
            daemon.process.kill()
            daemon.process.wait()
            for thread in threads:
                thread.join()
            begun = monotonic()
            daemon.close()
            daemon = _started(workspace, state, engine)
            result.back.append(monotonic() - begun)
            caller = Caller(daemon.port)
            gone, looked = missing(workers, caller)
            caller.close()
            result.missing += gone
            result.looked_at += looked
        result.acknowledged = sum(worker.acknowledged for worker in workers)
        result.missing += [f"an answer: {wrong}" for worker in workers for wrong in worker.wrong]
        daemon.terminate()
    finally:
        daemon.close()
    return result


def _started(workspace: Path, state: Path, engine: str) -> Daemon:
    daemon = Daemon(workspace, "load.csd", "--state", state, "--engine", engine, "--no-mdns", "--autoplay")
    try:
        daemon.wait_until_ready()
    except BaseException:
        daemon.close()
        raise
    return daemon
