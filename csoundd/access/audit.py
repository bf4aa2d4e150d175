"""The record of who was let in, what was refused, and what an administrator did. It never has a token in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Final

from csoundd.access.grants import Grant
from csoundd.limits import AUDIT_LINES_PER_SECOND
from csoundd.messages import RequestId

log = logging.getLogger("csoundd.audit")

_SHOWN: Final = 120
_SESSION_SHOWN: Final = 8
"""Characters of a session's id in a log: enough to tell sessions apart, too few to take one up."""


class AuditLog:
    """Writes a line for each event: what happened, who it was, and what was asked for.

    Of what is refused AUDIT_LINES_PER_SECOND lines are written and the rest is counted: whoever fills the log with
    refusals hides in them what others did.
    """

    def __init__(self) -> None:
        self._second = 0
        self._written = self._left_out = 0

    def allowed(self, who: str, what: str, session: str | None = None, request: RequestId = None) -> None:
        """``who`` was allowed ``what``, in ``session`` by the request of that id."""
        log.info("allowed %s: %s", _shown(who), _shown(what), extra=about(session, request))

    def refused(self, who: str, what: str, why: str, session: str | None = None, request: RequestId = None) -> None:
        """``who`` was refused ``what``, in ``session`` by the request of that id."""
        second = int(time.monotonic())
        if second != self._second:
            if self._left_out:
                log.warning("refused %d more in that second", self._left_out)
            self._second, self._written, self._left_out = second, 0, 0
        if self._written < AUDIT_LINES_PER_SECOND:
            self._written += 1
            log.warning("refused %s: %s: %s", _shown(who), _shown(what), _shown(why), extra=about(session, request))
        else:
            self._left_out += 1


def who_of(grant: Grant, peer: str) -> str:
    """Who has ``grant`` at the address ``peer``, as the record names it: by the name and id of the token."""
    nobody = grant.name or "somebody without a token"
    who = nobody if grant.token is None else f"{grant.name} ({grant.token})"
    return f"{who} at {peer}" if peer and peer not in who else who


def about(session: str | None, request: RequestId = None) -> Mapping[str, object]:
    """What a line of the log is about, as ``extra`` of logging: the beginning of a session's id, and a request's."""
    told: dict[str, object] = {}
    if session is not None:
        told["session"] = session if session.startswith("osc:") else session[:_SESSION_SHOWN]
    if request is not None:
        told["request"] = _shown(str(request))
    return told


def _shown(text: str) -> str:
    """``text`` on one line, without an end where it has none."""
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return short if short.isprintable() else repr(short)
