"""The state of an engine, kept so that another one can be brought to it.

It is made of what calls have done, recorded before anybody hears that they succeeded, and of what the engine itself
shows of the effects of code (``host/snapshots.py``). Both come on one stream, so the later of two always counts. It is
a state and no history: definitions by name, tables by number, channels by name, the notes that sound, the time of the
score. Its size is that of the piece, however long the evening was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from time import monotonic
from typing import Any, Final, cast

import numpy as np

from csoundd.api import METHODS
from csoundd.engine.client.journal.definitions import RESTORED_CYCLES, Definitions, Read, has_only_macros
from csoundd.engine.client.journal.notes import Notes, events_of
from csoundd.engine.client.journal.rows import Rows, by_kind, from_wall, to_wall, told
from csoundd.engine.client.journal.store import Rows as Loaded
from csoundd.engine.client.journal.tables import Tables
from csoundd.engine.link.protocol import Restoration, ShownNote, Snapshot
from csoundd.limits import KEPT_NOTES, QUICK_DEATHS, SESSION_HANDLES, SUSPECT_SECONDS
from csoundd.messages import Command, Handle, Receipt, Seconds, State

Call = tuple[str, list[object]]

MAKERS: Final = frozenset({"csound.channelPtr", "csound.initPvsChannel", "csound.initArrayChannel"})
"""They make a channel where it is not there, and answer with a handle to it."""

HINTS: Final = "csound.setControlChannelHints"
SETTERS: Final = {"control": "csound.setControlChannel", "string": "csound.setStringChannel"}
NOTHING: Final = 0.0
LATER: Final = frozenset("adfq")
"""The kinds of event, beside notes, that may be to come."""

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

JOURNAL: Final = {method.name: method.spec.journal for method in METHODS.values()}
"""What becomes of a call of each method of the API."""

NOTED: Final = frozenset(
    {
        "csound.reset",
        "engine.panic",
        "csound.killInstance",
        "csound.setScorePending",
        "csound.setScoreOffsetSeconds",
        "thread.setScoreOffsetSeconds",
        "csound.rewindScore",
    }
)
"""The calls that change what sounds, or where the score stands."""

LISTS: Final = frozenset({"engine.batch", "thread.requestCallback", "thread.processQueueTask"})
"""The calls that are lists of calls: it is those that the journal keeps."""


def parts(command: Command, result: object) -> Iterator[tuple[Command, object]]:
    """``command`` with its result, or the calls that it is made of, with the result of each that succeeded."""
    if command.method not in LISTS:
        yield command, result
        return
    calls = command.args[0]
    if not isinstance(calls, list):
        return
    answers = result if isinstance(result, list) else [{"result": None}] * len(calls)
    for (method, args), answer in zip(calls, answers, strict=False):
        if "result" in answer:
            yield Command(method, args), answer["result"]


@dataclass(slots=True)
class Channel:
    """One channel: the calls that make it, give it its hints and its value, and when a client last set that."""

    made: Call | None = None
    hints: Call | None = None
    value: Call | None = None
    moment: float = 0.0


class Channels:
    """The channels by name. Handles die with the host, and are kept only to know which channel a call was about."""

    def __init__(self, rows: Rows) -> None:
        self._channels: dict[str, Channel] = {}
        self._names: dict[Handle, str] = {}
        self._mark = rows.mark
        rows.register("channel", self._row)

    def _row(self, name: str) -> object:
        channel = self._channels.get(name)
        if channel is None:
            return None
        return [channel.made, channel.hints, channel.value, to_wall(channel.moment) if channel.moment else 0.0]

    def load(self, rows: Loaded) -> None:
        """Take in the rows of another process."""
        for name, (made, hints, value, moment) in by_kind(rows, "channel").items():
            given = from_wall(moment) if moment else 0.0
            self._channels[name] = Channel(_call(made), _call(hints), _call(value), given)

    def __len__(self) -> int:
        return len(self._channels)

    def keep(self, command: Command, result: object) -> None:
        """Take note of what ``command`` has made or set."""
        method, args = command.method, command.args
        if method in MAKERS:
            self._keep_maker(command, result)
        elif method == HINTS:
            if result == 0:
                self._channel(str(args[0])).hints = method, args
                self._mark("channel", str(args[0]))
        elif method == "channel.set":
            now = monotonic()
            for name, value in args[0].items() if isinstance(args[0], dict) else ():
                channel = self._channels.get(name) or self._channel(name)
                channel.value, channel.moment = (method, [{name: value}]), now
                self._mark("channel", name)
        else:
            name = args[0] if isinstance(args[0], str) else self._name(args[0])
            channel = self._channels.get(name) or self._channel(name)
            channel.value, channel.moment = (method, [name, *args[1:]]), monotonic()
            self._mark("channel", name)

    def _name(self, reference: object) -> str:
        return self._names.get(reference, reference.id) if isinstance(reference, Handle) else str(reference)

    def _keep_maker(self, command: Command, result: object) -> None:
        parts = result if isinstance(result, list | tuple) else [result]
        handle = next((part for part in parts if isinstance(part, Handle)), None)
        if handle is None:
            return
        name = str(command.args[0])
        channel = self._channel(name)
        if channel.made is None or command.method != "csound.channelPtr":
            channel.made = command.method, command.args
            self._mark("channel", name)
        self._names[handle] = name
        if len(self._names) > SESSION_HANDLES:
            del self._names[next(iter(self._names))]

    def _channel(self, name: str) -> Channel:
        return self._channels.setdefault(name, Channel())

    def show(self, told: dict[str, tuple[str, Any]]) -> None:
        """The engine shows values that have become different."""
        for name, (kind, value) in told.items():
            channel = self._channel(name)
            self._mark("channel", name)
            if kind == "array":
                dtype, sizes, data = value
                channel.made = "csound.initArrayChannel", [name, dtype, sizes]
                channel.value = "csound.setArrayData", [name, _shaped(data)]
            else:
                channel.value = SETTERS[kind], [name, value]

    def calls(self) -> list[Call]:
        """What makes the channels and sets them: hints first, which set a value of their own."""
        calls: list[Call] = []
        for name, channel in self._channels.items():
            if channel.made is not None:
                calls.append(channel.made)
            if channel.hints is not None:
                if channel.made is None:
                    calls.append(channel.value or (SETTERS["control"], [name, NOTHING]))
                calls.append(channel.hints)
            if channel.value is not None:
                calls.append(channel.value)
        return calls

    def set_since(self, moment: float) -> list[Call]:
        """What sets the values that clients have set since a monotonic time."""
        channels = self._channels.values()
        return [channel.value for channel in channels if channel.value is not None and channel.moment > moment]


def _call(row: list[Any] | None) -> Call | None:
    return None if row is None else (row[0], row[1])


def _shaped(data: object) -> object:
    return data if isinstance(data, list) and data and isinstance(data[0], str) else np.asarray(data, np.float64)


class Journal:
    """The state of one engine since it was clean. ``read`` gives the text of a file of the workspace.

    What becomes different is marked in ``rows``, by which it is kept for another process, which gives it to
    :meth:`load`.
    """

    def __init__(self, read: Read, rows: Rows | None = None) -> None:
        self._read = read
        self._rows = Rows() if rows is None else rows
        self.clear()
        self._rows.register("score", self._score_row)
        self._rows.register("options", self._options_row)
        self._rows.register("early", lambda index: told(self._early[index]) if index < len(self._early) else None)
        self._rows.register("later", lambda key: list(self._later[key]) if key in self._later else None)
        self._rows.register("host data", lambda _: told(self._host_data))
        self._rows.register("piece name", lambda _: self.piece)

    def _score_row(self, _name: object) -> object:
        end = self._end_marker
        ends = None if end is None else [end[0], to_wall(end[1])]
        return [self.score_time, self._offset, self._pending, ends, self._reached]

    def _options_row(self, _name: object) -> object:
        return [[command.method, command.args, key in self._late] for key, command in self._options.items()]

    def clear(self) -> None:
        """The engine is clean again."""
        self._rows.mark_all()
        self.definitions = Definitions(self._read, self._rows)
        self.notes = Notes(self._rows)
        self._options: dict[tuple[object, ...], Command] = {}
        self._late: set[tuple[object, ...]] = set()
        """Those that were given after a piece was compiled, and so win over the options of its own."""

        self._early: list[Command] = []
        self._channels = Channels(self._rows)
        self._tables = Tables(self._rows)
        self._host_data: Command | None = None
        self.piece: str | None = None
        """The name of the piece that was loaded; None where it has none, or what plays was compiled bit by bit."""

        self._end_marker: tuple[float, float] | None = None
        self.score_time, self._offset, self._pending = 0.0, 0.0, True
        self._reached = 0.0
        """The time of the score that the engine is known to have come to: of the latest answer or snapshot."""

        self._shown_cycle = 0
        self._early_notes: list[ShownNote] | None = None
        """What a new engine has shown before the notes that it was given could begin: it says nothing of those."""

        self._later: dict[int, tuple[str, list[float | str]]] = {}
        self._later_keys = count()
        self._suspected: list[tuple[float, float]] = []
        """The monotonic times between which code was compiled that the last deaths of its own may have come of."""

    def load(self, rows: Loaded) -> None:
        """Take in the rows that another process has left, into a journal that is clear."""
        self.definitions.load(rows)
        self.notes.load(rows)
        self._channels.load(rows)
        self._tables.load(rows)
        for (kind, _), value in rows.items():
            match kind, value:
                case "options", list():
                    for method, args, *late in value:
                        self._put_option(Command(method, args), late=late == [True])
                case "early", [method, args]:
                    self._early.append(Command(method, args))
                case "later", [str(event), list(pfields)]:
                    self._later[next(self._later_keys)] = event, pfields
                case "host data", [method, args]:
                    self._host_data = Command(method, args)
                case "piece name", str():
                    self.piece = value
                case "score", [time, offset, pending, end, *reached]:
                    self.score_time, self._offset, self._pending = time, offset, pending
                    self._reached = max([time, *reached])
                    self._end_marker = None if end is None else (end[0], from_wall(end[1]))

    def name_piece(self, name: str | None) -> None:
        """What has been compiled since the engine was clean is the piece ``name``."""
        self.piece = name
        self._rows.mark("piece name", "")

    @property
    def started(self) -> bool:
        """Whether Csound has been started."""
        return self.definitions.started

    def record(self, command: Command, result: object, receipt: Receipt | None) -> None:  # noqa: C901 - kinds of calls
        """Keep what ``command`` has done, if it is to be kept and it succeeded."""
        if command.method in LISTS:
            for part, value in parts(command, result):
                self.record(part, value, receipt)
            return
        now = receipt.score_time if receipt is not None else Seconds(self.score_time)
        cycle = receipt.cycle if receipt is not None else 0
        self._reached = max(self._reached, now)
        method = command.method
        if method in NOTED:
            self._note(method, command.args, now)
            self._rows.mark("score", "")
        match JOURNAL.get(method):
            case "option" if type(result) is not int or result == 0:
                self._keep_option(command)
            case "code" if _compiled(method, result) or has_only_macros(command):
                self.definitions.keep(replace(command, session=None, at=None), cycle)
            case "table":
                self._tables.write(command)
            case "channel" | "hints":
                self._channels.keep(command, result)
            case "value":
                self._host_data = replace(command, session=None, at=None)
                self._rows.mark("host data", "")
            case "event":
                self._keep_event(command, now)
        if method in STARTS and (type(result) is not int or result >= 0):
            self.definitions.start()

    def _note(self, method: str, args: list[object], now: float) -> None:
        """Take note of one of NOTED."""
        match method, args:
            case "csound.reset", _:
                self.clear()
            case "engine.panic", _:
                self.notes.clear()
            case "csound.killInstance", [float() | int() | str() as instrument, int(mode), *_]:
                self.notes.kill(instrument, mode, now)
            case "csound.setScorePending", [pending, *_]:
                self._pending = bool(pending)
            case "csound.setScoreOffsetSeconds" | "thread.setScoreOffsetSeconds", [float() | int() as offset, *_]:
                self._offset = self.score_time = self._reached = float(offset)
            case "csound.rewindScore", _:
                self.score_time = self._reached = self._offset

    def _keep_option(self, command: Command) -> None:
        """The latest of those that say the same thing."""
        self._put_option(replace(command, session=None, at=None), late=not self.definitions.is_empty)
        self._rows.mark("options", "")

    def _put_option(self, command: Command, *, late: bool) -> None:
        key = (command.method, *map(repr, command.args)) if command.method == "csound.setOption" else (command.method,)
        self._options.pop(key, None)
        self._options[key] = command
        self._late.discard(key)
        if late:
            self._late.add(key)

    def _before_start(self) -> list[Command]:
        """What is given before the start: options, code, and once more the options that came after it."""
        late = [command for key, command in self._options.items() if key in self._late]
        return [*self._options.values(), *self.definitions.before_start(), *late, *self._early]

    def _keep_event(self, command: Command, now: Seconds) -> None:
        if not self.started:
            # Before the start events are a part of the score.
            self._rows.mark("early", len(self._early))
            self._early.append(replace(command, session=None, at=None))
            return
        if command.method.endswith("setEndMarker"):
            time, *absolute = cast("list[float]", command.args)
            self._end_marker = (time if any(absolute) else now + time), monotonic()
        self._rows.mark("score", "")
        for kind, pfields in events_of(command, now):
            if kind == "i":
                self.notes.ask(pfields, now)
            elif kind in LATER and _comes_later(pfields):
                self._keep_later(kind, [*pfields[:1], now + cast("float", pfields[1]), *pfields[2:]])
            elif kind == "f":
                self._tables.make(pfields)

    def _keep_later(self, kind: str, pfields: list[float | str]) -> None:
        """Keep an event that is no note until it is due, with the time of the score then in its p2."""
        key = next(self._later_keys)
        self._later[key] = kind, pfields
        self._rows.mark("later", key)
        if len(self._later) > KEPT_NOTES:
            oldest = next(iter(self._later))
            del self._later[oldest]
            self._rows.mark("later", oldest)

    def _come_to(self, score_time: float) -> None:
        """Csound has done what was due before that time of the score."""
        for key, (kind, pfields) in list(self._later.items()):
            if cast("float", pfields[1]) < score_time:
                del self._later[key]
                self._rows.mark("later", key)
                if kind == "f":
                    self._tables.make(pfields)

    def show(self, shown: Snapshot) -> None:
        """Take in a snapshot of the engine."""
        if "score" in shown:
            self._come_to(shown["score"][0])
        self._channels.show(shown.get("channels", {}))
        self._tables.show(shown.get("tables", []))
        if "score" in shown:
            self.score_time, pending = shown["score"]
            self._reached = self.score_time
            self._pending = bool(pending)
            self._rows.mark("score", "")
        if shown.get("cycle", RESTORED_CYCLES + 1) <= RESTORED_CYCLES:
            self._early_notes = shown.get("notes", self._early_notes)
        elif "notes" in shown:
            self._early_notes = None
            self.notes.show(shown["notes"], self.score_time)
        elif "seen" in shown:
            self._see_notes()
        if "cycle" in shown:
            self._shown_cycle = shown["cycle"]
            if self.notes.are_shown:
                self.definitions.seen(self._shown_cycle)

    def _see_notes(self) -> None:
        """The engine shows the notes that it has shown last."""
        early, self._early_notes = self._early_notes, None
        if early is not None:
            self.notes.show(early, self.score_time)
        else:
            self.notes.seen(self.score_time)

    def still(self, cycle: int, score_time: Seconds) -> None:
        """The engine was as it has shown after that many cycles too, at that time of the score."""
        if cycle > self._shown_cycle:
            self._come_to(score_time)
            self._shown_cycle, self.score_time = cycle, score_time
            self._reached = max(self._reached, score_time)
            self._rows.mark("score", "")
            if (self.notes.are_shown or self._early_notes is not None) and cycle > RESTORED_CYCLES:
                self._see_notes()
            if self.notes.are_shown:
                self.definitions.seen(cycle)

    def died_in(self, command: Command) -> None:
        """Csound came to its end in ``command``: if that was the start, what acts at the start does not act again."""
        if command.method in STARTS:
            self.definitions.forget_actions()

    def suspect(self, since: float, *, hung: bool, again: bool) -> list[str]:
        """Csound came to its end by itself, in what it began at the monotonic time ``since``: do not try that again.

        The youngest notes go, and what acted last. Of what was compiled just before, what runs in cycles (instruments,
        opcodes) goes where it hung, or where it comes to its end again; then all the notes go with it, and what was
        compiled just before it died the last time. What code has only set was set in good order before it was answered:
        it goes where nothing else has helped, which is the third time. Returns what was given up, in words.
        """
        self.definitions.forget_actions()
        given_up: list[str] = []
        before = len(self.notes.sounding(self.score_time))
        if again:
            self.notes.clear()
        else:
            self.notes.forget_since(since - SUSPECT_SECONDS)
        gone = before - len(self.notes.sounding(self.score_time))
        if gone:
            given_up.append(f"{gone} notes that began just before, or sounded twice when the engine died")
        # Between two deaths lies what was compiled in good order, which may be a whole evening's.
        earlier = self._suspected[1 - QUICK_DEATHS :] if again else []
        self._suspected = [*earlier, (since - SUSPECT_SECONDS, monotonic())]
        at_last = len(self._suspected) == QUICK_DEATHS
        if (hung or again) and self.definitions.drop(self._suspected, only_performed=not at_last):
            what = "what was compiled" if at_last else "the instruments and opcodes that were compiled"
            given_up.append(f"{what} just before the engine died")
        if again and self.definitions.has_score:
            self.score_time += SUSPECT_SECONDS
            self._rows.mark("score", "")
            given_up.append(f"{SUSPECT_SECONDS:g} s of the score")
        return given_up

    def did_not_start(self) -> list[str]:
        """Csound could not be started: forget the CSD and the events that it had, which it would fail of again.

        Code that other calls compiled is kept, and so are options that other calls set: both can be given anew.
        Returns what was given up, in words.
        """
        if self.started:
            return []
        events, self._early = self._early, []
        for index in range(len(events)):
            self._rows.mark("early", index)
        given_up = ["the CSD that Csound could not be started with"] if self.definitions.drop_csd() else []
        return [*given_up, "the events that were given before the start"] if events else given_up

    def prepared(self) -> list[Command]:
        """What makes a fresh Csound ready to be started as this one was."""
        steps = self._before_start()
        if self.started and self._moved_on:
            steps.append(Command("csound.setScoreOffsetSeconds", [self.score_time]))
        elif self._offset:
            steps.append(Command("csound.setScoreOffsetSeconds", [self._offset]))
        return steps

    @property
    def _moved_on(self) -> bool:
        return self.score_time > 0

    def defined(self) -> list[Command]:
        """The calls after which a fresh Csound knows what new code may refer to: options, code, the start."""
        steps = self._before_start()
        return [*steps, Command("csound.start", []), *self.definitions.after_start()] if self.started else steps

    def state(self, playing: State) -> tuple[Restoration, list[str]]:
        """What is left to be restored once the code is there (``host/restoring.py``), and what cannot be."""
        calls: list[Call] = []
        lost: list[str] = []
        tables = self._tables.code() if self.started else ""
        if tables:
            calls.append(("csound.compileOrc", [tables, True]))
        if self._host_data is not None:
            calls.append((self._host_data.method, self._host_data.args))
        # What was answered has begun, though the score goes on from where it was last shown, which is before that.
        self.notes.begin(self.score_time, self._reached)
        self._come_to(self._reached)
        self._reached = self.score_time
        notes = []
        for note in self.notes.sounding(self.score_time) if self.started else []:
            pfields = note.resumed(self.score_time)
            if pfields is None:
                lost.append(f"a note of {note.instrument}: its texts are not known")
            else:
                notes.append(pfields)
        self.definitions.begin()
        actions = self.definitions.actions(shown=False)
        unseen_since = self.definitions.unseen_since()
        if unseen_since is not None:
            # An action may have set what a client has set since.
            actions += self._channels.set_since(unseen_since)
        for kind, (p1, due, *fields) in self._later.values() if self.started else ():
            actions.append(("csound.scoreEvent", [kind, [p1, cast("float", due) - self.score_time, *fields]]))
        if self._end_marker is not None and self._end_marker[0] > self.score_time:
            actions.append(("csound.setEndMarker", [self._end_marker[0] - self.score_time]))
        state: Restoration = {
            "made": calls,
            "event_tables": self._tables.of_events() if self.started else [],
            "acted": self.definitions.actions(shown=True),
            "tables": list(self._tables.shown.items()) if self.started else [],
            "calls": [*self._channels.calls(), *self._tables.written()],
            "score_time": self.score_time if self.started and self._moved_on else 0.0,
            "offset": self._offset,
            "pending": self._pending,
            "notes": notes,
            "actions": actions,
            "state": playing,
        }
        return state, lost

    def summary(self) -> dict[str, object]:
        """How much there is to restore, for the engine's event."""
        return {
            "options": len(self._options),
            "code": len(self.definitions),
            "values": len(self._channels) + len(self._tables),
            "notes": sum(not note.ends_another for note in self.notes.sounding(self.score_time)) if self.started else 0,
        }


def _comes_later(pfields: list[float | str]) -> bool:
    start = pfields[1] if len(pfields) > 1 else 0.0
    return not isinstance(start, str) and start > 0


def _compiled(method: str, result: object) -> bool:
    if method.endswith("evalCode"):
        return True
    return result in (0, None) or (isinstance(result, dict) and result.get("ok", True) is True)
