"""Topics of the API's callbacks, in the host: what is told of them, and what clients push to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from csoundd.api.playing import Keyboard
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.host.loop import Loop
from csoundd.errors import InvalidParams, NotFound

HIGHEST_CODE: Final = 0xFFFF

Feeder = Callable[[object], int]
"""Takes what was pushed to a topic, and says how much of it was accepted."""


class Feeding:
    """Tells the front of topics that somebody subscribes to, each event with the sample of its own cycle."""

    def __init__(self, loop: Loop, surroundings: Surroundings) -> None:
        self._loop, self._surroundings = loop, surroundings
        feeds = surroundings.feeds
        self.feeders: dict[str, Feeder] = {
            "invalue": feeds.push_invalues,
            "keyboard": feeds.push_keys,
            "midi": feeds.push_midi,
        }
        surroundings.tell = self.tell

    def tell(self, topic: str, data: object) -> None:
        """Tell of ``data``, if anybody wants to hear of it."""
        if topic in self._surroundings.heard:
            self._loop.reports.feed(topic, data)

    def hear(self, topics: list[str]) -> None:
        """From now on tell of ``topics``, and of no others."""
        newly = set(topics) - self._surroundings.heard
        self._surroundings.heard = frozenset(topics)
        watchers = self._loop.performer.after_cycle
        if _count_each in watchers:
            watchers.remove(_count_each)
        if topics:
            watchers.append(_count_each)
        if "invalue" in newly:
            self._surroundings.feeds.invalues.tell_again()

    def push(self, topic: str, data: object) -> dict[str, int]:
        """Feed ``data`` to the engine.

        Raises NotFound for a topic that takes nothing, Unsupported for one that this engine cannot be fed.
        """
        feeder = self.feeders.get(topic)
        if feeder is None:
            raise NotFound(f"nothing can be pushed to {topic[:80]}", hint=", ".join(self.feeders))
        return {"accepted": feeder(data)}


class HostKeyboard(Keyboard):
    """Keys that clients press, for ``sensekey``."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._keys = surroundings.feeds.keys

    def keyPress(self, c: int | str) -> None:
        code = ord(c[0]) if isinstance(c, str) and c else c
        if not isinstance(code, int) or not 0 < code <= HIGHEST_CODE:
            raise InvalidParams("a key is a character, or a number from 1 to 65535", parameter="c")
        self._keys.press(code)


def _count_each() -> None:
    """While there is a watcher the performer counts its samples cycle by cycle, not burst by burst."""
