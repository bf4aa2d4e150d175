"""OSCQuery: tells what OSC there is, over HTTP and WebSocket, and by mDNS where it is."""

from __future__ import annotations

from csoundd.transport.oscquery.discovery import OSC, OSCQUERY, Announcement, Services
from csoundd.transport.oscquery.service import OscQuery, ServiceInfo

__all__ = ["OSC", "OSCQUERY", "Announcement", "OscQuery", "ServiceInfo", "Services"]
