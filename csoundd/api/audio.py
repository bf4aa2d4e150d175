"""Audio of one cycle on its way in (spin) and out (spout), and circular buffers.

Samples of the channels stand beside each other, as in libcsound: ``ksmps * nchnls`` in one row. For sound without
gaps there are the streams: push to the topic ``spin``, subscribe to ``spout``.

A circular buffer is a queue of numbers in the engine that one client fills and another empties; it belongs to its
session and goes with it. Items are 64-bit floats where an element has 8 bytes and 32-bit floats where it has 4; of
any other size they are bytes. A handle that is gone raises StaleHandle.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, Result, method, zeros
from csoundd.api.values import Array, CInt, Handle, Samples

SILENCE = zeros("<f8", 128)


class Audio(MethodGroup):
    """Csound's working buffers, copied."""

    @method(scope="read", started=True, examples=(Example({}, SILENCE, exact=False),))
    def spin(self) -> Samples:
        """A copy of the input that the next cycle will read."""
        ...

    @method(scope="read", started=True, examples=(Example({}, SILENCE, exact=False),))
    def spout(self) -> Samples:
        """A copy of the output of the last cycle."""
        ...


MADE = Call("csound.createCircularBuffer", (16,))
BUFFER = Result(0, {"$handle": "cbuf:1"})
WRITTEN = Call("csound.writeCircularBuffer", (BUFFER, [1.0, 2.0, 3.0, 4.0], 4))
FIRST_TWO = {"$array": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAA8D8AAAAAAAAAQA=="}}


class CircularBuffers(MethodGroup):
    """Queues of a fixed size, owned by the session."""

    @method(examples=(Example({"numelem": 1024}, {"$handle": "cbuf:1"}, exact=False),))
    def createCircularBuffer(self, numelem: CInt, elemsize: CInt = 0) -> Handle:
        """Make a buffer for ``numelem`` elements of ``elemsize`` bytes, 0 meaning those of one of Csound's numbers.

        Raises LimitExceeded for a buffer too large or one too many.
        """
        ...

    @method(
        examples=(
            Example({"buffer": BUFFER, "out": None, "numitems": 2}, [2, FIRST_TWO], after=(MADE, WRITTEN)),
            Example(
                {"buffer": BUFFER, "out": [0.0], "numitems": 2},
                [0, zeros("<f8", 0)],
                after=(MADE, WRITTEN),
                exact=False,
            ),
        ),
    )
    def readCircularBuffer(self, buffer: Handle, out: Array | None, numitems: CInt) -> tuple[int, Array]:
        """Take up to ``numitems`` items out of a buffer: how many there were, and the items.

        ``out`` is what libcsound fills; here null does. An array says how much room there is: with less than
        ``numitems`` nothing is read.
        """
        ...

    @method(
        scope="read",
        examples=(Example({"buffer": BUFFER, "out": None, "numitems": 2}, [2, FIRST_TWO], after=(MADE, WRITTEN)),),
    )
    def peekCircularBuffer(self, buffer: Handle, out: Array | None, numitems: CInt) -> tuple[int, Array]:
        """Look at up to ``numitems`` items of a buffer without taking them; in all else as readCircularBuffer."""
        ...

    @method(examples=(Example({"buffer": BUFFER, "data": [1.0, 2.0, 3.0], "numitems": 3}, 3, after=(MADE,)),))
    def writeCircularBuffer(self, buffer: Handle, data: Array, numitems: CInt) -> int:
        """Put the first ``numitems`` of ``data`` into a buffer: how many it had room for.

        It is always one short of its size. With fewer data than ``numitems`` nothing is written.
        """
        ...

    @method(examples=(Example({"buffer": BUFFER}, None, after=(MADE, WRITTEN)),))
    def flushCircularBuffer(self, buffer: Handle) -> None:
        """Empty a buffer."""
        ...

    @method(examples=(Example({"buffer": BUFFER}, None, after=(MADE,)),))
    def destroyCircularBuffer(self, buffer: Handle) -> None:
        """Free a buffer; its handle is stale from then on."""
        ...
