"""Every method of the contract, by namespace.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.methods.arrays import Arrays
from csoundd_client.methods.audio import Audio
from csoundd_client.methods.bounces import Bounces
from csoundd_client.methods.bus import Bus
from csoundd_client.methods.bus_callbacks import BusCallbacks
from csoundd_client.methods.channel_sets import ChannelSets
from csoundd_client.methods.channels import Channels
from csoundd_client.methods.circular_buffers import CircularBuffers
from csoundd_client.methods.compiling import Compiling
from csoundd_client.methods.devices import Devices
from csoundd_client.methods.engine_commands import EngineCommands
from csoundd_client.methods.engine_control import EngineControl
from csoundd_client.methods.files import Files
from csoundd_client.methods.graph_callbacks import GraphCallbacks
from csoundd_client.methods.graphs import Graphs
from csoundd_client.methods.instance import Instance
from csoundd_client.methods.keyboard import Keyboard
from csoundd_client.methods.keyboard_callbacks import KeyboardCallbacks
from csoundd_client.methods.message_buffer import MessageBuffer
from csoundd_client.methods.message_callbacks import MessageCallbacks
from csoundd_client.methods.messages import Messages
from csoundd_client.methods.midi import Midi
from csoundd_client.methods.opcode_list import OpcodeList
from csoundd_client.methods.opcodes import Opcodes
from csoundd_client.methods.options import Options
from csoundd_client.methods.orc_check import OrcCheck
from csoundd_client.methods.orc_compile import OrcCompile
from csoundd_client.methods.orc_instruments import OrcInstruments
from csoundd_client.methods.pairing import Pairing
from csoundd_client.methods.performance import Performance
from csoundd_client.methods.process_callbacks import ProcessCallbacks
from csoundd_client.methods.pvs import Pvs
from csoundd_client.methods.remote_opcodes import RemoteOpcodes
from csoundd_client.methods.renders import Renders
from csoundd_client.methods.rpc import Rpc
from csoundd_client.methods.score import Score
from csoundd_client.methods.server import Server
from csoundd_client.methods.session import Session
from csoundd_client.methods.streams import Streams
from csoundd_client.methods.table_slices import TableSlices
from csoundd_client.methods.tables import Tables
from csoundd_client.methods.thread_messages import ThreadMessages
from csoundd_client.methods.thread_tasks import ThreadTasks
from csoundd_client.methods.tickets import Tickets
from csoundd_client.methods.tokens import Tokens
from csoundd_client.methods.transport import Transport
from csoundd_client.namespace import Caller


class CsoundMethods(
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
):
    """The methods ``csound.*``."""


class ThreadMethods(Transport, ThreadMessages, ThreadTasks, ProcessCallbacks):
    """The methods ``thread.*``."""


class SessionMethods(Session, Tickets, Bounces):
    """The methods ``session.*``."""


class TokenMethods(Tokens):
    """The methods ``token.*``."""


class PairingMethods(Pairing):
    """The methods ``pairing.*``."""


class EngineMethods(EngineControl, EngineCommands):
    """The methods ``engine.*``."""


class ChannelMethods(ChannelSets):
    """The methods ``channel.*``."""


class TableMethods(TableSlices):
    """The methods ``table.*``."""


class OrcMethods(OrcCheck, OrcInstruments, OrcCompile):
    """The methods ``orc.*``."""


class OpcodeMethods(RemoteOpcodes, OpcodeList):
    """The methods ``opcode.*``."""


class StreamMethods(Streams):
    """The methods ``stream.*``."""


class RenderMethods(Renders):
    """The methods ``render.*``."""


class RpcMethods(Rpc):
    """The methods ``rpc.*``."""


class ServerMethods(Server):
    """The methods ``server.*``."""


class Methods:
    """The namespaces of the contract, whose calls ``caller`` sends."""

    def __init__(self, caller: Caller) -> None:
        self.csound = CsoundMethods(caller)
        self.thread = ThreadMethods(caller)
        self.session = SessionMethods(caller)
        self.token = TokenMethods(caller)
        self.pairing = PairingMethods(caller)
        self.engine = EngineMethods(caller)
        self.channel = ChannelMethods(caller)
        self.table = TableMethods(caller)
        self.orc = OrcMethods(caller)
        self.opcode = OpcodeMethods(caller)
        self.stream = StreamMethods(caller)
        self.render = RenderMethods(caller)
        self.rpc = RpcMethods(caller)
        self.server = ServerMethods(caller)
