"""Stage 1, OSC notes: notes that keep an id, by which they can be changed and released.

``/note`` begins one, ``/note/set`` changes it, ``/note/release`` ends it. Csound knows a note by the fraction of its
instrument's number; here each id has one fraction, in ten-thousandths, for everybody who speaks OSC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from csoundd.codec.osc import Message, Value
from csoundd.errors import InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.messages import Changed, EngineEvent, Reply, Response
from csoundd.transport.osc.sender import Exchange
from csoundd.transport.osc.steps import Call, Runner, errors_only

FRACTIONS: Final = 9999
_EXACT: Final = 4
"""The mode of ``csound.killInstance`` that tells notes of one instrument apart."""

_DURATION: Final = 2
_FIRST_FREE: Final = 4
"""The first p-field that is the instrument's own."""

_LAST: Final = 1000

Id = int | str
PFields = list[float | str]
Make = Callable[[Exchange, Message], Call]


@dataclass(slots=True)
class Note:
    """A note by its ``fraction``. ``number`` is its instrument's, None until Csound has said which a name has."""

    instrument: int | str
    fraction: int
    pfields: PFields
    number: int | None

    @property
    def held(self) -> bool:
        """Whether it sounds until it is released."""
        duration = self.pfields[_DURATION]
        return not isinstance(duration, str) and duration < 0

    @property
    def key(self) -> float | str:
        """What Csound knows it by."""
        if isinstance(self.instrument, str):
            return f"{self.instrument}.{self.fraction:04}"
        return self.instrument + self.fraction / (FRACTIONS + 1)

    @property
    def end(self) -> float | str:
        """What ends it, if it is held."""
        return f"-{self.key}" if isinstance(self.key, str) else -self.key


class Notes:
    """The notes with ids, and the ``addresses`` that are about them."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._notes: dict[Id, Note] = {}
        self._free = dict.fromkeys(range(1, FRACTIONS + 1))
        self._numbers: dict[str, int] = {}
        self.addresses: dict[str, Make] = {
            "/note": self._begin,
            "/note/set": self._change,
            "/note/release": self._release,
        }

    def hear(self, event: EngineEvent) -> None:
        """After a reset no note is left."""
        if isinstance(event, Changed) and event.event == "reset":
            self._notes.clear()
            self._free = dict.fromkeys(range(1, FRACTIONS + 1))
            self._numbers.clear()

    def _begin(self, exchange: Exchange, asked: Message) -> Call:
        match asked.arguments:
            case [int() | str() as id_, str() | int() | float() as instrument, *fields]:
                pass
            case _:
                raise InvalidParams("/note takes an id, an instrument, and p-fields from p3 on")
        pfields: PFields = [0.0, *map(_field, fields or [-1.0])]
        note = self._made(id_, _instrument(instrument), pfields)
        if isinstance(note.instrument, str) and note.number is None:
            self._learn_number(exchange, note.instrument)
        return _event(exchange, asked, [note.key, *pfields])

    def _made(self, id_: Id, instrument: int | str, pfields: PFields) -> Note:
        known = self._notes.get(id_)
        if known is not None and known.instrument != instrument and known.held:
            raise WrongState(f"the note {id_} is held by the instrument {known.instrument}", hint="release it first")
        fraction = self._fraction(id_) if known is None else known.fraction
        number = instrument if isinstance(instrument, int) else self._numbers.get(instrument)
        # The youngest comes last.
        self._notes.pop(id_, None)
        note = self._notes[id_] = Note(instrument, fraction, [0.0, *pfields], number)
        return note

    def _fraction(self, id_: Id) -> int:
        """The id itself where it can be one; else a free one, or that of the oldest note that ends by itself."""
        if isinstance(id_, int) and id_ in self._free:
            del self._free[id_]
            return id_
        if self._free:
            return self._free.popitem()[0]
        for oldest, note in self._notes.items():
            if not note.held:
                del self._notes[oldest]
                return note.fraction
        raise LimitExceeded(f"{FRACTIONS} notes are held", limit=FRACTIONS)

    def _learn_number(self, exchange: Exchange, name: str) -> None:
        def answered(response: Response | list[Response]) -> None:
            if isinstance(response, Reply) and isinstance(response.result, int) and response.result > 0:
                self._numbers[name] = response.result
                for note in self._notes.values():
                    if note.instrument == name:
                        note.number = response.result

        self._runner.run(exchange, Call("csound.instrNumber", [name], "", answered))

    def _change(self, exchange: Exchange, asked: Message) -> Call:
        match asked.arguments:
            case [int() | str() as id_, *pairs] if pairs and len(pairs) % 2 == 0:
                note = self._known(id_)
            case _:
                raise InvalidParams("/note/set takes an id, then numbers of p-fields or names of channels with values")
        names, values = pairs[::2], pairs[1::2]
        words = [name for name in names if isinstance(name, str)]
        if len(words) == len(names):
            channels = {f"note.{note.fraction}.{word}": value for word, value in zip(words, values, strict=True)}
            return Call("channel.set", [channels], asked.address, errors_only(exchange, asked.address))
        if not note.held:
            raise WrongState("only a held note (p3 below 0) takes new p-fields", hint="use channels, or begin another")
        for name, value in zip(names, values, strict=True):
            _put(note.pfields, name, value)
        return _event(exchange, asked, [note.key, *note.pfields[1:]])

    def _release(self, exchange: Exchange, asked: Message) -> Call:
        match asked.arguments:
            case [int() | str() as id_]:
                note = self._known(id_)
            case _:
                raise InvalidParams("/note/release takes an id")
        del self._notes[id_]
        self._free[note.fraction] = None
        if note.held or note.number is None:
            return _event(exchange, asked, [note.end, 0.0, 0.0])
        exact = note.number + note.fraction / (FRACTIONS + 1)
        answered = errors_only(exchange, asked.address)
        return Call("csound.killInstance", [exact, _EXACT, True], asked.address, answered)

    def _known(self, id_: Id) -> Note:
        note = self._notes.get(id_)
        if note is None:
            raise NotFound(f"there is no note {id_}")
        return note


def _instrument(value: object) -> int | str:
    if isinstance(value, str) and value and not value[0].isdigit() and value[0] not in "+-":
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 and value == int(value):
        return int(value)
    raise InvalidParams("an instrument is a whole number above 0, or a name")


def _field(value: Value) -> float | str:
    match value:
        case bool() | int() | float():
            return float(value)
        case str():
            return value
    raise InvalidParams("a p-field is a number or a text")


def _put(pfields: PFields, name: object, value: Value) -> None:
    if not isinstance(name, int | float) or not _FIRST_FREE <= name <= _LAST:
        raise InvalidParams(f"p-fields that can be changed are {_FIRST_FREE} to {_LAST}")
    place = int(name) - 1
    pfields.extend([0.0] * (place + 1 - len(pfields)))
    pfields[place] = _field(value)


def _event(exchange: Exchange, asked: Message, pfields: PFields) -> Call:
    return Call("csound.event", ["i", pfields], asked.address, errors_only(exchange, asked.address))
