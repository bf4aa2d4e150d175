"""Channels: their values, one a call and many at once; listing them, hints, handles, locks, invalue and outvalue.

Reading a channel that is not there never creates it. A value of ours is a number (control), a text (string) or an
array (audio); patterns are globs: ``*``, ``?`` and ``[…]``. Of Csound's, see the section "Channels, controls and
events" of its documentation. ``mode`` is seen from the orchestra: 1 it reads the channel (input), 2 it writes it
(output), 3 both.
"""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import Call, Example, MethodGroup, method, zeros
from csoundd.api.values import (
    Callback,
    ChannelInfo,
    ChannelKind,
    ChannelMode,
    ChannelRef,
    ChannelState,
    CInt,
    ControlChannelHints,
    Finite,
    Handle,
    Json,
    Samples,
)
from csoundd.states import ANY


class Channels(MethodGroup):
    """Values that the orchestra and the outside share by name."""

    @method(
        channels="reads",
        scope="read",
        examples=(
            Example(
                {"name": "cutoff"},
                [0.25, 0],
                after=(Call("csound.setControlChannel", ("cutoff", 0.25)),),
            ),
            Example({"name": "never made"}, [0.0, 0]),
        ),
    )
    def controlChannel(self, name: str) -> tuple[float, int]:
        """The value of a control channel.

        Returns the value and a return code, ``[0.0, 0]`` for a name that is not there.
        """
        ...

    @method(
        channels="sets",
        journal="channel",
        examples=(Example({"name": "cutoff", "val": 0.25}, None),),
    )
    def setControlChannel(self, name: str, val: float) -> None:
        """Set a control channel, creating it where it is not there. Instruments see it from the next cycle on."""
        ...

    @method(
        channels="reads",
        scope="read",
        examples=(
            Example(
                {"name": "title"},
                "Nocturne",
                after=(Call("csound.setStringChannel", ("title", "Nocturne")),),
            ),
        ),
    )
    def stringChannel(self, name: str) -> str:
        """The text of a string channel, empty for a name that is not there."""
        ...

    @method(
        channels="sets",
        journal="channel",
        examples=(Example({"name": "title", "string": "Nocturne"}, None),),
    )
    def setStringChannel(self, name: str, string: str) -> None:
        """Set a string channel, creating it where it is not there."""
        ...

    @method(
        channels="reads",
        scope="read",
        started=True,
        examples=(Example({"name": "none"}, zeros("<f8", 64), exact=False),),
    )
    def audioChannel(self, name: str, samples: Samples | None = None) -> Samples:
        """One cycle of an audio channel: ``ksmps`` samples, zeros for a name that is not there.

        ``samples`` exists for libcsound's sake (a buffer to fill) and is ignored.
        """
        ...

    @method(
        channels="sets",
        journal="channel",
        started=True,
        examples=(Example({"name": "side", "samples": [0.5] * 64}, None),),
    )
    def setAudioChannel(self, name: str, samples: Samples) -> None:
        """Set the samples of an audio channel; it takes at least ``ksmps`` of them.

        Raises InvalidParams for fewer samples than a cycle has.
        """
        ...

    @method(
        channels="lists",
        scope="read",
        examples=(
            Example(
                {},
                [{"name": "cutoff", "kind": "control", "mode": 1, "hints": None}],
                after=(Call("csound.setControlChannel", ("cutoff", 0.25)),),
                exact=False,
            ),
        ),
    )
    def allocatedChannels(self) -> list[ChannelInfo]:
        """Every channel there is, with its mode: 1 for input, 2 for output, 3 for both. The list may be empty."""
        ...

    @method(
        channels="reads",
        scope="read",
        examples=(
            Example(
                {"name": "cutoff"},
                [
                    {
                        "behav": 2,
                        "dflt": 0.5,
                        "min": 0.0,
                        "max": 1.0,
                        "x": 0,
                        "y": 0,
                        "width": 0,
                        "height": 0,
                        "attributes": None,
                    },
                    0,
                ],
                after=(
                    Call("csound.setControlChannel", ("cutoff", 0.25)),
                    Call("csound.setControlChannelHints", ("cutoff", None, 2, 0.5, 0.0, 1.0)),
                ),
            ),
            Example({"name": "never made"}, [None, -1]),
        ),
    )
    def controlChannelHints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        """The hints of a control channel, set by ``chnparams`` or setControlChannelHints, and a return code.

        The hints are null, and the code is not 0, where the channel is not there, is no control channel, or
        has never been given any.
        """
        ...


