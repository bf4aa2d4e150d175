"""Play and steer a csoundd daemon: ``async with connect() as cs: await cs.csound.compileOrc(orc)``."""

from __future__ import annotations

from csoundd_client.batch import Batch
from csoundd_client.client import Client, connect
from csoundd_client.clock import Clock
from csoundd_client.codec import CodecName
from csoundd_client.errors import ConnectionFailed, ConnectionLost, CsounddError, RemoteError, Unreadable
from csoundd_client.stream import Frame, Subscription
from csoundd_client.values import At, Handle, LatePolicy, Receipt, Reply, StreamRef, Timing, When

__all__ = [
    "At",
    "Batch",
    "Client",
    "Clock",
    "CodecName",
    "ConnectionFailed",
    "ConnectionLost",
    "CsounddError",
    "Frame",
    "Handle",
    "LatePolicy",
    "Receipt",
    "RemoteError",
    "Reply",
    "StreamRef",
    "Subscription",
    "Timing",
    "Unreadable",
    "When",
    "connect",
]
