"""Calls in which the front has a part before the host runs them, after it, or in place of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from csoundd.messages import Command, Done, RequestId

Call = Callable[[Command, Done], None]
"""Has a command run, and tells its outcome exactly once."""

Intercept = Callable[[Call, Command, Done], None]
"""Takes a command; the first argument is what comes next: another interceptor, or at last the host."""


class Interceptor:
    """Has a part in the calls of some methods, and sees no others."""

    def intercepts(self) -> Mapping[str, Intercept]:
        """What takes the commands of each method."""
        raise NotImplementedError

    def cancel(self, session: str, request: RequestId) -> bool:  # noqa: ARG002 - most have none that wait
        """Have the call ``request`` of ``session`` wait no longer; whether there is such a call here."""
        return False

    def release(self, session: str, *, end_notes: bool) -> None:
        """``session`` is over; ``end_notes`` says whether it wants the notes that it holds to end with it."""

    async def close(self) -> None:
        """End what still goes on. The engine is offline by then."""


def chain(interceptors: Iterable[Interceptor], host: Call) -> dict[str, Call]:
    """What takes the commands of each intercepted method: the first of ``interceptors`` first, ``host`` last."""
    calls: dict[str, Call] = {}
    for interceptor in reversed(tuple(interceptors)):
        for method, intercept in interceptor.intercepts().items():
            calls[method] = partial(intercept, calls.get(method, host))
    return calls
