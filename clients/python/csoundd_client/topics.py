"""What can be subscribed to, by topic.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from csoundd_client.namespace import Subscriber
from csoundd_client.shape import reader
from csoundd_client.stream import Subscription
from csoundd_client.structs import (
    EngineChange,
    Graph,
    Invalue,
    Key,
    Message,
    Meters,
    MidiEvent,
    OpenedFile,
    Outvalue,
    RenderChange,
    Transport,
)
from csoundd_client.values import Array, Samples

_MESSAGE: Final = reader(Message)
_METERS: Final = reader(Meters)
_TRANSPORT: Final = reader(Transport)
_ENGINE_CHANGE: Final = reader(EngineChange)
_OUTVALUE: Final = reader(Outvalue)
_INVALUE: Final = reader(Invalue)
_KEY: Final = reader(Key)
_MIDI_EVENT: Final = reader(MidiEvent)
_GRAPH: Final = reader(Graph)
_OPENED_FILE: Final = reader(OpenedFile)
_RENDER_CHANGE: Final = reader(RenderChange)


class Topics(Subscriber):
    """One method for each topic: ``async with cs.spout() as frames: async for frame in frames: ...``."""

    def messages(
        self, level: Literal["error", "warning", "info"] = "info", since: int | None = None, *, queue: int = 256
    ) -> Subscription[Message]:
        """What Csound prints, line by line.

        Where a client is too slow for them, a line says how many were dropped.

        ``level``: the least severe kind that is wanted; ``since``: first send again what is kept after this sequence
        number.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("messages", {"level": level, "since": since}, _MESSAGE, queue=queue)

    def channels(
        self, names: str | Sequence[str] = "*", rate: float = 20.0, onChange: bool = False, *, queue: int = 256
    ) -> Subscription[dict[str, float | str]]:
        """Values of control and string channels by name.

        The first frame is complete; a slow client gets the latest.

        ``names``: names, or patterns with ``*`` and ``?``; ``rate``: the most frames a second, in Hz; ``onChange``:
        send only values that changed since the last frame.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("channels", {"names": names, "rate": rate, "onChange": onChange}, None, queue=queue)

    def audio_channel(self, name: str, rate: float | None = None, *, queue: int = 256) -> Subscription[Samples]:
        """One audio channel, a cycle of samples in each frame.

        ``name``: the channel; ``rate``: frames a second, in Hz, each the cycle of its moment; null for every cycle.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("audio-channel", {"name": name, "rate": rate}, None, queue=queue)

    def spout(
        self,
        format: Literal["f32", "i16", "f64"] = "f32",
        block: int = 512,
        channels: Sequence[int] | None = None,
        lossless: bool = False,
        *,
        queue: int = 256,
    ) -> Subscription[Array]:
        """The audio output as arrays of shape ``[frames, channels]``; the last of a performance is what is left.

        A slow client loses the oldest frames; where it is ``lossless`` and nothing paces the performance, that waits
        for it instead. ``stream.ended`` says that a performance is over.

        ``format``: 32-bit float, 16-bit integer or 64-bit float; ``block``: sample frames in one frame of the stream;
        ``channels``: channels from 0, in this order; null for all; ``lossless``: whether a performance that nothing
        paces (drive free) waits for this client.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription(
            "spout", {"format": format, "block": block, "channels": channels, "lossless": lossless}, None, queue=queue
        )

    def meters(self, rate: float = 20.0, *, queue: int = 256) -> Subscription[Meters]:
        """Peak and effective level of each output channel since the last frame.

        ``rate``: frames a second, in Hz.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("meters", {"rate": rate}, _METERS, queue=queue)

    def transport(self, rate: float = 10.0, *, queue: int = 256) -> Subscription[Transport]:
        """Whether it plays, where it is, and how hard the machine works.

        ``rate``: frames a second, in Hz.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("transport", {"rate": rate}, _TRANSPORT, queue=queue)

    def engine_events(self, *, queue: int = 256) -> Subscription[EngineChange]:
        """Every change of the engine's state, crashes and restarts among them, and the end of each recording.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("engine", {}, _ENGINE_CHANGE, queue=queue)

    def spectrum(self, size: int = 1024, rate: float = 20.0, *, queue: int = 256) -> Subscription[Array]:
        """The output in decibels, ``[channels, size / 2 + 1]``: 0 is a sine at full scale, -200 nothing.

        ``size``: samples in one transform, a power of 2 from 64 to 32768; ``rate``: frames a second, in Hz.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("spectrum", {"size": size, "rate": rate}, None, queue=queue)

    def pvs(self, name: str, rate: float = 20.0, *, queue: int = 256) -> Subscription[Array]:
        """One spectral channel, its frame as ``csound.pvsData`` gives it, whenever there is a new one.

        ``name``: the channel; ``rate``: the most frames a second, in Hz.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("pvs", {"name": name, "rate": rate}, None, queue=queue)

    def array(self, name: str, rate: float = 20.0, *, queue: int = 256) -> Subscription[Array]:
        """One array channel, as ``csound.arrayData`` gives it, whenever it has changed.

        ``name``: the channel; ``rate``: the most frames a second, in Hz.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("array", {"name": name, "rate": rate}, None, queue=queue)

    def outvalue(self, *, queue: int = 256) -> Subscription[Outvalue]:
        """What ``outvalue`` says.

        A value that it repeats in every cycle is told once, until it changes.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("outvalue", {}, _OUTVALUE, queue=queue)

    def invalue(self, *, queue: int = 256) -> Subscription[Invalue]:
        """Each name that ``invalue`` asks for, once, and each value that has grown too old.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("invalue", {}, _INVALUE, queue=queue)

    def keyboard(self, *, queue: int = 256) -> Subscription[Key]:
        """The keys that anybody presses for ``sensekey``.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("keyboard", {}, _KEY, queue=queue)

    def midi(self, *, queue: int = 256) -> Subscription[MidiEvent]:
        """The MIDI messages that the orchestra sends, and what became of the driver.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("midi", {}, _MIDI_EVENT, queue=queue)

    def graphs(self, *, queue: int = 256) -> Subscription[Graph]:
        """What ``display``, ``dispfft`` and new tables draw.

        A slow client loses the oldest drawings.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("graphs", {}, _GRAPH, queue=queue)

    def files(self, *, queue: int = 256) -> Subscription[OpenedFile]:
        """The files that the engine opens.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("files", {}, _OPENED_FILE, queue=queue)

    def render_events(
        self, job: str | None = None, rate: float = 10.0, *, queue: int = 256
    ) -> Subscription[RenderChange]:
        """What becomes of the jobs that are rendered, and how far each is.

        It begins with how they are.

        ``job``: the job, by default every one; ``rate``: how often each tells how far it is, in Hz.

        ``queue`` is how many frames wait here at most.
        """
        return self._subscription("render", {"job": job, "rate": rate}, _RENDER_CHANGE, queue=queue)
