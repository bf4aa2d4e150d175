"""Stage 1: a file as the answer to a request, while somebody else is still writing to it."""

from __future__ import annotations

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send


class GrowingFile(FileResponse):
    """Sends as much of a file as its Content-Length says, also of one that becomes longer meanwhile."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        left, more = 0, True

        async def bounded(message: Message) -> None:
            nonlocal left, more
            if message["type"] == "http.response.start":
                left = int(dict(message["headers"])[b"content-length"])
            elif not more:
                return
            else:
                body = message.get("body", b"")[:left]
                left -= len(body)
                more = message.get("more_body", False) and left > 0
                message = dict(message) | {"body": body, "more_body": more}
            await send(message)

        await super().__call__(scope, receive, bounded)
