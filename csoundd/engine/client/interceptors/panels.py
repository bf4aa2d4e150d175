"""The panels of pieces that were made with Cabbage or CsoundQt: their widgets' channels begin as the widgets would.

Such a piece reads its channels and never sets them: without the program that shows its panel it is silent. What its
orchestra says of a channel at the start wins; in an engine that has been started nothing is set.
"""

from __future__ import annotations

from collections.abc import Mapping

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.client.interceptors.advice import code_of
from csoundd.messages import At, Command, Done, Outcome
from csoundd.syntax.widgets import Widget, widgets

WHOLE, LINEAR = 1, 2
"""The kinds of hints: a whole number, and one that moves evenly."""


class PanelChannels(Interceptor):
    """Sets the channels of a CSD's widgets once it has been compiled, with their ranges as hints."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intercepts(self) -> Mapping[str, Intercept]:
        """What compiles a CSD."""
        return {"csound.compileCsd": self._compile, "csound.compileCsdText": self._compile}

    def _compile(self, proceed: Call, command: Command, done: Done) -> None:
        def answered(outcome: Outcome) -> None:
            if outcome.error is None and outcome.result == 0 and not self._engine.journal.started:
                self._set(widgets(code_of(self._engine, command)[1]))
            done(outcome)

        proceed(command, answered)

    def _set(self, found: list[Widget]) -> None:
        if not found:
            return
        engine = self._engine
        engine.submit(Command("channel.set", [{each.channel: each.value for each in found}]), _unheard)
        for each in found:
            if not isinstance(each.value, str):
                kind = WHOLE if each.whole else LINEAR
                hints = [each.channel, None, kind, each.value, each.low, each.high]
                engine.submit(Command("csound.setControlChannelHints", [*hints, 0, 0, 0, 0, None]), _unheard)
        # The older of the two programs is read by invalue.
        engine.push_at("invalue", [{each.channel: each.value for each in found}, None, None], At("delay", 0.0))


def _unheard(_outcome: Outcome) -> None:
    """Nobody waits for the answer."""
