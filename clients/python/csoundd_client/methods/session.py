"""Greeting the server, and comparing clocks.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from asyncio import Future
from typing import Final

from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import Pong

_PONG: Final = reader(Pong)


class Session(Namespace):
    """Greeting the server, and comparing clocks."""

    def ping(self, t: float) -> Future[Pong]:
        """Compare clocks: the client's ``t`` comes back with the server's Unix time and the engine's sample.

        Half of the time it took is what the answer is old.
        """
        return self._request("session.ping", [t], UNTIMED, _PONG)
