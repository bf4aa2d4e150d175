"""The methods that each engine cannot serve, and why: the one place where a refusal is written.

The backends answer Unsupported with these words, ``engine.info`` lists them, and the reference shows them.
"""

from __future__ import annotations

from typing import Final

PORT: Final = "csoundUDPServerStart lets anybody on the network run code; clients compile over csoundd"
NO_POINTERS: Final = (
    "csoundAppendOpcode needs C functions, which cannot travel; define a user-defined opcode with csound.compileOrc, "
    "or with opcode.define one whose values clients feed and hear (a remote opcode)"
)
_ARRAYS: Final = {
    "csound.initArrayChannel": "csoundInitArrayChannel",
    "csound.arrayData": "csoundGetArrayData",
    "csound.setArrayData": "csoundSetArrayData",
    "csound.arrayDataType": "csoundArrayDataType",
    "csound.arrayDataDimensions": "csoundArrayDataDimensions",
    "csound.arrayDataSizes": "csoundArrayDataSizes",
}

EVERYWHERE: Final = {"csound.UDPServerStart": PORT, "csound.appendOpcode": NO_POINTERS}

CSOUND_6: Final = EVERYWHERE | {
    name: f"the C library of Csound 6 has no {symbol}; the wasm engine serves it" for name, symbol in _ARRAYS.items()
}

WASM: Final = EVERYWHERE | {
    "csound.loadPlugins": "the embedded engine loads no machine code; the native engine does",
    "csound.runUtility": "the embedded engine has none of Csound's utilities; the native engine has",
}

ENGINES: Final[dict[str, dict[str, str]]] = {
    "native, Csound 6.18": CSOUND_6,
    "native, Csound 7": EVERYWHERE,
    "wasm": WASM,
}
"""The engines by the names that the reference gives them."""
