"""Standard error whose reader may take its time, or take nothing at all."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from csoundd.cli.standard_error import StandardError
from csoundd.limits import STANDARD_ERROR_BYTES

PIPE_BYTES = 1 << 20


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        os.close(descriptor)


def read_until(reading: int, words: bytes) -> bytes:
    read = b""
    while words not in read:
        read += os.read(reading, 1 << 16)
    return read


def test_what_is_written_comes_out(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    error = StandardError(writing)
    error.write("one\n")
    error.write("\N{SNOWMAN}\ud800\n")
    error.end()
    assert read_until(reading, b"d800\n") == "one\n\N{SNOWMAN}\\ud800\n".encode()


def test_a_writer_does_not_wait_for_a_reader(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    error = StandardError(writing)
    lines = 4 * (PIPE_BYTES + STANDARD_ERROR_BYTES) // 100
    for number in range(lines):
        error.write(f"{number:099}\n")
    # Nobody has read a byte until now. What could not be kept is told.
    taken = b""
    while b"dropped" not in taken:
        error.write("later\n")
        taken += os.read(reading, 1 << 16)
    kept = taken[: taken.index(b"csoundd: ")].count(b"\n")
    told = int(taken[taken.index(b"csoundd: ") :].split()[1])
    assert kept + told >= lines
    error.end()


def test_the_end_does_not_wait_for_a_reader_for_ever(pipe: tuple[int, int]) -> None:
    _, writing = pipe
    error = StandardError(writing)
    error.write("x" * STANDARD_ERROR_BYTES)
    error.end()


def test_a_reader_that_is_gone_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    error = StandardError(writing)
    error.write("into the void\n")
    error.end()
    os.close(writing)
