"""Command-line options and their single-purpose relatives.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Options(Blocking):
    """Command-line options and their single-purpose relatives."""

    def setInput(self, name: str) -> None:
        """Take audio input from a file in the workspace, or in drive ``device`` from a device (``adc``)."""
        self._do("csound.setInput", [name])

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        """Send the output to a file of the given type and sample format, or in drive ``device`` to a device (``dac``).

        In the other drives csoundd has the audio itself: there this is ignored, with a warning message.
        """
        self._do("csound.setOutput", [name, filetype, format])

    def setMidiInput(self, name: str) -> None:
        """Take MIDI from a device, by its name or number in the current MIDI module."""
        self._do("csound.setMidiInput", [name])

    def setMidiModule(self, module: str) -> None:
        """Choose the module that does MIDI; ``csound.modules`` lists those there are.

        Clients are no longer the instruments then, until ``csound.setHostMidiIO`` makes them. It is taken before the
        start only: a module would not know the ports that another one has opened.
        """
        self._do("csound.setMidiModule", [module])

    def setRTAudioModule(self, module: str) -> None:
        """Choose the module that speaks to the sound card; it matters on the native engine in drive ``device`` only."""
        self._do("csound.setRTAudioModule", [module])

    def systemSr(self, val: float = 0.0) -> float:
        """The sample rate of the sound card, in Hz; a value above 0 sets it first. Not positive where it is unknown."""
        return self._do("csound.systemSr", [val])

    def setHostAudioIO(self) -> None:
        """Let the host have the audio through spin and spout. So it is in every drive but ``device`` anyway."""
        self._do("csound.setHostAudioIO", [])

    def setHostMidiIO(self) -> None:
        """Let clients be the MIDI instruments, over the topic ``midi``.

        So they are anyway, but on the native engine in drive ``device``.
        """
        self._do("csound.setHostMidiIO", [])

    def setHostImplementedMidiIO(self, state: bool) -> None:
        """With true the same as setHostMidiIO; with false nothing."""
        self._do("csound.setHostImplementedMidiIO", [state])

    def messageLevel(self) -> int:
        """The kinds of messages that Csound prints, as a sum of the numbers that setMessageLevel explains."""
        return self._ask("csound.messageLevel", [])

    def setMessageLevel(self, messageLevel: int) -> None:
        """Choose what Csound prints, also while it performs.

        A sum of 1 for the amplitudes of notes, 2 for samples out of range, 4 for warnings, one of 32, 64, 96
        for how amplitudes look, and 128 for times at the end. 0 prints next to nothing.
        """
        self._do("csound.setMessageLevel", [messageLevel])
