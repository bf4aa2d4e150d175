"""The notes that sound or are to come: those that the engine has shown, and those asked for since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from time import monotonic
from typing import Any, Final, cast

from csoundd.engine.client.journal.rows import Rows, by_kind, from_wall, to_wall
from csoundd.engine.client.journal.store import Rows as Loaded
from csoundd.engine.link.protocol import ShownNote
from csoundd.limits import KEPT_NOTES
from csoundd.messages import Command, Seconds
from csoundd.syntax.score_lines import Statement, ended_by, statements_in

FOREVER: Final = float("inf")
PFields = list[float | str]
Fields = tuple[float | str | None, ...]
INDEFINITE: Final = 8
EXACT: Final = 4
OLDEST, NEWEST = 1, 2
"""The modes of ``csound.killInstance``."""

SPARE_NOTES: Final = 512
"""Notes beyond those that are kept until the latest are sought among all."""

EVENTS: Final = frozenset({"csound.event", "csound.scoreEvent", "csound.scoreEventAsync"})
LINES: Final = frozenset(
    {"csound.eventString", "csound.inputMessage", "csound.inputMessageAsync", "thread.inputMessage"}
)


@dataclass(frozen=True, slots=True)
class Note:
    """A note: times are in seconds of score, ``moment`` is the monotonic time at which it was heard of.

    One that lasts no time and has a negative p1 is the end that a held note will come to.
    """

    instrument: float | str
    begins: float
    ends: float
    fields: tuple[float | str | None, ...]
    moment: float

    @property
    def held(self) -> bool:
        """Whether it lasts until it is ended."""
        return self.ends == FOREVER

    @property
    def ends_another(self) -> bool:
        """Whether it is the end of a held note."""
        return ended_by(self.instrument) is not None

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
    """``_shown`` are those of the last snapshot, ``_asked`` those asked for since then, or to come later.

    A call may ask for thousands, and the front takes note of them before it serves anybody else: nothing here looks at
    all notes for each of them.
    """

    def __init__(self, rows: Rows) -> None:
        self._mark = rows.mark
        rows.register("shown notes", self._shown_row)
        rows.register("note", lambda key: _row(self._asked[key]) if key in self._asked else None)
        self._keys = count()
        self._shown: dict[int, Note] = {}
        self._asked: dict[int, Note] = {}
        self._held: dict[float | str, set[int]] = {}
        """The keys of the held notes of each instrument."""
        self._retaken: dict[float | str, float] = {}
        """The times of the score at which held notes were last ended or begun anew, by their p1.

        Until the next cycle, in which that time is another, such a note is shown as it was before.
        """
        self._resumed: dict[float | str, float] = {}
        """When the notes that a new engine is to begin were first heard of, by their p1, until it shows them."""

        self.are_shown = False
        """Whether the engine shows its notes at all."""

    def _shown_row(self, _name: object) -> object:
        return [_row(note) for note in self._shown.values()] if self.are_shown else None

    def load(self, rows: Loaded) -> None:
        """Take in the rows of another process."""
        self._keys = count(1 + max(by_kind(rows, "note"), default=-1))
        for kept in by_kind(rows, "shown notes").values():
            self.are_shown = True
            for row in kept:
                self._add(self._shown, _note(row))
        for key, row in by_kind(rows, "note").items():
            self._put(self._asked, key, _note(row))

    def _add(self, notes: dict[int, Note], note: Note) -> None:
        key = next(self._keys)
        self._put(notes, key, note)
        self._changed(notes, key)

    def _changed(self, notes: dict[int, Note], key: int) -> None:
        if notes is self._asked:
            self._mark("note", key)
        else:
            self._mark("shown notes", "")

    def _put(self, notes: dict[int, Note], key: int, note: Note) -> None:
        notes[key] = note
        if note.held:
            self._held.setdefault(note.instrument, set()).add(key)

    def _drop(self, keys: Iterable[int]) -> None:
        for key in list(keys):
            notes = self._shown if key in self._shown else self._asked
            note = notes.pop(key, None)
            self._changed(notes, key)
            if note is not None and note.held:
                self._held[note.instrument].discard(key)
                if not self._held[note.instrument]:
                    del self._held[note.instrument]

    def ask(self, pfields: PFields, score_time: float) -> None:
        """Take note of an event that begins a note or, with a negative p1, ends one."""
        if len(pfields) < 3 or isinstance(pfields[1], str) or isinstance(pfields[2], str):  # noqa: PLR2004 - p1 to p3
            return
        instrument, start, duration, *fields = pfields
        ended = ended_by(instrument)
        begins = score_time + max(0.0, float(start))
        # Csound ties a note to the held one of its p1.
        tied = instrument if ended is None else ended
        self._end(tied, begins if begins > score_time else -FOREVER, begins)
        if begins <= score_time:
            self._resumed.pop(tied, None)
            self._retaken.pop(tied, None)
            self._retaken[tied] = score_time
            if len(self._retaken) > KEPT_NOTES:
                del self._retaken[next(iter(self._retaken))]
            if ended is not None:
                return
        ends = begins if ended is not None else FOREVER if float(duration) < 0 else begins + float(duration)
        self._add(self._asked, Note(instrument, begins, ends, tuple(fields), monotonic()))
        if len(self._asked) > KEPT_NOTES + SPARE_NOTES:
            self._trim(score_time)

    def _end(self, instrument: float | str, since: float, until: float) -> None:
        """The held notes of an instrument that begin between these times of the score have ended."""
        keys = self._held.get(instrument, ())
        self._drop([key for key in keys if since <= (self._shown.get(key) or self._asked[key]).begins <= until])

    def _trim(self, score_time: float) -> None:
        if len(self._asked) > KEPT_NOTES:
            self._drop([key for key, note in self._asked.items() if note.ends <= score_time])
            self._drop(list(self._asked)[:-KEPT_NOTES])

    def show(self, told: list[ShownNote], score_time: float) -> None:
        """The engine shows what sounds: what was asked for and has begun is among it, or has ended."""
        known = {(note.instrument, note.begins): note.moment for note in self._shown.values()}
        now = monotonic()
        with_texts = any(not _is_number(field) for _, _, _, fields in told for field in fields)
        texts, given_by = self._texts() if with_texts else {}, set[tuple[float | str, Fields]]()
        if with_texts:
            given_by = {
                (note.instrument, note.fields) for notes in (self._asked, self._shown) for note in notes.values()
            }
        shown = []
        for instrument, began, ends, fields in told:
            if ends < 0 and self._retaken.get(instrument) == score_time:
                continue
            moment = known.get((instrument, began), self._resumed.get(instrument, now))
            given = tuple(fields)
            if (instrument, given) not in given_by:
                given = _with_texts(given, texts.get(instrument, ()))
            shown.append(Note(instrument, began, FOREVER if ends < 0 else ends, given, moment))
        self._drop(self._shown)
        for note in shown:
            self._add(self._shown, note)
        self._resumed = {}
        self.seen(score_time)

    def _texts(self) -> dict[float | str, list[tuple[float | str | None, ...]]]:
        """The p-fields that whoever asked for notes gave, by instrument, the latest first: one for each number of them.

        Csound does not keep the texts among them.
        """
        longest: dict[float | str, list[tuple[float | str | None, ...]]] = {}
        for note in (*reversed(self._asked.values()), *self._shown.values()):
            given = longest.setdefault(note.instrument, [])
            if None not in note.fields and (not given or len(note.fields) > len(given[-1])):
                given.append(note.fields)
        return longest

    def seen(self, score_time: float) -> None:
        """The engine shows nothing else than before. What begins now is shown after the next cycle."""
        if not self.are_shown:
            self.are_shown = True
            self._mark("shown notes", "")
        self._drop([key for key, note in self._asked.items() if note.begins < score_time])
        if self._retaken:
            self._retaken = {tied: when for tied, when in self._retaken.items() if when == score_time}

    def kill(self, instrument: float | str, mode: int, score_time: float) -> None:
        """``csound.killInstance`` has been called, which ends notes that have begun."""
        chosen = [
            key
            for notes in (self._shown, self._asked)
            for key, note in notes.items()
            if note.begins <= score_time and _is_meant(note, instrument, mode)
        ]
        if mode & 3 == OLDEST:
            chosen = chosen[:1]
        elif mode & 3 == NEWEST:
            chosen = chosen[-1:]
        self._drop(chosen)

    def clear(self) -> None:
        """Every note has been ended."""
        self._mark("shown notes", "")
        for key in self._asked:
            self._mark("note", key)
        self._shown, self._asked, self._held, self._retaken, self._resumed = {}, {}, {}, {}, {}

    def forget_since(self, moment: float) -> None:
        """Forget what began at a monotonic time or later: it may be what the engine died of."""
        self._drop(
            [
                key
                for notes in (self._shown, self._asked)
                for key, note in notes.items()
                if note.moment >= moment and not note.ends_another
            ]
        )

    def begin(self, score_time: float, reached: float) -> None:
        """Another engine, whose score goes on at ``score_time``, is about to begin them: what has begun begins at once.

        The last engine is known to have come as far as ``reached``, beyond what it had shown.
        """
        self._retaken.clear()
        over = [key for key, note in self._asked.items() if note.ends_another and note.begins <= reached]
        for key in sorted(over, key=lambda key: self._asked[key].begins):
            ending = self._asked[key]
            self._end(cast("float | str", ended_by(ending.instrument)), -FOREVER, ending.begins)
        self._drop(over)
        for key, note in self._asked.items():
            if score_time < note.begins <= reached:
                ends = score_time + (note.ends - note.begins)
                self._asked[key] = replace(note, begins=score_time, ends=ends)
                self._mark("note", key)
        # A note that an engine begins again is no younger than it was: it is not what that dies of next, in particular.
        self._resumed = {}
        for note in (*self._shown.values(), *self._asked.values()):
            if note.begins <= score_time:
                self._resumed[note.instrument] = max(note.moment, self._resumed.get(note.instrument, 0.0))

    def sounding(self, score_time: float) -> list[Note]:
        """What is left to sound at that time of the score, in the order of its beginnings."""
        self._trim(score_time)
        notes = [note for note in (*self._shown.values(), *self._asked.values()) if note.ends > score_time]
        return sorted(notes, key=lambda note: note.begins)


def _with_texts(
    fields: tuple[float | str | None, ...], given: Sequence[tuple[float | str | None, ...]]
) -> tuple[float | str | None, ...]:
    """``fields`` with the texts of those that were ``given``, where Csound has not kept them.

    6.18 and the embedded engine keep them in memory that is soon another's: docs/upstream-faults.md#csound-note-texts.
    """
    if all(map(_is_number, fields)):
        return fields
    long_enough = [each[: len(fields)] for each in given if len(each) >= len(fields)]
    same = (each for each in long_enough if all(map(_may_be, fields, each)))
    return next(same, next(iter(long_enough), fields) if None in fields else fields)


def _is_number(field: float | str | None) -> bool:
    return not isinstance(field, str | None)


def _may_be(shown: float | str | None, given: float | str | None) -> bool:
    """Whether a p-field that Csound shows is the one that was given: a text may have become another."""
    return shown == given if _is_number(shown) else isinstance(given, str)


def _is_meant(note: Note, instrument: float | str, mode: int) -> bool:
    if mode & INDEFINITE and not note.held:
        return False
    if mode & EXACT:
        return note.instrument == instrument
    return _whole(note.instrument) == _whole(instrument)


def _whole(instrument: float | str) -> float | str:
    return instrument.partition(".")[0] if isinstance(instrument, str) else int(instrument)


def _row(note: Note) -> list[object]:
    return [note.instrument, note.begins, note.ends, list(note.fields), to_wall(note.moment)]


def _note(row: Sequence[Any]) -> Note:
    instrument, begins, ends, fields, moment = row
    return Note(instrument, begins, ends, tuple(fields), from_wall(moment))
