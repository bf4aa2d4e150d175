"""What Csound prints, kept within bounds until it goes to the front: the same on every engine.

An engine reads only as many lines as may go out. Of the others it keeps errors, as far as those may go out too, and
counts the rest.
"""

from __future__ import annotations

from typing import Final, NamedTuple

KIND: Final = 0x7000
ERROR: Final = 0x1000
"""What a message is, in its attribute."""

LONGEST: Final = 4096
"""Characters of a line that go out. Csound 6 prints at most 8,192 of a ``printks``, Csound 7 any number."""

Line = tuple[str, int]


class Wanted(NamedTuple):
    """How much of what was printed is wanted now.

    ``most`` lines are read. Up to ``room`` that come after them wait for the next time; where there are more, none of
    them wait, and all but ``errors`` errors are dropped.
    """

    most: int
    room: int
    errors: int


class Printout(NamedTuple):
    """Lines with their attributes, how many messages beside them were dropped, and how many wait for the next time."""

    lines: list[Line]
    dropped: int = 0
    waiting: int = 0


NOTHING: Final = Printout([])


def line(text: str, attr: int) -> Line:
    """A line as it goes out: one that is too long says how much of it is left out."""
    if len(text) <= LONGEST:
        return text, attr
    return f"{text[:LONGEST]}... ({len(text) - LONGEST} more characters)\n", attr
