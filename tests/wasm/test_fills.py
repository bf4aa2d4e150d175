from __future__ import annotations

from typing import Final

import pytest
import wasmtime

from csoundd.engine.csound.wasm.build.binary import opened

HEAD: Final = """
(module (import "env" "memory" (memory 1)) (global (mut i32) (i32.const 7)) (func $malloc)
  (func $other)
  (func $csoundLocalizeString)
"""
BODY: Final = """
  (func $csoundClear (param $to i32) (param $value i32) (param $size i32) (result i32) (local $turns i32)
    (loop $again
      {call}
      (memory.fill (local.get $to) (local.get $value) (local.get $size))
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $turns) (i32.const 2))))
    (local.get $turns))
  (func (export "csoundSeen"))
)
"""
FILL: Final = b"\xfc\x0b"
PAGE_BYTES: Final = 65536


def module(call: str = "") -> bytes:
    return opened(bytes(wasmtime.wat2wasm(HEAD + BODY.format(call=call))))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 64, 1003])
@pytest.mark.parametrize("value", [0, 1, 255, 511])
def test_a_loop_does_what_the_fill_did(size: int, value: int) -> None:
    store = wasmtime.Store()
    memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(1, None)))
    memory.write(store, b"x" * PAGE_BYTES)
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, module()), [memory]).exports(store)
    clear = exports["csoundClear"]
    assert isinstance(clear, wasmtime.Func)
    assert clear(store, 99, value, size) == 2
    expected = b"x" * 99 + bytes([value % 256]) * size
    assert bytes(memory.read(store, 0, PAGE_BYTES)) == expected.ljust(PAGE_BYTES, b"x")


@pytest.mark.parametrize("call", ["", "(call $csoundLocalizeString)"])
def test_a_function_without_other_calls_has_no_fill_left(call: str) -> None:
    assert FILL not in module(call)


def test_a_function_with_another_call_keeps_its_fill() -> None:
    assert FILL in module("(call $other)")
