"""The methods that the host itself serves, the same over every backend: playing, the thread, tables, code."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from typing import Final, Literal, cast

import numpy as np

from csoundd.api.callbacks import Keyboard
from csoundd.api.engine import EngineCommands
from csoundd.api.instance import Instance
from csoundd.api.orchestra import OrcCompile, RemoteOpcodes
from csoundd.api.performance import Performance
from csoundd.api.score import Score
from csoundd.api.tables import TableSlices
from csoundd.api.thread import ThreadMessages, ThreadTasks, Transport
from csoundd.api.values import (
    Array,
    Callback,
    CallRequest,
    CompileReport,
    Handle,
    Landing,
    PFields,
    RemoteOpcode,
    TableInfo,
    TableLength,
)
from csoundd.engine.csound.backend import Backend, Points
from csoundd.engine.csound.input_queues import KeyQueue
from csoundd.engine.csound.instance_methods import bounds
from csoundd.engine.host.calls import Calls, Deferred
from csoundd.engine.host.diagnostics import diagnose
from csoundd.engine.host.loop import Loop
from csoundd.engine.host.output import Output
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.restoring import Restoring
from csoundd.errors import EngineError, InvalidParams, NotFound, Unsupported, WrongState
from csoundd.limits import COMPILATION_LINES, HIGHEST_KEY_CODE, REMOTE_OPCODE_VALUES, TABLE_GAP
from csoundd.messages import Seconds
from csoundd.syntax.includes import Read

START_TIME: Final = 1
DURATION: Final = 2


class HostPerformance(Performance):
    """Starting, performing and ending by the Csound object."""

    def __init__(self, loop: Loop, performer: Performer, reset: Callable[[], None]) -> None:
        self._loop, self._performer, self._reset = loop, performer, reset

    def start(self) -> int:
        return self._performer.start()

    def stop(self) -> None:
        self._performer.stop()

    def reset(self) -> None:
        self._reset()

    def perform(self) -> int:
        return deferred_by(self._performer.perform)  # type: ignore[return-value]

    def performKsmps(self) -> bool:
        return self._performer.step()

    def performanceThread(self) -> Handle:
        self._performer.rewound()
        return Handle(f"thread:{self._performer.epoch}")

    def sleep(self, milliseconds: int) -> None:
        return self._loop.sleep(Seconds(milliseconds / 1000))  # type: ignore[return-value]


class HostInstance(Instance):
    """The handle that stands for the engine in place of its address."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    def csound(self) -> Handle:
        return Handle(f"csound:{self._performer.epoch}")


