"""The sound and MIDI hardware that Csound could use here.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import AudioDevice, MidiDevice
from csoundd_client.values import Timing

_TUPLE_STR_STR_INT: Final = reader(tuple[str, str, int])
_LIST_TUPLE_STR_STR: Final = reader(list[tuple[str, str]])
_LIST_AUDIO_DEVICE: Final = reader(list[AudioDevice])
_LIST_MIDI_DEVICE: Final = reader(list[MidiDevice])


class Devices(Namespace):
    """The sound and MIDI hardware that Csound could use here."""

    def module(self, number: int, **timing: Unpack[Timing]) -> Call[tuple[str, str, int]]:
        """The name and the type (``audio`` or ``midi``) of a module, and a return code.

        They are counted from 0; past the last one the answer is ``["", "", -1]``.
        """
        return self._request("csound.module", [number], timing, _TUPLE_STR_STR_INT)

    def modules(self, **timing: Unpack[Timing]) -> Call[list[tuple[str, str]]]:
        """Name and type of every audio and MIDI module that this Csound has."""
        return self._request("csound.modules", [], timing, _LIST_TUPLE_STR_STR)

    def audioDevList(self, isOutput: bool, **timing: Unpack[Timing]) -> Call[list[AudioDevice]]:
        """The audio outputs or inputs of the current audio module, empty on a machine without any.

        The embedded engine has no module; in drive ``device`` these are the cards that csoundd itself can play on.
        """
        return self._request("csound.audioDevList", [isOutput], timing, _LIST_AUDIO_DEVICE)

    def midiDevList(self, isOutput: bool = False, **timing: Unpack[Timing]) -> Call[list[MidiDevice]]:
        """The MIDI inputs, or outputs, of the current MIDI module, empty on a machine without any."""
        return self._request("csound.midiDevList", [isOutput], timing, _LIST_MIDI_DEVICE)
