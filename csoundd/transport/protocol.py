"""Stage 1, socket to ASGI: uvicorn's WebSocket protocol, until an endpoint takes the connection over.

uvicorn's part is the handshake and the list of connections; from then on a Wire owns the socket.
"""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from csoundd.transport.wire import GOING_AWAY, Receiver, Wire

STATE_KEY: Final = "csoundd.protocol"
"""Where ``scope["state"]`` holds the protocol, for an endpoint that wants to take over."""

SHUTDOWN_PATIENCE: Final = 0.5
"""Seconds that clients have to answer the close frame when the server stops."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with a way out of ASGI once a connection has been accepted."""

    _wire: Wire | None = None

    def handle_connect(self, event: Request) -> None:
        """Begin as uvicorn does, with this protocol within the endpoint's reach."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"][STATE_KEY] = self

    def take_over(self, receiver: Receiver) -> Wire:
        """Hand the accepted connection to a wire that tells ``receiver`` what comes.

        The endpoint stays in ``receive`` until the disconnect, which uvicorn counts its connections by.
        """
        self._wire = Wire(self.transport, receiver, self.config.ws_max_size, self.connection_lost)
        return self._wire

    def shutdown(self) -> None:
        """Close because the server stops; a client that keeps silent is cut off soon after."""
        if self._wire is None:
            super().shutdown()
        else:
            self._wire.close(GOING_AWAY, "the server is going away", SHUTDOWN_PATIENCE)
