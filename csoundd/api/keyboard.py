"""The computer keyboard that ``sensekey`` reads: keys that clients press."""

from __future__ import annotations

from csoundd.api.declare import Call, Example, Family, method
from csoundd.api.values import Callback, Json

KEYS: dict[str, str] = {"$stream": "keyboard"}


class Keyboard(Family):
    """Keys to the orchestra."""

    @method(examples=(Example({"c": "a"}, None), Example({"c": 97}, None)))
    def keyPress(self, c: int | str) -> None:
        """Press a key, given as a character (of a longer text the first counts) or as its ASCII code."""
        ...

    @method(examples=(Example({"function": KEYS, "userdata": None, "typemask": 2}, "keyboard/1", exact=False),))
    def registerKeyboardCallback(self, function: Callback, userdata: Json, typemask: int) -> str | None:
        """Let the keys that clients push to the topic ``keyboard`` be what ``sensekey`` reads.

        ``typemask`` is 1 for keys going down and up, 2 for the text typed, 0 for both; ``userdata`` is ignored.
        Returns the stream on which they arrive, where the API returns a code; null removes it.
        """
        ...

    @method(
        examples=(
            Example({"function": KEYS}, None, after=(Call("csound.registerKeyboardCallback", (KEYS, None, 2)),)),
        ),
    )
    def removeKeyboardCallback(self, function: Callback) -> None:
        """Take back what registerKeyboardCallback did for this session."""
        ...
