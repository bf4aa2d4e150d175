"""Claims: one session may have the engine as an instance of its own, as libcsound's constructor gives one.

There is one engine. So a claim empties it, and who had it before is told of that by all of its calls: wrong results for
two programs that each believe the engine to be theirs are worse than an error. The claim ends with its session.
"""

from __future__ import annotations

from collections.abc import Mapping

from csoundd.engine.client.engine import Engine
from csoundd.errors import StaleHandle, WrongState
from csoundd.messages import Command, Drive, ignore

FORGET = Command("host.forget", [])
RESET = Command("csound.reset", [])
NO_HOST_DATA = Command("csound.setHostData", [None])


class Claims:
    """The claims of sessions to the engine, of which one holds.

    ``taken`` names, by each session that had it before, who took it from that.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._owner: str | None = None
        self._taken: dict[str, str] = {}

    @property
    def taken(self) -> Mapping[str, str]:
        """By each session that has lost its claim, who has made the next one."""
        return self._taken

    async def claim(self, session: str, client: str, options: list[str], opcode_dir: str, drive: Drive | None) -> None:
        """Give ``session`` an empty engine in ``drive``, None being the daemon's own. Raises the contract's errors.

        ``client`` is the name by which whoever had it before is told of this.
        """
        if self._owner is not None and self._owner != session:
            self._taken[self._owner] = client
        self._taken.pop(session, None)
        self._owner = session
        await self._empty(options, opcode_dir)
        if "device" not in {drive, self._engine.options.drive}:
            await self._engine.pace(drive, by=session)

    async def _empty(self, options: list[str], opcode_dir: str) -> None:
        engine = self._engine
        if opcode_dir or engine.state in {"offline", "failed"}:
            await engine.restart(options, opcode_dir)
        else:
            await engine.request(RESET)
        engine.forget_pushed()
        await engine.request(FORGET)
        await engine.request(NO_HOST_DATA)

    async def give_back(self, session: str) -> None:
        """Leave an empty engine in its own drive. Raises StaleHandle where somebody else has it, WrongState else."""
        if session in self._taken:
            raise StaleHandle(f"the engine was taken over by {self._taken[session]}")
        if self._owner != session:
            raise WrongState("this session has no claim to the engine", hint="engine.claim makes one")
        self._owner = None
        await self._empty([], "")
        if self._engine.options.drive != "device":
            await self._engine.pace(None)

    def forget(self, session: str) -> None:
        """``session`` is over: what it claimed is empty again. Its drive is the engine's own to end."""
        self._taken.pop(session, None)
        if self._owner == session:
            self._owner = None
            self._engine.forget_pushed()
            for command in (RESET, FORGET, NO_HOST_DATA):
                self._engine.call(command, ignore)