MIX: dict[str, object] = {"mix.dry": 0.8, "mix.wet": 0.2, "title": "Nocturne"}
SET = Call("channel.set", (MIX,))

Names = str | list[str]
ChannelStates = list[ChannelState]


def is_glob(name: str) -> bool:
    """Whether ``name`` is a pattern."""
    return any(character in name for character in "*?[")


class ChannelSets(MethodGroup):
    """Reading, writing and listing channels by name and by pattern, each call at one cycle edge."""

    namespace: ClassVar[str] = "channel"

    @method(
        channels="finds",
        scope="read",
        examples=(
            Example({"names": ["mix.*"]}, {"mix.dry": 0.8, "mix.wet": 0.2}, after=(SET,)),
            Example({"names": "title"}, {"title": "Nocturne"}, after=(SET,)),
            Example({"names": "nothing like it*"}, {}),
        ),
    )
    def get(self, names: Names) -> dict[str, Json]:
        """The values of channels, by names or patterns.

        A pattern may match nothing. Raises NotFound for a name without pattern that is not there.
        """
        ...

    @method(channels="sets", journal="channel", examples=(Example({"values": MIX}, None),))
    def set(self, values: dict[str, Json]) -> None:
        """Set many channels at once, creating those that are not there, by the kind of their values.

        Raises InvalidParams for a value that does not fit its channel: then none is set.
        """
        ...

    @method(
        channels="reads",
        scope="read",
        examples=(Example({"channel": "title"}, "Nocturne", after=(SET,)),),
    )
    def read(self, channel: ChannelRef) -> Json:
        """The value of one channel, by its name or by the handle that ``csound.channelPtr`` gave.

        Raises NotFound for a name that is not there, StaleHandle for a handle that is gone.
        """
        ...

    @method(
        channels="sets",
        journal="channel",
        examples=(Example({"channel": "title", "value": "Étude"}, None, after=(SET,)),),
    )
    def write(self, channel: ChannelRef, value: Json) -> None:
        """Set one channel, by its name or by the handle that ``csound.channelPtr`` gave.

        Raises InvalidParams for a value that does not fit the channel, StaleHandle for a handle that is gone.
        """
        ...

    @method(
        channels="lists",
        scope="read",
        examples=(
            Example(
                {"pattern": "mix.*"},
                [
                    {"name": "mix.dry", "kind": "control", "mode": 1, "hints": None, "value": 0.8},
                    {"name": "mix.wet", "kind": "control", "mode": 1, "hints": None, "value": 0.2},
                ],
                after=(SET,),
            ),
        ),
    )
    def list(self, pattern: str = "*") -> ChannelStates:
        """Every channel whose name matches, in the order of names, with its kind, mode, hints and value."""
        ...


CUTOFF = Call("csound.setControlChannel", ("cutoff", 0.25))
TITLE = Call("csound.setStringChannel", ("title", "Nocturne"))


