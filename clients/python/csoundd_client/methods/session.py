"""Greeting the server, and comparing clocks.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import Pong

_PONG: Final = reader(Pong)


class Session(Namespace):
    """Greeting the server, and comparing clocks."""

    def ping(self, t: float) -> Call[Pong]:
        """Compare clocks: the client's ``t`` comes back with the server's Unix time and the engine's sample.

        Half of the time it took is what the answer is old.
        """
        return self._request("session.ping", [t], UNTIMED, _PONG)

    def cancel(self, id: int | float | str) -> Call[bool]:
        """Have a call of this session wait no longer: the one that was sent under this request ``id``.

        A call that waits, for its time (``at``), for the end of the performance, for a throw-away engine, answers
        ``Cancelled``. What it waits for goes on: a performance plays to its end. Returns whether the call was still
        to be answered; one that runs already answers as it would have.
        """
        return self._request("session.cancel", [id], UNTIMED)
