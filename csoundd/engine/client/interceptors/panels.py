"""The panels of pieces that were made with Cabbage or CsoundQt: their widgets' channels begin as the widgets would.

Such a piece reads its channels and never sets them: without the program that shows its panel it is silent. What its
orchestra says of a channel at the start wins; in an engine that has been started only new ones are set.
"""

from __future__ import annotations

from collections.abc import Mapping

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.client.interceptors.advice import code_of
from csoundd.messages import At, Command, Done, Outcome, ignore
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
        found, is_running = widgets(code_of(self._engine, command)[1]), self._engine.journal.started
        there: list[Outcome] = []
        if found and is_running:
            # It runs before what compiles, which was submitted later.
            self._engine.submit(Command("csound.allocatedChannels", []), there.append)

        def answered(outcome: Outcome) -> None:
            if outcome.error is None and outcome.result == 0:
                held = _names(there) if is_running else set()
                self._set([each for each in found if held is not None and each.channel not in held])
            done(outcome)

        proceed(command, answered)

    def _set(self, found: list[Widget]) -> None:
        if not found:
            return
        engine = self._engine
        engine.submit(Command("channel.set", [{each.channel: each.value for each in found}]), ignore)
        for each in found:
            if not isinstance(each.value, str):
                kind = WHOLE if each.whole else LINEAR
                hints = [each.channel, None, kind, each.value, each.low, each.high]
                engine.submit(Command("csound.setControlChannelHints", [*hints, 0, 0, 0, 0, None]), ignore)
        # The older of the two programs is read by invalue.
        engine.push_at("invalue", [{each.channel: each.value for each in found}, None, None], At("delay", 0.0))


def _names(listed: list[Outcome]) -> set[str] | None:
    """The names of the channels in the answer of ``csound.allocatedChannels``, None where they are not known."""
    if not listed or not isinstance(listed[0].result, list):
        return None
    return {str(channel["name"] if isinstance(channel, dict) else channel.name) for channel in listed[0].result}
