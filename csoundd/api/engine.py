"""The engine as a whole: what it is, a new one in its place, many calls as one, and silence."""

from __future__ import annotations

from typing import ClassVar, Literal

from csoundd.api.declare import COMPILE_DEADLINE, ORCHESTRA, Call, Example, MethodGroup, method
from csoundd.api.session import INFO
from csoundd.api.values import CallRequest, CompileReport, Json, Landing
from csoundd.messages import Drive
from csoundd.states import ANY
from csoundd.values import EngineInfo


class EngineControl(MethodGroup):
    """The engine seen from the front, which answers also when there is none."""

    namespace: ClassVar[str] = "engine"

    @method(scope="read", states=ANY, served="front", examples=(Example({}, INFO, exact=False),))
    async def info(self) -> EngineInfo:
        """The engine, its state, and the methods that it cannot serve, with the reason for each."""
        ...

    @method(
        scope="admin",
        states=ANY,
        deadline=COMPILE_DEADLINE,
        served="front",
        examples=(Example({"options": ["--sample-accurate"]}, INFO, exact=False),),
    )
    async def restart(
        self, options: list[str] | None = None, opcodeDir: str = "", drive: Drive | None = None
    ) -> EngineInfo:
        """Put a new engine in the place of this one: the API's constructor. Nothing of the old one is kept.

        ``options`` are Csound's, null for those the daemon was started with; ``opcodeDir`` is a folder of the
        workspace with plug-ins, which are loaded beside the usual ones, empty for none; ``drive`` is what paces it,
        null for the daemon's own; it ends with the session as in ``engine.drive``. It also ends the state ``failed``.
        Raises Forbidden for options that the daemon keeps for itself and for a folder outside the workspace, NotFound
        for one that is not there, EngineUnavailable where no engine comes up.
        """
        ...

    @method(
        scope="admin",
        states=ANY,
        deadline=COMPILE_DEADLINE,
        served="front",
        examples=(
            Example({"text": ORCHESTRA}, {"ok": True, "diagnostics": [], "messages": []}, exact=False, drive="clock"),
            Example({"text": "instr 1\n"}, {"ok": False, "diagnostics": [], "messages": []}, exact=False),
        ),
    )
    async def load(self, text: str | None = None, path: str | None = None) -> CompileReport:
        """Play a piece in the place of what plays: check it, reset, compile, start and play, as one call.

        ``text`` is a CSD or an orchestra, ``path`` a file of the workspace; with both the text counts, and the path
        says where it is from: if it is the text of that file, what it reads is looked for beside it. The file's name
        is the ``piece`` of ``engine.info`` from then on, until the engine is reset. It is compiled and
        started in a throw-away engine first, which runs the code outside of instruments once more: where that fails,
        ``ok`` is false, ``diagnostics`` say why, and what plays goes on.
        In drive ``step`` it is started and does not play. Raises NotFound and Forbidden for the path,
        EngineUnavailable where no engine comes up.
        """
        ...

    @method(scope="admin", states=ANY, served="front", examples=(Example({"drive": "step"}, INFO, exact=False),))
    async def drive(self, drive: Literal["clock", "free", "step"] | None = None, lasting: bool = False) -> EngineInfo:
        """Pace the performance otherwise from now on, or with null as the daemon was told to when it was started.

        Everything the engine holds is kept. A performance that a client stepped through is paused by it and goes on
        with ``thread.play``. When the session is over, the drive is the daemon's own again and what plays goes on in
        it, unless the drive is ``lasting``; so is one that no session asked for (OSC, ``POST /rpc``). Raises WrongState
        while the performance runs by itself, and where a device paces it: that takes a restart.
        """
        ...

    @method(
        scope="admin",
        states=ANY,
        deadline=COMPILE_DEADLINE,
        served="front",
        examples=(Example({"drive": "step"}, INFO, exact=False),),
    )
    async def claim(self, opcodeDir: str = "", drive: Literal["clock", "free", "step"] | None = None) -> EngineInfo:
        """Have the engine as an instance of this session's own, as the API's constructor makes one.

        It is empty: reset, without keys, MIDI, values of ``invalue`` or host data that others left, in the drive
        ``drive`` (null: the daemon's own, and so where a device paces it). ``opcodeDir`` is as in ``engine.restart``.
        The claim lasts as long as the session or until ``engine.release``; then the engine is empty and in its own
        drive again. There is one engine, so another claim ends this one: from then on calls of this session that
        concern the engine raise StaleHandle, which names who took over. Sessions that claim nothing join in what there
        is. Raises WrongState without a session, and what ``engine.restart`` raises.
        """
        ...

    @method(
        scope="admin",
        states=ANY,
        deadline=COMPILE_DEADLINE,
        served="front",
        examples=(Example({}, INFO, after=(Call("engine.claim"),), exact=False),),
    )
    async def release(self) -> EngineInfo:
        """End the claim of this session, which leaves the engine empty and in its own drive.

        Raises StaleHandle where somebody else has claimed it since, WrongState where this session has no claim.
        """
        ...

    @method(
        scope="read",
        deadline=COMPILE_DEADLINE,
        served="front",
        examples=(
            Example(
                {
                    "requests": [
                        {"method": "csound.setControlChannel", "params": ["cutoff", 0.5]},
                        {"method": "csound.controlChannel", "params": {"name": "cutoff"}},
                    ],
                },
                [{"result": None}, {"result": [0.5, 0]}],
            ),
        ),
    )
    async def batch(self, requests: list[CallRequest]) -> list[dict[str, Json]]:
        """Run calls in order at one cycle edge, with nothing in between.

        The envelope's ``at`` is the time of them all; a call in the list has none of its own. Answers with one
        ``{"result": …}`` or ``{"error": {code, message, data}}`` for each. A call that fails or that would wait for
        something has its error there and does not keep the next from running. Where one does not fit its method,
        may not be made by this session or is none of the engine's, none runs: the error names it in ``data.call``.
        """
        ...


class EngineCommands(MethodGroup):
    """The engine itself."""

    namespace: ClassVar[str] = "engine"

    @method(
        scope="read",
        examples=(Example({}, {"sample": 0, "cycle": 0, "scoreTime": 0.0}),),
    )
    def sync(self) -> Landing:
        """Answer when everything sent before over this connection has run, with the moment this was."""
        ...

    @method(examples=(Example({}, None),))
    def panic(self) -> None:
        """End every note at once, without releases. The performance goes on."""
        ...
