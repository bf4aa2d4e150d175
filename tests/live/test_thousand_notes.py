"""A thousand notes with timetags sound in the cycles that hold their times, whatever the network did to their packets.

Ten seconds long, and in a file of its own so that no other test waits behind it.
"""

from __future__ import annotations

import asyncio
import random
import socket
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, Final

import numpy as np
import pytest

from csoundd.codec.osc import Timetag, bundle, float32, int32, message, text
from tests.live.daemon import Daemon
from tests.live.foreign import MSGPACK, SR, Client, connected
from tests.live.sounds import whole

NOTES: Final = 1000
SPACING: Final = 0.01
"""Seconds from one note to the next, and up to half of that more."""

LONGEST_DELAY: Final = 0.05
AHEAD: Final = 1.0
"""Seconds that a note is sent before its time, so that no scheduler makes one late."""

KSMPS: Final = 64
LEVELS: Final = 1024
"""The peak of a note is its number over this, which a 32-bit float holds exactly."""

MARKS: Final = 64
TAKES: Final = 3
TOO_LATE: Final = 0.2
"""Seconds of lateness at which the engine's clock starts anew."""

CLICKS: Final = f"""
sr = {SR:g}
ksmps = {KSMPS}
nchnls = 1
0dbfs = 1
instr 1
  aclick mpulse p4, 0
  out aclick
endin
"""


@dataclass(frozen=True)
class Recording:
    """A recording from ``begin`` on, and the samples that times in seconds since ``origin`` may stand for."""

    frames: np.ndarray[Any, np.dtype[np.float64]]
    begin: int
    times: list[float]
    earliest: float
    latest: float
    disturbed: bool

    def onsets(self) -> dict[int, int]:
        """The sample at which each note begins, by the note's number."""
        places = np.flatnonzero(self.frames)
        return {round(self.frames[place] * LEVELS): self.begin + int(place) for place in places}


def packets(origin: float, times: list[float], chance: random.Random) -> list[tuple[float, bytes]]:
    """When to send each note, in order, and the note."""
    notes = [
        message("/event", text("i"), int32(1), int32(0), float32(0.002), float32(number / LEVELS))
        for number in range(1, NOTES + 1)
    ]
    sent = [(when - AHEAD + chance.uniform(0.0, LONGEST_DELAY), when) for when in times]
    return sorted(
        (origin + moment, bundle(Timetag.of(origin + when), note))
        for (moment, when), note in zip(sent, notes, strict=True)
    )


async def send(port: int, going: list[tuple[float, bytes]]) -> float:
    """Send each packet at its moment; by how many seconds the latest was late."""
    late = 0.0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        for moment, packet in going:
            await asyncio.sleep(moment - time())
            sender.send(packet)
            late = max(late, time() - moment)
    return late


async def mark(client: Client, origin: float, times: list[float]) -> tuple[float, float]:
    """Between which bounds the sample at ``origin`` lies, by receipts for calls at times on the wall clock."""
    numbers = [await client.begin("engine.sync", at={"wall": origin + when}, deadline=60.0) for when in times]
    edges = [(await client.answer_to(number))["meta"]["sample"] for number in numbers]
    least = [edge - when * SR for edge, when in zip(edges, times, strict=True)]
    return max(least), min(least) + KSMPS


async def recorded(client: Client, daemon: Daemon, name: str, seed: int) -> Recording:
    chance, engine = random.Random(seed), await client.subscribe("engine")
    times = [number * SPACING + chance.uniform(0.0, SPACING / 2) for number in range(NOTES)]
    begin = (await client.ask("thread.record", [name, 32, 4]))["meta"]["sample"]
    origin = time() + AHEAD + LONGEST_DELAY
    marks = [chance.uniform(0.0, times[-1]) for _ in range(MARKS)]
    marking = asyncio.create_task(mark(client, origin, marks))
    late = await send(daemon.osc_port, packets(origin, times, chance))
    earliest, latest = await marking
    pong = await client.call("session.ping", time())
    assert pong["sample"] - (pong["wall"] - origin) * SR == pytest.approx(earliest, abs=TOO_LATE * SR)
    await client.ask("engine.sync", at={"wall": origin + times[-1] + 0.1}, deadline=60.0)
    await client.call("thread.stopRecord")
    frames = whole(Path(daemon.folder) / name).frames[:, 0].astype(np.float64)
    reanchored = any(frame.data["event"] == "reanchored" for frame in client.frames[engine])
    client.frames[engine].clear()
    return Recording(frames, begin, times, earliest, latest, reanchored or late > AHEAD / 2)


@pytest.mark.slow
async def test_every_note_sounds_in_the_cycle_that_holds_its_time(daemon: Daemon) -> None:
    async with connected(daemon.url, MSGPACK) as client:
        await client.call("session.hello", protocol=1, receipts=True)
        assert await client.call("csound.compileOrc", CLICKS) == 0
        await client.call("thread.play")
        for number in range(TAKES):
            take = await recorded(client, daemon, f"take{number}.wav", seed=number)
            # A machine that stood still for longer than the clock makes good, or than notes are sent ahead, has moved
            # the times: once more.
            if not take.disturbed:
                break

    onsets = take.onsets()
    off = {
        number: (onset, when * SR)
        for number, when in enumerate(take.times, 1)
        if not when * SR + take.earliest - KSMPS < (onset := onsets.get(number, -1)) <= when * SR + take.latest
    }
    assert take.earliest < take.latest
    assert set(range(1, NOTES + 1)) - onsets.keys() == set()
    assert len(onsets) == NOTES
    assert off == {}
