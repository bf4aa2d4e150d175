"""Spectra that the orchestra and the outside share by name.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Array, ArrayLike, Handle, Timing


class Pvs(Namespace):
    """Spectra that the orchestra and the outside share by name."""

    def initPvsChannel(
        self,
        name: str,
        fftsize: int,
        overlap: int,
        winsize: int,
        wintype: int | str,
        format: int = 0,
        **timing: Unpack[Timing],
    ) -> Call[Handle | None]:
        """Make a spectral channel and answer with a handle to it, null where it cannot be made.

        Sizes and overlap are in samples. ``wintype`` is ``hamming``, ``hann``, ``kaiser``, ``custom``,
        ``blackman``, ``blackman-exact``, ``nuttallc3``, ``bharris3``, ``bharrismin``, ``rect`` or their number
        from 0; ``format`` is 0 for amplitude and frequency, 1 for amplitude and phase, 2 for complex numbers,
        3 for tracks. A channel that is there already stays as it is. Raises InvalidParams for a strange window.
        """
        return self._request("csound.initPvsChannel", [name, fftsize, overlap, winsize, wintype, format], timing)

    def pvsData(self, pvsdat: Handle | str, **timing: Unpack[Timing]) -> Call[Array]:
        """A copy of a channel's present frame: ``fftsize + 2`` 32-bit floats, two for each bin.

        Raises NotFound for a name that is not there.
        """
        return self._request("csound.pvsData", [pvsdat], timing)

    def setPvsData(self, pvsdat: Handle | str, frame: ArrayLike, **timing: Unpack[Timing]) -> Call[None]:
        """Replace a channel's frame, and count it as a new one.

        Raises InvalidParams for a frame that has not ``fftsize + 2`` numbers, NotFound for a name that is not there.
        """
        return self._request("csound.setPvsData", [pvsdat, frame], timing)

    def pvsDataFftSize(self, pvsdat: Handle | str, **timing: Unpack[Timing]) -> Call[int]:
        """Samples in one transform of a channel."""
        return self._request("csound.pvsDataFftSize", [pvsdat], timing)

    def pvsDataOverlap(self, pvsdat: Handle | str, **timing: Unpack[Timing]) -> Call[int]:
        """Samples from one frame of a channel to the next."""
        return self._request("csound.pvsDataOverlap", [pvsdat], timing)

    def pvsDataWindowSize(self, pvsdat: Handle | str, **timing: Unpack[Timing]) -> Call[int]:
        """Samples in the analysis window of a channel."""
        return self._request("csound.pvsDataWindowSize", [pvsdat], timing)

    def pvsDataFormat(self, pvsdat: Handle | str, **timing: Unpack[Timing]) -> Call[int]:
        """The format of a channel's frames, as initPvsChannel counts them."""
        return self._request("csound.pvsDataFormat", [pvsdat], timing)

    def pvsDataFramecount(self, pvsdat: Handle | str, **timing: Unpack[Timing]) -> Call[int]:
        """The number of frames that a channel has had: a new number means a new frame."""
        return self._request("csound.pvsDataFramecount", [pvsdat], timing)
