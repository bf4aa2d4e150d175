"""Parts of tables: which points ``start`` and ``count`` mean."""

from __future__ import annotations

from csoundd.errors import InvalidParams


def bounds(table: int, length: int, start: int, count: int | None) -> tuple[int, int]:
    """The first point and the one after the last, of ``count`` points from ``start`` or of all that follow.

    Raises InvalidParams for points that the table does not have.
    """
    stop = length if count is None else start + count
    if not 0 <= start <= stop <= length:
        raise InvalidParams(f"table {table} has {length} points: there are none from {start} to {stop}", length=length)
    return start, stop
