"""The one Csound: what it is, its options, its environment and plug-ins, and the devices of its machine.

Options are what an engine is told before it starts. To change them later, restart the engine with them. Paths in them
stay inside the workspace, and options that would open a port of Csound's own are refused.

Listing devices asks drivers, which may be slow or crash; it happens outside the engine.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import AudioDevice, CInt, Finite, Handle, Json, MidiDevice


class Instance(MethodGroup):
    """The one Csound that the daemon owns."""

    @method(scope="read", examples=(Example({}, 6181, exact=False),))
    def version(self) -> int:
        """Csound's version as one number: 6181 is 6.18.1."""
        ...

    @method(scope="read", examples=(Example({}, 400, exact=False),))
    def APIVersion(self) -> int:
        """The version of Csound's API; since Csound 7 has none, the same as ``version`` there."""
        ...

    @method(scope="read", examples=(Example({}, 8),))
    def sizeOfMYFLT(self) -> int:
        """Bytes in one of Csound's numbers: 8, as both engines compute in double precision."""
        ...

    @method(scope="read", examples=(Example({}, {"$handle": "csound:1"}, exact=False),))
    def csound(self) -> Handle:
        """A handle that stands for the engine in place of its address; it turns stale when the engine begins anew."""
        ...

    @method(
        scope="read",
        examples=(Example({}, {"piece": "Nocturne"}, after=(Call("csound.setHostData", ({"piece": "Nocturne"},)),)),),
    )
    def hostData(self) -> Json:
        """The data that setHostData left here, null before that. Every client sees the same value."""
        ...

    @method(journal="value", examples=(Example({"data": {"piece": "Nocturne"}}, None),))
    def setHostData(self, data: Json) -> None:
        """Leave any value for hostData to find. The daemon keeps it, also through a crash of the engine."""
        ...

    @method(scope="read", examples=(Example({}, result=False, after=(Call("csound.setDebug", (False,)),)),))
    def debug(self) -> bool:
        """Whether Csound prints what only its own developers want to know."""
        ...

    @method(journal="option", examples=(Example({"debug": True}, None),))
    def setDebug(self, debug: bool) -> None:
        """Switch Csound's debug messages on or off."""
        ...

    @method(scope="read", examples=(Example({"name": "SSDIR"}, None, exact=False),))
    def env(self, name: str) -> str | None:
        """An environment variable as Csound sees it, null where it is not set.

        Raises Forbidden for variables that are none of Csound's.
        """
        ...

    @method(
        scope="admin",
        examples=(Example({"name": "SSDIR", "value": "samples"}, 0, exact=False),),
    )
    def setGlobalEnv(self, name: str, value: str | None) -> int:
        """Set one of Csound's environment variables, or with null remove it.

        It holds for engines made from now on, so an ``engine.restart`` brings it into effect; the daemon keeps it.
        Several folders have semicolons between them. Returns 0 when it was taken. Raises Forbidden for variables
        that are none of Csound's and for folders outside the workspace.
        """
        ...

    @method(
        scope="admin",
        journal="option",
        examples=(Example({"directory": "plugins"}, 0, exact=False, fresh=True),),
    )
    def loadPlugins(self, directory: str) -> int:
        """Load every plug-in of a folder in the workspace, before anything is compiled. Returns 0 when it worked."""
        ...

    @method(scope="admin", examples=(Example({"port": 12894}, 0, exact=False, fresh=True),))
    def UDPServerStart(self, port: CInt) -> int:
        """Raises Unsupported on every engine: Csound's UDP port runs whatever code anybody on the network sends it.

        Code comes over csoundd's own connections, with scopes. In the API it returns 0 when the server started.
        """
        ...

    @method(
        scope="compile",
        deadline=None,
        examples=(Example({"name": "sndinfo", "args": ["sndinfo", "take.wav"]}, 0, exact=False),),
    )
    def runUtility(self, name: str, args: list[str]) -> int:
        """Run one of Csound's utilities (sndinfo, pvanal, lpanal, ...) in a process of its own.

        ``args`` begin with the utility's name, as a C program's do. Answers when it has ended: 0 for success.
        Its output is on the stream ``messages``. Raises Forbidden for paths outside the workspace.
        """
        ...

    @method(examples=(Example({}, None),))
    def cleanup(self) -> None:
        """Do nothing: the engine tidies up by itself when the performance ends."""
        ...


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

    @method(scope="admin", started=False, journal="option", examples=(Example({"module": "null"}, None, fresh=True),))
    def setMidiModule(self, module: str) -> None:
        """Choose the module that does MIDI; ``csound.modules`` lists those there are.

        Clients are no longer the instruments then, until ``csound.setHostMidiIO`` makes them. It is taken before the
        start only: a module would not know the ports that another one has opened.
        """
        ...

    @method(scope="admin", started=False, journal="option", examples=(Example({"module": "null"}, None, fresh=True),))
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
        """The kinds of messages that Csound prints, as a sum of the numbers that setMessageLevel explains."""
        ...

    @method(journal="option", examples=(Example({"messageLevel": 7}, None),))
    def setMessageLevel(self, messageLevel: CInt) -> None:
        """Choose what Csound prints, also while it performs.

        A sum of 1 for the amplitudes of notes, 2 for samples out of range, 4 for warnings, one of 32, 64, 96
        for how amplitudes look, and 128 for times at the end. 0 prints next to nothing.
        """
        ...


class Devices(MethodGroup):
    """The sound and MIDI hardware that Csound could use here."""

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
