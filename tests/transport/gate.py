"""The gate in front of an application, for tests: one that gives everybody the same grant, and the real one."""

from __future__ import annotations

from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from csoundd.access import EVERYTHING, AuditLog, Authenticator, AuthMode, Grant, TokenStore
from csoundd.access.tickets import Vouchers, cookies, tickets
from csoundd.transport.authentication import GRANT_KEY, Authentication
from csoundd.transport.origin import OriginPolicy


class Granted:
    """Gives whoever comes one grant."""

    def __init__(self, app: ASGIApp, grant: Grant = EVERYTHING) -> None:
        self._app, self._grant = app, grant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, GRANT_KEY: self._grant}, receive, send)


def authenticator_of(state: Path | None = None, mode: AuthMode = "auto") -> Authenticator:
    return Authenticator(TokenStore(state), mode, AuditLog())


def gate(
    app: ASGIApp,
    authenticator: Authenticator,
    policy: OriginPolicy | None = None,
    given: tuple[Vouchers, Vouchers] | None = None,
    readable: frozenset[str] = frozenset(),
) -> Authentication:
    """The gate with its tickets and cookies, or with those that are ``given``."""
    good = authenticator.is_good
    url_tickets, browser_cookies = given or (tickets(good), cookies(good))
    return Authentication(
        app,
        authenticator,
        policy or OriginPolicy(),
        tickets=url_tickets,
        cookies=browser_cookies,
        readable=readable,
    )
