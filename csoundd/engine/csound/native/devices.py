"""The devices and modules of this machine: which modules the engine uses, as far as it can be asked itself.

Listing asks drivers, which hang and crash: the front has that done in a throw-away process, and sends those calls
here only out of a list.
"""

from __future__ import annotations

from csoundd.api.devices import Devices
from csoundd.api.values import AudioDevice, MidiDevice
from csoundd.engine.csound.native.instance import Instance
from csoundd.errors import WrongState


def alone(method: str) -> WrongState:
    """The error of a call that waits for another process."""
    return WrongState(f"{method} cannot be part of a list of calls", hint="call it by itself")


class NativeDevices(Devices):
    """What sound and MIDI hardware Csound could use here."""

    def module(self, number: int) -> tuple[str, str, int]:
        raise alone("csound.module")

    def modules(self) -> list[tuple[str, str]]:
        raise alone("csound.modules")

    def audioDevList(self, isOutput: bool) -> list[AudioDevice]:
        raise alone("csound.audioDevList")

    def midiDevList(self, isOutput: bool = False) -> list[MidiDevice]:
        raise alone("csound.midiDevList")


def modules_used(instance: Instance) -> dict[str, str]:
    """The modules that the options chose for audio and MIDI, empty for Csound's own choice."""
    return {"audio": instance.c.variable(b"_RTAUDIO"), "midi": instance.c.variable(b"_RTMIDI")}
