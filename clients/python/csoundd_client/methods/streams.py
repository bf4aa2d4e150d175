"""Subscriptions of the session. Without a session (``POST /rpc``) all of it raises WrongState.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

import builtins
from asyncio import Future

from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import Json


class Streams(Namespace):
    """Subscriptions of the session. Without a session (``POST /rpc``) all of it raises WrongState."""

    def push(self, topic: str, data: Json) -> Future[dict[str, Json]]:
        """Feed the engine: audio to ``spin``, bytes to ``midi``, values to ``invalue``, keys to ``keyboard``.

        Answers with how much of it was accepted. Raises NotFound for a topic that takes nothing.
        """
        return self._request("stream.push", [topic, data], UNTIMED)

    def list(self) -> Future[builtins.list[dict[str, Json]]]:
        """The streams that this session receives, each as ``stream.subscribe`` answered."""
        return self._request("stream.list", [], UNTIMED)
