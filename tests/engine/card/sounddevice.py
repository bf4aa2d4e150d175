"""Stands for the binding of PortAudio in a host: a card whose every wish the test grants.

In the folder ``FAKE_CARD`` each byte of the pipe ``wants`` takes one block: ``x`` says that the card ran dry before it,
``!`` and the end of the pipe that the card is gone. What was played and what happened stands in files beside it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(os.environ["FAKE_CARD"])
HIGHEST_RATE = 96_000


class PortAudioError(Exception):
    pass


CARDS = [
    {"name": "Lantern", "max_output_channels": 2, "max_input_channels": 0},
    {"name": "Microphone", "max_output_channels": 0, "max_input_channels": 1},
]


def query_devices(kind: str | None = None) -> object:
    if (FOLDER / "no card").exists():
        raise PortAudioError("Error querying device -1")
    return CARDS if kind is None else CARDS[0]


class OutputStream:
    def __init__(self, **settings: Any) -> None:
        if settings["samplerate"] > HIGHEST_RATE:
            raise PortAudioError("Invalid sample rate")
        self.settings = settings
        self._wants = os.open(FOLDER / "wants", os.O_RDONLY)
        self._note("opened", settings)

    def _note(self, event: str, data: object = None) -> None:
        with (FOLDER / "events").open("a") as events:
            events.write(json.dumps([event, data]) + "\n")

    def start(self) -> None:
        self._note("started")

    def stop(self) -> None:
        self._note("stopped")

    def close(self) -> None:
        self._note("closed")
        os.close(self._wants)

    def write(self, block: npt.NDArray[np.float32]) -> bool:
        wish = os.read(self._wants, 1)
        if wish in {b"", b"!"}:
            raise PortAudioError("Device unavailable")
        with (FOLDER / "played").open("ab") as played:
            played.write(block.tobytes())
        return wish == b"x"


class Stream(OutputStream):
    def read(self, frames: int) -> tuple[npt.NDArray[np.float32], bool]:
        return np.full((frames, self.settings["channels"][0]), 0.25, np.float32), False
