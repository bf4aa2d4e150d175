"""One instance of Csound: what the native families share.

It keeps what costs to ask again (the pointer to spout, the rates), and reads messages from Csound's own
buffer, so that no Python code runs inside Csound while it prints.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.backend import BackendOptions
from csoundd.engine.csound.commandline import OptionPolicy, judged
from csoundd.engine.csound.native.binding import Binding, Library, open_library
from csoundd.engine.csound.native.csound6.binding import Csound6
from csoundd.engine.csound.native.csound7 import Csound7
from csoundd.engine.csound.native.explaining import words_on
from csoundd.engine.csound.native.pinning import keep_loaded
from csoundd.engine.csound.native.soundcard import default_output, opens_card
from csoundd.engine.csound.printing import ERROR, KIND, NOTHING, Line, Printout, Wanted, line
from csoundd.errors import EngineUnavailable, Forbidden
from csoundd.messages import WARNING, Frames, Seconds

NO_SOUND_FILE: Final = "-n"
"""Neither a device nor a file: what comes out of spout is the output, and ours."""

NO_CHANGE: Final = "--default-paths"
"""An option that is as it says from the beginning."""

NO_OPTIONS_HERE: Final = Path(__file__).parent

MIDI_MODULE: Final = "rtmidi"
"""The option that chooses who does MIDI."""

CSOUND_7: Final = 7000
BINDINGS: Final[dict[int, type[Binding]]] = {6: Csound6, 7: Csound7}
"""The binding of each version of Csound."""


def bound(library: Library) -> Binding:
    """A new instance of a library's Csound. Raises EngineUnavailable for a version that there is no binding for."""
    major = library.version // 1000
    if major not in BINDINGS:
        raise EngineUnavailable(
            f"{library.path} is Csound {major}, which csoundd does not know", hint="install Csound 7, or 6.18"
        )
    return BINDINGS[major](library)


LOOKED_THROUGH: Final = 1000
"""Among so many messages that are dropped at once errors are looked for."""

KEPT: Final = 1000
"""Lines that are looked at before they are told, or kept over a reset, at most."""


