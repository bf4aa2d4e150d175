"""Brings an engine whose code has been compiled to where another one was: values, tables, score, notes, performance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from csoundd.engine.csound.backend import Points
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.snapshots import Snapshots, with_guard
from csoundd.engine.link.protocol import Restoration
from csoundd.errors import CsounddError
from csoundd.limits import NAMED_FAILURES


class Restoring:
    """Restores through ``calls``, so that an order fails by itself and the others are carried out."""

    def __init__(
        self,
        performer: Performer,
        calls: Calls,
        snapshots: Snapshots,
        count_tables: Callable[[Mapping[float, float]], None],
    ) -> None:
        self._performer, self._backend, self._calls = performer, performer.backend, calls
        self._snapshots, self._count_tables = snapshots, count_tables
        self.offset: float | None = None
        """The offset of the score that clients have asked for, where the score was moved on from it."""

    def restore(self, wanted: Restoration, *, session: str | None = None) -> list[str]:
        """Do what is wanted; returns what could not be done, in words. Handles that come of it are ``session``'s."""
        failed: list[str] = []
        started = self._backend.started
        if started and wanted["score_time"] > 0:
            self._move_on(wanted)
        failed += self._called(wanted["made"], session)
        self._count_tables(dict(wanted["event_tables"]))
        failed += self._called(wanted["acted"], session)
        for number, points in wanted["tables"]:
            if not self._table(number, points):
                failed.append(f"table {number}")
        failed += self._called(wanted["calls"], session)
        if started and not wanted["pending"]:
            failed += self._called([("csound.setScorePending", [False])], session)
        failed += self._called([("csound.scoreEvent", ["i", note]) for note in wanted["notes"]], session)
        failed += self._called(wanted["actions"], session)
        try:
            self._performer.resume(wanted["state"])
        except CsounddError as error:
            failed.append(f"the performance: {error.message}")
        self._snapshots.forget()
        return (
            failed
            if len(failed) <= NAMED_FAILURES
            else [*failed[:NAMED_FAILURES], f"{len(failed) - NAMED_FAILURES} more"]
        )

    def forget(self) -> None:
        """Csound was reset, or clients have asked for another offset."""
        self.offset = None

    def _move_on(self, wanted: Restoration) -> None:
        """Let the score go on from where it was. Csound moves on in a cycle, which begins what overlaps that time anew.

        Whatever of it still sounded is among the notes that are wanted.
        """
        self.offset = wanted["offset"]
        self._backend.cycle()
        if self._backend.sounding() != []:
            self._backend.silence()

    def _table(self, number: int, wanted: Points | None) -> bool:
        """Have a table be as it was: whether that could be done."""
        present = self._backend.table(number)
        if wanted is None:
            if present is not None:
                self._calls.invoke("csound.compileOrc", [f"ftfree {number}, 0\n", True])
            return True
        length = len(wanted) - 1
        if present is None or len(present) != length:
            code = f"icsoundd ftgen {number}, 0, {-length}, -2, 0\n"
            self._calls.invoke("csound.compileOrc", [code, True])
            present = self._backend.table(number)
        if present is None or len(present) != length:
            return False
        points = with_guard(present)
        if not np.array_equal(points, wanted, equal_nan=True):
            points[:] = wanted
        return True

    def _called(self, calls: list[tuple[str, list[object]]], session: str | None) -> list[str]:
        failed: list[str] = []
        for method, args in calls:
            try:
                self._calls.invoke(method, args, session)
            except CsounddError as error:
                failed.append(f"{method}: {error.message}")
        return failed
