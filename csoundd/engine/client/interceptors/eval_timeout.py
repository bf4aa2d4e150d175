"""``thread.evalCode``: Timeout after the time in the call's arguments, while the engine goes on with the code."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.link.connection import ahead
from csoundd.errors import Timeout
from csoundd.messages import Command, Done, Outcome


class EvalTimeout(Interceptor):
    """Gives each evaluation the timeout that the call itself names."""

    def intercepts(self) -> Mapping[str, Intercept]:
        """One method."""
        return {"thread.evalCode": self._evaluate}

    def _evaluate(self, proceed: Call, command: Command, done: Done) -> None:
        _code, callback, seconds = cast("tuple[str, object, float]", tuple(command.args))
        wait = ahead(command.at)
        if callback is not None or wait is None:
            proceed(command, done)
            return
        is_answered = False

        def answer(outcome: Outcome) -> None:
            nonlocal is_answered
            timer.cancel()
            if not is_answered:
                is_answered = True
                done(outcome)

        overdue = Outcome(error=Timeout(f"the code gave no value within {seconds:g} s", timeout=seconds))
        timer = asyncio.get_running_loop().call_later(wait + max(0.0, seconds), answer, overdue)
        proceed(command, answer)
