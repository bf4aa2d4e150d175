"""A daemon that is killed while it renders: every job is done in the end, and right. Every other one has a stem.

``python -m tests.render.kills [--kills 20] [--jobs 40] [--seed N]``. Jobs are submitted while it goes on, each under a
key, and again where no answer came. The daemon is killed at random moments, and started again in the same folder.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from websockets.exceptions import WebSocketException

from tests.live.daemon import Daemon
from tests.render.commands import LONG, render
from tests.render.jobs import busy, jobs_of, left_over


@dataclass
class Outcome:
    """What became of the jobs: the digest of each by its number, how its attempts ended, and what is left over."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    left: list[Path] = field(default_factory=list)


def stems(number: int) -> list[str]:
    """The stems of a job by its number."""
    return ["1"] if number % 2 else []


def digests_of(sounds: Mapping[str, bytes]) -> dict[str, str]:
    """The digests of sound files by their names."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in sounds.items()}


def expected(folder: Path, jobs: int) -> list[dict[str, str]]:
    """The digests of the sound files of each job, as ``csoundd render`` writes them."""
    made = folder / "expected"
    for number in range(jobs):
        (folder / f"p{number}.csd").write_text(busy(number))
    for words in ((), ("--stems", "1")):
        pieces = [f"p{number}.csd" for number in range(jobs) if bool(stems(number)) == bool(words)]
        assert render(*pieces, "-o", "expected", "--no-cache", *words, folder=folder).status == 0
    return [
        digests_of(
            {path.name: path.read_bytes() for path in (made / f"p{n}.wav", made / f"p{n}-1.wav") if path.exists()}
        )
        for n in range(jobs)
    ]


def killed(folder: Path, digests: list[dict[str, str]], kills: int, chance: random.Random) -> Outcome:
    """Kill a daemon ``kills`` times during as many jobs as there are digests of what is to come of them."""
    (folder / "workspace").mkdir()
    jobs = len(digests)
    pieces = [busy(number) for number in range(jobs)]
    submitted: dict[int, str] = {}
    for _ in range(kills):
        daemon = _started(folder)
        try:
            deadline = monotonic() + chance.uniform(0.0, 4.0)
            with jobs_of(daemon) as client:
                for number in [each for each in range(jobs) if each not in submitted][: chance.randint(1, 8)]:
                    submitted[number] = client.submit(
                        pieces[number], f"p{number}.csd", key=f"k{number}", cache=False, stems=stems(number)
                    )["job"]
                    if monotonic() > deadline:
                        break
            sleep(max(0.0, deadline - monotonic()))
        except (WebSocketException, OSError) as gone:
            print(gone, file=sys.stderr)
        finally:
            daemon.close()
    outcome = Outcome()
    daemon = _started(folder)
    try:
        with jobs_of(daemon) as client:
            for number in range(jobs):
                job = client.submit(
                    pieces[number], f"p{number}.csd", key=f"k{number}", cache=False, stems=stems(number)
                )
                if submitted.get(number, job["job"]) != job["job"]:
                    outcome.wrong.append(f"job {number} was lost")
                ended = client.ended(job["job"])
                outcome.attempts += Counter(each["state"] for each in ended["history"])
                if ended["state"] != "done":
                    outcome.wrong.append(f"job {number} is {ended['state']}: {ended['error']}")
                elif (found := digests_of(client.sounds(ended))) != digests[number]:
                    outcome.wrong.append(f"the sound of job {number} is another one: {found}, not {digests[number]}")
                else:
                    outcome.right += 1
            known = {each["job"] for each in client.call("render.list", limit=1000)["jobs"]}
            if len(known) != jobs:
                outcome.wrong.append(f"there are {len(known)} jobs, and not {jobs}")
    finally:
        daemon.terminate()
        daemon.close()
    outcome.left = left_over(folder / "renders")
    return outcome


def _started(folder: Path) -> Daemon:
    daemon = Daemon(folder / "workspace", "--renders", folder / "renders")
    try:
        daemon.wait_until_ready(LONG)
    except BaseException:
        daemon.close()
        raise
    return daemon


def main() -> int:
    """Run it, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    asked = parser.parse_args()
    print(f"seed {asked.seed}, at most {LONG:g} s a step", flush=True)
    with tempfile.TemporaryDirectory(prefix="csoundd-kills-") as folder:
        digests = expected(Path(folder), asked.jobs)
        outcome = killed(Path(folder), digests, asked.kills, random.Random(asked.seed))
    print(f"{outcome.right} of {asked.jobs} jobs done and right after {asked.kills} deaths")
    print("attempts: " + ", ".join(f"{count} {state}" for state, count in outcome.attempts.items()))
    for problem in (*outcome.wrong, *outcome.left):
        print(f"WRONG: {problem}")
    return bool(outcome.wrong or outcome.left)


if __name__ == "__main__":
    sys.exit(main())
