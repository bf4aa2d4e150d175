"""The record of who was let in, what was refused, and what an administrator did. It never has a token in it."""

from __future__ import annotations

import logging
import time
from typing import Final

from csoundd.limits import AUDIT_LINES_PER_SECOND

log = logging.getLogger("csoundd.audit")

_SHOWN: Final = 120


class AuditLog:
    """Writes a line for each event: what happened, who it was, and what was asked for.

    Of what is refused AUDIT_LINES_PER_SECOND lines are written and the rest is counted: whoever fills the log with
    refusals hides in them what others did.
    """

    def __init__(self) -> None:
        self._second = 0
        self._written = self._left_out = 0

    def allowed(self, who: str, what: str) -> None:
        """``who`` was allowed ``what``."""
        log.info("allowed %s: %s", _shown(who), _shown(what))

    def refused(self, who: str, what: str, why: str) -> None:
        """``who`` was refused ``what``."""
        second = int(time.monotonic())
        if second != self._second:
            if self._left_out:
                log.warning("refused %d more in that second", self._left_out)
            self._second, self._written, self._left_out = second, 0, 0
        if self._written < AUDIT_LINES_PER_SECOND:
            self._written += 1
            log.warning("refused %s: %s: %s", _shown(who), _shown(what), _shown(why))
        else:
            self._left_out += 1


def _shown(text: str) -> str:
    """``text`` on one line, without an end where it has none."""
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return short if short.isprintable() else repr(short)
