"""Streams: what the engine gives off, to whoever wants it, and what clients feed into it."""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import Json
from csoundd.states import ANY

Subscriptions = list[dict[str, Json]]
METERS = Call("stream.subscribe", ("meters",))


class Streams(MethodGroup):
    """Subscriptions of the session. Without a session (``POST /rpc``) all of it raises WrongState."""

    namespace: ClassVar[str] = "stream"

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(
            Example(
                {"topic": "channels", "names": ["mix.*"], "rate": 30},
                {"stream": "channels/1", "topic": "channels", "names": ["mix.*"], "rate": 30.0, "onChange": False},
                exact=False,
            ),
            Example({"topic": "spout", "format": "f32"}, {"stream": "spout/1", "topic": "spout"}, exact=False),
        ),
    )
    async def subscribe(self, topic: str, **options: Json) -> dict[str, Json]:
        """Receive a topic from now on, as notifications ``stream.data {stream, seq, sample, data}``.

        Answers with the stream's id and the options in effect. Who asks for the same shares the same stream.
        Raises NotFound for a topic or a channel that is not there, InvalidParams for an option that the topic
        does not have, LimitExceeded for one subscription too many.
        """
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"stream": "meters/1"}, None, after=(METERS,), exact=False),),
    )
    async def unsubscribe(self, stream: str) -> None:
        """Receive a stream no longer. Raises NotFound where this session does not receive it."""
        ...

    @method(
        scope="control",
        states=ANY,
        served="front",
        examples=(
            Example({"topic": "invalue", "data": {"cutoff": 0.5}}, {"accepted": 1}, exact=False),
            Example({"topic": "midi", "data": [144, 60, 100]}, {"accepted": 3}, exact=False),
        ),
    )
    async def push(self, topic: str, data: Json) -> dict[str, Json]:
        """Feed the engine: audio to ``spin``, bytes to ``midi``, values to ``invalue``, keys to ``keyboard``.

        ``spin`` takes an array ``[frames, channels]``, played without gaps after what was pushed before. ``midi``
        takes bytes or numbers, ``{bytes, at}`` for a time (``at`` as in a request), or a list of messages.
        ``invalue`` takes values by name, or ``{values, default, maxAge}``: older than ``maxAge`` seconds they give
        way to ``default``. ``keyboard`` takes text, codes, ``{code, up}`` for a key that goes down or up, or a list.

        Answers with how much was accepted: frames, bytes, values or keys. Raises NotFound for a topic that takes
        nothing, InvalidParams for data that it does not take, LimitExceeded for more audio than may wait; of
        ``midi`` a message is accepted whole or, where too much waits, not at all.
        """
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example({}, [], exact=False),))
    async def list(self) -> Subscriptions:
        """The streams that this session receives, each as ``stream.subscribe`` answered."""
        ...
