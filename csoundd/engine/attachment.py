"""The engine host that there is now, if any: what goes to it, and what its memory shows without asking."""

from __future__ import annotations

from csoundd.engine.link.frames import call_frame
from csoundd.engine.link.mirror import Mirror
from csoundd.engine.link.ring import Field
from csoundd.engine.process.process import Process
from csoundd.messages import Command, Frames, Seconds, Sounded


class Attachment:
    """Holds back what is sent while no host serves."""

    def __init__(self) -> None:
        self.serves = False
        self._process: Process | None = None
        self._held: list[bytes] = []
        self._heard_to = Frames(0)

    @property
    def pid(self) -> int | None:
        """The id of the host's process."""
        return None if self._process is None else self._process.pid

    def attach(self, process: Process) -> None:
        """A host is there that is to be restored before it serves."""
        self._process = process
        self.begin()

    def begin(self) -> None:
        """Samples count from 0 again."""
        self._heard_to = Frames(0)

    def detach(self) -> None:
        """There is no host any more, and what was held back is for nobody."""
        self._process, self.serves = None, False
        self._held.clear()

    def serve(self) -> None:
        """The host is where the last one was: it gets what came in meanwhile, and all that follows."""
        held, self._held = self._held, []
        self.serves = True
        if self._process is not None:
            self._process.send(b"".join(held))

    def send(self, number: int, command: Command) -> None:
        """Send a call to the host, as soon as one serves."""
        framed = call_frame(number, command)
        if self.serves and self._process is not None:
            self._process.send(framed)
        else:
            self._held.append(framed)

    def send_first(self, number: int, command: Command) -> None:
        """Send a call to a host that is being restored."""
        assert self._process is not None
        self._process.send(call_frame(number, command))

    def sample(self) -> Frames:
        """The first sample of the next cycle."""
        return Frames(0) if self._process is None else Frames(self._process.ring.header[Field.SAMPLE])

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle."""
        return Seconds(0.0) if self._process is None else Seconds(self._process.ring.header[Field.SCORE_TIME_US] / 1e6)

    @property
    def mirror(self) -> Mirror | None:
        """The channels that the host shows, None while no host serves."""
        return self._process.ring.mirror if self.serves and self._process is not None else None

    def sounded(self) -> Sounded | None:
        """What has sounded since the last call, None where that is nothing."""
        if self._process is None:
            return None
        sample, frames = self._process.ring.read(self._heard_to)
        if not len(frames):
            return None
        self._heard_to = Frames(sample + len(frames))
        return Sounded(sample, frames)
