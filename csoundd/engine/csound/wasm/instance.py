"""One instance of Csound in a machine: what the families share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import wasmtime

from csoundd.engine.csound.backend import BackendOptions
from csoundd.engine.csound.commandline import OptionPolicy, judged
from csoundd.engine.csound.guarding import guarded
from csoundd.engine.csound.printing import Printout, Wanted
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.csound.wasm.engine import Printed, machine_in
from csoundd.engine.csound.wasm.figures import Figures
from csoundd.engine.csound.wasm.function import Function
from csoundd.engine.csound.wasm.sandbox import Folders
from csoundd.messages import WARNING

log = logging.getLogger("csoundd.engine.wasm")

FAILED: Final = -1
EXIT: Final = 256
"""What Csound adds to the status that an orchestra ends the program with, before it jumps to its beginning."""

NO_SOUND_FILE: Final = "-n"
OUTPUT_NAME: Final = 140
"""Where the name of the output stands in Csound's parameters."""

LACKING: Final = {"num-threads": "the embedded engine plays on one thread"}
"""Settings that this engine ignores, and why."""

MIDI_MODULE: Final = "rtmidi"
"""The option that chooses who does MIDI."""


class GaveUp(Exception):
    """Csound came upon an error that it ends with, before it performed anything."""


class Exited(Exception):
    """The orchestra has ended the performance. ``code`` is what ``csoundPerformKsmps`` returns of it."""

    def __init__(self, jump: int) -> None:
        super().__init__(jump)
        self.code = (jump - EXIT) | EXIT


class Instance(Figures):
    """A Csound, and the calls that the performance loop makes."""

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        self.options, self._printed = options, Printed()
        self.folders = Folders(Path.cwd(), surroundings.workspace.folder, options.box.samples)
        super().__init__(machine_in(self.folders, self._printed, self._spared, options.box))
        self.words = self.machine.allocate(64)
        self.option_policy = OptionPolicy(LACKING)
        self.started = False
        self.host_midi = self.has_score = False
        self._attempting = False
        self.on_reset: list[Callable[[], None]] = []
        self.before_start: list[Callable[[], None]] = []
        self._early: list[Callable[[], None]] = []
        self._preparations: list[Callable[[], object]] = []
        self._prepare()

    def _spared(self, trap: wasmtime.Trap) -> None:
        gave_up = trap.trap_code is wasmtime.TrapCode.UNREACHABLE
        if gave_up and self._attempting:
            raise GaveUp
        if gave_up and {"exitnow", "csoundPerformKsmps"} <= {frame.func_name for frame in trap.frames}:
            raise Exited(self._printed.jump)
        log.error("the embedded engine trapped: %s", trap.message)

    def _prepare(self) -> None:
        self.c.csoundSetHostAudioIO(self.cs)
        for option in self.options.options:
            found = judged(option, self.option_policy)
            for warning in found.warnings:
                self.warn(warning)
            for word in found.words:
                self.set_option(word)
        self.host_midi = not any(MIDI_MODULE in option for option in self.options.options)
        for preparation in self._preparations:
            preparation()

    def prepare_with(self, preparation: Callable[[], object]) -> None:
        """Call ``preparation`` now and again after every reset."""
        self._preparations.append(preparation)
        preparation()

    def call_back(self, setter: str, function: Callable[..., Any], params: str, results: str = "") -> None:
        """Let Csound call ``function``, which ``setter`` sets, now and after every reset."""
        index = self.guarded_callback(function, params, results)
        self.prepare_with(lambda: getattr(self.c, setter)(self.cs, index))

    def guarded_callback(self, function: Callable[..., Any], params: str, results: str = "") -> int:
        """The table index of ``function``, which no exception leaves: it would be a trap."""
        return self.machine.callback(guarded(function, 0 if results else None), params, results)

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""
        with self.machine.lend(word) as text:
            return int(self.c.csoundSetOption(self.cs, text))

    def start(self) -> int:
        """``csoundStart``, with the output taken from wherever the orchestra's options sent it."""
        if self.started:
            return 0
        self._refuse_output()
        self.about_to_start()
        code = self.attempt(self.c.csoundStart, self.cs)
        if code == 0:
            self.begin()
        return code

    def attempt(self, function: Function, *args: int) -> int:
        """Call what may find that it cannot begin (a file in the orchestra's header is missing), -1 where it does.

        Where a library would jump back to its beginning, this Csound stops where it stands; nothing is damaged by
        that, but it has to begin anew.
        """
        stack = self.machine.stack()
        self._attempting = True
        try:
            return int(function(*args))
        except GaveUp:
            self.machine.unwind(stack)
        finally:
            self._attempting = False
        self.warn("Csound gave up and begins anew, with nothing compiled in it\n")
        self.reset()
        return FAILED

    def begin(self) -> None:
        """Take note that Csound has been started, and send it what it would have forgotten before."""
        self.started = True
        early, self._early = self._early, []
        for action in early:
            action()

    def when_started(self, action: Callable[[], None]) -> None:
        """Do ``action`` now, or as soon as Csound has been started."""
        if self.started:
            action()
        else:
            self._early.append(action)

    def _refuse_output(self) -> None:
        pointer = int(self.c.csoundGetParams(self.cs))
        name = self.machine.text_at(self.machine.word(pointer + OUTPUT_NAME))
        if name and not self.plays_on(name):
            self.warn(f"output to {name!r} is ignored: csoundd owns the audio in this drive\n")
        self.set_option(NO_SOUND_FILE)

    def plays_on(self, name: str) -> bool:
        """Whether output to ``name`` is output to the sound card, and the drive is the card's."""
        return self.options.drive == "device" and name.startswith("dac")

    def about_to_start(self) -> None:
        """Give Csound what it has to have before it starts."""
        for preparation in self.before_start:
            preparation()

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""
        self.say(f"WARNING: {text}", WARNING)

    def say(self, text: str, attr: int) -> None:
        """Print ``text`` among Csound's messages, as a line of its own."""
        self._printed.end_line()
        self._printed.add(text, attr)

    @property
    def errors(self) -> int:
        """How many errors Csound has printed."""
        return self._printed.errors

    def printed(self, wanted: Wanted) -> Printout:
        """As much as is wanted of what was printed since the last call."""
        return self._printed.taken(wanted)

    def reset(self) -> None:
        """``csoundReset``, and what it takes away put back."""
        self._end_performance()
        for forget in self.on_reset:
            forget()
        self.c.csoundResetWasi(self.cs)
        self._prepare()

    def close(self) -> None:
        """Write out what the orchestra holds open, and free Csound."""
        self._end_performance()
        self.c.csoundDestroy(self.cs)

    def _end_performance(self) -> None:
        self.forget_buffers()
        self._early.clear()
        self.has_score = False
        self.started = False
