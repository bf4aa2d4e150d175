"""What travels beside plain data, and what a call takes and gives beside its parameters and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypedDict

import numpy as np
import numpy.typing as npt

Json = Any
"""Any value that can travel."""

Array = npt.NDArray[Any]
"""Numbers in any shape."""

Samples = npt.NDArray[np.float64]
"""One-dimensional audio or p-fields as 64-bit floats."""

ArrayLike = npt.NDArray[Any] | Sequence[float] | Sequence[Sequence[float]]
"""What goes where the API takes an array: a numpy array, or plain (nested) sequences of numbers."""

Params = Sequence[object] | Mapping[str, object]
"""The parameters of a call, by position or by name."""

Reader = Callable[[Any], Any]
"""Makes what a signature promises of what came over the wire."""

TimeBase = Literal["sample", "score", "delay", "wall"]
LatePolicy = Literal["run", "drop", "error"]


@dataclass(frozen=True, slots=True)
class Handle:
    """Something that lives in the engine and belongs to this session."""

    id: str


@dataclass(frozen=True, slots=True)
class StreamRef:
    """A stream, given where the API takes a function: it is fed instead of the function being called."""

    topic: str


@dataclass(frozen=True, slots=True)
class At:
    """When a call is to run. ``At.sample(48000)`` says the same as ``{"sample": 48000}``."""

    base: TimeBase
    value: float

    @classmethod
    def sample(cls, sample: int) -> At:
        """At a sample, counted from the start of the performance."""
        return cls("sample", sample)

    @classmethod
    def score(cls, seconds: float) -> At:
        """At a score time in seconds."""
        return cls("score", seconds)

    @classmethod
    def delay(cls, seconds: float) -> At:
        """So many seconds after its arrival."""
        return cls("delay", seconds)

    @classmethod
    def wall(cls, seconds: float) -> At:
        """At a Unix time of the server's clock; ``Client.clock`` tells how far that is from ours."""
        return cls("wall", seconds)


When = At | Mapping[TimeBase, float]


class Timing(TypedDict, total=False):
    """What an engine call may be given beside its parameters.

    ``at`` is when it is to run, ``late`` what becomes of it when that has passed (``run`` by default), and
    ``deadline`` the seconds after which it fails with Timeout.
    """

    at: When | None
    late: LatePolicy | None
    deadline: float | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a call landed: sample, cycle and score time of the cycle's start, and how many seconds too late.

    ``dropped`` says that it came too late and was not run, as the policy ``drop`` asks for.
    """

    sample: int
    cycle: int
    score_time: float
    late: float
    dropped: bool = False


class Code(int):
    """An error code that Csound answered; ``messages`` are the lines that it printed over it."""

    messages: Sequence[str]

    def __new__(cls, code: int, messages: Sequence[str]) -> Self:
        """``code`` with its reason."""
        self = super().__new__(cls, code)
        self.messages = messages
        return self

    def __repr__(self) -> str:
        return "\n".join([f"{int(self)}:", *(f"  {line.rstrip()}" for line in self.messages if line.strip())])

    def __str__(self) -> str:
        return str(int(self))


@dataclass(frozen=True, slots=True)
class Reply:
    """A result as it came, with the receipt where receipts are on and the engine ran the call.

    ``messages`` are what Csound printed over a result that is an error code.
    """

    result: Json
    meta: Receipt | None = None
    messages: Sequence[str] = ()
