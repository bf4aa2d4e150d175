from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from csoundd.engine.link.memory import Field, Ring, shared_file
from csoundd.messages import Frames

EPOCH = 3


@pytest.fixture
def ends() -> Iterator[tuple[Ring, Ring]]:
    memory = shared_file()
    host, front = Ring(memory), Ring(memory)
    os.close(memory)
    yield host, front
    host.close()
    front.close()


def numbered(first: int, count: int, nchnls: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.repeat(np.arange(first, first + count, dtype=np.float64)[:, None], nchnls, axis=1)


@pytest.mark.parametrize("nchnls", [1, 2, 7])
def test_what_is_written_is_read(ends: tuple[Ring, Ring], nchnls: int) -> None:
    host, front = ends
    host.shape(nchnls)
    host.begin(Frames(0), EPOCH)
    host.write(numbered(0, 100, nchnls))
    sample, frames = front.read(Frames(0), EPOCH)
    assert sample == 0
    assert np.array_equal(frames, numbered(0, 100, nchnls))


def test_reading_goes_round_the_end(ends: tuple[Ring, Ring]) -> None:
    host, front = ends
    host.shape(2)
    host.begin(Frames(0), EPOCH)
    position = Frames(0)
    for first in range(0, 3 * host.capacity, 1000):
        host.write(numbered(first, 1000, 2))
        sample, frames = front.read(position, EPOCH)
        assert sample == first
        assert np.array_equal(frames, numbered(first, 1000, 2))
        position = Frames(sample + len(frames))


def test_a_slow_reader_finds_the_newest_and_where_it_begins(ends: tuple[Ring, Ring]) -> None:
    host, front = ends
    host.shape(1)
    host.begin(Frames(0), EPOCH)
    total = host.capacity + 5000
    for first in range(0, total, 1000):
        host.write(numbered(first, 1000, 1))
    sample, frames = front.read(Frames(0), EPOCH)
    assert sample == frames[0, 0]
    assert sample + len(frames) == frames[-1, 0] + 1


def test_a_new_run_does_not_join_on_to_the_last(ends: tuple[Ring, Ring]) -> None:
    host, front = ends
    host.shape(2)
    host.begin(Frames(0), EPOCH)
    host.write(numbered(0, 64, 2))
    host.begin(Frames(6400), EPOCH)
    host.write(numbered(6400, 64, 2))
    sample, frames = front.read(Frames(0), EPOCH)
    assert (sample, len(frames)) == (6400, 64)


def test_what_sounded_in_another_epoch_is_not_of_this_one(ends: tuple[Ring, Ring]) -> None:
    host, front = ends
    host.shape(2)
    host.begin(Frames(0), EPOCH)
    host.write(numbered(0, 640, 2))
    assert len(front.read(Frames(0), EPOCH + 1)[1]) == 0, "it has begun, and nothing sounds in it yet"
    host.begin(Frames(0), EPOCH + 1)
    host.write(numbered(0, 64, 2))
    assert len(front.read(Frames(0), EPOCH)[1]) == 0, "whoever is still in the old one does not read on"
    sample, frames = front.read(Frames(0), EPOCH + 1)
    assert (sample, len(frames)) == (0, 64)


def test_before_the_start_there_is_nothing(ends: tuple[Ring, Ring]) -> None:
    assert len(ends[1].read(Frames(0), EPOCH)[1]) == 0


def test_the_counters_can_be_read_after_the_end_of_it() -> None:
    memory = shared_file()
    ring = Ring(memory)
    os.close(memory)
    ring.header[Field.RUNNING] = 17
    ring.close()
    assert ring.header[Field.RUNNING] == 17
