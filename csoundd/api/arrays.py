"""Array channels: k-rate numbers, audio or texts in any number of dimensions, shared by name.

Where the API takes a pointer to an array's data, its handle or its name does. Csound 6 has no array channels.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
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
        scope="read",
        examples=(Example({"adat": "grid"}, ONES, after=(GRID, FILLED)),),
    )
    def arrayData(self, adat: ChannelRef) -> Array | list[str]:
        """A copy of an array's data, in its own shape; texts come as a plain list in row order.

        Audio has a cycle's samples as a last dimension. Raises NotFound for a name that is not there.
        """
        ...

    @method(
        journal="channel",
        examples=(Example({"adat": "grid", "data": [[1.0, 2.0], [3.0, 4.0]]}, None, after=(GRID,)),),
    )
    def setArrayData(self, adat: ChannelRef, data: Array | list[str]) -> None:
        """Replace an array's data at once.

        Raises InvalidParams for another type or shape, NotFound for a name that is not there.
        """
        ...

    @method(scope="read", examples=(Example({"adat": "grid"}, "k", after=(GRID,)),))
    def arrayDataType(self, adat: ChannelRef) -> str:
        """What an array holds: ``k`` or ``i`` numbers, ``a`` audio, ``S`` texts."""
        ...

    @method(scope="read", examples=(Example({"adat": "grid"}, 2, after=(GRID,)),))
    def arrayDataDimensions(self, adat: ChannelRef) -> int:
        """How many dimensions an array has."""
        ...

    @method(scope="read", examples=(Example({"adat": "grid"}, [2, 2], after=(GRID,)),))
    def arrayDataSizes(self, adat: ChannelRef) -> tuple[int, ...]:
        """The length of each dimension of an array."""
        ...
