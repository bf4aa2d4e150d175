"""What libcsound gives as views of the engine's memory: the audio buffers and tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.dropin.remote import Call
from csoundd_client.values import Samples

_SPIN: Final = Call("csound.spin")
_SPOUT: Final = Call("csound.spout")


class Sound(Blocking):
    """Arrays kept level with the engine's for as long as the script holds them."""

    ksmps: Callable[[], int]

    def spin(self) -> Samples:
        """The input that the next cycle reads. What stands in it is sent before every cycle that is stepped."""
        held = self._link.shared.held("spin")
        if held is not None:
            return held
        frames, values = self.ksmps(), self._link.ask(_SPIN)

        def push(_start: int, samples: Samples) -> Call:
            return Call("stream.push", ["spin", samples.reshape(frames, -1)])

        return self._link.keep("spin", values, _SPIN, push, stays=True)

    def spout(self) -> Samples:
        """The output of the last cycle. What a script writes into it goes nowhere."""
        held = self._link.level("spout")
        return self._link.keep("spout", self._link.ask(_SPOUT), _SPOUT) if held is None else held

    def table(self, table: int) -> Samples | None:
        """A function table, None where there is no such table. What a script writes into it reaches the engine."""
        number = int(table)
        fetch = Call("csound.table", [number])
        values = self._link.ask(fetch)
        if values is None:
            return None
        return self._link.keep(
            ("table", number), values, fetch, lambda start, changed: _write_table(number, start, changed)
        )


def _write_table(table: int, start: int, values: Samples) -> Call:
    return Call("table.set", [table, values, start])


def checked_samples(samples: Any, ksmps: int) -> Samples:
    """``samples`` where they are one row of at least a cycle. Raises ValueError."""
    if len(np.shape(samples)) > 1:
        raise ValueError(f"Only 1-dimensional arrays supported, got {samples}")
    if len(samples) < ksmps:
        raise ValueError(f"The given array is too small (ksmps: {ksmps}, size of the given array: {len(samples)})")
    return np.asarray(samples, dtype=np.float64)
