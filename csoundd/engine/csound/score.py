"""Live events: those that are numbers, and those that only a line of a score can hold. And the time of the score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Final

import numpy as np

from csoundd.api.score import Score
from csoundd.api.values import Array, PFields
from csoundd.engine.csound.at_once import AtOnce
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.errors import InvalidParams, LimitExceeded
from csoundd.messages import WARNING
from csoundd.syntax.score_lines import (
    HIGHEST_TABLE,
    LARGEST_TABLE,
    Table,
    advance,
    repeats_to_its_end,
    score_fault,
    starts,
    statements,
    statements_in,
    tables,
)

KINDS: Final = frozenset("ifeaqdbx")
END, ADVANCE, TABLE = "e", "a", "f"
MOST_CYCLES: Final = 20_000_000
"""What is passed over of a score is passed over cycle by cycle, and all of it in one: 27 million a second on 6.18, 9 to
13 on 7.0.0. At 48 kHz and a ksmps of 64 this is 7 hours, and a performance that stands still for two seconds."""

MOST_KR: Final = 1000.0
"""Before the start the rate may not be known yet."""

PLACE_OF_P3: Final = 2
NAME: Final = re.compile(r"[A-Za-z_]\w*\Z")
INSTANCE_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.[0-9]+)?\Z")
"""A named instrument as a note is: ``Buzz.31`` is the one that was begun under this fraction."""

_UNSAYABLE: Final = re.compile(r'["\n\r{}]|\\\Z')
"""What ends a string of a line too early, or keeps it from ending; braces are loops to Csound in a string too."""

_BLANK: Final = re.compile(r"\s")
WITH_TEXTS: Final = frozenset("ifqd")
"""The kinds of event that have texts among their p-fields; 7.0.0 never came to the end of an a with one."""

WITH_P1: Final = frozenset("ifaqdb")
"""The kinds of event that have p-fields; of the others a letter is enough."""

NOTES: Final = frozenset("id")
"""The kinds of event that begin or end notes."""

NOBODY: Final = 9999999
"""The number of an instrument that there is not: 7.0.0 warns of it, and nothing else comes of it."""

NO_INSTRUMENT: Final = -1
HIGHEST_INSTRUMENT: Final = 16384
"""How far engine.panic looks for instruments by number; named ones come right after the highest."""


class ScoreMethods(Score):
    """Live events, and where the score stands."""

    def __init__(self, instance: CsoundInstance, at_once: AtOnce) -> None:
        self._instance, self._c, self._at_once = instance, instance.c, at_once
        self._early: list[str] = []
        instance.before_start.append(self._begin)
        instance.on_reset.append(self._forget)

    def _numbers(self, kind: str, pfields: Array, *, block: bool) -> int:
        """Send an event without strings: the API's code."""
        # docs/upstream-faults.md#csound7-event-header
        if self._instance.started and kind in NOTES and self._c.plays_header and -1 < pfields[0] < 1:
            self._instance.say(f"WARNING: invalid instrument number or name {int(pfields[0])}\n", WARNING)
            return 0
        # As a line of a score, which early events become, an `e` says something else: how long the score is at least.
        if self._instance.started or (self._c.keeps_early_events and kind != END):
            return self._c.event(kind, pfields, started=self._instance.started, later=not block)
        self._instance.when_started(partial(self._event, kind, pfields, block=block))
        return 0

    def _event(self, kind: str, pfields: Array, *, block: bool) -> None:
        self._c.event(kind, pfields, started=True, later=not block)

    def _line(self, message: str, *, block: bool) -> None:
        """Send lines of a score, before the start the whole score."""
        if self._instance.started and self._c.plays_header:
            message = self._without_header(message)
        self._c.event_string(message, started=self._instance.started, later=not block)

    def _without_header(self, message: str) -> str:
        """``message`` with an instrument that nobody has in the place of each that is not there, which is told.

        7.0.0 would play the code outside of instruments: docs/upstream-faults.md#csound7-event-header.
        """
        for statement in reversed([each for each in statements_in(message) if each.letter in NOTES and each.fields]):
            p1 = statement.fields[0]
            match p1.value:
                case str(name):
                    plain = name.lstrip("+-").partition(".")[0]
                    is_there, told = self.instrNumber(plain) > 0, f"instr {name} not found"
                case float(number):
                    is_there, told = not -1 < number < 1, f"invalid instrument number or name {int(number)}"
                case None:
                    continue
            if not is_there:
                self._instance.say(f"WARNING: {told}\n", WARNING)
                message = f"{message[: p1.start]} {NOBODY}{message[p1.end :]}"
        return message

    def event(self, kind: str, pfields: PFields, block: bool = True) -> None:
        self._send(kind, pfields, block=block)

    def scoreEvent(self, kind: str, pfields: PFields) -> int:
        return self._send(kind, pfields, block=True)

    def scoreEventAsync(self, kind: str, pfields: PFields) -> None:
        self._send(kind, pfields, block=False)

    def _send(self, kind: str, pfields: PFields, *, block: bool) -> int:
        if kind not in KINDS:
            raise InvalidParams(f"there is no kind of event {kind!r}", hint="i, f, e, a, q, d, b or x")
        texts = [pfield for pfield in pfields if isinstance(pfield, str)]
        if texts and (kind not in WITH_TEXTS or (texts[0] is pfields[0] and _BLANK.search(texts[0]))):
            raise InvalidParams(
                f"{texts[0]!r} is nothing that an event of kind {kind} has", hint="a name has no blanks"
            )
        if kind == TABLE:
            check_table(pfields)
        if kind in WITH_P1 and not len(pfields):
            raise InvalidParams(f"an event of kind {kind} has at least a p1")
        line = score_line(kind, list(pfields)) if texts or not self._instance.started else ""
        self._take(kind, pfields)
        if not self._instance.started and kind != END:
            # A library that is not started takes one text, so that all that comes before is one.
            self._keep_early(line)
            return 0
        if texts:
            self._line(line, block=block)
            return 0
        return self._numbers(kind, np.asarray(pfields, np.float64), block=block)

    def count_tables(self, points: Mapping[float, float]) -> None:
        """Count tables that events of an instance before this one have made, by their numbers, with their points."""
        self._at_once.count_tables(points)

    def _take(self, kind: str, pfields: PFields) -> None:
        """Raise LimitExceeded for an event that is too much with those that came before it in this cycle."""
        if kind in NOTES:
            start = pfields[1] if len(pfields) > 1 else 0.0
            self._at_once.take_notes(1, () if isinstance(start, str) else (float(start),))
        elif kind == TABLE:
            self._at_once.take_tables([Table.of(list(pfields))])
        elif kind == ADVANCE and len(pfields) > PLACE_OF_P3:
            self._check_advance(self._at_once.passed(float(pfields[PLACE_OF_P3])))

    def _keep_early(self, line: str) -> None:
        self._at_once.take_early(len(line))
        self._early.append(line)

    def eventString(self, message: str, block: bool = True) -> None:
        self._lines(message, block=block)

    def inputMessage(self, message: str) -> None:
        self._lines(message, block=True)

    def inputMessageAsync(self, message: str) -> None:
        self._lines(message, block=False)

    def _lines(self, message: str, *, block: bool) -> None:
        """Send lines that came from outside. Raises InvalidParams for those that a library would die of."""
        # Those before the start become one score, in which a macro holds for what comes behind it.
        fault = score_fault(message) or (score_fault("\n".join([*self._early, message])) if self._early else None)
        if fault is not None:
            raise InvalidParams(str(fault), hint="a line is the letter of a statement and its p-fields")
        self._check_advance(self._at_once.passed(advance(message)))
        self._at_once.take_tables(tables(message))
        self._at_once.take_notes(statements(message), starts(message))
        if self._instance.started:
            self._line(message, block=block)
        else:
            # What one call repeats is in that call, as it is once Csound plays.
            self._keep_early(message + "\ns" if repeats_to_its_end(message) else message)

    def _check_advance(self, seconds: float) -> None:
        """Raise LimitExceeded for a time that takes too long to pass over."""
        kr = float(self._c.csoundGetKr())
        most = MOST_CYCLES / (kr if self._instance.started else min(kr, MOST_KR))
        if not seconds <= most:
            raise LimitExceeded(
                f"at most {most:.0f} s can be passed over at this control rate, and these are {seconds:.0f}",
                name="advance",
                limit=most,
            )

    def _forget(self) -> None:
        self._early = []

    def _begin(self) -> None:
        """Give Csound the lines that came before the start: they are one score, whose end ends the performance.

        A library keeps the first call of these and loses the others. Where a CSD has brought a score of its own, they
        are sent as soon as that plays.
        """
        early, self._early = self._early, []
        if not early:
            return
        if self._instance.has_score:
            for message in early:
                self._instance.when_started(partial(self._line, message, block=True))
        else:
            self._line("\n".join(map(_without_ends, early)), block=True)

    def setEndMarker(self, time: float) -> None:
        self._numbers("e", np.array([0.0, time]), block=True)

    def instrNumber(self, name: str) -> int:
        if not NAME.match(name):
            return NO_INSTRUMENT
        return self._c.instr_number(name, started=self._instance.started)

    def killInstance(self, instr: float | str, mode: int, allowRelease: bool = True) -> None:
        check_name(instr)
        if self._instance.started:
            self._c.kill(instr, mode, release=allowRelease)

    def silence(self) -> None:
        """End every sounding note at once."""
        self._c.silence()

    def scoreTime(self) -> float:
        return float(self._instance.score_time())

    def isScorePending(self) -> bool:
        return bool(self._c.csoundIsScorePending())

    def setScorePending(self, pending: bool) -> None:
        self._c.csoundSetScorePending(int(pending))

    def scoreOffsetSeconds(self) -> float:
        return float(self._c.csoundGetScoreOffsetSeconds())

    def setScoreOffsetSeconds(self, time: float) -> None:
        self._check_advance(time)
        self._c.csoundSetScoreOffsetSeconds(time)

    def rewindScore(self) -> None:
        # Before the start it stands at its beginning, and a MIDI file is opened at the start only: rewinding it sooner
        # is a jump to nowhere (docs/upstream-faults.md#csound-midi-rewind).
        if self._instance.started:
            self._c.csoundRewindScore()


