"""What an engine has been told, kept so that a new host can be brought to the same point.

Options, compiled code, channel values, hints and live notes: kept in memory by the front, one entry for each
call that succeeded, the last value only where an earlier one no longer matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final, NamedTuple, cast

import numpy as np

from csoundd.api import METHODS
from csoundd.engine.journal.written import Written
from csoundd.messages import Command, Handle, Seconds

SUSPECT: Final = Seconds(1.0)
"""What is younger than this when Csound crashes by itself, or begins to hang, may be what it does that of."""

FOREVER: Final = float("inf")

STARTS: Final = frozenset(
    {
        "csound.start",
        "csound.perform",
        "csound.performKsmps",
        "csound.compileCommandLine",
        "thread.play",
        "thread.togglePause",
    }
)
"""The calls after which Csound has been started: code compiled before and after that differs in meaning."""

MAKE_CHANNELS: Final = frozenset({"csound.channelPtr", "csound.initPvsChannel", "csound.initArrayChannel"})
"""They make a channel where it is not there, and answer with a handle to it."""

ROOM: Final = 64
"""How many notes that end by themselves are kept before those that have ended are looked for."""

MOST_HANDLES: Final = 20_000

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


class Code(NamedTuple):
    """A call that compiled something, and the monotonic time at which that was known."""

    command: Command
    moment: float


class Journal:
    """The entries of one engine since it was clean."""

    def __init__(self) -> None:
        self._options: list[Command] = []
        self._code: list[Code] = []
        self._suspects: list[Code] = []
        self._started_after: int | None = None
        self._latest: dict[tuple[str, object], Command] = {}
        self._held: dict[float | str, Note] = {}
        self._timed: list[Note] = []
        self._room = ROOM
        self._tables: dict[int, Written] = {}
        self._channels: dict[Handle, str] = {}

    def clear(self) -> None:
        """The engine is clean again."""
        self.__init__()  # type: ignore[misc]

    def record(self, command: Command, result: object, score_time: Seconds) -> None:
        """Keep what ``command`` did, if the journal is to keep it and it succeeded."""
        if command.method == "csound.reset":
            self.clear()
            return
        if command.method in STARTS and self._started_after is None:
            self._started_after = len(self._code)
        match METHODS[command.method].facts.journal if command.method in METHODS else "no":
            case "option" if type(result) is not int or result == 0:
                self._options.append(command)
            case "code" if result in (0, None) or _compiled(result):
                self._code.append(Code(command, monotonic()))
            case "table":
                self._keep_table(command)
            case "channel" if command.method in MAKE_CHANNELS:
                self._keep_channel(command, result)
            case "channel" | "hints" | "value":
                self._keep_latest(self._named(command))
            case "event":
                self._keep_event(command, score_time)

    def _keep_table(self, command: Command) -> None:
        table, data, start = cast("tuple[int, object, int]", tuple(command.args))
        self._tables.setdefault(table, Written()).write(start, np.asarray(data, np.float64))

    def _keep_channel(self, command: Command, result: object) -> None:
        """Remember that a channel was made, and which one its handle stands for: handles die with the host."""
        handle = next((part for part in (result if isinstance(result, list | tuple) else [result]) if part), None)
        if not isinstance(handle, Handle):
            return
        name = cast("str", command.args[0])
        self._latest.setdefault((command.method, name), replace(command, session=None))
        self._channels[handle] = name
        if len(self._channels) > MOST_HANDLES:
            del self._channels[next(iter(self._channels))]

    def _named(self, command: Command) -> Command:
        """``command`` with the name of a channel in place of a handle to it."""
        name = self._channels.get(command.args[0]) if isinstance(command.args[0], Handle) else None
        return command if name is None else replace(command, args=[name, *command.args[1:]])

    def _keep_latest(self, command: Command) -> None:
        if command.method == "channel.set":
            for name, value in cast("dict[str, object]", command.args[0]).items():
                self._latest[command.method, name] = Command(command.method, [{name: value}])
            return
        key = (command.method, command.args[0] if command.args and isinstance(command.args[0], str | int) else None)
        self._latest.pop(key, None)
        self._latest[key] = command

    def _keep_event(self, command: Command, score_time: Seconds) -> None:
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

    def _sounding(self, now: float) -> list[Note]:
        """The notes of which something is left, in the order of their beginnings."""
        notes = (note for note in (*self._held.values(), *self._timed) if note.sounding(now))
        return sorted(notes, key=lambda note: note.begins)

    def discard(self, command: Command) -> None:
        """Csound died while it ran ``command``: it is not tried again."""
        self._options = [kept for kept in self._options if kept is not command]
        self._drop_code([kept for kept in self._code if kept.command is command])
        self._latest = {key: kept for key, kept in self._latest.items() if kept is not command}

    def _drop_code(self, dropped: list[Code]) -> None:
        if self._started_after is not None:
            self._started_after -= sum(kept in dropped for kept in self._code[: self._started_after])
        self._code = [kept for kept in self._code if kept not in dropped]

    def forget_notes(self) -> None:
        """Every note was ended at once."""
        self._held, self._timed = {}, []

    def suspect(self, began: float) -> None:
        """Csound came to its end by itself in a cycle that ``began`` then: the youngest notes are not tried again.

        What was compiled just before is suspected of it, until :meth:`drop_suspects`.
        """
        since = began - SUSPECT
        self._held = {p1: note for p1, note in self._held.items() if note.begins < since}
        self._timed = [note for note in self._timed if note.begins < since]
        self._suspects = [kept for kept in self._code if kept.moment > since]

    def drop_suspects(self) -> bool:
        """Whether there was code under suspicion, which is not compiled again."""
        suspects, self._suspects = self._suspects, []
        self._drop_code(suspects)
        return bool(suspects)

    @property
    def started(self) -> bool:
        """Whether Csound has been started since it was clean."""
        return self._started_after is not None

    def before_start(self) -> list[Command]:
        """The calls that bring a fresh Csound to where it was started: options, then code."""
        return self._options + [kept.command for kept in self._code[: self._started_after]]

    def after_start(self) -> list[Command]:
        """The calls that follow the start: later code, values, then the notes that would still sound."""
        now = monotonic()
        notes = (note.resumed(now) for note in self._sounding(now))
        tables = (
            Command("table.set", [table, points, start])
            for table, written in self._tables.items()
            for start, points in written
        )
        return [*self._later(), *tables, *self._latest.values(), *notes]

    def definitions(self) -> list[Command]:
        """The calls after which a fresh Csound knows what new code may refer to: options, code, the start."""
        later = [Command("csound.start", []), *self._later()] if self.started else []
        return [*self.before_start(), *later]

    def _later(self) -> list[Command]:
        """What was compiled after the start."""
        return [kept.command for kept in self._code[self._started_after :]] if self.started else []

    def summary(self) -> dict[str, object]:
        """How much there is to restore, for the engine's event."""
        return {
            "options": len(self._options),
            "code": len(self._code),
            "values": len(self._latest) + len(self._tables),
            "notes": len(self._sounding(monotonic())),
        }


def _ended(instrument: float | str) -> float | str | None:
    """The p1 of the held note that this p1 ends, None where it begins one."""
    if isinstance(instrument, str):
        return instrument[1:] if instrument.startswith("-") else None
    return -instrument if instrument < 0 else None


def _compiled(result: object) -> bool:
    return isinstance(result, dict) and result.get("ok", True) is True
