"""Many calls as one: run by the engine at one cycle edge, or at least sent in one frame."""

from __future__ import annotations

import asyncio
from asyncio import Future
from types import TracebackType
from typing import Any, Self

from csoundd_client.call import Call
from csoundd_client.connection import Waiting, settle
from csoundd_client.envelope import request
from csoundd_client.failures import Unreadable
from csoundd_client.methods import Methods
from csoundd_client.session import Session
from csoundd_client.values import Json, Params, Reader, Timing


class Batch(Methods):
    """Takes calls like a client; they are sent when the block ends, and their results are there after it.

    ``async with cs.batch() as batch: level = batch.csound.controlChannel("level")``, then ``level.result()``.
    The block raises the first error among its calls, whose other results are there all the same.
    """

    def __init__(self, session: Session, timing: Timing, *, atomic: bool) -> None:
        super().__init__(self)
        self._sender = session
        self._timing = timing
        self._atomic = atomic
        self._calls: list[tuple[dict[str, Any], Waiting[Future[Any]]]] = []

    def request(self, method: str, params: Params, timing: Timing, read: Reader | None = None) -> Call[Any]:
        """Take a call. Raises ValueError for one with a time of its own in an atomic batch."""
        if timing and self._atomic:
            raise ValueError("an atomic batch runs at one moment: give the time to the batch")
        call: Call[Any] = Call(loop=asyncio.get_running_loop())
        call.method = method
        self._calls.append((request(method, params, timing), Waiting(call, read)))
        return call

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            await self.send()
            return
        for _, waiting in self._calls:
            waiting.future.cancel()

    async def send(self) -> None:
        """Send what was gathered, as the end of the block does. Raises the first error among the calls."""
        calls, self._calls = self._calls, []
        if calls:
            await (self._together(calls) if self._atomic else self._gathered(calls))
            _raise_first([waiting.future for _, waiting in calls])

    async def _gathered(self, calls: list[tuple[dict[str, Any], Waiting[Future[Any]]]]) -> None:
        self._sender.gather(calls)
        await asyncio.wait([waiting.future for _, waiting in calls])

    async def _together(self, calls: list[tuple[dict[str, Any], Waiting[Future[Any]]]]) -> None:
        requests = [{"method": message["method"], "params": message["params"]} for message, _ in calls]
        try:
            outcomes = await self._sender.request("engine.batch", [requests], self._timing)
        except BaseException:
            for _, waiting in calls:
                waiting.future.cancel()
            raise
        for (_, waiting), outcome in zip(calls, _outcomes(outcomes, len(calls)), strict=True):
            settle(waiting, outcome)


def _outcomes(outcomes: Json, wanted: int) -> list[dict[str, Any]]:
    """One outcome for each call; a batch that came too late and was dropped has none."""
    if outcomes is None:
        return [{"result": None, "meta": {"dropped": True}}] * wanted
    if not isinstance(outcomes, list) or len(outcomes) != wanted:
        raise Unreadable("the server did not answer every call of the batch")
    return outcomes


def _raise_first(futures: list[Future[Any]]) -> None:
    # Each error is looked at, so that those after the first are not reported as forgotten.
    errors = [future.exception() for future in futures if not future.cancelled()]
    for error in errors:
        if error is not None:
            raise error
