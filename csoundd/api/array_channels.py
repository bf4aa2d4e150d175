"""Channels of arrays and of spectra, shared by name.

An array has k-rate numbers, audio or texts in any number of dimensions; Csound 6 has none. A spectral channel holds the
frames of a phase-vocoder signal; as a stream they are the topic ``pvs``. Where the API takes a pointer to the data of
either, its handle or its name does.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method, zeros
from csoundd.api.values import Array, ChannelRef, CInt, Handle

GRID = Call("csound.initArrayChannel", ("grid", "k", [2, 2]))
ONES = {"$array": {"dtype": "<f8", "shape": [2, 2], "data": "AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8="}}
FILLED = Call("csound.setArrayData", ("grid", [[1.0, 1.0], [1.0, 1.0]]))


class Arrays(MethodGroup):
    """Arrays that the orchestra and the outside share by name."""

    @method(
        journal="channel",
        examples=(
            Example({"name": "grid", "dtype": "k", "size": [2, 2]}, {"$handle": "array:1"}, exact=False),
            Example({"name": "row", "dtype": "k", "size": 8}, {"$handle": "array:1"}, exact=False),
        ),
    )
    def initArrayChannel(self, name: str, dtype: str, size: CInt | list[CInt]) -> Handle | None:
        """Make an array channel and answer with a handle to it, null where it cannot be made.

        ``dtype`` is ``k`` for numbers, ``a`` for audio, ``S`` for texts; ``size`` is its length, or one for each
        dimension. A channel that is there already stays as it is.
        """
        ...

    @method(
        channels="reads",
        scope="read",
        examples=(Example({"adat": "grid"}, ONES, after=(GRID, FILLED)),),
    )
    def arrayData(self, adat: ChannelRef) -> Array | list[str]:
        """A copy of an array's data, in its own shape; texts come as a plain list in row order.

        Audio has a cycle's samples as a last dimension. Raises NotFound for a name that is not there.
        """
        ...

    @method(
        channels="sets",
        journal="channel",
        examples=(Example({"adat": "grid", "data": [[1.0, 2.0], [3.0, 4.0]]}, None, after=(GRID,)),),
    )
    def setArrayData(self, adat: ChannelRef, data: Array | list[str]) -> None:
        """Replace an array's data at once.

        Raises InvalidParams for another type or shape, NotFound for a name that is not there.
        """
        ...

    @method(channels="reads", scope="read", examples=(Example({"adat": "grid"}, "k", after=(GRID,)),))
    def arrayDataType(self, adat: ChannelRef) -> str:
        """The type of an array's elements: ``k`` or ``i`` numbers, ``a`` audio, ``S`` texts."""
        ...

    @method(channels="reads", scope="read", examples=(Example({"adat": "grid"}, 2, after=(GRID,)),))
    def arrayDataDimensions(self, adat: ChannelRef) -> int:
        """The number of an array's dimensions."""
        ...

    @method(channels="reads", scope="read", examples=(Example({"adat": "grid"}, [2, 2], after=(GRID,)),))
    def arrayDataSizes(self, adat: ChannelRef) -> tuple[int, ...]:
        """The length of each dimension of an array."""
        ...


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
        channels="reads",
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
        channels="sets",
        journal="channel",
        examples=(Example({"pvsdat": "spectrum", "frame": FRAME}, None, after=(SPECTRUM,)),),
    )
    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        """Replace a channel's frame, and count it as a new one.

        Raises InvalidParams for a frame that has not ``fftsize + 2`` numbers, NotFound for a name that is not there.
        """
        ...

    @method(channels="reads", scope="read", examples=(Example({"pvsdat": "spectrum"}, 16, after=(SPECTRUM,)),))
    def pvsDataFftSize(self, pvsdat: ChannelRef) -> int:
        """Samples in one transform of a channel."""
        ...

    @method(channels="reads", scope="read", examples=(Example({"pvsdat": "spectrum"}, 4, after=(SPECTRUM,)),))
    def pvsDataOverlap(self, pvsdat: ChannelRef) -> int:
        """Samples from one frame of a channel to the next."""
        ...

    @method(channels="reads", scope="read", examples=(Example({"pvsdat": "spectrum"}, 16, after=(SPECTRUM,)),))
    def pvsDataWindowSize(self, pvsdat: ChannelRef) -> int:
        """Samples in the analysis window of a channel."""
        ...

    @method(channels="reads", scope="read", examples=(Example({"pvsdat": "spectrum"}, 0, after=(SPECTRUM,)),))
    def pvsDataFormat(self, pvsdat: ChannelRef) -> int:
        """The format of a channel's frames, as initPvsChannel counts them."""
        ...

    @method(
        channels="reads", scope="read", examples=(Example({"pvsdat": "spectrum"}, 0, after=(SPECTRUM,), exact=False),)
    )
    def pvsDataFramecount(self, pvsdat: ChannelRef) -> int:
        """The number of frames that a channel has had: a new number means a new frame."""
        ...
