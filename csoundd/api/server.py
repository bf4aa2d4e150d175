"""The daemon itself: what whoever looks after it wants to know."""

from __future__ import annotations

from typing import ClassVar

from csoundd import __version__
from csoundd.api.declare import Example, MethodGroup, method
from csoundd.api.values import ServerStatus
from csoundd.states import ANY

STATUS: dict[str, object] = {
    "version": __version__,
    "protocol": 1,
    "started": 1767225600.0,
    "uptime": 86400.0,
    "auth": "auto",
    "encrypted": True,
    "certificateSeconds": 34_300_800.0,
    "engine": "native",
    "state": "playing",
    "reason": None,
    "restarts": 0,
    "load": 0.07,
    "connections": {"http": 1, "websocket": 3, "listeners": 1, "osc_udp": 2, "osc_tcp": 0, "oscquery": 1},
    "sessions": 3,
    "subscriptions": 5,
    "limits": {
        "sessions": {"value": 1000.0, "used": 3.0, "hits": 0, "setting": "max_sessions", "what": "sessions"},
        "requests": {
            "value": 20000.0,
            "used": None,
            "hits": 12,
            "setting": "limits.requests",
            "what": "requests a second of one session",
        },
    },
}


class Server(MethodGroup):
    """The state of the daemon."""

    namespace: ClassVar[str] = "server"

    @method(scope="read", states=ANY, served="front", examples=(Example({}, STATUS, exact=False),))
    async def status(self) -> ServerStatus:
        """The state of the daemon at a glance: its version, who is connected, the engine, and its limits.

        Nothing of it is secret: it names no session, no channel and no folder. ``started`` is a Unix time,
        ``certificateSeconds`` is what is left of the certificate, null without TLS, and ``load`` the share of real time
        that the performance takes. Of each limit it tells the value in force, how much of it is used where it is one of
        the daemon as a whole, how often it was come to, and the setting that changes it. ``/metrics`` has more.
        """
        ...
