"""Stage 6: several frames of one stream made into one, for a client that is too slow for them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, cast

from csoundd.messages import WARNING, StreamFrame

"""Csound's attribute of a warning."""

Merge = Callable[[object, object, int], object]


def merged(old: StreamFrame, new: StreamFrame, weight: int) -> StreamFrame:
    """A frame that says what ``old`` and then ``new`` said; ``old`` already stands for ``weight`` frames.

    It has the number of ``new``, so that the gap tells how many it stands for.
    """
    merge = _MERGES.get(new.stream.partition("/")[0], _latest)
    return StreamFrame(new.stream, new.seq, new.sample, merge(old.data, new.data, weight), new.policy)


def notice(last: StreamFrame, count: int) -> StreamFrame:
    """A message in the place of ``count`` messages that were dropped, up to ``last``."""
    lines = "1 message was" if count == 1 else f"{count} messages were"
    data = {"text": f"{lines} dropped: this client is too slow for them\n", "attr": WARNING, "level": "warning"}
    return StreamFrame(last.stream, last.seq, last.sample, data, last.policy)


def _latest(_old: object, new: object, _weight: int) -> object:
    return new


def _values(old: object, new: object, _weight: int) -> object:
    """Channels: the last value of each."""
    return {**cast("Mapping[str, object]", old), **cast("Mapping[str, object]", new)}


def _levels(old: object, new: object, weight: int) -> object:
    """Meters: the highest peaks, and the mean power over all frames."""
    one, other = cast("Mapping[str, list[float]]", old), cast("Mapping[str, list[float]]", new)
    if len(one["peak"]) != len(other["peak"]):
        return new
    powers = ((a * a * weight + b * b) / (weight + 1) for a, b in zip(one["rms"], other["rms"], strict=True))
    return {
        "peak": [max(pair) for pair in zip(one["peak"], other["peak"], strict=True)],
        "rms": [math.sqrt(power) for power in powers],
    }


_MERGES: Final[dict[str, Merge]] = {"channels": _values, "meters": _levels}
