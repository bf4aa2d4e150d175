"""Tokens: making, listing and revoking them, and tickets for what a browser fetches by itself."""

from __future__ import annotations

import builtins
from typing import ClassVar

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import NewToken, Ticket, TokenInfo
from csoundd.messages import Scope
from csoundd.states import ANY

PHONE: dict[str, object] = {
    "id": "aZ3kQ9xL",
    "name": "phone",
    "scope": "control",
    "channels": ["fx/*"],
    "readChannels": ["fx/*"],
    "created": 1767225600.0,
    "expires": None,
}
MADE = Call("token.create", ("phone", "control", ["fx/*"]))


class Tokens(MethodGroup):
    """The tokens of the daemon, which keeps no more than a digest of each. They need a state folder (``--state``)."""

    namespace: ClassVar[str] = "token"

    @method(
        scope="admin",
        states=ANY,
        served="front",
        examples=(
            Example(
                {"name": "phone", "scope": "control", "channels": ["fx/*"]}, {"token": "csd_…"} | PHONE, exact=False
            ),
        ),
    )
    async def create(
        self,
        name: str,
        scope: Scope,
        channels: builtins.list[str] | None = None,
        readChannels: builtins.list[str] | None = None,
        expires: float | None = None,
    ) -> NewToken:
        """A new token, which is in this answer and nowhere else.

        ``scope`` brings those before it along: read, control, compile, admin. ``channels`` are globs of the channels
        that it may set and, without ``readChannels``, read: then it sends no events and changes nothing else.
        ``expires`` is in seconds from now. Raises InvalidParams for what contradicts itself, WrongState
        without a state folder, LimitExceeded for one token too many.
        """
        ...

    @method(scope="admin", states=ANY, served="front", examples=(Example({}, [PHONE], exact=False),))
    async def list(self) -> builtins.list[TokenInfo]:
        """The tokens there are, without what they are recognised by, the oldest first."""
        ...

    @method(
        scope="admin",
        states=ANY,
        served="front",
        examples=(Example({"token": "phone"}, PHONE, after=(MADE,), exact=False),),
    )
    async def revoke(self, token: str) -> TokenInfo:
        """Have a token, given by its id or its name, be good no more, and end at once whatever uses it.

        Raises NotFound where there is none, InvalidParams where several have the name.
        """
        ...


class Tickets(MethodGroup):
    """Tickets for players, images and downloads."""

    namespace: ClassVar[str] = "session"

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"path": "/listen.wav"}, {"ticket": "k3Jx…", "expires": 60.0}, exact=False),),
    )
    async def ticket(self, path: str) -> Ticket:
        """A ticket for one GET of ``path``, as ``?ticket=…`` in its URL, within so many seconds.

        It is for what fetches by itself and sends no headers: a player, ``<audio>`` of a page elsewhere, a download.
        """
        ...
