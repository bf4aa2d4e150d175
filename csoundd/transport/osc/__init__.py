"""Stage 1: OSC over UDP and TCP, to calls, channel values and subscriptions, and back."""

from __future__ import annotations

from csoundd.transport.osc.server import OscServer, Target

__all__ = ["OscServer", "Target"]
