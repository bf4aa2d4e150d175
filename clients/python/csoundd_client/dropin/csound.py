"""``Csound``: libcsound's class over a daemon's engine."""

from __future__ import annotations

import atexit
import logging
import os
import re
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, NoReturn, Self

from csoundd_client.client import DEFAULT_URL
from csoundd_client.dropin.buffers import Buffers
from csoundd_client.dropin.buses import Buses
from csoundd_client.dropin.callbacks import Callbacks
from csoundd_client.dropin.constants import CSOUND_ERROR, CSOUND_SUCCESS
from csoundd_client.dropin.ignored import is_ignored
from csoundd_client.dropin.link import Link
from csoundd_client.dropin.methods import CsoundMethods
from csoundd_client.dropin.output import OutputFile, names_file, output_word
from csoundd_client.dropin.remote import Call
from csoundd_client.dropin.sound import Sound
from csoundd_client.dropin.spawned import SpawnedDaemon
from csoundd_client.dropin.structs import CsoundParams, OpcodeDef
from csoundd_client.dropin.thread import PerformanceThread
from csoundd_client.dropin.workspace import Brought, Workspace
from csoundd_client.errors import Forbidden, InvalidParams, WrongState
from csoundd_client.failures import CsounddError
from csoundd_client.shape import reader
from csoundd_client.structs import EngineInfo, OpcodeInfo
from csoundd_client.values import ArrayLike, Handle

_log = logging.getLogger("csoundd_client")

REFUSED: Final = 1
"""What Csound answers to an option that it does not know. Scripts give it those of other versions and go on."""

READ_FROM: Final = r"-[iF]|--(?:input|midifile)="
READ_BEHIND: Final = frozenset({"-i", "-F"})
"""The options that name a file which Csound reads."""

KINDS: Final = frozenset("ife")
"""The events that ``event`` sends."""

_NOTHING: Final = object()
_MESSAGES: Final = reader(list[tuple[str, int]])
_OPCODES: Final = reader(list[OpcodeInfo])
_STEP: Final = Call("csound.performKsmps")


