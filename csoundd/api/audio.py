"""One cycle of audio on its way in (spin) and out (spout).

Samples of the channels stand beside each other, as in libcsound: ``ksmps * nchnls`` in one row. For sound without
gaps there are the streams: push to the topic ``spin``, subscribe to ``spout``.
"""

from __future__ import annotations

from csoundd.api.declare import Example, Family, method, zeros
from csoundd.api.values import Samples

SILENCE = zeros("<f8", 128)


class Audio(Family):
    """Csound's working buffers, copied."""

    @method(scope="read", started=True, examples=(Example({}, SILENCE, exact=False),))
    def spin(self) -> Samples:
        """A copy of the input that the next cycle will read."""
        ...

    @method(scope="read", started=True, examples=(Example({}, SILENCE, exact=False),))
    def spout(self) -> Samples:
        """A copy of the output of the last cycle."""
        ...
