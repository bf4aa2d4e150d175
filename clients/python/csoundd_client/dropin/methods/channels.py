"""Values that the orchestra and the outside share by name.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.shape import reader

_TUPLE_FLOAT_INT: Final = reader(tuple[float, int])


class Channels(Blocking):
    """Values that the orchestra and the outside share by name."""

    def controlChannel(self, name: str) -> tuple[float, int]:
        """The value of a control channel.

        Returns the value and a return code, ``[0.0, 0]`` for a name that is not there.
        """
        return self._ask("csound.controlChannel", [name], _TUPLE_FLOAT_INT)

    def setControlChannel(self, name: str, val: float) -> None:
        """Set a control channel, creating it where it is not there. Instruments see it from the next cycle on."""
        self._tell("csound.setControlChannel", [name, float(val)])

    def stringChannel(self, name: str) -> str:
        """The text of a string channel, empty for a name that is not there."""
        return self._ask("csound.stringChannel", [name])

    def setStringChannel(self, name: str, string: str) -> None:
        """Set a string channel, creating it where it is not there."""
        self._tell("csound.setStringChannel", [name, string])
