"""What the generated synchronous classes stand on."""

from __future__ import annotations

from typing import Any

from csoundd_client.dropin.link import Link
from csoundd_client.dropin.remote import Call
from csoundd_client.values import Params, Reader


class Blocking:
    """Sends calls over one link and waits for their results."""

    _link: Link

    def _ask(self, method: str, params: Params, read: Reader | None = None) -> Any:
        """The result of a call that only reads."""
        return self._link.ask(Call(method, params, read))

    def _do(self, method: str, params: Params, read: Reader | None = None) -> Any:
        """The result of a call that may change anything."""
        return self._link.do(Call(method, params, read))

    def _tell(self, method: str, params: Params) -> None:
        """Have a call done whose answer says nothing, and do not wait for it."""
        self._link.tell(Call(method, params))

    def _wait(self, method: str, params: Params, read: Reader | None = None) -> Any:
        """The result of a call that is answered when something has come about."""
        return self._link.wait(Call(method, params, read))
