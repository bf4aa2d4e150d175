"""Every method that can be called, of Csound's API and of ours, declared once as a typed signature.

``METHODS`` is the closed table that the dispatcher looks names up in; the contract, the clients' stubs and the
reference pages are made from it.
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
from csoundd.api.orchestra import Compiling, Opcodes, OrcCheck, OrcCompile, RemoteOpcodes
from csoundd.api.performance import Performance
from csoundd.api.score import Score
from csoundd.api.session import Rpc, Session, Streams
from csoundd.api.tables import Tables, TableSlices
from csoundd.api.thread import ProcessCallbacks, ThreadMessages, ThreadTasks, Transport

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
    EngineControl,
    EngineCommands,
    ChannelSets,
    TableSlices,
    OrcCheck,
    OrcCompile,
    RemoteOpcodes,
    Streams,
    Rpc,
)
"""Every group, in the order of the reference. A group is served by one side: the engine or the front."""

METHODS: Final[dict[str, Method]] = {
    declared.name: declared for group in METHOD_GROUPS for declared in methods_of(group)
}
"""Every method by its name on the wire."""

__all__ = ["METHODS", "METHOD_GROUPS", "Method", "MethodGroup"]
