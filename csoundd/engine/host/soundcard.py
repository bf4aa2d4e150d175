"""The sound card in drive ``device``, for an engine that opens none itself: it paces the performance.

What a block of cycles sounded like is written to the card, which takes it when it has room. So it is with Csound's own
modules, and the same options hold: ``-odac``, ``-odac2``, ``-odac:NAME`` for the card, ``-iadc`` and its like for
input, ``-B`` for how many frames may wait in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.portaudio import CLOCK, portaudio
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.performer import Performer
from csoundd.errors import EngineError
from csoundd.limits import XRUN_NOTICE_SECONDS
from csoundd.messages import Seconds

NAMED: Final = re.compile(r"(?:dac|adc)(?:(?P<number>\d+)\Z|:?(?P<name>.+))?", re.DOTALL)
Block = npt.NDArray[np.float32]


def device_of(name: str) -> int | str | None:
    """The card that ``dac…`` or ``adc…`` means: its number, a part of its name, or None for the system's choice."""
    found = NAMED.match(name)
    if found is None or not (found["number"] or found["name"]):
        return None
    return int(found["number"]) if found["number"] else found["name"]


class SoundCard:
    """Open from the first play to the reset. ``xruns`` counts how often it ran dry while the performance played."""

    def __init__(self, performer: Performer, calls: Calls, heard: Callable[[Block], None]) -> None:
        """``heard`` is given what goes into each cycle."""
        self._performer, self._backend, self._calls = performer, performer.backend, calls
        self._heard = heard
        self._library = portaudio()
        self._stream: Any = None
        self._out: Block = np.zeros((0, 1), np.float32)
        self._in: Block | None = None
        self._at = 0
        self._told = -XRUN_NOTICE_SECONDS
        self.xruns = 0

    def begin(self) -> None:
        """Let the card play. Raises EngineError where it cannot be opened."""
        try:
            if self._stream is None:
                self._open()
            self._stream.start()
        except (self._library.PortAudioError, ValueError) as error:
            self.close()
            raise EngineError(f"the sound card cannot be opened: {error}", hint=CLOCK) from error

    def _open(self) -> None:
        backend, params = self._backend, cast("dict[str, Any]", self._calls.invoke("csound.params", []))
        frames = self._performer.clock.block
        self._out, self._in = np.zeros((frames, backend.nchnls), np.float32), None
        self._at = 0
        settings = {
            "samplerate": backend.sr,
            "dtype": "float32",
            "latency": max(frames, params["max_lag"]) / backend.sr,
        }
        source, target = params["in_filename"] or "", device_of(params["out_filename"] or "")
        if not source.startswith("adc"):
            self._stream = self._library.OutputStream(device=target, channels=backend.nchnls, **settings)
            return
        inputs = backend.spin().shape[1]
        cards, channels = (device_of(source), target), (inputs, backend.nchnls)
        self._stream = self._library.Stream(device=cards, channels=channels, **settings)
        self._in = np.zeros((frames, inputs), np.float32)

    def halt(self) -> None:
        """Let the card fall silent, once it has played what it was given."""
        if self._stream is not None:
            with suppress(self._library.PortAudioError):
                self._stream.stop()

    def close(self) -> None:
        """Let go of the card: the rates may be others when it is opened again."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(self._library.PortAudioError):
                stream.close()

    def take_input(self) -> None:
        """Give the next cycle its input."""
        if self._stream is None or self._in is None:
            return
        if self._at == 0:
            self._in[:] = self._asked(lambda: self._stream.read(len(self._out)), self._in)
        spin = self._backend.spin()
        block = self._in[self._at : self._at + len(spin)]
        self._heard(block)
        spin[:] = block * self._backend.zerodbfs

    def put_output(self) -> None:
        """Take the output of the last cycle; when a block is full, wait until the card takes it."""
        if self._stream is None:
            return
        spout = self._backend.spout()
        self._out[self._at : self._at + len(spout)] = spout / self._backend.zerodbfs
        self._at += len(spout)
        if self._at >= len(self._out):
            self._at = 0
            self._asked(lambda: (None, self._stream.write(self._out)), None)

    def _asked(self, transfer: Callable[[], tuple[Any, bool]], instead: Any) -> Any:
        """The result of ``transfer``, which says whether the card lost something; ``instead`` if the card is gone."""
        try:
            data, lost = transfer()
        except self._library.PortAudioError as error:
            self.close()
            self._performer.enter("paused", f"the sound card is gone: {error}")
            return instead
        if lost:
            self._ran_dry()
        return data

    def _ran_dry(self) -> None:
        self.xruns += 1
        performer, now = self._performer, monotonic()
        performer.count_late(len(self._out) // self._backend.ksmps)
        if now - self._told >= XRUN_NOTICE_SECONDS:
            self._told = Seconds(now)
            times = "once" if self.xruns == 1 else f"{self.xruns} times"
            reason = f"the performance came too late for the sound card {times} so far"
            performer.announce("xrun", reason)
