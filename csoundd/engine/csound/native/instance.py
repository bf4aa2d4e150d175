"""One instance of Csound in this process.

It reads messages from Csound's own buffer, so that no Python code runs inside Csound while it prints.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import chdir, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from typing import Final

from csoundd.engine.csound.backend import (
    CSOUND_7,
    NOTHING,
    BackendContext,
    BackendOptions,
    Line,
    Printout,
    Wanted,
    line,
)
from csoundd.engine.csound.commandline import OptionPolicy
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.native.binding import Library, NativeBinding, open_library
from csoundd.engine.csound.native.csound6 import Csound6
from csoundd.engine.csound.native.csound7 import NativeCsound7
from csoundd.engine.csound.native.library_fixes import keep_loaded
from csoundd.engine.csound.native.plugins import default_output, opens_card
from csoundd.engine.workspace import SEPARATOR, shown
from csoundd.errors import EngineError, EngineUnavailable, Forbidden
from csoundd.limits import KEPT_LINES, SEARCHED_MESSAGES
from csoundd.messages import ERROR, MESSAGE_TYPE
from csoundd.wav import complete

NO_CHANGE: Final = "--default-paths"
"""An option that is as it says from the beginning."""

NO_OPTIONS_HERE: Final = Path(__file__).parent

BINDINGS: Final[dict[int, type[NativeBinding]]] = {6: Csound6, 7: NativeCsound7}
"""The binding of each version of Csound."""


def bound(library: Library) -> NativeBinding:
    """A new instance of a library's Csound. Raises EngineUnavailable for a version that there is no binding for."""
    major = library.version // 1000
    if major not in BINDINGS:
        raise EngineUnavailable(
            f"{library.path} is Csound {major}, which csoundd does not know", hint="install Csound 7, or 6.18"
        )
    return BINDINGS[major](library)


@contextmanager
def _options_put_aside() -> Iterator[None]:
    """Let Csound 6 start without the .csound6rc of its folder, which it reads where no CSD was compiled.

    Whoever may write files could set options in it that nobody looks at. Raises Forbidden where it cannot be moved.
    """
    file = Path(".csound6rc")
    aside = file.with_name(f"{file.name}-{os.getpid()}")
    if not file.exists():
        yield
        return
    try:
        file.rename(aside)
    except OSError as error:
        raise Forbidden(f"Csound would read options from {file}: {error.strerror}", hint="remove it") from error
    try:
        yield
    finally:
        aside.rename(file)


NO_FILES: Final = ("dac", "devaudio", "/dev/", "|", "-")
"""How the names of outputs begin that are no files: sound cards, devices, programs to pipe to, standard output."""


def names_file(name: str) -> bool:
    """Whether an output of this name is a file."""
    return bool(name) and name not in {"stdout", "null", "NULL"} and not name.startswith(NO_FILES)


