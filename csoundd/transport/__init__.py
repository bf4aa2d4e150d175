"""Bytes to sessions and back, over WebSocket and HTTP."""
