"""The contract, from the server itself."""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import ANY, Example, Family, method
from csoundd.api.values import Json


class Rpc(Family):
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
