"""A call on its way, which can be awaited, and withdrawn."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Call(Future[T]):
    """The result of a call as it will be.

    ``id`` is that of its request, by which ``session.cancel`` knows it; None where it has none of its own, as in an
    atomic batch. Whoever cancels it, as ``asyncio.wait_for`` and an awaiting task that is cancelled do, cancels it on
    the server: what waits there for its time does not run.
    """

    id: int | None = None
    method: str = ""

    _withdraw: Callable[[int], None] | None = None

    def sent(self, number: int, method: str, withdraw: Callable[[int], None]) -> None:
        """It is on its way as the request ``number``; ``withdraw`` takes that back."""
        self.id, self.method, self._withdraw = number, method, withdraw

    def cancel(self, msg: Any | None = None) -> bool:
        """Want no answer any more, nor that it runs."""
        cancelled = super().cancel(msg)
        if cancelled and self._withdraw is not None and self.id is not None:
            self._withdraw(self.id)
        return cancelled

    def __repr__(self) -> str:
        return f"<{self.method or 'a call'} id={self.id} {self._state.lower()}>"