class Instance(CsoundInstance):
    """A Csound of a library, in this process."""

    c: NativeBinding

    def __init__(self, options: BackendOptions, context: BackendContext) -> None:
        assert options.library is not None
        self._plugin_folders, self._context = options.library.plugin_folders, context
        self._workspace = context.workspace
        super().__init__(options, bound(open_library(options.library.path)))
        self.option_policy = OptionPolicy(
            warns_of_unknown=self.version >= CSOUND_7, explained=self._words_on, has_card=options.drive == "device"
        )
        self.host_audio = options.drive != "device" or not opens_card(options)
        self._kept: list[Line] = []
        self._unkept = 0
        self._prepare()

    def _prepare(self) -> None:
        self.c.csoundCreateMessageBuffer(0)
        self._read_no_files_of_options()
        if not self.host_audio:
            for word in default_output(self.options):
                self.set_option(word)
        self.host_midi = self.set_given_options() and self.host_audio
        self.prepare_again()

    def _read_no_files_of_options(self) -> None:
        """Have Csound look for files of options where there are none.

        Csound 7.0.0 reads a .csound7rc of the folder it runs in, which is the workspace, at the first option or the
        start after it was made or reset, and not again.
        """
        with chdir(NO_OPTIONS_HERE):
            self.set_option(NO_CHANGE)

    def path_at(self, address: int) -> str:
        return os.fsdecode(ctypes.string_at(address))

    def start(self) -> int:
        if self.started:
            return 0
        if self.host_audio:
            name = self.c.text(self.c.csoundGetOutputName()) or ""
            if self.options.writes_output and not self._context.live and names_file(name):
                self._write_to(name)
            else:
                self.c.take_audio()
                self.refuse_output(name)
        self.about_to_start()
        with _options_put_aside() if self.version < CSOUND_7 else nullcontext():
            code = int(self.c.csoundStart())
        self.started = code == 0
        self._refuse_server()
        if self.started:
            self.begin()
        return code

    def _write_to(self, name: str) -> None:
        """Have Csound write its output to a file of the workspace, in place of handing it over.

        Raises Forbidden for a path outside, and EngineError where no file can be written there: 6.18 ends of that.
        """
        folders = SEPARATOR.split(self.c.text(self.c.csoundGetEnv("SFDIR")) or "") if "/" not in name else [""]
        for folder in folders:
            path = self._output_path(f"{folder}/{name}" if folder else name)
            if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
                raise EngineError(f"the output cannot be written to {name!r}", hint="its folder has to be there")
            if self._context.replaces and path.is_file():
                self._keep(path, name)
        if (self.c.text(self.c.csoundGetInputName()) or "").startswith("adc"):
            # What listens to a sound card opens one: here it hears silence, as in every drive but the card's.
            self.set_audio_module("null")

    def _output_path(self, name: str) -> Path:
        """Where an output of this name is. Raises Forbidden where that is not for it."""
        beside = self.options.output_folder
        if beside is not None and (path := Path(name).resolve()).is_relative_to(beside):
            return path
        return self._workspace.resolve(name)

    def _keep(self, path: Path, name: str) -> None:
        """Put aside what an instance that died has written of the output, which this one writes from here on."""
        kept = next(each for n in count(1) if not (each := path.with_stem(f"{path.stem}-{n}")).exists())
        path.rename(kept)
        with suppress(OSError):
            complete(kept)
        self.warn(f"the engine died while it wrote {name!r}: what it had written is {kept.name!r}, the rest follows\n")

    def _refuse_server(self) -> None:
        """End Csound's own network server, whatever has opened it. Raises Forbidden where there was one."""
        port = int(self.c.csoundUDPServerStatus())
        if port > 0:
            self.c.csoundUDPServerClose()
            raise Forbidden(f"Csound had opened its own network port {port}, which is closed again")

    def _words_on(self, option: str) -> str:
        with chdir(NO_OPTIONS_HERE):
            return words_on(bound(self.c.library), option)

    def say(self, text: str, attr: int) -> None:
        self.c.message(attr, text)

    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        self.c.set_output(name, filetype, sample_format)

    def set_midi_module(self, name: str) -> None:
        self.host_midi = False
        self.c.csoundSetMIDIModule(name)

    def set_audio_module(self, name: str) -> None:
        self.c.csoundSetRTAudioModule(name)

    def shown_variable(self, name: str, value: str | None) -> str | None:
        return shown(self._workspace, name, value)

    def has_printed(self) -> bool:
        return self.c.csoundGetMessageCnt() > 0 or bool(self._kept)

    def printed(self, wanted: Wanted) -> Printout:
        """As much as is wanted of what was printed since the last call, fragments of one line joined."""
        waiting = self.c.csoundGetMessageCnt()
        if not waiting and not self._kept:
            return NOTHING
        kept, unkept, self._kept, self._unkept = self._kept, self._unkept, [], 0
        taken = self._taken(waiting, wanted)
        return Printout(kept + taken.lines, unkept + taken.dropped, taken.waiting)

    def keep_printed(self) -> list[Line]:
        """The lines printed since the last look, which :meth:`printed` gives again."""
        taken = self._taken(self.c.csoundGetMessageCnt(), Wanted(KEPT_LINES, 0, KEPT_LINES))
        self._kept += taken.lines
        self._unkept += taken.dropped
        return taken.lines

    def _taken(self, waiting: int, wanted: Wanted) -> Printout:
        c, lines = self.c, list[Line]()
        most, errors, text, attr, dropped = wanted.most, wanted.errors, "", 0, 0
        while waiting:
            if not text:
                attr = c.csoundGetFirstMessageAttr()
                if len(lines) >= most:
                    if waiting <= wanted.room and not dropped:
                        return Printout(lines, 0, waiting)
                    if dropped == SEARCHED_MESSAGES:
                        # A call for each would take longer than Csound took to print them.
                        c.csoundDestroyMessageBuffer()
                        c.csoundCreateMessageBuffer(0)
                        return Printout(lines, dropped + waiting)
                    if errors and attr & MESSAGE_TYPE == ERROR:
                        errors, most = errors - 1, most + 1
                    else:
                        dropped += 1
                        waiting -= 1
                        c.csoundPopFirstMessage()
                        continue
            text += (c.csoundGetFirstMessage() or b"").decode(errors="replace")
            c.csoundPopFirstMessage()
            waiting -= 1
            if text.endswith("\n"):
                lines.append(line(text, attr))
                text = ""
        if text:
            lines.append(line(text, attr))
        return Printout(lines, dropped)

    def reset(self) -> None:
        self._end_performance()
        for forget in self.on_reset:
            forget()
        keep_loaded(self._plugin_folders)
        self.c.csoundReset()
        self._prepare()

    def close(self) -> None:
        self._end_performance()
        self.c.destroy()

    def discard(self) -> None:
        # csoundDestroy would end the performance, which is what must not be.
        return None

    def _end_performance(self) -> None:
        self.forget_performance()
        self.c.end_performance()
        self.keep_printed()
        self.c.csoundDestroyMessageBuffer()


COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
AFTER_USAGE: Final = "flag defaults:"
"""The last line of the list of options that stands before most of these messages."""

BEFORE_WORDS: Final = re.compile(r"^Csound Command ERROR:\s*")
OF_ALL: Final = frozenset({"no orchestra name", "...failing to parse options"})
"""What it says of this command line whatever the option."""

GREETINGS: Final = ("--Csound version", "[commit", "libsndfile")


def words_on(csound: NativeBinding, option: str) -> str:
    """The message that ``option`` gets, on one line; ``csound`` is a new instance, which is freed with the answer.

    Only while it compiles a command line may Csound 6.18 find a mistake in an option: anywhere else it jumps to where
    nobody waits, and crashes. So it is asked by that call, in an instance of its own.
    """
    try:
        csound.csoundCreateMessageBuffer(0)
        csound.compile("csound", option)
        said = ""
        while csound.csoundGetMessageCnt() > 0:
            said += (csound.csoundGetFirstMessage() or b"").decode(errors="replace")
            csound.csoundPopFirstMessage()
        csound.csoundDestroyMessageBuffer()
    finally:
        csound.destroy()
    return _essence(COLOURS.sub("", said))


def _essence(said: str) -> str:
    lines = [line.strip() for line in said.splitlines()]
    usage = max((number for number, line in enumerate(lines) if line.startswith(AFTER_USAGE)), default=-1)
    words = [BEFORE_WORDS.sub("", line) for line in lines[usage + 1 :] if line]
    return " ".join(word for word in words if not word.startswith(GREETINGS) and word not in OF_ALL)
