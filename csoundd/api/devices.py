"""The audio and MIDI modules of this machine, and the devices behind them.

Listing devices asks drivers, which may be slow or crash; it happens outside the engine.
"""

from __future__ import annotations

from csoundd.api.declare import Example, MethodGroup, method
from csoundd.api.values import AudioDevice, CInt, MidiDevice


class Devices(MethodGroup):
    """What sound and MIDI hardware Csound could use here."""

    @method(
        scope="read",
        examples=(Example({"number": 0}, ["alsa", "audio", 0], exact=False), Example({"number": 999}, ["", "", -1])),
    )
    def module(self, number: CInt) -> tuple[str, str, int]:
        """The name and the type (``audio`` or ``midi``) of a module, and a return code.

        They are counted from 0; past the last one the answer is ``["", "", -1]``.
        """
        ...

    @method(scope="read", examples=(Example({}, [["alsa", "audio"], ["alsaraw", "midi"]], exact=False),))
    def modules(self) -> list[tuple[str, str]]:
        """Name and type of every audio and MIDI module that this Csound has."""
        ...

    @method(
        scope="read",
        examples=(
            Example(
                {"isOutput": True},
                [
                    {
                        "deviceName": "Built-in Audio",
                        "deviceId": "dac0",
                        "rtModule": "alsa",
                        "maxNchnls": 2,
                        "isOutput": True,
                    },
                ],
                exact=False,
            ),
        ),
    )
    def audioDevList(self, isOutput: bool) -> list[AudioDevice]:
        """The audio outputs or inputs of the current audio module, empty on a machine without any.

        The embedded engine has no module; in drive ``device`` these are the cards that csoundd itself can play on.
        """
        ...

    @method(
        scope="read",
        examples=(
            Example(
                {"isOutput": False},
                [
                    {
                        "deviceName": "Keyboard",
                        "interfaceName": "USB",
                        "deviceId": "0",
                        "midiModule": "portmidi",
                        "isOutput": False,
                    },
                ],
                exact=False,
            ),
        ),
    )
    def midiDevList(self, isOutput: bool = False) -> list[MidiDevice]:
        """The MIDI inputs, or outputs, of the current MIDI module, empty on a machine without any."""
        ...
