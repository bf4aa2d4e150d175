"""Links, and QR codes of them, that give a phone a token of its own, once, within two minutes.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Final, Literal

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import NewPairing, PairingInfo

_NEW_PAIRING: Final = reader(NewPairing)
_LIST_PAIRING_INFO: Final = reader(list[PairingInfo])


class Pairing(Namespace):
    """Links, and QR codes of them, that give a phone a token of its own, once, within two minutes."""

    def create(
        self,
        name: str = "phone",
        scope: Literal["read", "control", "compile", "admin"] = "control",
        channels: Sequence[str] | None = None,
        readChannels: Sequence[str] | None = None,
        expires: float | None = None,
        url: str | None = None,
    ) -> Call[NewPairing]:
        """A link for a phone. The page that it leads to makes a token there, as ``token.create`` would with the same.

        ``url`` is the address of the daemon as the phone reaches it, where that is not the machine's own. Raises
        InvalidParams for what contradicts itself, and WrongState where no phone reaches the daemon or there is no
        state folder.
        """
        return self._request(
            "pairing.create", [name, scope, channels, readChannels, expires, url], UNTIMED, _NEW_PAIRING
        )

    def list(self) -> Call[builtins.list[PairingInfo]]:
        """The pairings of the last two minutes, the oldest first, each with the token that it has given."""
        return self._request("pairing.list", [], UNTIMED, _LIST_PAIRING_INFO)

    def cancel(self, pairing: str) -> Call[None]:
        """Have a link, given by its id or its name, be good no more. A token that it has given stays.

        Raises NotFound where there is none, InvalidParams where several have the name.
        """
        return self._request("pairing.cancel", [pairing], UNTIMED)
