"""Whoever calls is given a grant here: for the address it calls from, or for its token.

What uses a token is held here, too, and ended as soon as the token is revoked or expires.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal
from weakref import WeakKeyDictionary

from csoundd.access.audit import AuditLog
from csoundd.access.grants import EVERYTHING, NOTHING, Grant
from csoundd.access.tokens import TokenRecord, TokenStore
from csoundd.errors import Unauthorized
from csoundd.limits import (
    LONGEST_WRONG_TOKEN_SECONDS,
    WRONG_TOKEN_SECONDS,
    WRONG_TOKENS,
)

AuthMode = Literal["auto", "required", "off"]
"""Who needs a token: everybody but this machine's own, everybody, or nobody."""

End = Callable[[], None]
"""Ends what uses a token."""

HOW_TO_MAKE_ONE: Final = "csoundd token create makes one, on the daemon's machine"


class Authenticator:
    """Gives grants for the tokens of ``store``, by the rule ``mode``, and records in ``audit`` who has a wrong one.

    Another process may revoke tokens, and others expire: :meth:`end_what_is_over` is to be called now and then.
    """

    def __init__(self, store: TokenStore, mode: AuthMode, audit: AuditLog) -> None:
        self.store = store
        self._mode = mode
        self._audit = audit
        self._holders: dict[str, set[End]] = {}
        self._wrong: WeakKeyDictionary[Hashable, int] = WeakKeyDictionary()

    def without_token(self, address: str | None) -> Grant:
        """What somebody at the IP address ``address`` may do who shows no token; None is an unknown address."""
        if self._mode == "off" or (self._mode == "auto" and address is not None and is_loopback(address)):
            return EVERYTHING
        return NOTHING

    async def with_token(self, token: str, connection: Hashable, who: str) -> Grant:
        """The grant of ``token``. Raises Unauthorized for a wrong one, after a while.

        The while grows with each wrong one that comes over ``connection``, and after WRONG_TOKENS no more are looked
        at. No address is shut out: that would hit whoever shares it.
        """
        if self._mode == "off":
            return EVERYTHING
        self.check_guesses(connection)
        record = self.store.find(token)
        if record is not None:
            self._wrong.pop(connection, None)
            return record.grant()
        await self.guessed(connection, who, "a token", "it is wrong, revoked or expired")
        raise Unauthorized("the token is wrong, revoked or expired", hint=HOW_TO_MAKE_ONE)

    def check_guesses(self, connection: Hashable) -> None:
        """Raise Unauthorized where so much that was wrong came over ``connection`` that no more is looked at."""
        if self._wrong.get(connection, 0) >= WRONG_TOKENS:
            raise Unauthorized("too many wrong tokens came over this connection", hint="connect anew")

    async def guessed(self, connection: Hashable, who: str, what: str, why: str) -> None:
        """Record that ``what``, which came from ``who`` over ``connection``, was wrong, and wait a while."""
        before = self._wrong.get(connection, 0)
        self._wrong[connection] = before + 1
        self._audit.refused(who, what, why)
        await asyncio.sleep(min(LONGEST_WRONG_TOKEN_SECONDS, WRONG_TOKEN_SECONDS * 2**before))

    def is_good(self, grant: Grant) -> bool:
        """Whether the token of ``grant`` has not been revoked and has not expired; one without a token holds."""
        return grant.token is None or grant.token in self._good()

    def _good(self) -> set[str]:
        """The ids of the tokens that have neither been removed nor expired."""
        now = time.time()
        return {record.id for record in self.store.records() if not record.is_over(now)}

    def hold(self, grant: Grant, end: End) -> Callable[[], None]:
        """Have ``end`` called when the token of ``grant`` is no longer good; what is returned calls that off."""
        token = grant.token
        if token is None:
            return _nothing
        holders = self._holders.setdefault(token, set())
        holders.add(end)

        def release() -> None:
            holders.discard(end)
            if not holders and self._holders.get(token) is holders:
                del self._holders[token]

        return release

    def revoke(self, named: str) -> TokenRecord:
        """Revoke a token by its id or name, and end what uses it. Raises NotFound, InvalidParams."""
        record = self.store.revoke(named)
        self._end(record.id)
        return record

    def end_what_is_over(self) -> None:
        """End what uses tokens that have been removed or have expired."""
        if not self._holders:
            return
        for token in self._holders.keys() - self._good():
            self._end(token)

    def _end(self, token: str) -> None:
        for end in self._holders.pop(token, set()).copy():
            end()


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own, which nobody elsewhere can have; false for what is no address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def _nothing() -> None:
    pass
