"""What a daemon looks at again and again while it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def every(seconds: float, call: Callable[[], Awaitable[object] | None]) -> AsyncIterator[None]:
    """Have ``call`` called every ``seconds`` while this is entered; the next time counts from its end."""

    async def repeated() -> None:
        while True:
            await asyncio.sleep(seconds)
            waiting = call()
            if waiting is not None:
                await waiting

    task = asyncio.get_running_loop().create_task(repeated())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
