"""The software bus from behind: listing channels, hints, handles, locks, and the callbacks of invalue and outvalue.

``mode`` is seen from the orchestra: 1 it reads the channel (input), 2 it writes it (output), 3 both.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import (
    Callback,
    ChannelInfo,
    ChannelKind,
    ChannelMode,
    ChannelRef,
    CInt,
    ControlChannelHints,
    Finite,
    Handle,
    Json,
)
from csoundd.states import ANY

CUTOFF = Call("csound.setControlChannel", ("cutoff", 0.25))
TITLE = Call("csound.setStringChannel", ("title", "Nocturne"))


class Bus(MethodGroup):
    """What there is to know and to set about channels beside their values."""

    @method(
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
        scope="read", examples=(Example({"name": "cutoff"}, 8, after=(CUTOFF,)), Example({"name": "never made"}, 0))
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

    @method(examples=(Example({"channel": "cutoff"}, None, after=(CUTOFF,)),))
    def lockChannel(self, channel: str) -> None:
        """Keep other clients from writing to a channel until unlockChannel, or for a second at most.

        The engine itself is never locked. Raises NotFound for a name that is not there.
        """
        ...

    @method(
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

    @method(scope="read", examples=(Example({"sdata": "title"}, "Nocturne", after=(TITLE,)),))
    def stringData(self, sdata: ChannelRef) -> str:
        """The text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        ...

    @method(journal="channel", examples=(Example({"sdata": "title", "string": "Étude"}, None, after=(TITLE,)),))
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
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"function": {"$stream": "outvalue"}}, "outvalue/1", exact=False),),
    )
    async def setOutputChannelCallback(self, function: Callback) -> str | None:
        """Hear of every ``outvalue``, a number or a text. Returns the stream they arrive on; null removes it."""
        ...
