"""Cycles one after another inside the machine, with no Python between them: each call into it costs microseconds."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import wasmtime

from csoundd.engine.backends.wasm.instance import Instance

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
        (br $next)))
    (i32.store (local.get $code) (local.get $returned))
    (local.get $done)))
"""


class Bursts:
    """Performs ``instance``, and keeps memory of the machine's for what it puts out."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        machine = instance.machine
        perform = instance.c.csoundPerformKsmps.function
        assert isinstance(perform, wasmtime.Func)
        self._burst = machine.function("burst", machine.assembled(LOOP, perform))
        self._output: npt.NDArray[np.float64] = np.zeros(0)
        self._address = 0

    def perform(self, cycles: int, output: npt.NDArray[np.float64] | None) -> tuple[int, int]:
        """Perform up to ``cycles`` cycles, with a copy of what they put out in ``output``, if there is one.

        Returns how many were whole, and the code of the last.
        """
        instance = self._instance
        spout = instance.spout()
        into = 0 if output is None else self._room(output.size)
        done = self._burst(
            instance.cs, cycles, spout.ctypes.data - instance.machine.base, spout.nbytes, into, instance.words
        )
        if output is not None:
            size = done * spout.size
            output.reshape(-1)[:size] = self._output[:size]
        return done, 0 if done == cycles else instance.machine.word(instance.words)

    def _room(self, size: int) -> int:
        """The address of room for so many numbers."""
        if self._output.size < size:
            machine = self._instance.machine
            if self._address:
                machine.c.free(self._address)
            self._address = machine.allocate(8 * size)
            self._output = machine.array(self._address, (size,))
        return self._address
