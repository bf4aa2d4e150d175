"""Every method that can be called, of Csound's API and of ours, declared once as a typed signature.

``METHODS`` is the closed table that the dispatcher looks names up in; the contract, the clients' stubs and the
reference pages are made from it. Beside it stand the methods that an engine cannot serve, each with the reason: the
backends answer Unsupported with these words, ``engine.info`` lists them, and the reference shows them.
"""

from __future__ import annotations

from typing import Final

from csoundd.api.array_channels import Arrays, Pvs
from csoundd.api.audio import Audio, CircularBuffers
from csoundd.api.callbacks import Files, GraphCallbacks, Graphs, Keyboard, KeyboardCallbacks, Midi
from csoundd.api.channels import Bus, BusCallbacks, Channels, ChannelSets
from csoundd.api.declare import Method, MethodGroup, methods_of
from csoundd.api.engine import EngineCommands, EngineControl
from csoundd.api.instance import Devices, Instance, Options
from csoundd.api.messages import MessageBuffer, MessageCallbacks, Messages
from csoundd.api.orchestra import Compiling, OpcodeList, Opcodes, OrcCheck, OrcCompile, OrcInstruments, RemoteOpcodes
from csoundd.api.performance import Performance
from csoundd.api.renders import Bounces, Renders
from csoundd.api.score import Score
from csoundd.api.server import Server
from csoundd.api.session import Rpc, Session, Streams
from csoundd.api.tables import Tables, TableSlices
from csoundd.api.thread import ProcessCallbacks, ThreadMessages, ThreadTasks, Transport
from csoundd.api.tokens import Pairing, Tickets, Tokens

METHOD_GROUPS: Final[tuple[type[MethodGroup], ...]] = (
    Instance,
    Options,
    Devices,
    Performance,
    Compiling,
    Score,
    Channels,
    Bus,
    BusCallbacks,
    Arrays,
    Pvs,
    Tables,
    Audio,
    Messages,
    MessageCallbacks,
    MessageBuffer,
    CircularBuffers,
    Keyboard,
    KeyboardCallbacks,
    Midi,
    Graphs,
    GraphCallbacks,
    Files,
    Opcodes,
    Transport,
    ThreadMessages,
    ThreadTasks,
    ProcessCallbacks,
    Session,
    Tickets,
    Tokens,
    Pairing,
    EngineControl,
    EngineCommands,
    ChannelSets,
    TableSlices,
    OrcCheck,
    OrcInstruments,
    OrcCompile,
    RemoteOpcodes,
    OpcodeList,
    Streams,
    Renders,
    Bounces,
    Rpc,
    Server,
)
"""Every group, in the order of the reference. A group is served by one side: the engine or the front."""

METHODS: Final[dict[str, Method]] = {
    declared.name: declared for group in METHOD_GROUPS for declared in methods_of(group)
}
"""Every method by its name on the wire."""

_PORT: Final = "csoundUDPServerStart lets anybody on the network run code; clients compile over csoundd"
_NO_POINTERS: Final = (
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

UNSUPPORTED: Final = {"csound.UDPServerStart": _PORT, "csound.appendOpcode": _NO_POINTERS}

UNSUPPORTED_BY_CSOUND_6: Final = UNSUPPORTED | {
    name: f"the C library of Csound 6 has no {symbol}; the wasm engine serves it" for name, symbol in _ARRAYS.items()
}

UNSUPPORTED_BY_WASM: Final = UNSUPPORTED | {
    "csound.loadPlugins": "the embedded engine loads no machine code; the native engine does",
    "csound.runUtility": "the embedded engine has none of Csound's utilities; the native engine has",
}

UNSUPPORTED_BY_ENGINE: Final[dict[str, dict[str, str]]] = {
    "native, Csound 6.18": UNSUPPORTED_BY_CSOUND_6,
    "native, Csound 7": UNSUPPORTED,
    "wasm": UNSUPPORTED_BY_WASM,
}
"""The engines by the names that the reference gives them."""

__all__ = [
    "METHODS",
    "METHOD_GROUPS",
    "UNSUPPORTED",
    "UNSUPPORTED_BY_CSOUND_6",
    "UNSUPPORTED_BY_ENGINE",
    "UNSUPPORTED_BY_WASM",
    "Method",
    "MethodGroup",
]
