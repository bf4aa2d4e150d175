"""Csound 7 as WebAssembly, run in wasmtime: no library of the system, nothing seen but the workspace."""
