"""The sound and MIDI hardware that Csound could use here.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.shape import reader
from csoundd_client.structs import AudioDevice, MidiDevice

_TUPLE_STR_STR_INT: Final = reader(tuple[str, str, int])
_LIST_TUPLE_STR_STR: Final = reader(list[tuple[str, str]])
_LIST_AUDIO_DEVICE: Final = reader(list[AudioDevice])
_LIST_MIDI_DEVICE: Final = reader(list[MidiDevice])


class Devices(Blocking):
    """The sound and MIDI hardware that Csound could use here."""

    def module(self, number: int) -> tuple[str, str, int]:
        """The name and the type (``audio`` or ``midi``) of a module, and a return code.

        They are counted from 0; past the last one the answer is ``["", "", -1]``.
        """
        return self._ask("csound.module", [number], _TUPLE_STR_STR_INT)

    def modules(self) -> list[tuple[str, str]]:
        """Name and type of every audio and MIDI module that this Csound has."""
        return self._ask("csound.modules", [], _LIST_TUPLE_STR_STR)

    def audioDevList(self, isOutput: bool) -> list[AudioDevice]:
        """The audio outputs or inputs of the current audio module, empty on a machine without any.

        The embedded engine has no module; in drive ``device`` these are the cards that csoundd itself can play on.
        """
        return self._ask("csound.audioDevList", [isOutput], _LIST_AUDIO_DEVICE)

    def midiDevList(self, isOutput: bool = False) -> list[MidiDevice]:
        """The MIDI inputs, or outputs, of the current MIDI module, empty on a machine without any."""
        return self._ask("csound.midiDevList", [isOutput], _LIST_MIDI_DEVICE)