class Instance:
    """A Csound and the calls of its C library that the performance loop makes."""

    def __init__(self, options: BackendOptions) -> None:
        assert options.library is not None
        self.options, self._plugin_folders = options, options.library.plugin_folders
        self.c = bound(open_library(options.library.path))
        self.version = self.c.version
        self.option_policy = OptionPolicy(warns_of_unknown=self.version >= CSOUND_7, explained=self._words_on)
        self.started = False
        self.host_audio = options.drive != "device" or not opens_card(options)
        self.host_midi = self.has_score = False
        self._early: list[Callable[[], None]] = []
        self._spout: npt.NDArray[np.float64] | None = None
        self._spin: npt.NDArray[np.float64] | None = None
        self._kept: list[Line] = []
        self._unkept = 0
        self.on_reset: list[Callable[[], None]] = []
        self.before_start: list[Callable[[], None]] = []
        self._preparations: list[Callable[[], object]] = []
        self._prepare()

    def _prepare(self) -> None:
        self.c.csoundCreateMessageBuffer(0)
        self._read_no_files_of_options()
        if self.host_audio:
            self.c.take_audio()
        else:
            for word in default_output(self.options):
                self.set_option(word)
        for option in self.options.options:
            found = judged(option, self.option_policy)
            for warning in found.warnings:
                self.warn(warning)
            for word in found.words:
                self.set_option(word)
        self.host_midi = self.host_audio and not any(MIDI_MODULE in option for option in self.options.options)
        for preparation in self._preparations:
            preparation()

    def _read_no_files_of_options(self) -> None:
        """Have Csound look for files of options where there are none.

        Csound 7.0.0 reads a .csound7rc of the folder it runs in, which is the workspace, at the first option or the
        start after it was made or reset, and not again.
        """
        with chdir(NO_OPTIONS_HERE):
            self.set_option(NO_CHANGE)

    def prepare_with(self, preparation: Callable[[], object]) -> None:
        """Call ``preparation`` now and again after every reset."""
        self._preparations.append(preparation)
        preparation()

    def call_back(self, setter: str, prototype: Any, function: Callable[..., Any], otherwise: object = None) -> None:
        """Let Csound call ``function``, which ``setter`` sets, now and after every reset."""
        self.prepare_with(self.c.callback(setter, prototype, function, otherwise))

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""
        return int(self.c.csoundSetOption(word.encode()))

    def start(self) -> int:
        """``csoundStart``, with the output taken from wherever the orchestra's options sent it."""
        if self.started:
            return 0
        if self.host_audio:
            self._refuse_output()
        self.about_to_start()
        code = int(self.c.csoundStart())
        self.started = code == 0
        self._refuse_server()
        if self.started:
            early, self._early = self._early, []
            for action in early:
                action()
        return code

    def when_started(self, action: Callable[[], None]) -> None:
        """Do ``action`` now, or as soon as Csound has been started."""
        if self.started:
            action()
        else:
            self._early.append(action)

    def _refuse_server(self) -> None:
        """End Csound's own network server, whatever has opened it. Raises Forbidden where there was one."""
        port = int(self.c.csoundUDPServerStatus())
        if port > 0:
            self.c.csoundUDPServerClose()
            raise Forbidden(f"Csound had opened its own network port {port}, which is closed again")

    def _words_on(self, option: str) -> str:
        with chdir(NO_OPTIONS_HERE):
            return words_on(bound(self.c.library), option)

    def about_to_start(self) -> None:
        """Give Csound what it has to have before it starts."""
        for preparation in self.before_start:
            preparation()

    def _refuse_output(self) -> None:
        name = (self.c.csoundGetOutputName() or b"").decode(errors="replace")
        played = self.options.drive == "device" and name.startswith("dac")
        if name and not played:
            self.warn(f"output to {name!r} is ignored: csoundd owns the audio in this drive\n")
        self.set_option(NO_SOUND_FILE)

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""
        self.say(f"WARNING: {text}", WARNING)

    def say(self, text: str, attr: int) -> None:
        """Print ``text`` among Csound's messages."""
        self.c.message(attr, text)

    @property
    def sr(self) -> float:
        return float(self.c.csoundGetSr())

    @property
    def ksmps(self) -> int:
        return int(self.c.csoundGetKsmps())

    @property
    def nchnls(self) -> int:
        return self.c.channels(of_input=False)

    @property
    def zerodbfs(self) -> float:
        return float(self.c.csoundGet0dBFS())

    def score_time(self) -> Seconds:
        return Seconds(self.c.csoundGetScoreTime())

    def samples(self) -> Frames:
        return Frames(self.c.csoundGetCurrentTimeSamples())

    def spout(self) -> npt.NDArray[np.float64]:
        """The output buffer as ``[ksmps, nchnls]``, a view on Csound's own memory."""
        if self._spout is None or not self.started:
            self._spout = self.c.view(self.c.csoundGetSpout(), (self.ksmps, self.nchnls))
        return self._spout

    def spin(self) -> npt.NDArray[np.float64]:
        """The input buffer as ``[ksmps, nchnls_i]``, a view on Csound's own memory."""
        if self._spin is None or not self.started:
            self._spin = self.c.view(self.c.csoundGetSpin(), (self.ksmps, self.c.channels(of_input=True)))
        return self._spin

    def printed(self, wanted: Wanted) -> Printout:
        """As much as is wanted of what was printed since the last call, fragments of one line joined."""
        waiting = self.c.csoundGetMessageCnt()
        if not waiting and not self._kept:
            return NOTHING
        kept, unkept, self._kept, self._unkept = self._kept, self._unkept, [], 0
        taken = self._taken(waiting, wanted)
        return Printout(kept + taken.lines, unkept + taken.dropped, taken.waiting)

    def keep_printed(self) -> list[Line]:
        """What was printed since the last look, which :meth:`printed` gives again."""
        taken = self._taken(self.c.csoundGetMessageCnt(), Wanted(KEPT, 0, KEPT))
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
                    if dropped == LOOKED_THROUGH:
                        # A call for each would take longer than Csound took to print them.
                        c.csoundDestroyMessageBuffer()
                        c.csoundCreateMessageBuffer(0)
                        return Printout(lines, dropped + waiting)
                    if errors and attr & KIND == ERROR:
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
        """``csoundReset``, and what it takes away put back."""
        self._end_performance()
        for forget in self.on_reset:
            forget()
        keep_loaded(self._plugin_folders)
        self.c.csoundReset()
        self._prepare()

    def close(self) -> None:
        """Write out what the orchestra holds open, and free Csound."""
        self._end_performance()
        self.c.destroy()

    def _end_performance(self) -> None:
        self._spout = self._spin = None
        self.started = self.has_score = False
        self._early.clear()
        self.c.end_performance()
        self.keep_printed()
        self.c.csoundDestroyMessageBuffer()