def check_table(pfields: PFields) -> None:
    """Raise what is wrong with the numbers of an f event that say which table to make, how large and how."""
    numbers = [field for field in pfields[:4] if not isinstance(field, str)]
    if not all(map(isfinite, numbers)):
        raise InvalidParams("the number, the time, the size and the generator of a table are finite numbers")
    if len(numbers) > PLACE_OF_P3 and not Table.of(numbers).fits:
        raise LimitExceeded(
            f"a table has a number up to {HIGHEST_TABLE}, and at most {LARGEST_TABLE} points",
            name="table",
            limit=LARGEST_TABLE,
        )


def _without_ends(lines: str) -> str:
    """``lines`` without each ``e`` that stands alone: it ends the score of one call, not that of all."""
    for statement in statements_in(lines):
        if statement.letter == "e" and not statement.fields:
            lines = f"{lines[: statement.start]} {lines[statement.start + 1 :]}"
    return lines


def score_line(kind: str, pfields: Sequence[float | str]) -> str:
    """An event as a line of a score, which strings can stand in.

    Raises InvalidParams for a string that no line can hold.
    """
    for pfield in pfields:
        if isinstance(pfield, str) and _UNSAYABLE.search(pfield):
            raise InvalidParams(
                "a string in an event has no quotation marks, braces, line breaks or a backslash at its end",
                hint="a string channel holds any text",
            )
    if not all(isinstance(pfield, str) or isfinite(pfield) for pfield in pfields):
        # A line has no words for them: a p-field that begins with n is the end of every engine.
        raise InvalidParams("an event that is sent as a line of the score has finite numbers only")
    written = (f'"{pfield}"' if isinstance(pfield, str) else repr(float(pfield)) for pfield in pfields)
    return f"{kind} {' '.join(written)}"


def check_name(instr: float | str) -> None:
    """Raise InvalidParams for a string that is no name of an instrument, with a fraction or without one."""
    if isinstance(instr, str) and not INSTANCE_NAME.match(instr):
        raise InvalidParams(f"{instr!r} cannot be the name of an instrument")
