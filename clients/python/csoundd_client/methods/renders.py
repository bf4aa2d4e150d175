"""Jobs that render pieces to sound files, beside what plays.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import RenderJob, RenderList

_RENDER_JOB: Final = reader(RenderJob)
_RENDER_LIST: Final = reader(RenderList)


class Renders(Namespace):
    """Jobs that render pieces to sound files, beside what plays.

    They wait in a queue, the highest priority first, and are rendered as many at a time as there are processors,
    each in a process of its own. What is acknowledged is kept: after the end of a daemon, in whatever way, the next one
    goes on. The topic ``render`` tells how far they are, ``/renders`` has the sound files.
    """

    def submit(
        self,
        csd: str | None = None,
        name: str = "",
        file: str | None = None,
        folder: str = "",
        format: Literal["wav16", "wav24", "wav32f", "flac", "ogg", "opus"] | None = None,
        channels: Mapping[str, float | str] | None = None,
        macros: Mapping[str, str] | None = None,
        options: Sequence[str] | None = None,
        inputs: Mapping[str, str] | None = None,
        engine: str | None = None,
        maxDuration: float | None = None,
        timeout: float | None = None,
        maxMemory: int | None = None,
        priority: int = 0,
        attempts: int = 3,
        key: str | None = None,
        cache: bool = True,
        wait: float = 0.0,
        stems: Sequence[str] | None = None,
    ) -> Call[RenderJob]:
        """Have a piece rendered: the text ``csd``, or ``file`` of the workspace as it is now.

        What the piece reads lies in ``folder`` of the workspace, by default that of ``file``; or it is in ``inputs``,
        by its name for the piece and the SHA-256 digest under which it was put to ``/renders/inputs``: then nothing
        else is there for it. ``format`` is by default what the piece says. ``channels`` are set before it begins,
        ``macros`` defined, ``options`` those of Csound's command. ``stems`` are instruments and audio channels that
        become files of their own beside the mix, of the same performance. ``maxDuration`` cuts the sound, ``timeout``
        gives the render up after so many seconds, ``maxMemory`` bounds its process in bytes, below the bound that all
        have. A job whose process crashes, or whose daemon dies, is begun again, up to ``attempts`` times for its own
        crashes.

        A ``key`` of the client's choice makes it safe to ask again where no answer came: the same job is answered.
        With ``wait`` the answer comes when the job has ended, or after so many seconds.

        Raises InvalidParams for what is no piece, has no end or belongs to another ``key``, NotFound for a ``file`` or
        an input that is not there, Forbidden for an engine that is not for jobs, LimitExceeded where too many wait.
        """
        return self._request(
            "render.submit",
            [
                csd,
                name,
                file,
                folder,
                format,
                channels,
                macros,
                options,
                inputs,
                engine,
                maxDuration,
                timeout,
                maxMemory,
                priority,
                attempts,
                key,
                cache,
                wait,
                stems,
            ],
            UNTIMED,
            _RENDER_JOB,
        )

    def status(self, job: str, log: bool = False, wait: float = 0.0) -> Call[RenderJob]:
        """A job, with each time that it was begun, and with ``log`` what Csound printed then.

        With ``wait`` the answer comes when it has ended, or after so many seconds. Raises NotFound.
        """
        return self._request("render.status", [job, log, wait], UNTIMED, _RENDER_JOB)

    def list(
        self,
        state: Literal["queued", "running", "done", "failed", "cancelled"] | None = None,
        name: str = "*",
        limit: int = 100,
        before: str | None = None,
    ) -> Call[RenderList]:
        """The jobs there are, the latest first: those in one ``state``, those whose name matches the glob ``name``.

        Without their histories. ``before`` is the job at which another list ended. Raises NotFound where that is gone.
        """
        return self._request("render.list", [state, name, limit, before], UNTIMED, _RENDER_LIST)

    def cancel(self, job: str) -> Call[RenderJob]:
        """End a job that waits or runs, and leave nothing of its sound files. One that has ended stays as it is.

        Raises NotFound.
        """
        return self._request("render.cancel", [job], UNTIMED, _RENDER_JOB)

    def retry(self, job: str) -> Call[RenderJob]:
        """Have a job rendered anew that failed or was cancelled; what it may crash is counted from zero.

        Raises NotFound, and WrongState for one that is done, waits or runs.
        """
        return self._request("render.retry", [job], UNTIMED, _RENDER_JOB)

    def remove(self, job: str) -> Call[None]:
        """Forget a job that has ended, and delete its sound files. By themselves the oldest go, by age and size.

        Raises NotFound, and WrongState for one that waits or runs.
        """
        return self._request("render.remove", [job], UNTIMED)