class HostTransport(Transport):
    """Playing, pausing and ending by the performance thread."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    def play(self) -> None:
        self._performer.play()

    def pause(self) -> None:
        self._performer.pause()

    def togglePause(self) -> None:
        if self._performer.state == "playing":
            self._performer.pause()
        else:
            self._performer.play()

    def stop(self) -> None:
        self._performer.stop()

    def join(self) -> int:
        return deferred_by(self._performer.join)  # type: ignore[return-value]

    def status(self) -> int:
        return self._performer.status

    def isRunning(self) -> bool:
        return self._performer.state != "ended"

    def csoundPtr(self) -> Handle:
        return Handle(f"csound:{self._performer.epoch}")


class HostThreadMessages(ThreadMessages):
    """Messages to the performance thread; here everything runs on it anyway."""

    def __init__(self, performer: Performer, calls: Calls) -> None:
        self._performer, self._calls = performer, calls

    def scoreEvent(self, abstime: bool, kind: str, pfields: PFields) -> None:
        fields = list(pfields)
        if abstime and len(fields) > START_TIME:
            self._make_relative(fields)
        self._calls.invoke("csound.scoreEvent", [kind, fields])

    def _make_relative(self, fields: list[float | str]) -> None:
        """Count p2 from now; a note whose beginning is past is shortened by what it missed."""
        start, now = fields[START_TIME], self._performer.score_time()
        if isinstance(start, str):
            raise InvalidParams("p2 must be a number: a time in seconds")
        missed = max(0.0, now - start)
        fields[START_TIME] = max(0.0, start - now)
        if len(fields) > DURATION and not isinstance(fields[DURATION], str) and float(fields[DURATION]) > 0:
            fields[DURATION] = max(0.0, float(fields[DURATION]) - missed)

    def inputMessage(self, s: str) -> None:
        self._calls.invoke("csound.inputMessage", [s])

    def setEndMarker(self, time: float, absolute: bool = False) -> None:
        ahead = max(0.0, time - self._performer.score_time()) if absolute else time
        self._calls.invoke("csound.setEndMarker", [ahead])

    def setScoreOffsetSeconds(self, time: float) -> None:
        self._calls.invoke("csound.setScoreOffsetSeconds", [time])

    def compileOrc(self, code: str) -> None:
        self._calls.invoke("csound.compileOrc", [code, True])

    def evalCode(self, code: str, callback: Callback = None, timeout: float = 5.0) -> float | str:
        if callback is not None:
            raise Unsupported("in a list of calls thread.evalCode answers at its end and takes no callback")
        return self._calls.invoke("csound.evalCode", [code])  # type: ignore[return-value]

    def record(self, filename: str, samplebits: Literal[16, 24, 32], numbufs: int) -> None:
        raise self._alone("thread.record")

    def stopRecord(self) -> None:
        raise self._alone("thread.stopRecord")

    def _alone(self, method: str) -> WrongState:
        # By themselves these go to the front's recorder; only from a list of calls do they come here.
        hint = "give both the same `at` to have them run at one cycle edge"
        return WrongState(f"{method} cannot be part of a list of calls", hint=hint)

    def flushMessageQueue(self) -> None:
        return None


class HostTasks(ThreadTasks):
    """Lists of calls, each list at one cycle edge."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._queue = False

    def requestCallback(self, callback: list[CallRequest], *, session: str | None = None) -> None:
        self._calls.batch(callback, session=session)  # type: ignore[arg-type]

    def setProcessQueue(self) -> None:
        self._queue = True

    def processQueueTask(self, func: list[CallRequest], *, session: str | None = None) -> None:
        self._need_queue()
        self._calls.batch(func, session=session)  # type: ignore[arg-type]

    def flushProcessQueue(self, timeout: float | None = None) -> None:
        self._need_queue()

    def _need_queue(self) -> None:
        if not self._queue:
            raise WrongState("there is no process queue", hint="call thread.setProcessQueue first")


class HostScore(Score):
    """Rewinding, which also brings a performance that is over back to where it can be played."""

    def __init__(self, performer: Performer, backend_score: Score, restoring: Restoring) -> None:
        self._performer, self._score, self._restoring = performer, backend_score, restoring

    def scoreOffsetSeconds(self) -> float:
        offset = self._restoring.offset
        return self._score.scoreOffsetSeconds() if offset is None else offset

    def setScoreOffsetSeconds(self, time: float) -> None:
        self._restoring.forget()
        self._score.setScoreOffsetSeconds(time)

    def rewindScore(self) -> None:
        offset = self._restoring.offset
        if offset is None:
            self._score.rewindScore()
        else:
            # To a Csound that was moved on this is an offset before the present one, to which it rewinds.
            self.setScoreOffsetSeconds(offset)
        self._performer.rewound()


