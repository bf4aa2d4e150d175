"""``engine.*`` and ``rpc.*``, as far as the front answers them by itself: what the engine is, a new one, its piece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from csoundd.api.engine import EngineControl
from csoundd.api.session import Rpc
from csoundd.api.values import CompileReport
from csoundd.errors import WrongState
from csoundd.messages import Drive
from csoundd.ports import ClaimableEngine, Claimant, RestartableEngine
from csoundd.values import EngineInfo


class Loader(Protocol):
    """Plays one piece in the place of another."""

    async def load(self, text: str | None, path: str | None) -> CompileReport:
        """Play it, if it compiles; raises the contract's errors."""


class EngineService(EngineControl):
    """The methods about the engine as a whole. A batch is one command of the engine's, and not for here.

    ``loader`` plays a piece; ``options`` are those that the daemon was started with, for a restart that names none.
    ``session`` is whose calls these are, None where they are no session's.
    """

    def __init__(
        self,
        engine: RestartableEngine,
        loader: Loader,
        claims: ClaimableEngine,
        options: Sequence[str] = (),
        session: Claimant | None = None,
    ) -> None:
        self._engine, self._loader, self._claims = engine, loader, claims
        self._options, self._session = options, session

    async def info(self) -> EngineInfo:
        """The engine as it is now."""
        return self._engine.info()

    async def restart(
        self,
        options: list[str] | None = None,
        opcodeDir: str = "",  # noqa: N803 - Csound's name
        drive: Drive | None = None,
    ) -> EngineInfo:
        """Begin anew with ``options``, and say what came of it."""
        by = None if self._session is None else self._session.id
        await self._engine.restart(list(self._options if options is None else options), opcodeDir, drive, by=by)
        return await self.info()

    async def drive(
        self,
        drive: Literal["clock", "free", "step"] | None = None,
        lasting: bool = False,  # noqa: FBT001, FBT002 - as declared
    ) -> EngineInfo:
        """Have another drive from now on."""
        await self._engine.pace(drive, by=None if lasting or self._session is None else self._session.id)
        return await self.info()

    async def claim(
        self,
        opcodeDir: str = "",  # noqa: N803 - Csound's name
        drive: Literal["clock", "free", "step"] | None = None,
    ) -> EngineInfo:
        """Have the engine for this session."""
        await self._claims.claim(self._claimant.id, self._claimant.client, list(self._options), opcodeDir, drive)
        return await self.info()

    async def release(self) -> EngineInfo:
        """Give it back."""
        await self._claims.give_back(self._claimant.id)
        return await self.info()

    @property
    def _claimant(self) -> Claimant:
        if self._session is None:
            raise WrongState("a claim belongs to a session", hint="connect over WebSocket")
        return self._session

    async def load(self, text: str | None = None, path: str | None = None) -> CompileReport:
        """Play a piece, if it compiles."""
        return await self._loader.load(text, path)


class RpcService(Rpc):
    """``rpc.discover``, with what ``document`` makes: at first that takes a third of a second, so in another thread."""

    def __init__(self, document: Callable[[], dict[str, object]]) -> None:
        self._document = document

    async def discover(self) -> dict[str, object]:
        """The OpenRPC document."""
        return await asyncio.to_thread(self._document)
