"""OSC notes: notes that keep an id, by which they can be changed and released.

Csound knows a note by the fraction of its instrument's number; here each id has one fraction, in ten-thousandths, for
everybody who speaks OSC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from csoundd.errors import InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import NOTE_PFIELDS
from csoundd.messages import Reply, Response, StateChanged
from csoundd.transport.osc.addresses import command
from csoundd.transport.osc.calls import Call, ReplyContext
from csoundd.transport.osc.commands import CommandServices

FRACTIONS: Final = 9999
_EXACT: Final = 4
"""The mode of ``csound.killInstance`` that tells notes of one instrument apart."""

_DURATION: Final = 2
"""The place of p3."""

_FIRST_FREE: Final = 4
"""The first p-field that is the instrument's own."""

Id = int | str
Instrument = Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern=r"^[^0-9+\-]")]
PFields = list[float | str]


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
        """The p1 that Csound knows it by."""
        if isinstance(self.instrument, str):
            return f"{self.instrument}.{self.fraction:04}"
        return self.instrument + self.fraction / (FRACTIONS + 1)

    @property
    def end(self) -> float | str:
        """The p1 that ends it, if it is held."""
        return f"-{self.key}" if isinstance(self.key, str) else -self.key


class NoteCommands:
    """The notes with ids, and the addresses that are about them."""

    def __init__(self, services: CommandServices) -> None:
        self._runner, self._sender = services.runner, services.notes
        self._notes: dict[Id, Note] = {}
        self._free = dict.fromkeys(range(1, FRACTIONS + 1))
        self._numbers: dict[str, int] = {}
        services.engine.on(StateChanged, self._forget_after_reset)

    @command("/note", "control", types=("iffff", "ifff", "iff", "if", "isff", "sfff"))
    def begin(self, context: ReplyContext, id_: Id, instrument: Instrument, *pfields: float | str) -> Call:
        """Begin a note: its id, its instrument, then its p-fields from p3 on. Answered only if it fails.

        An instrument that there is not is such a failure.
        """
        known = self._notes.get(id_)
        if known is not None and known.instrument != instrument and known.held:
            raise WrongState(f"the note {id_} is held by the instrument {known.instrument}", hint="release it first")
        fraction = self._fraction(id_) if known is None else known.fraction
        number = instrument if isinstance(instrument, int) else self._numbers.get(instrument)
        played: PFields = [0.0, *(pfields or [-1.0])]
        # The youngest comes last.
        self._notes.pop(id_, None)
        begun = self._notes[id_] = Note(instrument, fraction, [0.0, *played], number)
        if isinstance(instrument, str) and number is None:
            self._learn_number(context, instrument)
        return self._sender.event(context, "i", [begun.key, *played])

    @command("/note/set", "control", types=("iif", "isf", "sif", "ssf"))
    def change(self, context: ReplyContext, id_: Id, *changes: tuple[int | str, float | str]) -> Call:
        """Change p-fields of a held note, by number, or channels of its own, by name."""
        known = self._known(id_)
        if not changes:
            raise InvalidParams("/note/set takes an id, then numbers of p-fields or names of channels with values")
        if all(isinstance(name, str) for name, _ in changes):
            channels = {f"note.{known.fraction}.{name}": value for name, value in changes}
            return Call("channel.set", [channels], context)
        if not known.held:
            raise WrongState("only a held note (p3 below 0) takes new p-fields", hint="use channels, or begin another")
        for number, value in changes:
            if not isinstance(number, int) or not _FIRST_FREE <= number <= NOTE_PFIELDS:
                raise InvalidParams(f"p-fields that can be changed are {_FIRST_FREE} to {NOTE_PFIELDS}")
            known.pfields.extend([0.0] * (number - len(known.pfields)))
            known.pfields[number - 1] = value
        return _event(context, [known.key, *known.pfields[1:]])

    @command("/note/release", "control")
    def release(self, context: ReplyContext, id_: Id) -> Call:
        """Release a note."""
        known = self._known(id_)
        del self._notes[id_]
        self._free[known.fraction] = None
        if known.held or known.number is None:
            return _event(context, [known.end, 0.0, 0.0])
        exact = known.number + known.fraction / (FRACTIONS + 1)
        return Call("csound.killInstance", [exact, _EXACT, True], context)

    def _forget_after_reset(self, event: StateChanged) -> None:
        if event.event == "reset":
            self._notes.clear()
            self._free = dict.fromkeys(range(1, FRACTIONS + 1))
            self._numbers.clear()

    def _fraction(self, id_: Id) -> int:
        """The id itself where it can be one; else a free one, or that of the oldest note that ends by itself."""
        if isinstance(id_, int) and id_ in self._free:
            del self._free[id_]
            return id_
        if self._free:
            return self._free.popitem()[0]
        for oldest, known in self._notes.items():
            if not known.held:
                del self._notes[oldest]
                return known.fraction
        raise LimitExceeded(f"{FRACTIONS} notes are held", name="osc_notes", limit=FRACTIONS)

    def _learn_number(self, context: ReplyContext, name: str) -> None:
        """Ask Csound for the number of the instrument ``name``, by which notes of it can be ended."""

        def answered(response: Response | list[Response]) -> None:
            if isinstance(response, Reply) and isinstance(response.result, int) and response.result > 0:
                self._numbers[name] = response.result
                for note in self._notes.values():
                    if note.instrument == name:
                        note.number = response.result

        self._runner.run(Call("csound.instrNumber", [name], context, answered))

    def _known(self, id_: Id) -> Note:
        known = self._notes.get(id_)
        if known is None:
            raise NotFound(f"there is no note {id_}")
        return known


def _event(context: ReplyContext, pfields: PFields) -> Call:
    return Call("csound.event", ["i", pfields], context)
