"""Clients that change what an engine plays, and know of each change whether it was acknowledged.

They speak JSON-RPC over a socket of their own, and share no code with csoundd. Each changes what no other does, so it
knows what there has to be: the value that was acknowledged last, or one that was sent after that and not answered.
"""

from __future__ import annotations

import base64
import json
import random
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Any, Self

from tests.live.raw import PING, TEXT, RawClient

PIECE = """
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
{tables}
instr 1
  asound = oscili(0.05, 220)
  outs asound, asound
endin
instr 2
  Sname sprintf "alive %d", p4
  kcount init 0
  kcount += 1
  chnset kcount, Sname
endin
</CsInstruments>
<CsScore>
i 1 0 -1
f 0 36000
</CsScore>
</CsoundSynthesizer>
"""

POINTS = 256
SOME_CYCLES = 4096
"""Samples in which whatever sounds has counted on."""

PATIENCE = 60.0
CRASHED, TIMEOUT, UNSUPPORTED, LIMITED = -32009, -32007, -32006, -32008

Given = Callable[[str, float], bool]
"""Whether a thing of a kind that was changed at a monotonic time may have been given up."""


def piece(clients: int) -> str:
    """A piece with a table for each client."""
    tables = "\n".join(f"giTable{n} ftgen {100 + n}, 0, {-POINTS}, -2, 0" for n in range(clients))
    return PIECE.format(tables=tables)


class Refused(Exception):
    """An error that the daemon has answered."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Gone(Exception):
    """The connection has come to its end."""


class Caller:
    """One connection, which makes one call after another."""

    def __init__(self, port: int) -> None:
        self._client = RawClient(port)
        self._client.shake_hands()
        self._last = 0
        self.asked = self.answered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def call(self, method: str, *args: object) -> Any:
        """The result of a call. Raises Refused, and Gone where there is no answer."""
        self._last += 1
        self.asked += 1
        request = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": list(args)}
        try:
            self._client.text(json.dumps(request))
            while True:
                opcode, payload = self._client.frame()
                if opcode == PING:
                    self._client.pong(payload)
                    continue
                if opcode != TEXT:
                    raise Gone(f"a frame of the kind {opcode}")
                answer = json.loads(payload)
                if answer.get("id") == self._last:
                    break
        except (OSError, ValueError, IndexError, struct.error) as problem:
            raise Gone(str(problem)) from None
        self.answered += 1
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """End it."""
        self._client.reset()


@dataclass(slots=True)
class Known:
    """What one thing may be: the values that it may have, and when each was sent, or acknowledged.

    Where the one that was acknowledged may have been given up, the one that was sent after it may never have come.
    """

    values: list[object]
    moments: list[float] = field(default_factory=list)


class Pause:
    """Has so many workers stop between two changes while somebody looks, on connections that stay."""

    def __init__(self, workers: int) -> None:
        self._barrier = threading.Barrier(workers + 1)
        self._wanted = self._last = False

    def is_last(self) -> bool:
        """For a worker: wait if a pause is wanted. Whether that was the last one."""
        if not self._wanted:
            return False
        self._barrier.wait()
        self._barrier.wait()
        return self._last

    def leave(self) -> None:
        """For a worker that cannot go on: nobody is to wait for it."""
        self._barrier.abort()

    def begin(self) -> None:
        """Wait until every worker has stopped. Raises BrokenBarrierError where one has lost its connection."""
        self._wanted = True
        self._barrier.wait(PATIENCE)

    def end(self, *, last: bool = False) -> None:
        """Let them go on, or end."""
        self._wanted, self._last = False, last
        self._barrier.wait(PATIENCE)


@dataclass
class Worker:
    """A client, what it knows, and how many changes were acknowledged. It goes on until ``stop`` or the end."""

    number: int
    seed: int
    known: dict[tuple[str, str], Known] = field(default_factory=dict)
    acknowledged: int = 0
    crashed: int = 0
    lost: str | None = None
    """Why its connection is gone."""

    wrong: list[str] = field(default_factory=list)
    """Answers that there should not have been."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._changes: list[Callable[[Caller], None]] = [
            self._control,
            self._control,
            self._several,
            self._text,
            self._array,
            self._table,
            self._code,
            self._instrument,
            self._note,
        ]

    def work(self, port: int, pause: Pause | None = None) -> None:
        """Change one thing after another until there is no answer, or the last ``pause``."""
        self.lost = None
        try:
            caller = Caller(port)
        except (OSError, AssertionError) as problem:
            self.lost = f"there was no connection: {problem}"
            return
        try:
            while pause is None or not pause.is_last():
                self._random.choice(self._changes)(caller)
        except Gone as problem:
            self.lost = str(problem)
            if pause is not None:
                pause.leave()
        finally:
            self.unanswered = caller.asked - caller.answered
            caller.close()

    unanswered: int = 0

    def _change(self, caller: Caller, wanted: dict[tuple[str, str], object], method: str, *args: object) -> None:
        for key, value in wanted.items():
            known = self.known.setdefault(key, Known([None]))
            known.values.append(value)
            known.moments.append(monotonic())
        try:
            result = caller.call(method, *args)
        except Refused as refused:
            if refused.code == UNSUPPORTED:
                for key in wanted:
                    del self.known[key]
            elif refused.code == LIMITED:
                threading.Event().wait(0.05)  # as it is told to
            elif refused.code in {CRASHED, TIMEOUT}:
                self.crashed += 1
            else:
                self.wrong.append(f"{method}: {refused} ({refused.code})")
            return
        if method == "csound.compileOrc" and result != 0:
            self.wrong.append(f"{method}: {result}")
            return
        self.acknowledged += 1
        for key, value in wanted.items():
            self.known[key] = Known([value], [monotonic()])

    def _value(self) -> float:
        return float(self._random.randrange(1, 1_000_000))

    def _name(self) -> str:
        return f"w{self.number}.{self._random.randrange(8)}"

    def _control(self, caller: Caller) -> None:
        name, value = self._name(), self._value()
        self._change(caller, {("channel", name): value}, "csound.setControlChannel", name, value)

    def _several(self, caller: Caller) -> None:
        values = {f"w{self.number}.{n}": self._value() for n in range(8)}
        self._change(caller, {("channel", name): value for name, value in values.items()}, "channel.set", values)

    def _text(self, caller: Caller) -> None:
        name, value = f"{self._name()} text", f"{self._value()} ♪"
        self._change(caller, {("channel", name): value}, "csound.setStringChannel", name, value)

    def _array(self, caller: Caller) -> None:
        name, values = f"w{self.number} array", [self._value() for _ in range(3)]
        if ("array", name) not in self.known:
            try:
                caller.call("csound.initArrayChannel", name, "k", 3)
            except Refused:
                return
        self._change(caller, {("array", name): values}, "csound.setArrayData", name, values)

    def _table(self, caller: Caller) -> None:
        start, count = self._random.randrange(POINTS - 16), self._random.randrange(1, 16)
        values = [self._value() for _ in range(count)]
        wanted: dict[tuple[str, str], object] = {
            ("point", f"{100 + self.number} {start + n}"): value for n, value in enumerate(values)
        }
        self._change(caller, wanted, "table.set", 100 + self.number, values, start)

    def _code(self, caller: Caller) -> None:
        name, value = f"gi{self.number}_{self._random.randrange(4)}", self._value()
        self._change(caller, {("variable", name): value}, "csound.compileOrc", f"{name} init {value}\n")

    def _instrument(self, caller: Caller) -> None:
        name = f"W{self.number}_{self._random.randrange(4)}"
        code = f"instr {name}\n  icount = {self._value()}\nendin\n"
        self._change(caller, {("instrument", name): True}, "csound.compileOrc", code)

    def _note(self, caller: Caller) -> None:
        which = self.number * 10 + self._random.randrange(4)
        sounds = self._random.random() < 0.6
        event = f"i 2.{which:04d} 0 -1 {which}" if sounds else f"i -2.{which:04d} 0 0"
        self._change(caller, {("note", str(which)): sounds}, "csound.eventString", event)


