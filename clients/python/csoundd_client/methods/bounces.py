"""What was played live, rendered again.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Literal

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import RenderJob

_RENDER_JOB: Final = reader(RenderJob)


class Bounces(Namespace):
    """What was played live, rendered again."""

    def bounce(
        self,
        name: str = "bounce",
        format: Literal["wav16", "wav24", "wav32f", "flac", "ogg", "opus"] = "wav32f",
        start: float = 0.0,
        until: float | None = None,
        timeout: float | None = None,
        maxMemory: int | None = None,
        priority: int = 0,
        attempts: int = 3,
        key: str | None = None,
        wait: float = 0.0,
    ) -> Call[RenderJob]:
        """Render again what was played since the engine began or was last reset, offline.

        Code, events, values of channels, points of tables, MIDI, keys, audio for ``spin``: everything is done again in
        the cycle in which it was done, whoever did it, so the samples are those that were heard, as fast as they can
        be computed. What waits for its time is not in it. The sound is that from ``start`` to ``until``, in seconds
        since then; null is now, and what is later than now is how it would go on. The job is as any that
        ``render.submit`` makes; files that the orchestra writes are thrown away, what it reads has to be there still.
        Not the same is what depends on anything else: ``seed 0``, the date, the network, input that Csound takes from
        a device by itself. An engine that has died takes its log with it: what can be bounced begins where the next
        one has taken over.

        Raises WrongState where nothing was played or nothing is kept, InvalidParams for no time between ``start`` and
        ``until``, LimitExceeded where the log was full before ``until``, or too many jobs wait.
        """
        return self._request(
            "session.bounce",
            [name, format, start, until, timeout, maxMemory, priority, attempts, key, wait],
            UNTIMED,
            _RENDER_JOB,
        )
