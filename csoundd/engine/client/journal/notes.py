"""The notes that sound or are to come: those that the engine has shown, and those asked for since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final, cast

from csoundd.engine.link.protocol import ShownNote
from csoundd.limits import KEPT_NOTES
from csoundd.messages import Command, Seconds
from csoundd.syntax.score_lines import Statement, statements_in

FOREVER: Final = float("inf")
PFields = list[float | str]
INDEFINITE: Final = 8
EXACT: Final = 4
OLDEST, NEWEST = 1, 2
"""The modes of ``csound.killInstance``."""

EVENTS: Final = frozenset({"csound.event", "csound.scoreEvent", "csound.scoreEventAsync"})
LINES: Final = frozenset(
    {"csound.eventString", "csound.inputMessage", "csound.inputMessageAsync", "thread.inputMessage"}
)


@dataclass(frozen=True, slots=True)
class Note:
    """A note: times are in seconds of score, ``moment`` is the monotonic time at which it was heard of."""

    instrument: float | str
    begins: float
    ends: float
    fields: tuple[float | str | None, ...]
    moment: float

    @property
    def held(self) -> bool:
        """Whether it lasts until it is ended."""
        return self.ends == FOREVER

    def resumed(self, now: float) -> PFields | None:
        """The p-fields that begin what is left of it, None where a text among them is not known."""
        if None in self.fields:
            return None
        duration = -1.0 if self.held else self.ends - max(now, self.begins)
        return [self.instrument, max(0.0, self.begins - now), duration, *cast("PFields", list(self.fields))]


def events_of(command: Command, score_time: Seconds) -> Iterator[tuple[str, PFields]]:
    """The kind and p-fields of each event that ``command`` sends, p2 relative to now."""
    match command.method, command.args:
        case method, [str(kind), pfields, *_] if method in EVENTS:
            yield kind, list(cast("PFields", pfields))
        case "thread.scoreEvent", [absolute, str(kind), pfields, *_]:
            fields = list(cast("PFields", pfields))
            if absolute and len(fields) > 1:
                fields[1] = max(0.0, float(fields[1]) - score_time)
            yield kind, fields
        case method, [str(text), *_] if method in LINES:
            before: PFields = []
            for statement in statements_in(text):
                carried = _carried(statement, before)
                known = [field for field in carried if field is not None]
                if len(known) == len(carried):
                    yield statement.letter, known
                    before = known if statement.letter == "i" else before


def _carried(statement: Statement, before: PFields) -> list[float | str | None]:
    """The p-fields of a statement, with those that it takes from the note ``before``; None for what is computed."""
    fields = [field.value for field in statement.fields]
    if statement.letter != "i" or not before:
        return fields
    for index, field in enumerate(statement.fields):
        if field.text == "." and index < len(before):
            fields[index] = before[index]
        elif field.text == "+" and index == 1:
            fields[index] = sum(each for each in before[1:3] if not isinstance(each, str))
    return [*fields, *before[len(fields) :]] if fields[:1] == before[:1] else fields


class Notes:
    """``shown`` are those of the last snapshot, ``asked`` those asked for since then, or to come later."""

    def __init__(self) -> None:
        self.shown: list[Note] = []
        self.asked: list[Note] = []
        self.are_shown = False
        """Whether the engine shows its notes at all."""

    def ask(self, pfields: PFields, score_time: float) -> None:
        """Take note of an event that begins a note or, with a negative p1, ends one."""
        if len(pfields) < 3 or isinstance(pfields[1], str) or isinstance(pfields[2], str):  # noqa: PLR2004 - p1 to p3
            return
        instrument, start, duration, *fields = pfields
        ended = _ended(instrument)
        same = instrument if ended is None else ended
        # Csound ties a note to the held one of its p1.
        self._filter(lambda note: not (note.held and note.instrument == same))
        if ended is not None:
            return
        begins = score_time + max(0.0, float(start))
        ends = FOREVER if float(duration) < 0 else begins + float(duration)
        self.asked.append(Note(instrument, begins, ends, tuple(fields), monotonic()))
        if len(self.asked) > KEPT_NOTES:
            self.asked = [note for note in self.asked if note.ends > score_time][-KEPT_NOTES:]

    def show(self, told: list[ShownNote], score_time: float) -> None:
        """The engine shows what sounds: what was asked for and has begun is among it, or has ended."""
        known = {(note.instrument, note.begins): note.moment for note in self.shown}
        now = monotonic()
        shown = []
        for instrument, began, ends, fields in told:
            moment = known.get((instrument, began), now)
            given = self._fields(instrument, tuple(fields))
            shown.append(Note(instrument, began, FOREVER if ends < 0 else ends, given, moment))
        self.shown = shown
        self.seen(score_time)

    def _fields(
        self, instrument: float | str, fields: tuple[float | str | None, ...]
    ) -> tuple[float | str | None, ...]:
        """``fields`` with the texts that whoever asked for the note gave, where Csound has not kept them."""
        if None not in fields:
            return fields
        for note in (*reversed(self.asked), *self.shown):
            if note.instrument == instrument and len(note.fields) >= len(fields) and None not in note.fields:
                return note.fields[: len(fields)]
        return fields

    def seen(self, score_time: float) -> None:
        """The engine shows nothing else than before. What begins now is shown after the next cycle."""
        self.are_shown = True
        self.asked = [note for note in self.asked if note.begins >= score_time]

    def kill(self, instrument: float | str, mode: int) -> None:
        """``csound.killInstance`` has been called."""
        chosen = [note for note in (*self.shown, *self.asked) if _is_meant(note, instrument, mode)]
        if mode & 3 == OLDEST:
            chosen = chosen[:1]
        elif mode & 3 == NEWEST:
            chosen = chosen[-1:]
        self._filter(lambda note: not any(note is each for each in chosen))

    def clear(self) -> None:
        """Every note has been ended."""
        self.shown, self.asked = [], []

    def forget_since(self, moment: float) -> None:
        """Forget what began at a monotonic time or later: it may be what the engine died of."""
        self._filter(lambda note: note.moment < moment)

    def sounding(self, score_time: float) -> list[Note]:
        """What is left to sound at that time of the score, in the order of its beginnings."""
        notes = [note for note in (*self.shown, *self.asked) if note.ends > score_time]
        return sorted(notes, key=lambda note: note.begins)

    def _filter(self, keeps: Callable[[Note], bool]) -> None:
        self.shown = list(filter(keeps, self.shown))
        self.asked = list(filter(keeps, self.asked))


def _ended(instrument: float | str) -> float | str | None:
    """The p1 of the held note that this p1 ends, None where it begins one."""
    if isinstance(instrument, str):
        return instrument[1:] if instrument.startswith("-") else None
    return -instrument if instrument < 0 else None


def _is_meant(note: Note, instrument: float | str, mode: int) -> bool:
    if mode & INDEFINITE and not note.held:
        return False
    if mode & EXACT:
        return note.instrument == instrument
    return _whole(note.instrument) == _whole(instrument)


def _whole(instrument: float | str) -> float | str:
    return instrument.partition(".")[0] if isinstance(instrument, str) else int(instrument)
