"""The rows of the journal: its parts say which have become different, and all that have are written at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from csoundd.engine.client.journal.store import Name, Store
from csoundd.engine.client.journal.store import Rows as Loaded
from csoundd.messages import Command

Read = Callable[[Any], object]
"""The value of a row of one kind by its name, None where there is none."""


class Rows:
    """The rows of the parts that are registered here, in ``store``; without one, nothing is kept."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._kinds: dict[str, Read] = {}
        self._marked: dict[Name, None] = {}
        self._all = False
        self.mark: Callable[[str, str | int], None] = _nothing if store is None else self._mark
        """Says that the row of that kind and name has become different, or is gone."""

    @property
    def kept(self) -> bool:
        """Whether there is a store."""
        return self._store is not None

    def register(self, kind: str, read: Read) -> None:
        """Rows of ``kind`` are what ``read`` says.

        A part that begins anew registers anew. Raises ValueError where the kind is another module's: its rows would be
        written over.
        """
        before = self._kinds.setdefault(kind, read)
        if before.__module__ != read.__module__:
            raise ValueError(f"rows of the kind {kind!r} are those of {before.__module__}")
        self._kinds[kind] = read

    def _mark(self, kind: str, name: str | int) -> None:
        self._marked[kind, name] = None

    def mark_all(self) -> None:
        """Any row may be gone."""
        self._all = self._store is not None

    def commit(self) -> None:
        """Write what has been marked. The kernel has it then: it outlives this process."""
        store = self._store
        if store is None or not (self._marked or self._all):
            return
        names = self._marked | dict.fromkeys(store.names) if self._all else self._marked
        self._marked, self._all = {}, False
        store.write([(name, self._value(name)) for name in names])
        if store.outgrown:
            store.rewrite([(name, value) for name in store.names if (value := self._value(name)) is not None])

    def _value(self, name: Name) -> object:
        read = self._kinds.get(name[0])
        return None if read is None else read(name[1])


def _nothing(_kind: str, _name: str | int) -> None:
    pass


def by_kind(rows: Loaded, kind: str) -> dict[Any, Any]:
    """The rows of one kind by their names, in the order in which they were made."""
    return {name: value for (each, name), value in rows.items() if each == kind}


def to_wall(moment: float) -> float:
    """The Unix time of a monotonic one, which says nothing to another process."""
    return moment - time.monotonic() + time.time()


def from_wall(moment: float) -> float:
    """The monotonic time of a Unix time that is over."""
    return time.monotonic() + min(0.0, moment - time.time())


def told(command: Command | None) -> list[object] | None:
    """A command as a row has it."""
    return None if command is None else [command.method, command.args]
