"""The topic ``engine``: every change of the engine's state, crashes and restarts among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from csoundd.messages import State, StateChanged
from csoundd.streams.backlog import URGENT
from csoundd.streams.topics.topic import StateTopic


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True)
class EngineChange:
    """The engine changed state, or something befell it. ``restored`` counts what a new host was given back."""

    event: str
    state: State
    epoch: int
    reason: str | None = None
    restored: dict[str, Any] | None = None


class EngineTopic(StateTopic):
    """The changes of the engine; none is ever dropped."""

    name = "engine"
    options = EngineOptions
    data = EngineChange
    about = "Every change of the engine's state, crashes and restarts among them."
    delivery = URGENT

    def change(self, event: StateChanged) -> None:
        """Pass a change on, without the members that say nothing."""
        data: dict[str, object] = {"event": event.event, "state": event.state, "epoch": event.epoch}
        if event.reason is not None:
            data["reason"] = event.reason
        if event.restored is not None:
            data["restored"] = event.restored
        self.publish(self.engine.sample(), data)
