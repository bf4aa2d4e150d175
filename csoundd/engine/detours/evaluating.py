"""``thread.evalCode``: gives up waiting after the call's own timeout, while the engine goes on with the code."""

from __future__ import annotations

import asyncio
from typing import cast

from csoundd.engine.engine import Engine
from csoundd.engine.pending import ahead
from csoundd.errors import Timeout
from csoundd.messages import Command, Done, Outcome


class Evaluation:
    """One call, answered once: with the value, or with Timeout."""

    def __init__(self, done: Done) -> None:
        self._done: Done | None = done

    def answer(self, outcome: Outcome) -> None:
        """Give the answer; the first one counts."""
        done, self._done = self._done, None
        if done is not None:
            done(outcome)

    def give_up(self, seconds: float) -> None:
        """Answer that there is no value yet."""
        self.answer(Outcome(error=Timeout(f"the code gave no value within {seconds:g} s", timeout=seconds)))


def evaluate(engine: Engine, command: Command, done: Done) -> None:
    """Send ``command`` on; ``done`` hears of Timeout once the timeout in its arguments has passed."""
    _code, callback, seconds = cast("tuple[str, object, float]", tuple(command.args))
    wait = ahead(command.at)
    if callback is not None or wait is None:
        engine.submit(command, done)
        return
    evaluation = Evaluation(done)
    timer = asyncio.get_running_loop().call_later(wait + max(0.0, seconds), evaluation.give_up, seconds)

    def answered(outcome: Outcome) -> None:
        timer.cancel()
        evaluation.answer(outcome)

    engine.submit(command, answered)
