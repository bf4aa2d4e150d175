"""Pairing: a secret that is good once, within two minutes, for a token with a scope and channels settled before.

The secret is no token, and neither is what is kept of it: its SHA-256, in memory alone.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Unpack

from csoundd.access.tokens import TokenLimits, TokenRecord, TokenStore
from csoundd.errors import InvalidParams, NotFound
from csoundd.limits import PAIRING_SECONDS, PAIRINGS
from csoundd.messages import Scope

_SECRET_BYTES: Final = 16
"""Two minutes are too short to guess 128 bits, and a QR code of a few more characters is harder to read."""


@dataclass(slots=True)
class Pairing:
    """One that was offered: the token that it will give, and that token once it has been given."""

    id: str
    name: str
    scope: Scope
    limits: TokenLimits
    until: float
    """Its end, by the clock ``time.monotonic``."""
    record: TokenRecord | None = None

    @property
    def seconds(self) -> float:
        """Seconds for which it is still good."""
        return max(0.0, self.until - time.monotonic())


class Pairings:
    """The pairings that are offered, and those taken up lately. Of more than PAIRINGS the oldest go."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store
        self._known: dict[str, Pairing] = {}
        """By the SHA-256 of their secrets, the oldest first."""

    def offer(
        self,
        name: str,
        scope: Scope,
        **limits: Unpack[TokenLimits],
    ) -> tuple[str, Pairing]:
        """A new pairing, with its secret. Raises what making the token would raise."""
        self._store.check(name, scope, **limits)
        self._forget_old()
        while len(self._known) >= PAIRINGS:
            del self._known[next(iter(self._known))]
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        pairing = Pairing(secrets.token_urlsafe(6), name, scope, limits, time.monotonic() + PAIRING_SECONDS)
        self._known[_digest(secret)] = pairing
        return secret, pairing

    def take(self, secret: str, name: str | None = None) -> tuple[str, TokenRecord] | None:
        """The token that ``secret`` is good for, this once, and what is kept of it; None where it is good for none.

        ``name`` is what the token is called in place of what was settled. Raises InvalidParams for one that is none,
        LimitExceeded where there are too many tokens: then the secret stays good.
        """
        self._forget_old()
        # The secret is random and is found by its digest: the time that takes says nothing of those there are.
        pairing = self._known.get(_digest(secret))
        if pairing is None or pairing.record is not None:
            return None
        token, record = self._store.create(name or pairing.name, pairing.scope, **pairing.limits)
        pairing.record = record
        return token, record

    def cancel(self, named: str) -> Pairing:
        """Have a pairing, by its id or its name, be good no more; the token that it may have given stays.

        Raises NotFound, and InvalidParams where several have the name.
        """
        known = self.all()
        found = [each for each in known if each.id == named] or [each for each in known if each.name == named]
        if not found:
            raise NotFound("there is no such pairing", hint="it has ended or never was")
        if len(found) > 1:
            raise InvalidParams(f"{len(found)} pairings have that name", hint="give an id, as pairing.list shows them")
        self._known = {digest: pairing for digest, pairing in self._known.items() if pairing is not found[0]}
        return found[0]

    def all(self) -> list[Pairing]:
        """Those that are good, and those of the last two minutes that were, the oldest first."""
        self._forget_old()
        return list(self._known.values())

    def _forget_old(self) -> None:
        now = time.monotonic()
        for digest in [digest for digest, pairing in self._known.items() if pairing.until <= now]:
            del self._known[digest]


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
