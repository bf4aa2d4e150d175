"""Performing: one cycle, or many inside the machine, with no Python between them: a call into it costs microseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.wasm.instance import Exited, Instance

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
