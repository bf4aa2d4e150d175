"""What a backend is given beside its options: the workspace, the handles, what clients push, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from csoundd.engine.csound.feeds import Feeds
from csoundd.engine.csound.handles import Handles
from csoundd.engine.workspace import Workspace

Tell = Callable[[str, object], None]
"""Takes a topic and its data: what a callback of the API delivered."""


@dataclass(slots=True)
class Surroundings:
    """The same object for the backend and for the host around it.

    ``deliver`` takes what callbacks tell of the topics in ``heard``, to which somebody subscribes.
    """

    workspace: Workspace
    handles: Handles
    deliver: Tell
    heard: frozenset[str] = frozenset()
    feeds: Feeds = field(init=False)

    def __post_init__(self) -> None:
        self.feeds = Feeds(self.tell)

    def follow(self, topics: Iterable[str]) -> None:
        """From now on somebody subscribes to ``topics``, and to no others."""
        self.heard = frozenset(topics)

    def tell(self, topic: str, data: object) -> None:
        """Tell of ``data``, if anybody wants to hear of it."""
        if topic in self.heard:
            self.deliver(topic, data)
