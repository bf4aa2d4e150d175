"""What a backend is given beside its options: the workspace, the handles, what clients push, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from csoundd.engine.csound.feeds import Feeds
from csoundd.engine.csound.handles import Handles
from csoundd.engine.workspace import Workspace

Farewell = Callable[[], None]
"""Sends the front what the host still has to say, before it ends by itself."""

Tell = Callable[[str, object], None]
"""Takes a topic and its data: what a callback of the API delivered."""


def _nobody(_topic: str, _data: object) -> None:
    """Before the loop is there nobody listens."""


def _in_silence() -> None:
    """Before the loop is there nothing is left to say."""


@dataclass(slots=True)
class Surroundings:
    """The same object for the backend and for the host's loop, which sets ``tell``.

    ``heard`` are the topics that somebody subscribes to: of others nothing need be told.
    """

    workspace: Workspace
    handles: Handles
    tell: Tell = field(default=_nobody)
    heard: frozenset[str] = frozenset()
    farewell: Farewell = field(default=_in_silence)
    feeds: Feeds = field(init=False)

    def __post_init__(self) -> None:
        self.feeds = Feeds(self._told)

    def _told(self, topic: str, data: object) -> None:
        self.tell(topic, data)
