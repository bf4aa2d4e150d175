"""The session of the caller: what it subscribes to and pushes, and the contract from the server itself."""

from __future__ import annotations

from typing import ClassVar

from csoundd import __version__
from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import ClientInfo, Json, Linger, Pong, Welcome
from csoundd.states import ANY

INFO: dict[str, object] = {
    "backend": "native",
    "version": 6181,
    "state": "playing",
    "epoch": 1,
    "pid": 4321,
    "drive": "clock",
    "unsupported": {"csound.appendOpcode": "a C function cannot travel"},
    "scheduling": "fifo 50",
    "piece": "lantern.csd",
    "format": {"sr": 48000.0, "ksmps": 64, "nchnls": 2, "zerodbfs": 1.0},
}


class Session(MethodGroup):
    """Greeting the server, and comparing clocks."""

    namespace: ClassVar[str] = "session"

    @method(
        tokenless=True,
        scope="read",
        states=ANY,
        served="front",
        examples=(
            Example(
                {"protocol": 1, "client": {"name": "my synth", "version": "1.0"}},
                {
                    "protocol": 1,
                    "server": {"name": "csoundd", "version": __version__},
                    "engine": INFO,
                    "session": "b7c4f2a09d",
                    "scopes": ["read", "control", "compile", "admin"],
                    "limits": {"frame": 67108864},
                },
                exact=False,
            ),
        ),
    )
    async def hello(
        self,
        protocol: int,
        client: ClientInfo | None = None,
        token: str | None = None,
        receipts: bool = False,
        resume: str | None = None,
        linger: Linger | None = None,
        endNotes: bool = False,
    ) -> Welcome:
        """Introduce the client. It may be left out where the server asks for no token, or has been shown one.

        ``token`` says who it is, from then on: what it may do is what the token allows.

        ``receipts`` asks for a note with each reply of where its call landed. ``resume`` names a session whose
        connection was lost less than 30 s ago: its handles, cursors and subscriptions go on in this one. ``linger``
        is how many seconds this session is to wait for that, 30 at most and by default; 0 ends it with its
        connection. ``endNotes`` has the notes that it holds, begun by ``csound.event`` with a negative p3 or by MIDI,
        end with the session: a keyboard that is gone plays nothing. Raises Unauthorized for a wrong token or, where
        one is needed, for none; NotFound for a session that is gone, InvalidParams for another protocol, WrongState
        where another token was shown before.
        """
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"t": 12.5}, {"t": 12.5, "wall": 1767225600.0, "sample": 96000}, exact=False),),
    )
    async def ping(self, t: float) -> Pong:
        """Compare clocks: the client's ``t`` comes back with the server's Unix time and the engine's sample.

        Half of the time it took is what the answer is old.
        """
        ...

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({"id": 7}, result=False),),
    )
    async def cancel(self, id: int | float | str) -> bool:  # noqa: PYI041 - a whole number must stay one
        """Have a call of this session wait no longer: the one that was sent under this request ``id``.

        A call that waits, for its time (``at``), for the end of the performance, for a throw-away engine, answers
        ``Cancelled``. What it waits for goes on: a performance plays to its end. Returns whether the call was still
        to be answered; one that runs already answers as it would have.
        """
        ...


class Rpc(MethodGroup):
    """Asking what can be called."""

    namespace: ClassVar[str] = "rpc"

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(Example({}, {"openrpc": "1.3.2", "info": {"title": "csoundd"}, "methods": []}, exact=False),),
    )
    async def discover(self) -> dict[str, Json]:
        """Every method with its parameters, result, errors and examples, as an OpenRPC document."""
        ...


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

        Answers with how much was ``accepted``: frames, bytes, values or keys; for ``spin`` also with how many frames
        are ``queued`` now, by which a sender with a clock of its own keeps in step. Raises NotFound for a topic that
        takes nothing, InvalidParams for data that it does not take, LimitExceeded for more audio than may wait; of
        ``midi`` a message is accepted whole or, where too much waits, not at all.
        """
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example({}, [], exact=False),))
    async def list(self) -> Subscriptions:
        """The streams that this session receives, each as ``stream.subscribe`` answered."""
        ...
