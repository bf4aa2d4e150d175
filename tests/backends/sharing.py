"""Sessions on one engine, for the tests of what clients share through it."""

from __future__ import annotations

from csoundd.engine.client.engine import Engine
from csoundd.messages import Command, Seconds
from tests.engine.listening import PATIENCE


class Somebody:
    """One session: what it makes belongs to it."""

    def __init__(self, engine: Engine, session: str | None = "somebody") -> None:
        self.engine, self.session = engine, session

    async def do(self, method: str, *args: object) -> object:
        """The result of a call with all its arguments in order."""
        return await self.engine.request(Command(method, list(args), self.session, deadline=Seconds(PATIENCE)))
