"""Array channels, the same on every engine: which there can be."""

from __future__ import annotations

from abc import abstractmethod
from math import prod
from typing import Final

import numpy as np

from csoundd.api.arrays import Arrays
from csoundd.api.values import Array, Handle
from csoundd.engine.csound.pointers import Pointers
from csoundd.engine.csound.references import References
from csoundd.errors import InvalidParams, LimitExceeded

KINDS: Final = frozenset({"k", "a", "S"})
LARGEST: Final = 1 << 24


class SharedArrays(Arrays):
    """Arrays shared by name: an engine makes them, and reads and writes them where they lie."""

    def __init__(self, pointers: Pointers, references: References) -> None:
        self._pointers, self._references = pointers, references

    @abstractmethod
    def _made(self, name: str, dtype: str, sizes: list[int]) -> bool:
        """Make an array that was not there, or is an array: whether that went well."""

    def initArrayChannel(self, name: str, dtype: str, size: int | list[int]) -> Handle | None:
        sizes = [size] if isinstance(size, int) else size
        if dtype not in KINDS:
            raise InvalidParams(f"there are no arrays of {dtype!r}", hint="k, a or S")
        if not sizes or min(sizes) < 1:
            raise InvalidParams("an array has at least one element in each dimension")
        if prod(sizes) > LARGEST:
            raise LimitExceeded(f"an array has at most {LARGEST} elements", limit=LARGEST)
        if self._pointers.kind(name) not in {"", "array"} or not self._made(name, dtype, sizes):
            return None
        return self._references.made(name, "array")


def fill(there: Array, data: object) -> None:
    """Put ``data`` into an array of numbers. Raises InvalidParams where it has another shape."""
    try:
        given = np.asarray(data, np.float64)
    except ValueError as fault:
        raise InvalidParams("an array of numbers is as long in every row") from fault
    if given.shape != there.shape:
        raise InvalidParams(f"this array has the shape {list(there.shape)}", shape=list(there.shape))
    there[...] = given


def texts_of(data: object, count: int) -> list[str]:
    """``data`` as the texts of an array. Raises InvalidParams where it is something else."""
    if isinstance(data, list) and len(data) == count and all(isinstance(text, str) for text in data):
        return data
    raise InvalidParams(f"this array has {count} texts", count=count)
