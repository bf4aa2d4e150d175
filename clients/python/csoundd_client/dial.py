"""From an address to a WebSocket that has been shaken hands over."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from websockets.exceptions import InvalidURI
from websockets.uri import parse_uri

from csoundd_client.failures import ConnectionFailed, ConnectionLost
from csoundd_client.wire import Wire


async def dial(
    url: str,
    subprotocol: str,
    heard: Callable[[bytes], None],
    lost: Callable[[ConnectionLost], None],
    *,
    tls: ssl.SSLContext | None,
    patience: float,
) -> Wire:
    """A WebSocket to ``url``, shaken hands within ``patience`` seconds. Raises ConnectionFailed."""
    loop = asyncio.get_running_loop()
    try:
        address = parse_uri(url)
        context = (tls or ssl.create_default_context()) if address.secure else None
        async with asyncio.timeout(patience):
            _, wire = await loop.create_connection(
                lambda: Wire(address, subprotocol, heard, lost), address.host, address.port, ssl=context
            )
            await wire.opened()
    except (OSError, ValueError, InvalidURI) as error:
        raise ConnectionFailed(f"no connection to {url}: {str(error) or 'it took too long'}") from error
    return wire
