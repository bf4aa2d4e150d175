"""The engines of this machine, as the command line lists them, and takes of what they play."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest

from tests.live.daemon import finished
from tests.live.foreign import Client, Refused
from tests.waves import samples_of

EVERY_ENGINE: Final = ("native:7", "native:6", "wasm")
LONG: Final = 120.0


@cache
def installed() -> dict[str, dict[str, Any]]:
    """What ``csoundd engine list`` says of each engine that can be used."""
    listed = json.loads(finished("engine", "list", "--json", folder=Path.cwd()).stdout)
    return {engine["engine"]: engine for engine in listed if engine["version"]}


def needed(name: str) -> str:
    """``name``, if this machine has such an engine; else the test is skipped."""
    if name not in installed():
        pytest.skip(f"the engine {name} is not installed here")
    return name


async def take(
    client: Client, folder: Path, piece: str, seconds: int | None = None, calls: Sequence[Sequence[object]] = ()
) -> npt.NDArray[np.float64]:
    """What a piece of the workspace ``folder`` plays in drive free, to its end or for ``seconds``.

    ``calls``, each a method and its parameters, are made when it is ready and does not play yet.
    """
    await client.call("csound.reset")
    assert await client.call("csound.compileCsd", piece) == 0
    assert await client.call("csound.start") == 0
    for method, *params in calls:
        await client.call(str(method), *params)
    await client.call("thread.record", "take.wav", 32, 1)
    if seconds is not None:
        await client.begin("thread.stop", at={"sample": seconds * 48000})
    await client.call("thread.play")
    number = await client.begin("thread.join", deadline=LONG)
    await client.until(lambda: number in client.replies, patience=LONG)
    assert client.replies.pop(number)["result"] >= 0
    # Answered when the file is whole; refused where it is whole already.
    with suppress(Refused):
        await client.call("thread.stopRecord")
    return samples_of(folder / "take.wav")[1]
