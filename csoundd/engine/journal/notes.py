"""The notes that sound: those held until they are ended, and those that end by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final, cast

from csoundd.messages import Command, Seconds

FOREVER: Final = float("inf")

ROOM: Final = 64
"""How many notes that end by themselves are kept before those that have ended are looked for."""

PFields = list[float | str]
SCORE_TOKEN: Final = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Note:
    """A live note: its p-fields, when it began and for how long it sounds."""

    pfields: PFields
    begins: float
    duration: Seconds

    def sounding(self, now: float) -> bool:
        """Whether there is anything left of it."""
        return self.begins + self.duration > now

    def resumed(self, now: float) -> Command:
        """The call that begins what is left of the note."""
        start = max(0.0, self.begins - now)
        left = self.begins + self.duration - max(now, self.begins)
        duration = self.pfields[2] if self.duration == FOREVER else left
        return Command("csound.scoreEvent", ["i", [self.pfields[0], start, duration, *self.pfields[3:]]])


def notes_of(command: Command, score_time: Seconds) -> Iterator[PFields]:
    """The p-fields of each note that ``command`` asks for, their start relative to now."""
    match command.method, command.args:
        case "csound.event" | "csound.scoreEvent" | "csound.scoreEventAsync", ["i", pfields, *_]:
            yield list(cast("PFields", pfields))
        case "thread.scoreEvent", [absolute, "i", pfields, *_]:
            note = list(cast("PFields", pfields))
            if absolute and len(note) > 1:
                note[1] = max(0.0, float(note[1]) - score_time)
            yield note
        case "csound.eventString" | "csound.inputMessage" | "csound.inputMessageAsync" | "thread.inputMessage", [
            str(text),
            *_,
        ]:
            yield from filter(None, map(_pfields_of_line, text.splitlines()))


def _pfields_of_line(line: str) -> PFields | None:
    line = line.strip()
    if not line.startswith("i"):
        return None
    try:
        return [quoted or _number(plain) for quoted, plain in SCORE_TOKEN.findall(line[1:])]
    except ValueError:
        return None


def _number(token: str) -> float:
    return float(token)


class LiveNotes:
    """The notes that were asked for over the API and have not ended."""

    def __init__(self) -> None:
        self._held: dict[float | str, Note] = {}
        self._timed: list[Note] = []
        self._room = ROOM

    def keep(self, command: Command, score_time: Seconds) -> None:
        """Take note of what ``command`` began or ended."""
        now = monotonic()
        for pfields in notes_of(command, score_time):
            if len(pfields) >= 3 and not isinstance(pfields[1], str) and not isinstance(pfields[2], str):  # noqa: PLR2004 - p1 to p3
                self._keep_note(pfields, now + pfields[1], pfields[2])

    def _keep_note(self, pfields: PFields, begins: float, duration: float) -> None:
        """Csound ties a note to the held one of its p1, if there is one, and a negative p1 ends that."""
        instrument = pfields[0]
        ended = _ended(instrument)
        self._held.pop(instrument if ended is None else ended, None)
        if ended is not None:
            return
        if duration < 0:
            self._held[instrument] = Note(pfields, begins, Seconds(FOREVER))
            return
        self._timed.append(Note(pfields, begins, Seconds(duration)))
        if len(self._timed) > self._room:
            now = monotonic()
            self._timed = [note for note in self._timed if note.sounding(now)]
            self._room = 2 * len(self._timed) + ROOM

    def sounding(self, now: float) -> list[Note]:
        """The notes of which something is left, in the order of their beginnings."""
        notes = (note for note in (*self._held.values(), *self._timed) if note.sounding(now))
        return sorted(notes, key=lambda note: note.begins)

    def forget_since(self, since: float) -> None:
        """Forget the notes that began at the monotonic time ``since`` or later."""
        self._held = {p1: note for p1, note in self._held.items() if note.begins < since}
        self._timed = [note for note in self._timed if note.begins < since]


def _ended(instrument: float | str) -> float | str | None:
    """The p1 of the held note that this p1 ends, None where it begins one."""
    if isinstance(instrument, str):
        return instrument[1:] if instrument.startswith("-") else None
    return -instrument if instrument < 0 else None
