"""What was compiled, in order, and what of it is suspected of having been an engine's end."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from csoundd.messages import Command


class Compiled(NamedTuple):
    """A call that compiled something, and the monotonic time at which that was known."""

    command: Command
    moment: float


class Code:
    """The calls that compiled something, before and after the start: the two differ in meaning."""

    def __init__(self) -> None:
        self._compiled: list[Compiled] = []
        self._suspects: list[Compiled] = []
        self._started_after: int | None = None

    def __len__(self) -> int:
        return len(self._compiled)

    def keep(self, command: Command) -> None:
        """Take note of what ``command`` has compiled."""
        self._compiled.append(Compiled(command, monotonic()))

    def begin(self) -> None:
        """Csound has been started."""
        if self._started_after is None:
            self._started_after = len(self._compiled)

    @property
    def started(self) -> bool:
        """Whether Csound has been started."""
        return self._started_after is not None

    def before_start(self) -> list[Command]:
        """What was compiled before the start, or what there is if there was none."""
        return [kept.command for kept in self._compiled[: self._started_after]]

    def after_start(self) -> list[Command]:
        """What was compiled after the start."""
        return [kept.command for kept in self._compiled[self._started_after :]] if self.started else []

    def drop(self, command: Command) -> None:
        """Forget what ``command`` compiled."""
        self._drop([kept for kept in self._compiled if kept.command is command])

    def suspect(self, since: float) -> None:
        """What was compiled after the monotonic time ``since`` is under suspicion, and nothing else any more."""
        self._suspects = [kept for kept in self._compiled if kept.moment > since]

    def drop_suspects(self) -> bool:
        """Forget what is under suspicion; whether there was anything."""
        suspects, self._suspects = self._suspects, []
        self._drop(suspects)
        return bool(suspects)

    def _drop(self, dropped: list[Compiled]) -> None:
        if self._started_after is not None:
            self._started_after -= sum(kept in dropped for kept in self._compiled[: self._started_after])
        self._compiled = [kept for kept in self._compiled if kept not in dropped]
