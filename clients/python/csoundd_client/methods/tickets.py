"""Tickets for players, images and downloads.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import Ticket

_TICKET: Final = reader(Ticket)


class Tickets(Namespace):
    """Tickets for players, images and downloads."""

    def ticket(self, path: str) -> Call[Ticket]:
        """A ticket for one GET of ``path``, as ``?ticket=…`` in its URL, within so many seconds.

        It is for what fetches by itself and sends no headers: a player, ``<audio>`` of a page elsewhere, a download.
        """
        return self._request("session.ticket", [path], UNTIMED, _TICKET)
