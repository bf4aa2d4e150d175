"""Spectra that the orchestra and the outside share by name.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import Array, ArrayLike, Handle


class Pvs(Blocking):
    """Spectra that the orchestra and the outside share by name."""

    def initPvsChannel(
        self, name: str, fftsize: int, overlap: int, winsize: int, wintype: int | str, format: int = 0
    ) -> Handle | None:
        """Make a spectral channel and answer with a handle to it, null where it cannot be made.

        Sizes and overlap are in samples. ``wintype`` is ``hamming``, ``hann``, ``kaiser``, ``custom``,
        ``blackman``, ``blackman-exact``, ``nuttallc3``, ``bharris3``, ``bharrismin``, ``rect`` or their number
        from 0; ``format`` is 0 for amplitude and frequency, 1 for amplitude and phase, 2 for complex numbers,
        3 for tracks. A channel that is there already stays as it is. Raises InvalidParams for a strange window.
        """
        return self._do("csound.initPvsChannel", [name, fftsize, overlap, winsize, wintype, format])

    def pvsData(self, pvsdat: Handle | str) -> Array:
        """A copy of a channel's present frame: ``fftsize + 2`` 32-bit floats, two for each bin.

        Raises NotFound for a name that is not there.
        """
        return self._ask("csound.pvsData", [pvsdat])

    def setPvsData(self, pvsdat: Handle | str, frame: ArrayLike) -> None:
        """Replace a channel's frame, and count it as a new one.

        Raises InvalidParams for a frame that has not ``fftsize + 2`` numbers, NotFound for a name that is not there.
        """
        self._do("csound.setPvsData", [pvsdat, frame])

    def pvsDataFftSize(self, pvsdat: Handle | str) -> int:
        """Samples in one transform of a channel."""
        return self._ask("csound.pvsDataFftSize", [pvsdat])

    def pvsDataOverlap(self, pvsdat: Handle | str) -> int:
        """Samples from one frame of a channel to the next."""
        return self._ask("csound.pvsDataOverlap", [pvsdat])

    def pvsDataWindowSize(self, pvsdat: Handle | str) -> int:
        """Samples in the analysis window of a channel."""
        return self._ask("csound.pvsDataWindowSize", [pvsdat])

    def pvsDataFormat(self, pvsdat: Handle | str) -> int:
        """The format of a channel's frames, as initPvsChannel counts them."""
        return self._ask("csound.pvsDataFormat", [pvsdat])

    def pvsDataFramecount(self, pvsdat: Handle | str) -> int:
        """The number of frames that a channel has had: a new number means a new frame."""
        return self._ask("csound.pvsDataFramecount", [pvsdat])
