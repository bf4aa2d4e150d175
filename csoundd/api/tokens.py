"""Tokens: making, listing and revoking them, pairing devices, and tickets for what a browser fetches by itself."""

from __future__ import annotations

import builtins
from typing import ClassVar

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import NewPairing, NewToken, PairingInfo, Ticket, TokenInfo
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


OFFERED = Call("pairing.create", ("phone", "control", ["fx/*"], None, None, "https://192.168.1.5:7700"))


class Pairing(MethodGroup):
    """Links, and QR codes of them, that give a phone a token of its own, once, within two minutes."""

    namespace: ClassVar[str] = "pairing"

    @method(
        scope="admin",
        states=ANY,
        served="front",
        examples=(
            Example(
                {
                    "name": "phone",
                    "scope": "control",
                    "channels": ["fx/*"],
                    "url": "https://192.168.1.5:7700",
                },
                {
                    "id": "p4Xw_0aB",
                    "link": "https://192.168.1.5:7700/pair#…",
                    "svg": "<svg…",
                    "seconds": 120.0,
                    "authority": None,
                },
                exact=False,
            ),
        ),
    )
    async def create(
        self,
        name: str = "phone",
        scope: Scope = "control",
        channels: builtins.list[str] | None = None,
        readChannels: builtins.list[str] | None = None,
        expires: float | None = None,
        url: str | None = None,
    ) -> NewPairing:
        """A link for a phone. The page that it leads to makes a token there, as ``token.create`` would with the same.

        ``url`` is the address of the daemon as the phone reaches it, where that is not the machine's own. Raises
        InvalidParams for what contradicts itself, and WrongState where no phone reaches the daemon or there is no
        state folder.
        """
        ...

    @method(
        scope="admin",
        states=ANY,
        served="front",
        examples=(
            Example(
                {},
                [
                    {
                        "id": "p4Xw_0aB",
                        "name": "phone",
                        "scope": "control",
                        "channels": ["fx/*"],
                        "readChannels": None,
                        "seconds": 87.5,
                        "token": PHONE,
                    }
                ],
                after=(OFFERED,),
                exact=False,
            ),
        ),
    )
    async def list(self) -> builtins.list[PairingInfo]:
        """The pairings of the last two minutes, the oldest first, each with the token that it has given."""
        ...

    @method(
        scope="admin",
        states=ANY,
        served="front",
        examples=(Example({"pairing": "phone"}, None, after=(OFFERED,)),),
    )
    async def cancel(self, pairing: str) -> None:
        """Have a link, given by its id or its name, be good no more. A token that it has given stays.

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