def missing(workers: list[Worker], caller: Caller, given_up: Given = lambda *_: False) -> tuple[list[str], int]:
    """What is not as a client knows it, in words, and how many things were looked at."""
    found: list[str] = []
    looked = 0
    values = _Values(caller, [name for worker in workers for (kind, name) in worker.known if kind == "note"])
    for worker in workers:
        for (kind, name), known in worker.known.items():
            looked += 1
            value = values.of(kind, name)
            # None is whatever there was before anybody has changed it.
            good = value in known.values or (None in known.values and value in BEFORE[kind])
            if not good and not any(given_up(kind, moment) for moment in known.moments):
                found.append(f"{kind} {name} is {value!r} and should be one of {known.values!r}")
            if not good or len(known.values) > 1:
                known.values = [value]
    return found, looked


BEFORE: dict[str, tuple[object, ...]] = {
    "channel": (0.0, ""),
    "array": ([0.0, 0.0, 0.0],),
    "point": (0.0,),
    "variable": (None, 0.0),
    "instrument": (False,),
    "note": (False,),
}
"""The values of each kind that nobody has changed."""


class _Values:
    """What a daemon has; whether the notes of those names sound is looked at once."""

    def __init__(self, caller: Caller, notes: list[str]) -> None:
        self._caller = caller
        self._tables: dict[str, list[float]] = {}
        before = self._counts(notes)
        sample = _sample(caller)
        while _sample(caller) < sample + SOME_CYCLES:
            pass
        self._sounding = {name: count != before[name] for name, count in self._counts(notes).items()}

    def _counts(self, notes: list[str]) -> dict[str, float]:
        return {name: self._caller.call("csound.controlChannel", f"alive {name}")[0] for name in notes}

    def of(self, kind: str, name: str) -> object:
        """The value of a thing of that kind."""
        caller = self._caller
        match kind:
            case "channel":
                return _channel(caller, name)
            case "array":
                return _array(caller.call("csound.arrayData", name))
            case "point":
                number, _, index = name.partition(" ")
                if number not in self._tables:
                    self._tables[number] = _array(caller.call("table.get", int(number)))
                return self._tables[number][int(index)]
            case "variable":
                return _evaluated(caller, f"return {name}\n")
            case "instrument":
                return _is_there(caller, name)
        return self._sounding[name]


def _evaluated(caller: Caller, code: str) -> object:
    try:
        value = caller.call("csound.evalCode", code)
    except Refused:
        return None
    # What does not compile, as a name that nothing has set, is not a number.
    return None if value == {"$float": "nan"} else value


def _channel(caller: Caller, name: str) -> object:
    if not name.endswith("text"):
        return caller.call("csound.controlChannel", name)[0]
    value = caller.call("csound.stringChannel", name)
    return value[0] if isinstance(value, list) else value


def _is_there(caller: Caller, instrument: str) -> bool:
    # The number of an instrument that is not there is -1.
    number = _evaluated(caller, f'inumber nstrnum "{instrument}"\nreturn inumber\n')
    return isinstance(number, float | int) and number > 0


def _sample(caller: Caller) -> int:
    return int(caller.call("csound.currentTimeSamples"))


def _array(value: Any) -> list[float]:
    if isinstance(value, dict):
        data = base64.b64decode(value["$array"]["data"])
        return [number for (number,) in struct.iter_unpack("<d", data)]
    return list(value)
