"""The methods that block and need nothing else.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.methods.arrays import Arrays
from csoundd_client.dropin.methods.bus import Bus
from csoundd_client.dropin.methods.channels import Channels
from csoundd_client.dropin.methods.circular_buffers import CircularBuffers
from csoundd_client.dropin.methods.compiling import Compiling
from csoundd_client.dropin.methods.devices import Devices
from csoundd_client.dropin.methods.graphs import Graphs
from csoundd_client.dropin.methods.instance import Instance
from csoundd_client.dropin.methods.keyboard import Keyboard
from csoundd_client.dropin.methods.message_buffer import MessageBuffer
from csoundd_client.dropin.methods.messages import Messages
from csoundd_client.dropin.methods.options import Options
from csoundd_client.dropin.methods.performance import Performance
from csoundd_client.dropin.methods.pvs import Pvs
from csoundd_client.dropin.methods.score import Score
from csoundd_client.dropin.methods.tables import Tables
from csoundd_client.dropin.methods.thread_messages import ThreadMessages
from csoundd_client.dropin.methods.transport import Transport


class CsoundMethods(
    Instance,
    Options,
    Devices,
    Performance,
    Compiling,
    Score,
    Channels,
    Bus,
    Arrays,
    Pvs,
    Tables,
    Messages,
    MessageBuffer,
    CircularBuffers,
    Keyboard,
    Graphs,
):
    """The methods ``csound.*`` whose values are the same here and on the wire."""


class ThreadMethods(Transport, ThreadMessages):
    """The methods ``thread.*`` whose values are the same here and on the wire."""
