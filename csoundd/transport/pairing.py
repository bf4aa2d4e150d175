"""``/pair``, the page that a pairing's link leads to: it gives a device a token of its own, once.

The secret is the fragment of the link, which a browser keeps to itself, so it is in no log and no Referer. To open the
link changes nothing, whatever opens it to see what is there; the page sends the secret when its button is pressed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cached_property
from html import escape
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from csoundd.access import AuditLog, Authenticator
from csoundd.access.pairing import Pairings
from csoundd.access.service import PAIRING_PATH, told_of
from csoundd.access.tickets import Vouchers
from csoundd.errors import CsounddError, InvalidParams, InvalidRequest, LimitExceeded, Unauthorized
from csoundd.limits import PAIRING_BYTES, TOKEN_NAME_CHARACTERS
from csoundd.transport.authentication import CONNECTION_KEY, set_cookie
from csoundd.transport.conditions import JSON_TYPE, failed
from csoundd.transport.pages import STYLE, page

_AUTHORITY: Final = """<h2>Did the browser warn you?</h2>
<p>It does not know yet who made the daemon's certificate. <a href="authority">Install its authority</a>, then open the
link again. Its SHA-256 fingerprint is the one that <code>csoundd pair</code> shows:
<p><code>{fingerprint}</code>
"""


class PairingEndpoint:
    """Shows the page, and gives the token that a link is good for, with a cookie of ``cookies`` for reading.

    ``authority`` is the fingerprint of the daemon's own authority, None where it has none.
    """

    def __init__(
        self,
        pairings: Pairings,
        authenticator: Authenticator,
        audit: AuditLog,
        cookies: Vouchers,
        authority: str | None = None,
    ) -> None:
        self._pairings, self._authenticator, self._audit = pairings, authenticator, audit
        self._cookies, self._authority = cookies, authority

    def routes(self) -> list[BaseRoute]:
        """The route that the HTTP server adds."""
        return [Route(PAIRING_PATH, self._answer, methods=["GET", "POST"])]

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return page(self._page)
        try:
            return await self._pair(request)
        except CsounddError as refusal:
            return failed(refusal)

    @cached_property
    def _page(self) -> str:
        text = files("csoundd.transport").joinpath("pairing.html").read_text(encoding="utf-8")
        authority = "" if self._authority is None else _AUTHORITY.format(fingerprint=escape(self._authority))
        for name, value in (
            ("style", STYLE),
            ("authority", authority),
            ("name_characters", str(TOKEN_NAME_CHARACTERS)),
        ):
            text = text.replace(f"{{{name}}}", value)
        return text

    async def _pair(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
            unfit = InvalidRequest(f"the Content-Type has to be {JSON_TYPE}")
            return failed(unfit, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        secret, name = _secret_and_name(await _body(request))
        who = request.client.host if request.client is not None else "somebody"
        connection = request.scope["state"][CONNECTION_KEY]
        self._authenticator.check_guesses(connection)
        taken = self._pairings.take(secret, name)
        if taken is None:
            await self._authenticator.guessed(connection, who, "a pairing", "its link was used, has ended or never was")
            raise Unauthorized("this link was used or has ended", hint="csoundd pair makes another")
        token, record = taken
        self._audit.allowed(who, f"pairing as {record.name} ({record.id}, {record.scope})")
        told = {"token": token, **asdict(told_of(record))}
        response = Response(json.dumps(told), media_type=JSON_TYPE, headers={"cache-control": "no-store"})
        set_cookie(response, request, self._cookies.issue(record.grant()))
        return response


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > PAIRING_BYTES:
            raise LimitExceeded(f"a body of more than {PAIRING_BYTES} bytes", name="frame", limit=PAIRING_BYTES)
    return body


def _secret_and_name(body: bytes) -> tuple[str, str | None]:
    """What a device sends to be paired. Raises InvalidParams for anything else."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    secret, name = (sent.get("secret"), sent.get("name")) if isinstance(sent, dict) else (None, None)
    if not isinstance(secret, str) or not (name is None or isinstance(name, str)):
        raise InvalidParams('the body should be as {"secret": "…", "name": "phone"}')
    return secret, name
