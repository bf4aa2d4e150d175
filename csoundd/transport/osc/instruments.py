"""Notes of instruments that are not there: Csound only prints of them, and whoever sent the note is told."""

from __future__ import annotations

import re
from typing import Final

from csoundd.errors import NotFound
from csoundd.messages import MessagePrinted, Response
from csoundd.ports import EnginePort
from csoundd.transport.osc.calls import Call
from csoundd.transport.osc.replies import ReplyContext

_UNKNOWN: Final = re.compile(r"invalid instrument number or name (\S+)|instr (\S+) not found")
"""What Csound 6.18 and 7.0.0 print in the call, for a number and for a name; ``csoundEvent`` returns nothing."""


class NoteSender:
    """Makes the calls that begin notes. What Csound prints reaches the front before the answer to the call."""

    def __init__(self, engine: EnginePort) -> None:
        self._sent: dict[str, list[ReplyContext]] = {}
        engine.on(MessagePrinted, self._read)

    def event(self, context: ReplyContext, kind: str, pfields: list[float | str]) -> Call:
        """The call of ``csound.event``; a note of an unknown instrument is answered with NotFound."""
        name = _printed_name(pfields[0]) if kind == "i" and pfields else None
        if name is None:
            return Call("csound.event", [kind, pfields], context)
        self._sent.setdefault(name, []).append(context)

        def answered(response: Response | list[Response]) -> None:
            sent = self._sent.get(name, [])
            if context in sent:
                sent.remove(context)
            if not sent:
                self._sent.pop(name, None)
            context.failed(response)

        return Call("csound.event", [kind, pfields], context, answered)

    def _read(self, event: MessagePrinted) -> None:
        found = _UNKNOWN.search(event.text) if self._sent else None
        if found is not None:
            name: str = found[1] or found[2]
            for context in self._sent.pop(name, []):
                context.fail(NotFound(f"there is no instrument {name.partition('.')[0]}"))


def _printed_name(p1: float | str) -> str | None:
    """How Csound names the instrument of a note, None for what ends one."""
    if isinstance(p1, str):
        return None if p1.startswith("-") else p1
    return str(int(p1)) if 1 <= p1 < 2**31 else None
