"""OSC over UDP and TCP: packets to calls, channel values and subscriptions, and back.

A packet's way: ``endpoints`` (sockets to senders) → ``router`` (packets to messages) → ``addresses`` (messages to
actions, by declarations in ``commands`` and ``notes``) → ``calls`` and ``channels`` (actions to the dispatcher, results
to packets). ``subscriptions`` sends channel values the other way.
"""

from __future__ import annotations

from csoundd.transport.osc.server import GROUPS, OscServer, Target

__all__ = ["GROUPS", "OscServer", "Target"]
