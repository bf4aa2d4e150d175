from __future__ import annotations

from collections.abc import Iterator

import pytest

from csoundd.engine.link.memory import SHARED_VALUES_BYTES, SharedValues
from csoundd.limits import SHARED_CHANNELS
from csoundd.messages import Frames, Receipt, Seconds


@pytest.fixture
def ends() -> tuple[SharedValues, SharedValues]:
    memory = memoryview(bytearray(SHARED_VALUES_BYTES))
    return SharedValues(memory), SharedValues(memory)


def test_what_one_end_writes_the_other_reads(ends: tuple[SharedValues, SharedValues]) -> None:
    host, front = ends
    for cycle in range(5):
        host.write(
            Frames(cycle * 64), cycle, Seconds(cycle / 10), [float(cycle + place) for place in range(SHARED_CHANNELS)]
        )
        seen = front.read(SHARED_CHANNELS - 1)
        assert seen is not None
        assert seen.value == cycle + SHARED_CHANNELS - 1
        assert seen.receipt == Receipt(Frames(cycle * 64), cycle, Seconds(cycle / 10), Seconds(0.0))


def test_what_is_not_whole_yet_is_not_read(ends: tuple[SharedValues, SharedValues]) -> None:
    host, front = ends
    host.write(Frames(64), 1, Seconds(0.1), [1.0])

    def values() -> Iterator[float]:
        seen = front.read(0)
        assert seen is not None
        assert (seen.value, seen.receipt.cycle) == (1.0, 1)
        yield 2.0

    host.write(Frames(128), 2, Seconds(0.2), values())
    seen = front.read(0)
    assert seen is not None
    assert (seen.value, seen.receipt.cycle) == (2.0, 2)
