"""What a shell completes: methods, topics, and the channels of the daemon that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from os import environ
from pathlib import Path
from typing import Any, Final

from csoundd.note import noted_url
from csoundd_client import connect

PATIENCE: Final = 1.0
"""Seconds that a daemon has to name its channels: whoever pressed the key waits."""


def methods(incomplete: str) -> Iterator[tuple[str, str]]:
    """Every method that begins so, each with the first sentence about it."""
    for method in import_module("csoundd.api").METHODS.values():
        if method.name.startswith(incomplete):
            yield method.name, method.doc.partition("\n")[0]


def topics(incomplete: str) -> list[str]:
    """Every topic that begins so."""
    return [topic for topic in import_module("csoundd.streams.topics").TOPICS if topic.startswith(incomplete)]


def channels(ctx: Any, incomplete: str) -> list[str]:
    """The channels that begin so, of the daemon that the command would speak to; none where there is no daemon."""
    try:
        names = asyncio.run(_channels(_url(ctx.params)))
    except Exception:  # noqa: BLE001 - a key that was pressed is no place to complain
        return []
    return [name for name in names if name.startswith(incomplete)]


def _url(given: dict[str, Any]) -> str:
    state = given.get("state") or environ.get("CSOUNDD_STATE")
    noted = noted_url(Path(state) if state else None)
    return given.get("url") or environ.get("CSOUNDD_URL") or noted or "ws://127.0.0.1:7700/ws"


async def _channels(url: str) -> list[str]:
    async with asyncio.timeout(PATIENCE), connect(url, name="csoundd", reconnect=False) as daemon:
        found: list[str] = [channel["name"] for channel in (await daemon.call("channel.list")).result]
        return found
