"""What an engine has been told, kept so that a new host can be brought to the same point.

Options, compiled code, channel values, hints and live notes: kept in memory by the front, one entry for each
call that succeeded, the last value only where an earlier one no longer matters.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Final, cast

import numpy as np

from csoundd.api import METHODS
from csoundd.engine.journal.code import Code
from csoundd.engine.journal.notes import LiveNotes
from csoundd.engine.journal.written import Written
from csoundd.messages import Command, Handle, Seconds

SUSPECT: Final = Seconds(1.0)
"""What is younger than this when Csound crashes by itself, or begins to hang, may be what it does that of."""

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

MOST_HANDLES: Final = 20_000


class Journal:
    """The entries of one engine since it was clean."""

    def __init__(self) -> None:
        self._options: list[Command] = []
        self._code = Code()
        self._latest: dict[tuple[str, object], Command] = {}
        self._notes = LiveNotes()
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
        if command.method == "engine.panic":
            self._notes = LiveNotes()
        if command.method in STARTS:
            self._code.begin()
        match METHODS[command.method].facts.journal if command.method in METHODS else "no":
            case "option" if type(result) is not int or result == 0:
                self._options.append(command)
            case "code" if result in (0, None) or _compiled(result):
                self._code.keep(command)
            case "table":
                self._keep_table(command)
            case "channel" if command.method in MAKE_CHANNELS:
                self._keep_channel(command, result)
            case "channel" | "hints" | "value":
                self._keep_latest(self._named(command))
            case "event":
                self._notes.keep(command, score_time)

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

    def discard(self, command: Command) -> None:
        """Csound died while it ran ``command``: it is not tried again."""
        self._options = [kept for kept in self._options if kept is not command]
        self._code.drop(command)
        self._latest = {key: kept for key, kept in self._latest.items() if kept is not command}

    def suspect(self, began: float) -> None:
        """Csound came to its end by itself in a cycle that ``began`` then: the youngest notes are not tried again.

        What was compiled just before is suspected of it, until :meth:`drop_suspects`.
        """
        self._notes.forget_since(began - SUSPECT)
        self._code.suspect(began - SUSPECT)

    def drop_suspects(self) -> bool:
        """Whether there was code under suspicion, which is not compiled again."""
        return self._code.drop_suspects()

    def steps(self) -> list[Command]:
        """The calls that bring a fresh Csound to where this one is: options, code, values, notes that would sound."""
        now = monotonic()
        tables = (
            Command("table.set", [table, points, start])
            for table, written in self._tables.items()
            for start, points in written
        )
        notes = (note.resumed(now) for note in self._notes.sounding(now))
        return [*self.definitions(), *tables, *self._latest.values(), *notes]

    def definitions(self) -> list[Command]:
        """The calls after which a fresh Csound knows what new code may refer to: options, code, the start."""
        later = [Command("csound.start", []), *self._code.after_start()] if self._code.started else []
        return [*self._options, *self._code.before_start(), *later]

    def summary(self) -> dict[str, object]:
        """How much there is to restore, for the engine's event."""
        return {
            "options": len(self._options),
            "code": len(self._code),
            "values": len(self._latest) + len(self._tables),
            "notes": len(self._notes.sounding(monotonic())),
        }


def _compiled(result: object) -> bool:
    return isinstance(result, dict) and result.get("ok", True) is True
