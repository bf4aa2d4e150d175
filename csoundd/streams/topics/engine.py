"""Stage 5, topic ``engine``: every change of the engine's state, crashes and restarts among them."""

from __future__ import annotations

from csoundd.messages import Changed, EngineEvent
from csoundd.streams.stream import Stream


class EngineStream(Stream):
    """What happens to the engine; none of it is ever dropped."""

    policy = "first"
    hears = (Changed,)

    def hear(self, event: EngineEvent) -> None:
        """Pass a change on, without the members that say nothing."""
        if isinstance(event, Changed):
            data: dict[str, object] = {"event": event.event, "state": event.state, "epoch": event.epoch}
            if event.reason is not None:
                data["reason"] = event.reason
            if event.restored is not None:
                data["restored"] = event.restored
            self.publish(self.engine.sample(), data)