class Csound(Callbacks, Buses, Sound, Buffers, CsoundMethods):
    """The engine of a daemon with the methods of libcsound's API 7, each of which waits for its answer.

    ``url`` is the daemon's, else that of ``CSOUNDD_URL``, else of one on this machine; ``token``, else that of
    ``CSOUNDD_TOKEN``, is shown to it, and has the scope ``admin``. It takes the engine over as a new instance
    would be, empty: what plays is over, for everybody, which a warning in the log says.
    A daemon has one engine: where another program takes it over in turn, calls raise StaleHandle, which says who did.
    With ``attach`` it joins in what is there and leaves it so at the end. With ``daemon="spawn"``, or ``spawn`` in
    ``CSOUNDD_DAEMON``, it has a daemon to itself, which is started here and ends with the script. ``pointer`` is
    refused with ValueError: there are no pointers to an engine that is elsewhere.
    """

    default_opcode_dir = ""

    def __init__(
        self,
        hostData: object = None,
        opcodeDir: str = "",
        pointer: object = None,
        *,
        url: str | None = None,
        token: str | None = None,
        attach: bool = False,
        daemon: Literal["shared", "spawn"] | None = None,
    ) -> None:
        if pointer is not None:
            raise ValueError("there is no pointer to an engine of another process: leave it out")
        self.opcodeDir = opcodeDir or self.default_opcode_dir
        self._host_data = hostData if hostData is not None else _NOTHING
        self._functions: dict[str, Callable[..., Any]] = {}
        self._heard: set[str] = set()
        self._asked: dict[str, str] = {}
        self._answered: dict[str, float | str] = {}
        self._perfthread: PerformanceThread | None = None
        self._attached = attach
        self._output: OutputFile | None = None
        self._silent = False
        self._prints = True
        root = Path.cwd()
        self._spawned = SpawnedDaemon() if _is_spawned(url, daemon) else None
        for other in list(_open):
            other.link.finish()
        try:
            own = None if self._spawned is None else self._spawned.url
            self._url = own or url or os.environ.get("CSOUNDD_URL") or DEFAULT_URL
            self._token = None if own else token or os.environ.get("CSOUNDD_TOKEN") or None
            self._workspace = Workspace(self._url, self._token)
            self._brought = Brought(self._workspace, None if self._spawned is None else root)
            self._link = Link(self._url, self._token, alone=not attach)
            try:
                self._begin(self.opcodeDir)
            except BaseException:
                self._link.close()
                raise
        except BaseException:
            if self._spawned is not None:
                self._spawned.close()
            raise
        _open.add(self)

    def _begin(self, opcode_dir: str) -> None:
        engine = self._link.remote.welcome.engine
        self._started = self._attached and bool(engine.format)
        self._compiled = self._is_start_due = False
        self._paces = not self._attached and engine.drive != "device"
        self._link.stepping = engine.drive == "step"
        if not self._attached:
            self._take_over(engine, opcode_dir)
        self._hear_messages()
        self.cs: Handle = self._ask("thread.csoundPtr", [])

    def _take_over(self, engine: EngineInfo, opcode_dir: str) -> None:
        if engine.state in {"playing", "paused"}:
            _log.warning("Csound() resets the daemon: what it plays is over. Csound(attach=True) joins in instead.")
        self._do("engine.claim", [opcode_dir, "step" if self._paces else None])
        self._link.stepping = self._link.stepping or self._paces

    def pace(self, *, playing: bool) -> None:
        """Have the engine in the drive that playing or stepping takes; an engine only attached to stays as it is."""
        if not self._paces or playing != self._link.stepping:
            return
        if not playing:
            self._do("engine.drive", ["step"])
        elif self._output is not None:
            # Nobody hears it: a file is written as fast as it goes.
            self._do("engine.drive", ["free"])
        elif self._do("engine.drive", [])["drive"] == "step":
            self._do("engine.drive", ["clock"])
        self._link.stepping = not playing
        self._link.watch()

    @property
    def link(self) -> Link:
        """How it reaches the engine, for what belongs to it."""
        return self._link

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.destroy()

    def __del__(self) -> None:
        if not hasattr(self, "cs"):
            return  # the constructor has failed
        if self._link.remote.inside:
            # The collector runs in any thread; the one that serves the connection cannot wait for it.
            threading.Thread(target=self.destroy, daemon=True).start()
        else:
            self.destroy()

    def destroy(self) -> None:
        """End the session. The engine is empty again and in its own drive, or goes on where it was attached to."""
        self._perfthread = None
        if not self._link.remote.open:
            return
        with suppress(CsounddError):
            if not self._attached:
                # Where somebody else has taken it over, that is all there is to it. What it prints is not the script's.
                self._prints = False
                self._link.do(Call("engine.release"))
        try:
            self._fetch_output()
        except (CsounddError, OSError) as error:
            _log.error("%s", error)
        if not self._attached:
            self._brought.take_back()  # what goes on may still read it
        self._link.close()
        if self._spawned is not None:
            self._spawned.close()

    def csound(self) -> Handle:
        """The handle of the engine."""
        return self.cs

    def performanceThread(self) -> PerformanceThread:
        """The performance thread, always the same."""
        if self._perfthread is None:
            self._perfthread = PerformanceThread(self)
        return self._perfthread

    def hostData(self) -> Any:
        """What this script, or else another client, has set."""
        return self._ask("csound.hostData", []) if self._host_data is _NOTHING else self._host_data

    def setHostData(self, data: object) -> None:
        """Keep ``data``; other clients see it where it can travel."""
        self._host_data = data
        with suppress(TypeError):
            self._do("csound.setHostData", [data])

    def setOption(self, option: str) -> int:
        """Give Csound an option; 0 where it takes it, and 1 where it does not, which the log explains.

        Raises RuntimeError once code was compiled by command line.
        """
        if self._compiled:
            raise RuntimeError("Cannot set options once code has already been compiled")
        self._silent = self._silent or not {"-n", "--nosound"}.isdisjoint(option.split())
        try:
            code: int = self._do("csound.setOption", [option])
        except (InvalidParams, Forbidden) as error:
            _log.error("%s", error)
            return REFUSED
        return code

    def params(self, params: CsoundParams | None = None) -> CsoundParams:
        """Csound's parameters, in ``params`` where that is given."""
        filled = CsoundParams() if params is None else params
        for name, value in self._ask("csound.params", []).items():
            setattr(filled, name, value.encode() if isinstance(value, str) else value)
        return filled

    def getOpcodes(self) -> list[OpcodeDef]:
        """The opcodes of the engine, in each of their forms, by the names that orchestras use; ``size`` is 0."""
        found: list[OpcodeInfo] = self._ask("opcode.list", [], _OPCODES)
        return [OpcodeDef(form.name, form.outputs, form.inputs, form.flags) for form in found]

    def setRTAudioModule(self, module: str) -> None:
        """Choose the module for the sound card. Once Csound was started that has no effect, which the log says."""
        self._before_start("csound.setRTAudioModule", module)

    def setMidiModule(self, module: str) -> None:
        """Choose the module for MIDI. Once Csound was started that has no effect, which the log says."""
        self._before_start("csound.setMidiModule", module)

    def _before_start(self, method: str, value: str) -> None:
        try:
            self._do(method, [value])
        except WrongState as error:
            _log.error("%s", error)

    def setHostImplementedAudioIO(self, state: bool, bufSize: int = 0) -> None:  # noqa: ARG002 - libcsound ignores it
        """The old name of ``setHostAudioIO``."""
        self.setHostAudioIO()

    def compile(self, *args: object, **kws: object) -> NoReturn:  # noqa: ARG002 - it has another name now
        """Raise DeprecationWarning: its name is ``compileCommandLine``."""
        raise DeprecationWarning("This method has been renamed to compileCommandLine")

    def compileCommandLine(self, *args: Any) -> int:
        """Compile and start what a command line of the ``csound`` command says.

        Files of this machine that it names are brought to the daemon, a piece with all that it reads.
        """
        self._compiled = True
        words = [str(word) for word in (args[0] if len(args) == 1 and isinstance(args[0], list) else args)]
        found = output_word(words)
        if found is not None and names_file(found[2]) and not self._attached:
            first, count, asked = found
            self._output = OutputFile(self._workspace, asked)
            words[first : first + count] = [f"-o{self._output.name}"]
        words = self._with_files(words)
        try:
            code: int = self._do("csound.compileCommandLine", words)
        except WrongState as error:
            _log.error("%s", error)
            return CSOUND_ERROR
        self._started = self._is_start_due = self._started or code == CSOUND_SUCCESS
        return code

    def _with_files(self, words: list[str]) -> list[str]:
        """A command line with the daemon's names for the files of this machine."""
        brought = words[:]
        for number, word in enumerate(words):
            behind = number > 0 and words[number - 1] in READ_BEHIND
            option = re.match(READ_FROM, word)
            if option and (path := Path(word[option.end() :])).is_file():
                brought[number] = option[0] + self._brought.file(path)
            elif word and not word.startswith("-") and Path(word).is_file():
                bring = self._brought.file if behind else self._brought.piece
                brought[number] = bring(Path(word))
        return brought

    def compileCsd(self, path: str, block: bool = True) -> int:
        """Compile a CSD: a file of this machine where there is one of that path, else one of the daemon's workspace.

        One of this machine is brought to the daemon with all that it reads.
        """
        local = Path(path)
        code: int = self._do("csound.compileCsd", [self._brought.piece(local) if local.is_file() else path, block])
        return code

    def start(self) -> int | None:
        """Get Csound ready to perform: the code, None where it was, but 0 once where a command line has done so."""
        if self._started:
            due, self._is_start_due = self._is_start_due, False
            return CSOUND_SUCCESS if due else None
        self._started = True
        if not self._attached and not self._silent:
            params = self._ask("csound.params", [])
            asked = params.get("out_filename") or ""
            if names_file(asked) and params.get("sf_write", True):
                self._output = OutputFile(self._workspace, asked)
                self._do("csound.setOption", [f"-o{self._output.name}"])
        code: int = self._do("csound.start", [])
        return code

    def _fetch_output(self) -> None:
        """Bring the file that Csound has written, which a reset has made whole, to where the script asked for it."""
        output, self._output = self._output, None
        if output is not None:
            output.fetch()

    def stop(self) -> None:
        """Stop and join the performance thread, where there is one."""
        if self._perfthread is not None:
            self._perfthread.stop()
            self._perfthread.join()
            self._perfthread = None

    def reset(self) -> None:
        """Forget everything. Arrays that the script holds are no longer the engine's."""
        self._link.shared.forget()
        self._do("csound.reset", [])
        self._fetch_output()
        self._brought.take_back()
        self._started = self._compiled = self._silent = self._is_start_due = False
        self.cs = self._ask("thread.csoundPtr", [])

    def perform(self) -> int:
        """Perform to the end of the score, as fast as it goes: more than 0 at its end, less for an error."""
        self.pace(playing=False)
        self.start()
        code: int = self._wait("csound.perform", [])
        return code

    def performKsmps(self) -> bool:
        """Perform one cycle: true when the performance is over. Starts Csound where that has not happened."""
        self.pace(playing=False)
        self.start()
        return bool(self._link.step(_STEP, waits=not is_ignored(sys._getframe(1))))  # noqa: SLF001 - inspect's costs 9 us

    def event(self, kind: str, pfields: ArrayLike, block: bool = True) -> None:
        """Send an event. Raises RuntimeError before the start, ValueError for a kind that there is not."""
        self._check_event(kind)
        self._tell("csound.event", [kind, _fields(pfields), block])

    def scoreEvent(self, kind: str, pfields: ArrayLike) -> int:
        """Send an event, as ``event`` does, and return 0."""
        self.event(kind, pfields)
        return CSOUND_SUCCESS

    def scoreEventAsync(self, kind: str, pfields: ArrayLike) -> None:
        """Send an event, as ``event`` does."""
        self.event(kind, pfields, block=False)

    def _check_event(self, kind: str) -> None:
        if not self._started:
            raise RuntimeError("Csound was not started yet, cannot schedule any events")
        if kind not in KINDS:
            raise ValueError(f"Invalid event kind, got {kind}, expected one of {', '.join(sorted(KINDS))}")

    def iterMessages(self) -> Iterator[tuple[str, int]]:
        """The messages of the buffer, which is empty after it: text and attributes."""
        yield from self._ask("csound.iterMessages", [], _MESSAGES)


def _is_spawned(url: str | None, daemon: str | None) -> bool:
    """Whether a daemon is to be started. Raises ValueError for a wish that is none."""
    wish = daemon or ("shared" if url else os.environ.get("CSOUNDD_DAEMON")) or "shared"
    if wish not in {"shared", "spawn"}:
        raise ValueError(f'daemon is "shared" or "spawn", not {wish!r}')
    if url and wish == "spawn":
        raise ValueError("a daemon that is started here has no url yet: leave one of the two out")
    return wish == "spawn"


def _fields(pfields: ArrayLike) -> Sequence[Any] | ArrayLike:
    return list(pfields) if isinstance(pfields, tuple) else pfields


_open: Final[weakref.WeakSet[Csound]] = weakref.WeakSet()
"""Those whose session has not ended."""


@atexit.register
def _at_exit() -> None:
    # Registered when this is imported, it comes after the functions that scripts register, which may use their Csound.
    for csound in list(_open):
        csound.destroy()
