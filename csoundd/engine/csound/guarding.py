"""Callbacks that no exception leaves: native Csound would never hear of it, and for the embedded one it is a trap."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger("csoundd.engine.host")


def guarded(function: Callable[..., Any], otherwise: object) -> Callable[..., Any]:
    """``function``, answering ``otherwise`` where it raises."""

    def call(*args: object) -> object:
        try:
            return function(*args)
        except Exception:
            log.exception("a callback of Csound failed")
            return otherwise

    return call
