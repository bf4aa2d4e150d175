"""The state of the daemon.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import ServerStatus

_SERVER_STATUS: Final = reader(ServerStatus)


class Server(Namespace):
    """The state of the daemon."""

    def status(self) -> Call[ServerStatus]:
        """The state of the daemon at a glance: its version, who is connected, the engine, and its limits.

        Nothing of it is secret: it names no session, no channel and no folder. ``started`` is a Unix time,
        ``certificateSeconds`` is what is left of the certificate, null without TLS, and ``load`` the share of real time
        that the performance takes. Of each limit it tells the value in force, how much of it is used where it is one of
        the daemon as a whole, how often it was come to, and the setting that changes it. ``/metrics`` has more.
        """
        return self._request("server.status", [], UNTIMED, _SERVER_STATUS)
