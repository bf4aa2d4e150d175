"""Messages to and from everybody.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Timing


class Messages(Namespace):
    """Messages to and from everybody."""

    def message(self, message: str, **timing: Unpack[Timing]) -> Call[None]:
        """Print a text among Csound's messages, where every client sees it. A line ends with a line feed."""
        return self._request("csound.message", [message], timing)

    def messageS(self, attr: int, message: str, **timing: Unpack[Timing]) -> Call[None]:
        """Print a text with Csound's attributes.

        Its type is among them: 0 plain, 4096 error, 8192 orchestra, 12288 real time, 16384 warning.
        """
        return self._request("csound.messageS", [attr, message], timing)
