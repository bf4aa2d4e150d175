"""The fixed buffers of the libraries that calls reach, and how much each of them takes.

The library writes beyond their ends, or stops the process, where a call answers LimitExceeded. Each figure was found by
``python -m tests.fuzz.buffers``, which gives one library more and more in processes of its own, with an allocator that
looks for damage: Csound 6.18.1 (Debian), 7.0.0 (cycsound 0.2.3) and the embedded 7.0.0-beta29. Where nothing ended
below 300,000 there is no limit of the library's; then only the size of a frame bounds what can be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from csoundd.errors import LimitExceeded
from csoundd.syntax import UNDECODED
from csoundd.syntax.score_lines import statements

Measure = Callable[[object], int]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on one argument of a method: the library takes at most ``most`` by ``measure``."""

    argument: int
    what: str
    measure: Measure
    most: int


Limits = Mapping[str, Sequence[Limit]]
"""The limits of one engine, by the method's name on the wire."""


def check(limits: Limits, method: str, args: Sequence[object]) -> None:
    """Raise LimitExceeded where an argument of ``method`` is larger than what the library has room for."""
    for limit in limits.get(method, ()):
        size = limit.measure(args[limit.argument])
        if size > limit.most:
            raise LimitExceeded(
                f"{method} takes {limit.what} of at most {limit.most}, and this is {size}",
                name="csound",
                limit=limit.most,
            )


def _bytes(text: object) -> int:
    """Bytes of a text as Csound gets it; of anything else none."""
    return len(text.encode(errors=UNDECODED)) if isinstance(text, str) else 0


def _items(pfields: object) -> int:
    return len(pfields) if isinstance(pfields, list | np.ndarray) else 0


def _first(pfields: object) -> int:
    """Bytes of the instrument's name, where p1 is one."""
    return _bytes(pfields[0]) if isinstance(pfields, list) and pfields else 0


def _longest(pfields: object) -> int:
    """Bytes of the longest text among the p-fields."""
    return max(map(_bytes, pfields), default=0) if isinstance(pfields, list) else 0


def _longest_line(text: object) -> int:
    """Bytes of the longest line."""
    return max(map(_bytes, text.split("\n")), default=0) if isinstance(text, str) else 0


def most_fields(text: object) -> int:
    """P-fields of the line that has the most."""
    return max((len(line.split()) for line in text.split("\n")), default=0) if isinstance(text, str) else 0


def _lines_in(text: object) -> int:
    return text.count("\n") + 1 if isinstance(text, str) else 0


def _statements(text: object) -> int:
    return statements(text) if isinstance(text, str) else 0


PFIELDS: Final = 1980
"""An event's block holds 1,998 (PMAX); 6.18 wrote on behind it from 2,001 on, in an f event from 1,988; 7.0.0 cuts."""

PFIELDS_OF_FILE: Final = 9000
"""Of a line of a CSD's score: 6.18 and 7.0.0 died of 10,190, the embedded engine too."""

WORD: Final = 8000
"""7.0.0 died of 16,376 characters in a row in an orchestra, 6.18 as soon as it printed so many in an error."""

CODE_LINES: Final = 50_000
"""Of an orchestra: the journal takes each line apart in the front, in about 0.1 ms, and nobody is served meanwhile."""

OPERATORS: Final = 10_000
"""In one line: the stack of 7.0.0 ended at 20,200, that of 6.18 at 58,000."""

EMBEDDED_OPERATORS: Final = 500
"""Those that the embedded engine takes: its stack ended at 1,000."""

OPTION: Final = 8000
"""6.18 prints what an option sets, and died of 16,300 bytes."""

LINES_BYTES: Final = 400_000
"""Lines that are sent at once, which are read before they are counted."""


INSTRUMENT: Final = 255
"""A name is looked up in 256 bytes (6.18 and 7.0.0 died of 265)."""

LINE: Final = 20_000
"""A line is collected in 32,768 bytes, and read into blocks that end sooner: 6.18 and 7.0.0 died of 20,420."""

STATEMENTS: Final = 3_000
"""Notes that a call begins in one cycle. Each looks for its place among all that sound: time goes by the square. 3,000
took 0.3 s on 7.0.0, 0.6 s on 6.18 and 0.7 s embedded, 5,000 took 1.2 s, 3.1 s and 2.1 s, on a quiet machine."""


PLACES: Final = 13_500_000
"""Places that the notes of one cycle look at, each at all that sound and those before it: 3,000 notes among 3,000."""

FEW_NOTES: Final = 500
"""Notes in one cycle for which nobody counts how many sound."""

COUNTED_NOTES: Final = 20_000
"""Notes that are counted: beyond them 650 begin in a cycle."""

NOTES_AHEAD: Final = 10_000
"""Notes of events that wait for their time, which may be the same for all: 10,000 took 3.0 s embedded, 3.7 s on 7.0.0
and 6.2 s on 6.18, on a machine with three times as much to do as it has cores."""

EARLY_BYTES: Final = 2 * LINES_BYTES
"""Bytes of all events before the start, which are read anew with every line that comes: they are one score."""

TABLE_STEPS: Final = 1 << 24
"""Steps in one cycle of the generators of tables that events make. GEN10 took 16 to 20 million in a second, GEN21 4
million points, GEN07 100 million, on a machine with three times as much to do as it has cores: a cycle that computes
for three seconds without touching more memory is taken for endless."""

EVENT_TABLES_POINTS: Final = 1 << 26
"""Points of all tables together that events have made: 512 MiB, half of what a sandbox has."""


def _event(argument: int) -> tuple[Limit, ...]:
    """The limits of a call with p-fields in this place."""
    return (
        Limit(argument, "p-fields", _items, PFIELDS),
        Limit(argument, "a name", _first, INSTRUMENT),
    )


def _lines(argument: int) -> tuple[Limit, ...]:
    """The limits of a call with lines of a score in this place."""
    return (
        Limit(argument, "bytes of lines", _bytes, LINES_BYTES),
        Limit(argument, "lines", _lines_in, STATEMENTS),
        Limit(argument, "lines of p-fields", most_fields, PFIELDS),
        Limit(argument, "lines of bytes", _longest_line, LINE),
        Limit(argument, "statements, loops played out,", _statements, STATEMENTS),
    )


LIMITS: Final[Limits] = {
    "csound.event": _event(1),
    "csound.scoreEvent": _event(1),
    "csound.scoreEventAsync": _event(1),
    "csound.setOption": (Limit(0, "options", _bytes, OPTION),),
    "csound.instrNumber": (Limit(0, "a name", _bytes, INSTRUMENT),),
    "csound.eventString": _lines(0),
    "csound.inputMessage": _lines(0),
    "csound.inputMessageAsync": _lines(0),
}
"""Those of every Csound so far. The methods of the thread and the addresses of OSC come here by way of these.

What comes in as code has limits too, which hold wherever it comes from: :mod:`csoundd.engine.csound.compiling`."""
