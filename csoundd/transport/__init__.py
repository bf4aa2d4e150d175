"""Stage 1: bytes to sessions and back, over WebSocket and HTTP."""
