"""Layout as a web page of its own, which speaks JSON-RPC over WebSocket to the daemon."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files

from csoundd.layout.controls import Control


def page(controls: Iterable[Control], url: str) -> bytes:
    """The page with ``controls``. Served by the daemon it speaks to that, as a file to ``url`` (``ws://…/ws``)."""
    data = json.dumps({"url": url, "controls": [asdict(control) for control in controls]}, ensure_ascii=False)
    # Inside a script element only this could end it.
    text = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    return text.replace("/*CONTROLS*/", data.replace("<", "\\u003c")).encode()
