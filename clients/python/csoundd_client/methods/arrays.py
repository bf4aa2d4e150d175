"""Arrays that the orchestra and the outside share by name.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.values import Array, ArrayLike, Handle, Timing

_TUPLE_INT_EACH: Final = reader(tuple[int, ...])


class Arrays(Namespace):
    """Arrays that the orchestra and the outside share by name."""

    def initArrayChannel(
        self, name: str, dtype: str, size: int | Sequence[int], **timing: Unpack[Timing]
    ) -> Call[Handle | None]:
        """Make an array channel and answer with a handle to it, null where it cannot be made.

        ``dtype`` is ``k`` for numbers, ``a`` for audio, ``S`` for texts; ``size`` is its length, or one for each
        dimension. A channel that is there already stays as it is.
        """
        return self._request("csound.initArrayChannel", [name, dtype, size], timing)

    def arrayData(self, adat: Handle | str, **timing: Unpack[Timing]) -> Call[Array | list[str]]:
        """A copy of an array's data, in its own shape; texts come as a plain list in row order.

        Audio has a cycle's samples as a last dimension. Raises NotFound for a name that is not there.
        """
        return self._request("csound.arrayData", [adat], timing)

    def setArrayData(self, adat: Handle | str, data: ArrayLike | Sequence[str], **timing: Unpack[Timing]) -> Call[None]:
        """Replace an array's data at once.

        Raises InvalidParams for another type or shape, NotFound for a name that is not there.
        """
        return self._request("csound.setArrayData", [adat, data], timing)

    def arrayDataType(self, adat: Handle | str, **timing: Unpack[Timing]) -> Call[str]:
        """The type of an array's elements: ``k`` or ``i`` numbers, ``a`` audio, ``S`` texts."""
        return self._request("csound.arrayDataType", [adat], timing)

    def arrayDataDimensions(self, adat: Handle | str, **timing: Unpack[Timing]) -> Call[int]:
        """The number of an array's dimensions."""
        return self._request("csound.arrayDataDimensions", [adat], timing)

    def arrayDataSizes(self, adat: Handle | str, **timing: Unpack[Timing]) -> Call[tuple[int, ...]]:
        """The length of each dimension of an array."""
        return self._request("csound.arrayDataSizes", [adat], timing, _TUPLE_INT_EACH)
