"""The topic of the renders: what becomes of jobs, and how far they are.

Of what becomes of them a client loses nothing; how far they are waits as events do: a slow one loses the oldest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from csoundd.api.renders import JobState, RenderFailure
from csoundd.messages import RenderTold, StreamFrame
from csoundd.ports import RenderSource, StreamEngine, Subscriber
from csoundd.streams.backlog import KEPT, NEWEST
from csoundd.streams.topics.topic import Options, Topic, about, check_rate


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """The jobs to hear of, and how often."""

    job: str | None = field(default=None, metadata=about("the job, by default every one"))
    rate: float = field(default=10.0, metadata=about("how often each tells how far it is, in Hz"))

    def __post_init__(self) -> None:
        """Refuse a rate that there is not."""
        check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class RenderChange:
    """A job: its state, and while it runs how far it is.

    ``scoreTime`` is where it is in the score, ``seconds`` how much sound there is, ``speed`` how many times faster than
    real time, ``eta`` the seconds that are left, where the length is known. One that failed has its ``error``, and in
    ``log`` the last of what Csound printed.
    """

    job: str
    state: JobState
    name: str | None = None
    attempt: int | None = None
    scoreTime: float | None = None
    seconds: float | None = None
    speed: float | None = None
    eta: float | None = None
    cached: bool | None = None
    error: RenderFailure | None = None
    log: list[str] | None = None


class RenderTopic(Topic):
    """The changes of jobs, of which ``jobs`` tells."""

    name = "render"
    options = RenderOptions
    data = RenderChange
    about = "What becomes of the jobs that are rendered, and how far each is. It begins with how they are."
    delivery = NEWEST
    channels = "beyond"

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine, jobs: RenderSource) -> None:
        super().__init__(stream_id, chosen, engine)
        self._jobs = jobs
        self._last: dict[str, RenderTold] = {}
        """What was last told of the one job, or of those that run."""
        self._progress: dict[str, float] = {}
        """When each job that runs last told how far it is."""

    async def open(self) -> None:
        """Find out how things are. Raises NotFound for a job that there is not."""
        found = await self._jobs.told(self.chosen["job"])
        self._last = {told.job: told for told in found} | self._last

    def welcome(self, subscriber: Subscriber, chosen: Options) -> None:
        """Tell how things are, under the number of the last frame."""
        del chosen
        for told in self._last.values():
            subscriber.offer(StreamFrame(self.id, self.seq, self.engine.sample(), told.data, KEPT))

    def tell(self, told: RenderTold) -> None:
        """Pass on what became of a job, and how far it is as often as is wanted."""
        job = self.chosen["job"]
        if job not in {None, told.job}:
            return
        if told.is_progress:
            now = monotonic()
            if now - self._progress.get(told.job, 0.0) < 1 / self.chosen["rate"]:
                return
            self._progress[told.job] = now
        else:
            self._progress.pop(told.job, None)
        if job is not None or told.state == "running":
            self._last[told.job] = told
        else:
            self._last.pop(told.job, None)
        self.seq += 1
        delivery = NEWEST if told.is_progress else KEPT
        self._offer(StreamFrame(self.id, self.seq, self.engine.sample(), told.data, delivery))
