"""What a browser can show that fetches by itself, for ``<audio>``, ``<img>`` and a download: a ticket, or a cookie.

Neither is a token, nor can one be made of it. A ticket stands in a URL, so it is good once, for one path, for a minute;
a cookie is kept from pages and from other sites, and both are good for reading alone.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from csoundd.access.grants import Grant
from csoundd.limits import COOKIE_SECONDS, COOKIES, TICKET_SECONDS, TICKETS

IsGood = Callable[[Grant], bool]
"""Whether a grant still holds: its token may have been revoked."""

_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class _Issued:
    grant: Grant
    path: str | None
    until: float


class Vouchers:
    """Texts that stand for a grant for ``seconds``; of more than ``limit`` the oldest go.

    ``is_good`` says whether the grant itself still holds.
    """

    def __init__(self, is_good: IsGood, seconds: float, limit: int) -> None:
        self._is_good, self._seconds, self._limit = is_good, seconds, limit
        self._issued: dict[str, _Issued] = {}

    def issue(self, grant: Grant, path: str | None = None) -> str:
        """A new one for ``grant``, good for ``path`` or, where that is None, for any."""
        now = time.monotonic()
        for text in [text for text, issued in self._issued.items() if issued.until <= now]:
            del self._issued[text]
        while len(self._issued) >= self._limit:
            del self._issued[next(iter(self._issued))]
        text = secrets.token_urlsafe(_BYTES)
        self._issued[text] = _Issued(grant, path, now + self._seconds)
        return text

    def grant(self, text: str, path: str | None = None) -> Grant | None:
        """What ``text`` stands for; None where it is not good, or not for ``path``."""
        # The texts are random, and found by their hash: the time that takes tells nothing of those there are.
        issued = self._issued.get(text)
        if issued is None or issued.until <= time.monotonic() or issued.path not in {None, path}:
            return None
        return issued.grant if self._is_good(issued.grant) else None

    def take(self, text: str, path: str) -> Grant | None:
        """The same, once: it is good no more."""
        grant = self.grant(text, path)
        if grant is not None:
            self.drop(text)
        return grant

    def drop(self, text: str) -> None:
        """Have ``text`` stand for nothing any more."""
        self._issued.pop(text, None)


def tickets(is_good: IsGood) -> Vouchers:
    """Those that stand in a URL."""
    return Vouchers(is_good, TICKET_SECONDS, TICKETS)


def cookies(is_good: IsGood) -> Vouchers:
    """Those that a browser keeps."""
    return Vouchers(is_good, COOKIE_SECONDS, COOKIES)
