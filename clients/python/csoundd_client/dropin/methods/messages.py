"""Messages to and from everybody.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Messages(Blocking):
    """Messages to and from everybody."""

    def message(self, message: str) -> None:
        """Print a text among Csound's messages, where every client sees it. A line ends with a line feed."""
        self._do("csound.message", [message])

    def messageS(self, attr: int, message: str) -> None:
        """Print a text with Csound's attributes.

        Its type is among them: 0 plain, 4096 error, 8192 orchestra, 12288 real time, 16384 warning.
        """
        self._do("csound.messageS", [attr, message])
