"""A search through what daemons told while they were tested: no traceback goes to clients, no token is in the log."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from typing import Final

TOKEN: Final = re.compile(rb"csd_[0-9A-Za-z]{49}")
TRACEBACK: Final = b"Traceback (most recent call last)"
SECONDS: Final = 5.0


def check_no_traceback(told: bytes | str, where: str) -> None:
    """Fail the test that is running where ``told``, which goes to clients, has a traceback in it."""
    raw = told if isinstance(told, bytes) else told.encode(errors="replace")
    assert TRACEBACK not in raw, f"a traceback in {where}: {raw[-3000:].decode(errors='replace')}"


def check_no_token(told: bytes | str, where: str) -> None:
    """Fail the test that is running where ``told`` has a token in it: only the answer that makes one may."""
    raw = told if isinstance(told, bytes) else told.encode(errors="replace")
    assert TOKEN.search(raw) is None, f"a token in {where}"


def metrics_of(http: str) -> bytes:
    """What /metrics of the daemon at ``http`` says; nothing where that needs a token, TLS or another daemon."""
    try:
        with urllib.request.urlopen(f"http://{http}/metrics", timeout=SECONDS) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError):
        return b""
