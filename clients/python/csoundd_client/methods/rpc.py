"""Asking what can be called.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import Json


class Rpc(Namespace):
    """Asking what can be called."""

    def discover(self) -> Call[dict[str, Json]]:
        """Every method with its parameters, result, errors and examples, as an OpenRPC document."""
        return self._request("rpc.discover", [], UNTIMED)
