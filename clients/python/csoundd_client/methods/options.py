"""Command-line options and their single-purpose relatives.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Json, Timing


class Options(Namespace):
    """Command-line options and their single-purpose relatives."""

    def setOption(self, option: str, **timing: Unpack[Timing]) -> Call[int]:
        """Set options as they stand on a command line, several separated by spaces.

        Returns 0 when they were taken; once Csound has started it takes none and returns something else.
        Raises Forbidden for options that the daemon keeps for itself, InvalidParams for one that there is not.
        """
        return self._request("csound.setOption", [option], timing)

    def params(self, params: Mapping[str, Json] | None = None, **timing: Unpack[Timing]) -> Call[dict[str, Json]]:
        """All of Csound's parameters by name, as the options and defaults have set them.

        The names are those of the engine's own structure, which differ between Csound 6 and 7. ``params``
        exists for libcsound's sake (a structure to fill) and is ignored.
        """
        return self._request("csound.params", [params], timing)

    def setInput(self, name: str, **timing: Unpack[Timing]) -> Call[None]:
        """Take audio input from a file in the workspace, or in drive ``device`` from a device (``adc``)."""
        return self._request("csound.setInput", [name], timing)

    def setOutput(self, name: str, filetype: str = "", format: str = "", **timing: Unpack[Timing]) -> Call[None]:
        """Send the output to a file of the given type and sample format, or in drive ``device`` to a device (``dac``).

        In the other drives csoundd has the audio itself: there this is ignored, with a warning message.
        """
        return self._request("csound.setOutput", [name, filetype, format], timing)

    def setMidiInput(self, name: str, **timing: Unpack[Timing]) -> Call[None]:
        """Take MIDI from a device, by its name or number in the current MIDI module."""
        return self._request("csound.setMidiInput", [name], timing)

    def setMidiModule(self, module: str, **timing: Unpack[Timing]) -> Call[None]:
        """Choose the module that does MIDI; ``csound.modules`` lists those there are.

        Clients are no longer the instruments then, until ``csound.setHostMidiIO`` makes them. It is taken before the
        start only: a module would not know the ports that another one has opened.
        """
        return self._request("csound.setMidiModule", [module], timing)

    def setRTAudioModule(self, module: str, **timing: Unpack[Timing]) -> Call[None]:
        """Choose the module that speaks to the sound card; it matters on the native engine in drive ``device`` only."""
        return self._request("csound.setRTAudioModule", [module], timing)

    def systemSr(self, val: float = 0.0, **timing: Unpack[Timing]) -> Call[float]:
        """The sample rate of the sound card, in Hz; a value above 0 sets it first. Not positive where it is unknown."""
        return self._request("csound.systemSr", [val], timing)

    def setHostAudioIO(self, **timing: Unpack[Timing]) -> Call[None]:
        """Let the host have the audio through spin and spout. So it is in every drive but ``device`` anyway."""
        return self._request("csound.setHostAudioIO", [], timing)

    def setHostMidiIO(self, **timing: Unpack[Timing]) -> Call[None]:
        """Let clients be the MIDI instruments, over the topic ``midi``.

        So they are anyway, but on the native engine in drive ``device``.
        """
        return self._request("csound.setHostMidiIO", [], timing)

    def setHostImplementedMidiIO(self, state: bool, **timing: Unpack[Timing]) -> Call[None]:
        """With true the same as setHostMidiIO; with false nothing."""
        return self._request("csound.setHostImplementedMidiIO", [state], timing)

    def messageLevel(self, **timing: Unpack[Timing]) -> Call[int]:
        """The kinds of messages that Csound prints, as a sum of the numbers that setMessageLevel explains."""
        return self._request("csound.messageLevel", [], timing)

    def setMessageLevel(self, messageLevel: int, **timing: Unpack[Timing]) -> Call[None]:
        """Choose what Csound prints, also while it performs.

        A sum of 1 for the amplitudes of notes, 2 for samples out of range, 4 for warnings, one of 32, 64, 96
        for how amplitudes look, and 128 for times at the end. 0 prints next to nothing.
        """
        return self._request("csound.setMessageLevel", [messageLevel], timing)
