"""One instance of Csound in a machine: what the families share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import wasmtime

from csoundd.engine.csound.backend import BackendOptions
from csoundd.engine.csound.commandline import OptionPolicy
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.printing import Printout, Wanted
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.csound.wasm.binding import WasmBinding
from csoundd.engine.csound.wasm.engine import Printed, machine_in
from csoundd.engine.csound.wasm.sandbox import Folders

log = logging.getLogger("csoundd.engine.wasm")

FAILED: Final = -1
OUTPUT_NAME: Final = "out_filename"
"""The parameter that holds the name of the output."""

EXIT: Final = 256
"""What Csound adds to the status that an orchestra ends the program with, before it jumps to its beginning."""

LACKING: Final = {"num-threads": "the embedded engine plays on one thread"}
"""Settings that this engine ignores, and why."""


class GaveUp(Exception):
    """Csound came upon an error that it ends with, before it performed anything."""


class Exited(Exception):
    """The orchestra has ended the performance. ``code`` is what ``csoundPerformKsmps`` returns of it."""

    def __init__(self, jump: int) -> None:
        super().__init__(jump)
        self.code = (jump - EXIT) | EXIT


class Instance(CsoundInstance):
    """A Csound in a machine."""

    c: WasmBinding

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        self._printed = Printed()
        self._attempting = False
        self.folders = Folders(Path.cwd(), surroundings.workspace.folder, options.box.samples)
        self.machine = machine_in(self.folders, self._printed, self._spared, options.box)
        super().__init__(options, WasmBinding(self.machine))
        self.option_policy = OptionPolicy(LACKING)
        self._prepare()

    def _spared(self, trap: wasmtime.Trap) -> None:
        gave_up = trap.trap_code is wasmtime.TrapCode.UNREACHABLE
        if gave_up and self._attempting:
            raise GaveUp
        if gave_up and {"exitnow", "csoundPerformKsmps"} <= {frame.func_name for frame in trap.frames}:
            raise Exited(self._printed.jump)
        log.error("the embedded engine trapped: %s", trap.message)

    def _prepare(self) -> None:
        self.c.take_audio()
        self.host_midi = self.set_given_options()
        self.prepare_again()

    def path_at(self, address: int) -> str:
        return self.machine.text_at(address).lstrip("/")

    def start(self) -> int:
        if self.started:
            return 0
        self.refuse_output(self.c.params()[OUTPUT_NAME] or "")
        self.about_to_start()
        code = self.attempt(self.c.csoundStart)
        if code == 0:
            self.begin()
        return code

    def attempt(self, function: Callable[..., Any], *args: object) -> int:
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

    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        if self.plays_on(name):
            self.set_option(f"-o{name}")
        else:
            self.warn(f"output to {name!r} is ignored: csoundd owns the audio on this engine\n")

    def set_midi_module(self, name: str) -> None:
        self.host_midi = False
        self.set_option(f"-+rtmidi={name}")

    def set_audio_module(self, name: str) -> None:
        self.set_option(f"-+rtaudio={name}")

    def shown_variable(self, name: str, value: str | None) -> str | None:
        return (value or "").removeprefix("/") or None

    def say(self, text: str, attr: int) -> None:
        self._printed.end_line()
        self._printed.add(text, attr)

    @property
    def errors(self) -> int:
        """How many errors Csound has printed."""
        return self._printed.errors

    def printed(self, wanted: Wanted) -> Printout:
        return self._printed.taken(wanted)

    def reset(self) -> None:
        self.forget_performance()
        for forget in self.on_reset:
            forget()
        self.c.csoundResetWasi()
        self._prepare()

    def close(self) -> None:
        self.forget_performance()
        self.c.csoundDestroy()
