"""The tokens of the daemon, which keeps no more than a digest of each. They need a state folder (``--state``).

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
from csoundd_client.structs import NewToken, TokenInfo

_NEW_TOKEN: Final = reader(NewToken)
_LIST_TOKEN_INFO: Final = reader(list[TokenInfo])
_TOKEN_INFO: Final = reader(TokenInfo)


class Tokens(Namespace):
    """The tokens of the daemon, which keeps no more than a digest of each. They need a state folder (``--state``)."""

    def create(
        self,
        name: str,
        scope: Literal["read", "control", "compile", "admin"],
        channels: Sequence[str] | None = None,
        readChannels: Sequence[str] | None = None,
        expires: float | None = None,
    ) -> Call[NewToken]:
        """A new token, which is in this answer and nowhere else.

        ``scope`` brings those before it along: read, control, compile, admin. ``channels`` are globs of the channels
        that it may set and, without ``readChannels``, read: then it sends no events and changes nothing else.
        ``expires`` is in seconds from now. Raises InvalidParams for what contradicts itself, WrongState
        without a state folder, LimitExceeded for one token too many.
        """
        return self._request("token.create", [name, scope, channels, readChannels, expires], UNTIMED, _NEW_TOKEN)

    def list(self) -> Call[builtins.list[TokenInfo]]:
        """The tokens there are, without what they are recognised by, the oldest first."""
        return self._request("token.list", [], UNTIMED, _LIST_TOKEN_INFO)

    def revoke(self, token: str) -> Call[TokenInfo]:
        """Have a token, given by its id or its name, be good no more, and end at once whatever uses it.

        Raises NotFound where there is none, InvalidParams where several have the name.
        """
        return self._request("token.revoke", [token], UNTIMED, _TOKEN_INFO)