class Bus(MethodGroup):
    """Properties of channels beside their values: kinds, hints, handles, locks."""

    @method(
        channels="reads",
        scope="read",
        examples=(
            Example({"name": "cutoff"}, ["control", 1], after=(CUTOFF,)),
            Example({"name": "never made"}, ["", 0]),
        ),
    )
    def channelInfo(self, name: str) -> tuple[str, int]:
        """A channel's kind (``control``, ``audio``, ``string``, ``pvs`` or ``array``) and mode.

        ``["", 0]`` for a name that is not there.
        """
        ...

    @method(
        channels="reads",
        scope="read",
        examples=(
            Example({"name": "title"}, "string", after=(TITLE,)),
            Example({"name": "never made"}, ""),
        ),
    )
    def channelVarTypeName(self, name: str) -> str:
        """A channel's kind, in the words of channelInfo; empty for a name that is not there."""
        ...

    @method(
        channels="reads",
        scope="read",
        examples=(Example({"name": "cutoff"}, 8, after=(CUTOFF,)), Example({"name": "never made"}, 0)),
    )
    def channelDatasize(self, name: str) -> int:
        """Bytes that a channel's data take up in the engine, 0 for a name that is not there."""
        ...

    @method(
        journal="channel",
        examples=(
            Example({"name": "cutoff", "kind": "control", "mode": "rw"}, [{"$handle": "channel:1"}, ""], exact=False),
            Example(
                {"name": "cutoff", "kind": "audio"},
                [None, "A control channel named cutoff already exists"],
                after=(CUTOFF,),
                exact=False,
            ),
        ),
    )
    def channelPtr(self, name: str, kind: ChannelKind, mode: ChannelMode = "r") -> tuple[Handle | None, str]:
        """Make sure that a channel is there, and answer with a handle to it in place of a pointer.

        A channel that is there already has to be of this kind and is given the mode besides its own. Where that
        fails the handle is null and the text beside it says why.
        """
        ...

    @method(
        channels="lists",
        scope="read",
        examples=(
            Example(
                {},
                [[{"name": "cutoff", "kind": "control", "mode": 1, "hints": None}], ""],
                after=(CUTOFF,),
                exact=False,
            ),
            Example({}, [None, ""], fresh=True),
        ),
    )
    def listChannels(self) -> tuple[list[ChannelInfo] | None, str]:
        """Every channel there is and an error text; null in place of an empty list. See allocatedChannels."""
        ...

    @method(scope="read", examples=(Example({"lst": None}, None),))
    def deleteChannelList(self, lst: Json) -> None:
        """Do nothing: the list that listChannels sent is a copy."""
        ...

    @method(channels="sets", examples=(Example({"channel": "cutoff"}, None, after=(CUTOFF,)),))
    def lockChannel(self, channel: str) -> None:
        """Keep other clients from writing to a channel until unlockChannel, or for a second at most.

        The engine itself is never locked. Raises NotFound for a name that is not there.
        """
        ...

    @method(
        channels="sets",
        examples=(Example({"channel": "cutoff"}, None, after=(CUTOFF, Call("csound.lockChannel", ("cutoff",)))),),
    )
    def unlockChannel(self, channel: str) -> None:
        """Let other clients write to a channel again that this session had locked."""
        ...

    @method(
        journal="hints",
        examples=(
            Example({"name": "cutoff", "behav": 2, "dflt": 0.5, "min": 0.0, "max": 1.0}, 0, after=(CUTOFF,)),
            Example(
                {"name": "cutoff", "hints": {"behav": 3, "dflt": 440.0, "min": 20.0, "max": 20000.0}},
                0,
                after=(CUTOFF,),
            ),
            Example({"name": "never made"}, -1),
        ),
    )
    def setControlChannelHints(
        self,
        name: str,
        hints: ControlChannelHints | None = None,
        behav: CInt = 0,
        dflt: Finite = 0.01,
        min: Finite = 0.0,
        max: Finite = 1.0,
        x: CInt = 0,
        y: CInt = 0,
        width: CInt = 0,
        height: CInt = 0,
        attributes: str | None = None,
    ) -> int:
        """Tell front ends what a control channel is meant for: its default, its range, where its control belongs.

        ``behav`` is how it runs: 0 takes the hints away, 1 is for whole numbers, 2 linear, 3 exponential. With
        ``hints`` given, the rest is ignored. Returns 0, or -1 where the channel is not there, is no control
        channel, or the values contradict each other (a default out of range, an exponential range with 0 in it).
        """
        ...

    @method(channels="reads", scope="read", examples=(Example({"sdata": "title"}, "Nocturne", after=(TITLE,)),))
    def stringData(self, sdata: ChannelRef) -> str:
        """The text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        ...

    @method(
        channels="sets",
        journal="channel",
        examples=(Example({"sdata": "title", "string": "Étude"}, None, after=(TITLE,)),),
    )
    def setStringData(self, sdata: ChannelRef, string: str) -> None:
        """Set the text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        ...


class BusCallbacks(MethodGroup):
    """The callbacks of ``invalue`` and ``outvalue``. Each returns the stream it feeds; null removes it."""

    @method(
        states=ANY, served="front", examples=(Example({"function": {"$stream": "invalue"}}, "invalue/1", exact=False),)
    )
    async def setInputChannelCallback(self, function: Callback) -> str | None:
        """Answer ``invalue`` from values that clients push to the topic ``invalue``; the engine waits for nobody.

        Returns the stream on which the names that the orchestra asks for arrive; null removes it.
        """
        ...

    @method(
        channels="tells",
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"function": {"$stream": "outvalue"}}, "outvalue/1", exact=False),),
    )
    async def setOutputChannelCallback(self, function: Callback) -> str | None:
        """Hear of every ``outvalue``, a number or a text. Returns the stream they arrive on; null removes it."""
        ...
