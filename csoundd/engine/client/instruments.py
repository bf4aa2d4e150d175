"""What can be played: the instruments of all that was compiled into the engine.

Csound's API has no list of them. The journal knows what each piece of code defines, its macros and included files read.
"""

from __future__ import annotations

import asyncio
from typing import cast

from csoundd.api.orchestra import OrcInstruments
from csoundd.api.values import InstrumentInfo
from csoundd.engine.client.engine import Engine
from csoundd.errors import CsounddError
from csoundd.messages import Command


class InstrumentList(OrcInstruments):
    """The instruments of ``engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def instruments(self) -> list[InstrumentInfo]:
        """Numbered ones in their order, then named ones in theirs."""
        keys = self._engine.journal.definitions.instruments
        numbers = sorted(int(key) for key in keys if key.isdecimal())
        names = sorted(key for key in keys if not key.isdecimal())
        given = await asyncio.gather(*map(self._number, names))
        named = [InstrumentInfo(name, number) for name, number in zip(names, given, strict=True)]
        return [*(InstrumentInfo("", number) for number in numbers), *named]

    async def _number(self, name: str) -> int | None:
        try:
            number = cast("int", await self._engine.request(Command("csound.instrNumber", [name])))
        except CsounddError:
            return None
        return number if number > 0 else None
