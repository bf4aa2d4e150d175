"""One instance of Csound in a machine, and how its cycles are performed.

Many cycles are performed inside the machine, with no Python between them: a call into it costs microseconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import wasmtime

from csoundd.engine.csound.backend import BackendContext, BackendOptions, Printout, Wanted
from csoundd.engine.csound.commandline import CARD, OptionPolicy
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.wasm.binding import WasmBinding
from csoundd.engine.csound.wasm.machine import PAGE_BYTES
from csoundd.engine.csound.wasm.sandbox import Folders, MessageCollector, machine_in
from csoundd.engine.workspace import FOLDERS, SEPARATOR
from csoundd.limits import MIB

log = logging.getLogger("csoundd.engine.wasm")

FAILED: Final = -1
OUTPUT_NAME: Final = "out_filename"
"""The parameter that holds the name of the output."""

MEMORY_WARNING: Final = 0.8
"""From this share of its memory on an engine says how much it has taken."""

EXIT: Final = 256
"""What Csound adds to the status that an orchestra ends the program with, before it jumps to its beginning."""

LACKING: Final = {
    "num-threads": "the embedded engine plays on one thread",
    "realtime": "the embedded engine plays on one thread",
}
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

    def __init__(self, options: BackendOptions, context: BackendContext) -> None:
        self._printed = MessageCollector()
        self._attempting = False
        self._memory_told = 0
        self.folders = Folders(Path.cwd(), context.workspace.folder, options.sandbox.samples)
        self.machine = machine_in(self.folders, self._printed, self._spared, options.sandbox)
        super().__init__(options, WasmBinding(self.machine))
        self.option_policy = OptionPolicy(LACKING, has_card=self.options.drive == "device")
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

    def discard(self) -> None:
        self.machine.store.close()

    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        if self.plays_on(name):
            self.set_option(f"-o{name}")
        else:
            way = f"; {CARD}" if name.startswith("dac") else ""
            self.warn(f"output to {name!r} is ignored: csoundd owns the audio on this engine{way}\n")

    def set_midi_module(self, name: str) -> None:
        self.host_midi = False
        self.set_option(f"-+rtmidi={name}")

    def set_audio_module(self, name: str) -> None:
        self.set_option(f"-+rtaudio={name}")

    def shown_variable(self, name: str, value: str | None) -> str | None:
        if not value or name not in FOLDERS:
            return value or None
        return ";".join(map(self.folders.outside, SEPARATOR.split(value)))

    def say(self, text: str, attr: int) -> None:
        self._printed.end_line()
        self._printed.add(text, attr)

    @property
    def errors(self) -> int:
        """The number of errors that Csound has printed."""
        return self._printed.errors

    @property
    def missing_files(self) -> int:
        """How often Csound has said that it cannot open a file that code includes."""
        return self._printed.missing_files

    def has_printed(self) -> bool:
        return self._printed.any()

    def printed(self, wanted: Wanted) -> Printout:
        return self._printed.read(wanted)

    def warn_of_memory(self) -> None:
        """Say how full the memory is, once for each tenth: Csound frees no code that was replaced."""
        taken, whole = self.machine.pages() * PAGE_BYTES, self.options.sandbox.memory
        tenths = 10 * taken // whole
        if tenths > self._memory_told and taken >= MEMORY_WARNING * whole:
            self._memory_told = tenths
            self.warn(
                f"the engine has taken {taken // MIB} of its {whole // MIB} MiB (--max-memory): it ends where that is"
                " used up, and is restored; a restart frees what replaced code has taken\n"
            )

    def reset(self) -> None:
        self.forget_performance()
        for forget in self.on_reset:
            forget()
        self.c.csoundResetWasi()
        self._prepare()

    def close(self) -> None:
        self.forget_performance()
        self.c.csoundDestroy()


LOOP: Final = """
(module
  (import "env" "memory" (memory 1))
  (import "csound" "csoundPerformKsmps" (func $perform (param i32) (result i32)))
  (func (export "burst")
    (param $csound i32) (param $cycles i32) (param $spout i32) (param $bytes i32) (param $to i32) (param $code i32)
    (result i32)
    (local $done i32) (local $returned i32)
    (block $over
      (loop $next
        (br_if $over (i32.ge_s (local.get $done) (local.get $cycles)))
        (local.set $returned (call $perform (local.get $csound)))
        (br_if $over (local.get $returned))
        (if (local.get $to) (then
          (memory.copy (local.get $to) (local.get $spout) (local.get $bytes))
          (local.set $to (i32.add (local.get $to) (local.get $bytes)))))
        (local.set $done (i32.add (local.get $done) (i32.const 1)))
        (i32.store offset=4 (local.get $code) (local.get $done))
        (br $next)))
    (i32.store (local.get $code) (local.get $returned))
    (local.get $done)))
"""
DONE: Final = 4
"""Where the cycles that are done are counted, for a burst that has another end."""


class Cycles:
    """Performs ``instance``, and keeps memory of the machine's for what it puts out."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._stack = instance.machine.stack()
        perform = instance.machine.c.csoundPerformKsmps
        self._one: Callable[[], int] = perform.repeated(instance.c.address)
        self._burst = instance.machine.function("burst", instance.machine.assembled(LOOP, perform.function))
        self._output: npt.NDArray[np.float64] = np.zeros(0)
        self._address = 0

    def one(self) -> int:
        """Perform a cycle; Csound's code."""
        try:
            return self._one()
        except Exited as end:
            return self._unwound(end)

    def burst(self, cycles: int, output: npt.NDArray[np.float64] | None) -> tuple[int, int]:
        """Perform up to ``cycles`` cycles, with a copy of what they put out in ``output``, if there is one.

        Returns how many were whole, and the code of the last.
        """
        into = 0 if output is None else self._room(output.size)
        done, code = self._performed(cycles, into)
        if output is not None:
            size = done * self._instance.spout().size
            output.reshape(-1)[:size] = self._output[:size]
        return done, code

    def _performed(self, cycles: int, into: int) -> tuple[int, int]:
        instance, machine = self._instance, self._instance.machine
        spout, words = instance.spout(), instance.c.words
        machine.write(words, bytes(DONE + 4))
        try:
            self._burst(instance.c.address, cycles, spout.ctypes.data - machine.base, spout.nbytes, into, words)
        except Exited as end:
            return machine.word(words + DONE), self._unwound(end)
        return machine.word(words + DONE), machine.word(words)

    def _unwound(self, end: Exited) -> int:
        """The machine after a jump out of a cycle: nothing is damaged by that."""
        self._instance.machine.unwind(self._stack)
        return end.code

    def _room(self, size: int) -> int:
        """The address of room for so many numbers."""
        if self._output.size < size:
            machine = self._instance.machine
            if self._address:
                machine.c.free(self._address)
            self._address = machine.allocate(8 * size)
            self._output = machine.array(self._address, (size,))
        return self._address
