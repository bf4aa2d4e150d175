"""Performance: starting, performing, ending, and the figures of what is performed.

In drive ``step`` a client asks for every cycle; in the others the daemon's own loop is the performance thread.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import CInt, Handle
from csoundd.states import STOPPED


class Performance(MethodGroup):
    """Transport in terms of the Csound object, and the rates that hold while it performs."""

    @method(examples=(Example({}, 0, fresh=True), Example({}, 0)))
    def start(self) -> int:
        """Get Csound ready to perform: 0 when it is, also when it was before.

        What was compiled so far is merged, its score sorted. Playing and performing start by themselves.
        """
        ...

    @method(examples=(Example({}, None),))
    def stop(self) -> None:
        """End the performance; it cannot go on from there. The same as ``thread.stop`` and joining it."""
        ...

    @method(scope="admin", examples=(Example({}, None),))
    def reset(self) -> None:
        """Forget everything: code, score, channels, tables, options. Every client of the daemon is affected.

        The engine is then in the state ``ready`` of a new epoch, in which older handles answer StaleHandle.
        """
        ...

    @method(
        states=STOPPED,
        deadline=None,
        examples=(Example({}, 1, after=(Call("csound.setEndMarker", (0.01,)),)),),
    )
    def perform(self) -> int:
        """Perform to the end of the score and answer then: 0 if it was stopped, 1 at the end, less than 0 for an error.

        Raises WrongState while the performance thread plays.
        """
        ...

    @method(examples=(Example({}, result=False),))
    def performKsmps(self) -> bool:
        """Perform one cycle: false while there is more to come, true when the performance is over.

        Starts Csound where that has not happened. Raises WrongState in every drive but ``step``.
        """
        ...

    @method(scope="read", examples=(Example({}, {"$handle": "thread:1"}, exact=False),))
    def performanceThread(self) -> Handle:
        """A handle that stands for the performance thread. There is always one, always the same."""
        ...

    @method(scope="read", deadline=None, examples=(Example({"milliseconds": 1}, None),))
    def sleep(self, milliseconds: CInt) -> None:
        """Answer after so many milliseconds. Nobody else waits for it."""
        ...

    @method(scope="read", examples=(Example({}, 48000.0),))
    def sr(self) -> float:
        """Audio frames per second."""
        ...

    @method(scope="read", examples=(Example({}, 750.0),))
    def kr(self) -> float:
        """Cycles per second: ``sr`` divided by ``ksmps``."""
        ...

    @method(scope="read", examples=(Example({}, 64),))
    def ksmps(self) -> int:
        """Audio frames in one cycle."""
        ...

    @method(scope="read", examples=(Example({}, 2),))
    def nchnls(self) -> int:
        """Channels of audio output."""
        ...

    @method(scope="read", examples=(Example({}, 2),))
    def nchnlsInput(self) -> int:
        """Channels of audio input: as many as there are outputs unless the orchestra sets ``nchnls_i``."""
        ...

    @method(scope="read", examples=(Example({}, 1.0),))
    def get0dBFS(self) -> float:
        """The sample value that means full scale in spin and spout."""
        ...

    @method(scope="read", examples=(Example({}, 440.0),))
    def A4(self) -> float:
        """The frequency of the A above middle C, in Hz."""
        ...

    @method(scope="read", examples=(Example({}, 64, after=(Call("csound.performKsmps"),)),))
    def currentTimeSamples(self) -> int:
        """Audio frames performed since the start of the performance."""
        ...
