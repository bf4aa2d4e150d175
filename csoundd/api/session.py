"""The session of the caller, and the contract from the server itself."""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import Example, MethodGroup, method
from csoundd.api.values import ClientInfo, Json, Pong, Welcome
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
    "format": {"sr": 48000.0, "ksmps": 64, "nchnls": 2, "zerodbfs": 1.0},
}


class Session(MethodGroup):
    """Greeting the server, and comparing clocks."""

    namespace: ClassVar[str] = "session"

    @method(
        scope="read",
        states=ANY,
        served="front",
        examples=(
            Example(
                {"protocol": 1, "client": {"name": "my synth", "version": "1.0"}},
                {
                    "protocol": 1,
                    "server": {"name": "csoundd", "version": "0.1.0"},
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
    ) -> Welcome:
        """Introduce the client. It may be left out where the server asks for no token.

        ``receipts`` asks for a note with each reply of where its call landed. ``resume`` names a session whose
        connection was lost less than 30 s ago: its handles, cursors and subscriptions go on in this one. Raises
        Unauthorized for a wrong token, NotFound for a session that is gone, InvalidParams for another protocol.
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
