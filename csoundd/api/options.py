"""Options: what an engine is told before it starts. To change them later, restart the engine with them.

Paths in them stay inside the workspace, and options that would open a port of Csound's own are refused.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import CInt, Finite, Json


class Options(MethodGroup):
    """Command-line options and their single-purpose relatives."""

    @method(
        scope="admin",
        journal="option",
        examples=(
            Example({"option": "--messagelevel=0"}, 0, fresh=True),
            Example({"option": "--sample-accurate"}, 1, exact=False),
        ),
    )
    def setOption(self, option: str) -> int:
        """Set options as they stand on a command line, several separated by spaces.

        Returns 0 when they were taken; once Csound has started it takes none and returns something else.
        Raises Forbidden for options that the daemon keeps for itself, InvalidParams for one that there is not.
        """
        ...

    @method(scope="read", examples=(Example({}, {"message_level": 135, "sample_accurate": 0}, exact=False),))
    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        """All of Csound's parameters by name, as the options and defaults have set them.

        The names are those of the engine's own structure, which differ between Csound 6 and 7. ``params``
        exists for libcsound's sake (a structure to fill) and is ignored.
        """
        ...

    @method(scope="admin", journal="option", examples=(Example({"name": "take.wav"}, None, fresh=True),))
    def setInput(self, name: str) -> None:
        """Take audio input from a file in the workspace, or in drive ``device`` from a device (``adc``)."""
        ...

    @method(
        scope="admin",
        journal="option",
        examples=(Example({"name": "out.wav", "filetype": "wav", "format": "short"}, None, fresh=True),),
    )
    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        """Send the output to a file of the given type and sample format, or in drive ``device`` to a device (``dac``).

        In the other drives csoundd has the audio itself: there this is ignored, with a warning message.
        """
        ...

    @method(scope="admin", journal="option", examples=(Example({"name": "0"}, None, fresh=True),))
    def setMidiInput(self, name: str) -> None:
        """Take MIDI from a device, by its name or number in the current MIDI module."""
        ...

    @method(scope="admin", journal="option", examples=(Example({"module": "null"}, None, fresh=True),))
    def setMidiModule(self, module: str) -> None:
        """Choose the module that does MIDI; ``csound.modules`` lists those there are.

        Clients are no longer the instruments then, until ``csound.setHostMidiIO`` makes them.
        """
        ...

    @method(scope="admin", journal="option", examples=(Example({"module": "null"}, None, fresh=True),))
    def setRTAudioModule(self, module: str) -> None:
        """Choose the module that speaks to the sound card; it matters on the native engine in drive ``device`` only."""
        ...

    @method(
        scope="admin",
        journal="option",
        examples=(
            Example({"val": 44100.0}, 44100.0, fresh=True),
            Example({}, -1.0, exact=False, fresh=True),
        ),
    )
    def systemSr(self, val: Finite = 0.0) -> float:
        """The sample rate of the sound card, in Hz; a value above 0 sets it first. Not positive where it is unknown."""
        ...

    @method(scope="admin", journal="option", examples=(Example({}, None, fresh=True),))
    def setHostAudioIO(self) -> None:
        """Let the host have the audio through spin and spout. So it is in every drive but ``device`` anyway."""
        ...

    @method(scope="admin", journal="option", examples=(Example({}, None, fresh=True),))
    def setHostMidiIO(self) -> None:
        """Let clients be the MIDI instruments, over the topic ``midi``.

        So they are anyway, but on the native engine in drive ``device``.
        """
        ...

    @method(scope="admin", journal="option", examples=(Example({"state": True}, None, fresh=True),))
    def setHostImplementedMidiIO(self, state: bool) -> None:
        """With true the same as setHostMidiIO; with false nothing."""
        ...

    @method(
        scope="read",
        examples=(Example({}, 7, after=(Call("csound.setMessageLevel", (7,)),)), Example({}, 135, exact=False)),
    )
    def messageLevel(self) -> int:
        """What Csound prints, as a sum of the numbers that setMessageLevel explains."""
        ...

    @method(journal="option", examples=(Example({"messageLevel": 7}, None),))
    def setMessageLevel(self, messageLevel: CInt) -> None:
        """Choose what Csound prints, also while it performs.

        A sum of 1 for the amplitudes of notes, 2 for samples out of range, 4 for warnings, one of 32, 64, 96
        for how amplitudes look, and 128 for times at the end. 0 prints next to nothing.
        """
        ...
