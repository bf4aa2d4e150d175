"""Spectral channels: the frames of phase-vocoder signals, shared by name.

Where the API takes a pointer to a channel's data, its handle or its name does. Frames as a stream: topic ``pvs``.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method, zeros
from csoundd.api.values import Array, ChannelRef, CInt, Handle

SPECTRUM = Call("csound.initPvsChannel", ("spectrum", 16, 4, 16, "hann"))
FRAME = [0.5, 440.0, *[0.0] * 16]


class Pvs(MethodGroup):
    """Spectra that the orchestra and the outside share by name."""

    @method(
        journal="channel",
        examples=(
            Example(
                {"name": "spectrum", "fftsize": 1024, "overlap": 256, "winsize": 1024, "wintype": "hann"},
                {"$handle": "pvs:1"},
                exact=False,
            ),
        ),
    )
    def initPvsChannel(
        self,
        name: str,
        fftsize: CInt,
        overlap: CInt,
        winsize: CInt,
        wintype: CInt | str,
        format: CInt = 0,
    ) -> Handle | None:
        """Make a spectral channel and answer with a handle to it, null where it cannot be made.

        Sizes and overlap are in samples. ``wintype`` is ``hamming``, ``hann``, ``kaiser``, ``custom``,
        ``blackman``, ``blackman-exact``, ``nuttallc3``, ``bharris3``, ``bharrismin``, ``rect`` or their number
        from 0; ``format`` is 0 for amplitude and frequency, 1 for amplitude and phase, 2 for complex numbers,
        3 for tracks. A channel that is there already stays as it is. Raises InvalidParams for a strange window.
        """
        ...

    @method(
        scope="read",
        examples=(
            Example(
                {"pvsdat": "spectrum"},
                zeros("<f4", 18),
                after=(SPECTRUM,),
                exact=False,
            ),
        ),
    )
    def pvsData(self, pvsdat: ChannelRef) -> Array:
        """A copy of a channel's present frame: ``fftsize + 2`` 32-bit floats, two for each bin.

        Raises NotFound for a name that is not there.
        """
        ...

    @method(
        journal="channel",
        examples=(Example({"pvsdat": "spectrum", "frame": FRAME}, None, after=(SPECTRUM,)),),
    )
    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        """Replace a channel's frame, and count it as a new one.

        Raises InvalidParams for a frame that has not ``fftsize + 2`` numbers, NotFound for a name that is not there.
        """
        ...

    @method(scope="read", examples=(Example({"pvsdat": "spectrum"}, 16, after=(SPECTRUM,)),))
    def pvsDataFftSize(self, pvsdat: ChannelRef) -> int:
        """Samples in one transform of a channel."""
        ...

    @method(scope="read", examples=(Example({"pvsdat": "spectrum"}, 4, after=(SPECTRUM,)),))
    def pvsDataOverlap(self, pvsdat: ChannelRef) -> int:
        """Samples from one frame of a channel to the next."""
        ...

    @method(scope="read", examples=(Example({"pvsdat": "spectrum"}, 16, after=(SPECTRUM,)),))
    def pvsDataWindowSize(self, pvsdat: ChannelRef) -> int:
        """Samples in the analysis window of a channel."""
        ...

    @method(scope="read", examples=(Example({"pvsdat": "spectrum"}, 0, after=(SPECTRUM,)),))
    def pvsDataFormat(self, pvsdat: ChannelRef) -> int:
        """What the numbers in a channel's frames are, as initPvsChannel counts its formats."""
        ...

    @method(scope="read", examples=(Example({"pvsdat": "spectrum"}, 0, after=(SPECTRUM,), exact=False),))
    def pvsDataFramecount(self, pvsdat: ChannelRef) -> int:
        """How many frames a channel has had: a new number means a new frame."""
        ...
