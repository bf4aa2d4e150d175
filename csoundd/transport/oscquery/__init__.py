"""Stage 1: OSCQuery, which tells what OSC there is, over HTTP and WebSocket."""

from __future__ import annotations

from csoundd.transport.oscquery.discovery import OSC, OSCQUERY, Announcement, Places
from csoundd.transport.oscquery.service import OscQuery, Whereabouts

__all__ = ["OSC", "OSCQUERY", "Announcement", "OscQuery", "Places", "Whereabouts"]
