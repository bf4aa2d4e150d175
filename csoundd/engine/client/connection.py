"""The engine host that there is now, if any: what goes to it, and what its memory shows without asking."""

from __future__ import annotations

from csoundd.engine.link.mirror import Mirror
from csoundd.engine.link.protocol import encode_call
from csoundd.engine.link.ring import Field
from csoundd.engine.process.process import Process
from csoundd.messages import AudioBlock, Command, Frames, Seconds


class HostConnection:
    """Holds back the numbers of the calls that are made while no host serves."""

    def __init__(self) -> None:
        self.serves = False
        self._process: Process | None = None
        self._held: list[int] = []
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
        """There is no host any more."""
        self._process, self.serves = None, False

    def serve(self) -> list[int]:
        """The host is where the last one was, and gets what follows. Returns the calls that were held back."""
        held, self._held = self._held, []
        self.serves = True
        return held

    def hold(self, numbers: list[int]) -> None:
        """These calls go to the next host, before any other that waits for it."""
        self._held = numbers + self._held

    def withdraw(self, number: int) -> bool:
        """Whether the call was held back, which it is no longer."""
        held = number in self._held
        if held:
            self._held.remove(number)
        return held

    def drop(self) -> None:
        """No host will follow: what is held back goes to nobody."""
        self._held.clear()

    def send(self, number: int, command: Command) -> None:
        """Send a call to the host, as soon as one serves."""
        if self.serves and self._process is not None:
            self._process.send(encode_call(number, command))
        else:
            self._held.append(number)

    def send_first(self, number: int, command: Command) -> None:
        """Send a call to a host that is being restored."""
        assert self._process is not None
        self._process.send(encode_call(number, command))

    @property
    def accepted(self) -> int:
        """The number of the last call that the host has come to."""
        return 0 if self._process is None else int(self._process.ring.header[Field.ACCEPTED])

    @property
    def running(self) -> int:
        """The number of the call that the host is running, 0 for none."""
        return 0 if self._process is None else int(self._process.ring.header[Field.RUNNING])

    def sample(self) -> Frames:
        """The first sample of the next cycle."""
        return Frames(0) if self._process is None else Frames(self._process.ring.header[Field.SAMPLE])

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle."""
        return Seconds(0.0) if self._process is None else Seconds(self._process.ring.header[Field.SCORE_TIME_US] / 1e6)

    def unchanged(self) -> tuple[int, Seconds]:
        """The cycle and the score time at which the engine still was as it has told; cycle 0 for never."""
        if self._process is None:
            return 0, Seconds(0.0)
        header = self._process.ring.header
        return int(header[Field.UNCHANGED_CYCLE]), Seconds(header[Field.UNCHANGED_SCORE_TIME_US] / 1e6)

    @property
    def mirror(self) -> Mirror | None:
        """The channels that the host shows, None while no host serves."""
        return self._process.ring.mirror if self.serves and self._process is not None else None

    def sounded(self) -> AudioBlock | None:
        """What has sounded since the last call, None where that is nothing."""
        if self._process is None:
            return None
        sample, frames = self._process.ring.read(self._heard_to)
        if not len(frames):
            return None
        self._heard_to = Frames(sample + len(frames))
        return AudioBlock(sample, frames)
