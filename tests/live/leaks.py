"""A search through all that daemons tell while they are tested: their logs, their metrics, what clients receive.

No token is in it, but for the answer that makes one; no traceback; and, but for the log, which is the operator's own,
no path of this machine outside of a workspace. What is found fails the test in which it was told.
"""

from __future__ import annotations

import re
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

TOKEN: Final = re.compile(rb"csd_[0-9A-Za-z]{49}")
GIVEN: Final = re.compile(rb"token\W{1,6}$")
"""How an answer goes on, in JSON and in msgpack, before the token that it gives."""

TRACEBACK: Final = b"Traceback (most recent call last)"
SECONDS: Final = 5.0
SEARCHED_BYTES: Final = 1 << 20
"""What is longer is sound, or an array: to look through it takes too long."""


_ROOT: Final = Path(__file__).parents[2]
_PLACES: Final = {str(place).encode() for place in (_ROOT, sys.prefix, Path.home(), tempfile.gettempdir())}
PATH: Final = re.compile(rb"(?:%s)/[\w.+/-]+" % b"|".join(sorted(map(re.escape, _PLACES), reverse=True)))
"""A path of this machine: in the checkout, in the environment, at home, or among the temporary files."""

_workspaces: Final[set[bytes]] = set()


def note_workspace(folder: Path) -> None:
    """Paths in ``folder`` may be told from now on: a daemon has it for its workspace."""
    _workspaces.update(str(path).encode() for path in (folder, folder.resolve()))


def check_log(told: bytes | str) -> None:
    """Fail the test that is running where a daemon's log has a token or a traceback in it."""
    check_no_token(told, "the log")
    check_no_traceback(told, "the log")


def check_reply(told: bytes | str, where: str = "a reply", asked: bytes = b"") -> None:
    """Fail it where ``told``, which goes to clients, has what is not for them; a path that they ``asked`` of may be."""
    if len(told) > SEARCHED_BYTES:
        return
    raw = _bytes(told)
    check_no_traceback(raw, where)
    tokens = [found for found in TOKEN.finditer(raw) if not GIVEN.search(raw[: found.start()])]
    assert not tokens, f"a token in {where}: {raw[:3000].decode(errors='replace')}"
    check_no_path(raw, where, asked)


def check_no_traceback(told: bytes | str, where: str) -> None:
    """Fail it where ``told`` has a traceback in it."""
    raw = _bytes(told)
    assert TRACEBACK not in raw, f"a traceback in {where}: {raw[-3000:].decode(errors='replace')}"


def check_no_token(told: bytes | str, where: str) -> None:
    """Fail it where ``told`` has a token in it."""
    assert TOKEN.search(_bytes(told)) is None, f"a token in {where}"


def check_no_path(told: bytes | str, where: str, asked: bytes = b"") -> None:
    """Fail it where ``told`` has a path of this machine in it that is in no workspace, and was not ``asked`` of."""
    paths = [
        found
        for found in PATH.findall(_bytes(told))
        if found not in asked and not any(map(found.startswith, _workspaces))
    ]
    assert not paths, f"a path in {where}: {paths}"


def metrics_of(http: str) -> bytes:
    """What /metrics of the daemon at ``http`` says; nothing where that needs a token, TLS or another daemon."""
    try:
        with urllib.request.urlopen(f"http://{http}/metrics", timeout=SECONDS) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError):
        return b""


def _bytes(told: bytes | str) -> bytes:
    return told if isinstance(told, bytes) else told.encode(errors="replace")
