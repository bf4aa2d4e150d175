"""Every method that can be called, of Csound's API and of ours, declared once as a typed signature.

``METHODS`` is the closed table that the dispatcher looks names up in; the contract, the clients' stubs and the
reference pages are made from it.
"""

from __future__ import annotations

from typing import Final

from csoundd.api.arrays import Arrays
from csoundd.api.audio import Audio, CircularBuffers
from csoundd.api.channel_info import Bus, BusCallbacks
from csoundd.api.channels import Channels, ChannelSets
from csoundd.api.compiling import Compiling
from csoundd.api.declare import Method, MethodGroup, methods_of
from csoundd.api.devices import Devices
from csoundd.api.engine import EngineCommands, EngineControl
from csoundd.api.graphs import Files, GraphCallbacks, Graphs
from csoundd.api.instance import Instance
from csoundd.api.messages import MessageBuffer, MessageCallbacks, Messages
from csoundd.api.opcodes import Opcodes, RemoteOpcodes
from csoundd.api.options import Options
from csoundd.api.orc import OrcCheck, OrcCompile
from csoundd.api.performance import Performance
from csoundd.api.playing import Keyboard, KeyboardCallbacks, Midi
from csoundd.api.pvs import Pvs
from csoundd.api.score import Score
from csoundd.api.session import Rpc, Session
from csoundd.api.stream import Streams
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
