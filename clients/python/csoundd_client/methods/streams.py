"""Subscriptions of the session. Without a session (``POST /rpc``) all of it raises WrongState.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

import builtins

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import Json


class Streams(Namespace):
    """Subscriptions of the session. Without a session (``POST /rpc``) all of it raises WrongState."""

    def push(self, topic: str, data: Json) -> Call[dict[str, Json]]:
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
        return self._request("stream.push", [topic, data], UNTIMED)

    def list(self) -> Call[builtins.list[dict[str, Json]]]:
        """The streams that this session receives, each as ``stream.subscribe`` answered."""
        return self._request("stream.list", [], UNTIMED)
