"""Csound's working buffers, copied.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Samples, Timing


class Audio(Namespace):
    """Csound's working buffers, copied."""

    def spin(self, **timing: Unpack[Timing]) -> Call[Samples]:
        """A copy of the input that the next cycle will read."""
        return self._request("csound.spin", [], timing)

    def spout(self, **timing: Unpack[Timing]) -> Call[Samples]:
        """A copy of the output of the last cycle."""
        return self._request("csound.spout", [], timing)
