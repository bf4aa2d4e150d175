"""The devices of the embedded engine: none but those on which the host plays."""

from __future__ import annotations

from typing import Final

from csoundd.api.devices import Devices
from csoundd.api.values import AudioDevice, MidiDevice
from csoundd.engine.csound.portaudio import sound_cards
from csoundd.messages import Drive

NO_MODULE: Final = ("", "", -1)


class WasmDevices(Devices):
    """There is no hardware in the box: no modules, and no devices but those on which the host plays."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    def module(self, number: int) -> tuple[str, str, int]:
        return NO_MODULE

    def modules(self) -> list[tuple[str, str]]:
        return []

    def audioDevList(self, isOutput: bool) -> list[AudioDevice]:
        return sound_cards(is_output=isOutput) if self._drive == "device" else []

    def midiDevList(self, isOutput: bool = False) -> list[MidiDevice]:
        return []
