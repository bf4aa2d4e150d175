"""What goes through ``invalue`` and ``outvalue``, the same on every engine.

Csound tells a value twice at a note's beginning (docs/upstream-faults.md#csound-outvalue-twice), and reads a text into
a buffer of its own size (docs/upstream-faults.md#csound-invalue-size).
"""

from __future__ import annotations

from typing import Final

from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.surroundings import Surroundings

LONGEST_TEXT: Final = 255
"""What fits into the string of an ``invalue``, in bytes: Csound makes them 256 long and says no size."""


class Outvalues:
    """Tells of values, but not of one that is said again in the same cycle or in the next."""

    def __init__(self, instance: CsoundInstance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        self._last: dict[str, tuple[object, int]] = {}
        instance.on_reset.append(self._last.clear)

    @property
    def heard(self) -> bool:
        """Whether somebody listens."""
        return "outvalue" in self._surroundings.heard

    def tell(self, name: str, value: float | str) -> None:
        """Tell that ``name`` has this value now."""
        sample = self._instance.samples()
        last = self._last.get(name)
        self._last[name] = (value, sample)
        if last is None or last[0] != value or not 0 <= sample - last[1] <= self._instance.ksmps:
            self._surroundings.tell("outvalue", {"name": name, "value": value})


def fitting(text: str) -> bytes:
    """The beginning of ``text`` that fits into an ``invalue``, no character cut through."""
    encoded = text.encode()
    return encoded if len(encoded) <= LONGEST_TEXT else encoded[:LONGEST_TEXT].decode(errors="ignore").encode()
