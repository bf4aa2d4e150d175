"""The computer keyboard that ``sensekey`` reads: keys that clients press.

A key is read by one ``sensekey``, once. What nobody reads waits, the last 256 keys of it.
"""

from __future__ import annotations

from csoundd.api.declare import ANY, Call, Example, Family, method
from csoundd.api.values import Callback, CInt, Json

KEYS: dict[str, str] = {"$stream": "keyboard"}


class Keyboard(Family):
    """Keys to the orchestra."""

    @method(examples=(Example({"c": "a"}, None), Example({"c": 97}, None)))
    def keyPress(self, c: CInt | str) -> None:
        """Press a key, given as a character (of a longer text the first counts) or as its ASCII code."""
        ...


class KeyboardCallbacks(Family):
    """Hearing of the keys."""

    @method(
        states=ANY,
        served="front",
        examples=(Example({"function": KEYS, "userdata": None, "typemask": 2}, "keyboard/1", exact=False),),
    )
    async def registerKeyboardCallback(self, function: Callback, userdata: Json, typemask: CInt) -> str | None:
        """Hear of the keys that anybody presses, by keyPress or by pushing to the topic ``keyboard``.

        ``sensekey`` reads them in any case, so ``typemask`` and ``userdata`` are ignored. Returns the stream on
        which they arrive, where the API returns a code; null removes it.
        """
        ...

    @method(
        states=ANY,
        served="front",
        examples=(
            Example({"function": KEYS}, None, after=(Call("csound.registerKeyboardCallback", (KEYS, None, 2)),)),
        ),
    )
    async def removeKeyboardCallback(self, function: Callback) -> None:
        """Take back what registerKeyboardCallback did for this session."""
        ...
