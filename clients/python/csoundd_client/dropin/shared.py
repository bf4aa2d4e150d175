"""Arrays that libcsound shares with the engine: here a copy, kept level in both directions while the script holds it.

What the script changed is written back before the next call, and what the engine changed is fetched after every call
that may have let it. Of an array that both have changed, the numbers between the first and the last that the script
changed are the script's.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from csoundd_client.dropin.remote import Call
from csoundd_client.values import Samples

Write = Callable[[int, Samples], Call]
"""The call that writes numbers from an index on."""


@dataclass(slots=True)
class Entry:
    """One array in the script's hands: what it was when both sides were level, and how to be level again.

    ``stays`` is true for a buffer that is the script's alone: the engine reads it anew in every cycle.
    """

    array: weakref.ref[Samples]
    level: Samples
    fetch: Call
    write: Write | None
    stays: bool


class SharedArrays:
    """The arrays that the script still holds."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, Entry] = {}
        self._lock = threading.Lock()
        self._fed = False
        """Whether there has been any that is read anew in every cycle."""

    def held(self, key: Hashable) -> Samples | None:
        """The array under ``key`` that the script holds, None where it holds none any more."""
        entry = self._entries.get(key)
        return None if entry is None else entry.array()

    def keep(
        self, key: Hashable, values: Samples, fetch: Call, write: Write | None = None, *, stays: bool = False
    ) -> Samples:
        """The array for ``values``: the one that the script holds already where that fits, brought up to date."""
        array = self.held(key)
        if array is not None and array.shape == values.shape:
            array[:] = values
        else:
            array = np.array(values, dtype=np.float64)
        with self._lock:
            self._fed = self._fed or stays
            level = values if write is None else array.copy()  # what the script does not write is never compared
            self._entries[key] = Entry(weakref.ref(array), level, fetch, write, stays)
        return array

    def changes(self, most: float = inf) -> list[Call]:
        """The calls that write what the script changed in arrays of at most so many numbers."""
        if not self._entries:
            return []
        with self._lock:
            written = [(entry, array) for entry, array in self._alive() if entry.write is not None]
            calls = [_change(entry, array) for entry, array in written if len(array) <= most]
        return [call for call in calls if call is not None]

    def feeds(self) -> list[Call]:
        """The calls that write what is read anew in every cycle, and is not silence."""
        if not self._fed:
            return []
        with self._lock:
            alive = [(entry.write, array) for entry, array in self._alive() if entry.stays and array.any()]
        return [write(0, array.copy()) for write, array in alive if write is not None]

    def fetches(self) -> list[tuple[Entry, Call]]:
        """The calls that fetch what the engine has, each with whose array it is for."""
        if not self._entries:
            return []
        with self._lock:
            return [(entry, entry.fetch) for entry, _ in self._alive() if not entry.stays]

    def take(self, entry: Entry, values: Any) -> None:
        """Bring an array up to date, but for what the script changed meanwhile. What does not fit it is left alone."""
        array = entry.array()
        if array is None or not isinstance(values, np.ndarray) or values.shape != array.shape:
            return
        if entry.write is None:
            array[:] = values
            return
        with self._lock:
            untouched = _bits(array) == _bits(entry.level)
            array[untouched] = values[untouched]
            entry.level[untouched] = values[untouched]

    def forget(self) -> None:
        """What the script holds is no longer the engine's."""
        with self._lock:
            self._entries.clear()

    def _alive(self) -> list[tuple[Entry, Samples]]:
        alive = [(entry, array) for entry in self._entries.values() if (array := entry.array()) is not None]
        if len(alive) < len(self._entries):
            self._entries = {key: entry for key, entry in self._entries.items() if entry.array() is not None}
        return alive


def _change(entry: Entry, array: Samples) -> Call | None:
    if entry.write is None or entry.stays:
        return None
    changed = np.flatnonzero(_bits(array) != _bits(entry.level))
    if not len(changed):
        return None
    first, last = int(changed[0]), int(changed[-1]) + 1
    entry.level[first:last] = array[first:last]
    return entry.write(first, array[first:last].copy())


def _bits(array: Samples) -> Any:
    """The numbers as integers, so that not-a-number is level with itself."""
    return array.view(np.int64)
