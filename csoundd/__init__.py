"""csoundd: a server that owns one Csound and answers for it over WebSocket, HTTP and OSC."""

__version__ = "0.1.0"
