"""The engine itself.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import Landing
from csoundd_client.values import Timing

_LANDING: Final = reader(Landing)


class EngineCommands(Namespace):
    """The engine itself."""

    def sync(self, **timing: Unpack[Timing]) -> Call[Landing]:
        """Answer when everything sent before over this connection has run, with the moment this was."""
        return self._request("engine.sync", [], timing, _LANDING)

    def panic(self, **timing: Unpack[Timing]) -> Call[None]:
        """End every note at once, without releases. The performance goes on."""
        return self._request("engine.panic", [], timing)