class HostEngine(EngineCommands):
    """The engine as a whole."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    def sync(self) -> Landing:
        performer = self._performer
        return Landing(performer.sample, performer.cycle, performer.score_time())

    def panic(self) -> None:
        self._performer.backend.silence()


class HostKeyboard(Keyboard):
    """KeyQueue that clients press, for ``sensekey``."""

    def __init__(self, keys: KeyQueue) -> None:
        self._keys = keys

    def keyPress(self, c: int | str) -> None:
        code = ord(c[0]) if isinstance(c, str) and c else c
        if not isinstance(code, int) or not 0 < code <= HIGHEST_KEY_CODE:
            raise InvalidParams("a key is a character, or a number from 1 to 65535", parameter="c")
        self._keys.press(code)


def deferred_by(register: Callable[[Callable[[int], None]], None]) -> Deferred:
    """A deferred answer that ``register`` is given the means to resolve."""
    deferred = Deferred()
    register(deferred.resolve)
    return deferred


class HostTables(TableSlices):
    """Slices of tables, read and written where they lie."""

    def __init__(self, backend: Backend, calls: Calls) -> None:
        self._backend, self._calls = backend, calls

    def get(self, table: int, start: int = 0, count: int | None = None) -> Array:
        points = self._points(table)
        return points[slice(*bounds(table, len(points), start, count))].copy()

    def set(self, table: int, data: Array, start: int = 0) -> None:
        given, points = np.asarray(data, np.float64), self._points(table)
        if given.ndim != 1:
            raise InvalidParams("data: should be one row of numbers")
        points[slice(*bounds(table, len(points), start, len(given)))] = given

    def _points(self, table: int) -> Points:
        points = self._backend.table(table)
        if points is None:
            raise NotFound(f"there is no table {table}", table=table)
        return points

    def list(self) -> builtins.list[TableLength]:
        found: builtins.list[TableLength] = []
        number = last = 0
        while number < last + TABLE_GAP:
            number += 1
            points = self._backend.table(number)
            if points is not None:
                found.append(TableLength(number, len(points)))
                last = number
        return found

    def info(self, table: int) -> TableInfo:
        length = len(self._points(table))
        args = cast("Array", self._calls.invoke("csound.tableArgs", [table]))
        return TableInfo(table, length, args)


OPCODE: Final = re.compile(r"[A-Za-z_]\w*\Z")
TYPES: Final = frozenset("kS")


class HostOrc(OrcCompile):
    """Compiling with diagnostics; ``read`` gives the files that code includes."""

    def __init__(self, calls: Calls, output: Output, read: Read) -> None:
        self._calls, self._output, self._read = calls, output, read

    def compile(self, code: str) -> CompileReport:
        self._output.tell_printed(0)
        returned = self._calls.invoke("csound.compileOrc", [code, True])
        printed = self._output.tell_printed(COMPILATION_LINES)
        return CompileReport(returned == 0, diagnose(code, printed, self._read), printed)


class HostRemoteOpcodes(RemoteOpcodes):
    """Writes a user-defined opcode and has it compiled."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def define(self, name: str, outputs: str = "k", inputs: str = "k") -> RemoteOpcode:
        if not OPCODE.match(name):
            raise InvalidParams(f"{name!r} cannot be the name of an opcode")
        for letters in (outputs, inputs):
            if len(letters) > REMOTE_OPCODE_VALUES or not TYPES.issuperset(letters):
                raise InvalidParams(f"{letters!r} should be at most {REMOTE_OPCODE_VALUES} of the letters k and S")
        made = RemoteOpcode(name, value_names(name, "out", outputs), value_names(name, "in", inputs))
        if self._calls.invoke("csound.compileOrc", [definition(made, outputs, inputs), True]) != 0:
            raise EngineError(f"Csound could not compile the opcode {name}")
        return made


def value_names(name: str, direction: str, letters: str) -> list[str]:
    """The names that the values of one direction go by."""
    return [f"{name}.{direction}.{number}" for number in range(1, len(letters) + 1)]


def definition(made: RemoteOpcode, outputs: str, inputs: str) -> str:
    """The opcode as orchestra code."""
    taken = [f"{letter}in{number}" for number, letter in enumerate(inputs, 1)]
    given = [f"{letter}out{number}" for number, letter in enumerate(outputs, 1)]
    lines = [f"opcode {made.name}, {outputs or '0'}, {inputs or '0'}"]
    if taken:
        lines.append(f"  {', '.join(taken)} xin")
    lines += [f'  outvalue "{value}", {variable}' for value, variable in zip(made.inputs, taken, strict=True)]
    lines += [f'  {variable} invalue "{value}"' for value, variable in zip(made.outputs, given, strict=True)]
    if given:
        lines.append(f"  xout {', '.join(given)}")
    return "\n".join([*lines, "endop", ""])
