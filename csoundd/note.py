"""The note that a daemon leaves in its state folder, by which the commands find it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

NOTE: Final = "daemon.json"


@contextmanager
def noted(folder: Path | None, http: str, url: str) -> Iterator[None]:
    """While it lasts, a note in ``folder`` says how a daemon is reached.

    Its HTTP is bound to ``http``, as host:port; programs of its machine reach it at ``url``, which has no end.
    """
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / NOTE
    websocket = f"ws{url.removeprefix('http')}/ws"
    note.write_text(json.dumps({"pid": os.getpid(), "http": http, "ws": websocket}))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def noted_url(folder: Path | None) -> str | None:
    """The WebSocket address that the daemon with the state folder ``folder`` has noted, None where there is none."""
    if folder is None:
        return None
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads((folder / NOTE).read_text())["ws"])
    return None
