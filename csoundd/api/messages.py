"""Csound's messages: printing among them, receiving them, and the message buffer, of which every session has its own.

The buffer is a cursor over all that the engine prints: it begins when the session makes it, and what one
session has read another still finds. The stream ``messages`` delivers the same without asking.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import Callback, CInt
from csoundd.states import ANY

BUFFER = Call("csound.createMessageBuffer")
GREETING = Call("csound.message", ("good evening\n",))


class Messages(MethodGroup):
    """Messages to and from everybody."""

    @method(examples=(Example({"message": "good evening\n"}, None),))
    def message(self, message: str) -> None:
        """Print a text among Csound's messages, where every client sees it. A line ends with a line feed."""
        ...

    @method(examples=(Example({"attr": 4096, "message": "who is there?\n"}, None),))
    def messageS(self, attr: CInt, message: str) -> None:
        """Print a text with Csound's attributes.

        Its type is among them: 0 plain, 4096 error, 8192 orchestra, 12288 real time, 16384 warning.
        """
        ...


class MessageCallbacks(MethodGroup):
    """Hearing of messages."""

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"attr": 0, "function": {"$stream": "messages"}}, "messages/1", exact=False),),
    )
    async def setMessageStringCallback(self, attr: CInt, function: Callback) -> str | None:
        """Hear of all that is printed. Returns the stream it arrives on; null removes it. ``attr`` is ignored."""
        ...


class MessageBuffer(MethodGroup):
    """The session's own buffer of messages, kept by the front.

    Without a session (``POST /rpc``) all of it raises WrongState.
    """

    @method(scope="read", states=ANY, served="front", examples=(Example({}, None),))
    async def createMessageBuffer(self, echo: bool = False) -> None:
        """Begin to collect messages for this session. ``echo`` also writes them to the daemon's log."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example({}, None, after=(BUFFER,)),))
    async def destroyMessageBuffer(self) -> None:
        """Stop collecting, and forget what was collected."""
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({}, -1), Example({}, 1, (BUFFER, GREETING), exact=False)),
    )
    async def messageCnt(self) -> int:
        """The number of messages that wait in the buffer, -1 where the session has none."""
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({}, "good evening\n", after=(BUFFER, GREETING), exact=False),),
    )
    async def firstMessage(self) -> str:
        """The oldest message, which stays in the buffer; empty where there is none."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example({}, 0, after=(BUFFER, GREETING), exact=False),))
    async def firstMessageAttr(self) -> int:
        """The attributes of the oldest message, as messageS explains them; 0 where there is none."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example({}, None, after=(BUFFER, GREETING)),))
    async def popFirstMessage(self) -> None:
        """Drop the oldest message."""
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(
            Example({}, ["good evening\n", 0], after=(BUFFER, GREETING), exact=False),
            Example({}, ["", 0], after=(Call("csound.destroyMessageBuffer"),)),
        ),
    )
    async def readMessage(self) -> tuple[str, int]:
        """Take the oldest message out of the buffer: its text and attributes, ``["", 0]`` where there is none."""
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(
            Example({}, [["good evening\n", 0]], after=(BUFFER, GREETING), exact=False),
            Example({}, [], after=(Call("csound.destroyMessageBuffer"),)),
        ),
    )
    async def iterMessages(self) -> list[tuple[str, int]]:
        """Take every message out of the buffer: a list of texts with their attributes."""
        ...
