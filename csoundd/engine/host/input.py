"""Input: what clients push to the engine, and the audio of it, which is queued and copied into spin."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.backend import Backend, BackendContext
from csoundd.engine.host.performer import Hooks, Performer
from csoundd.errors import InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import QUOTED_CHARACTERS, SPIN_QUEUE_SECONDS
from csoundd.messages import Frames

Block = npt.NDArray[np.float64]

Push = Callable[[object], int]
"""Takes what was pushed to a topic, and says how much of it was accepted."""


class SpinQueue:
    """A queue of input frames. While it holds any, :meth:`fill` is among the calls before each cycle.

    ``underruns`` counts how often it ran dry in the middle of a cycle or right after one, with silence in place of
    what was missing.
    """

    def __init__(self, backend: Backend, before_cycle: Hooks) -> None:
        self._backend, self._before_cycle = backend, before_cycle
        self._blocks: deque[Block] = deque()
        self.queued = Frames(0)
        self.underruns = 0
        self._dry = False

    def push(self, frames: object) -> int:
        """Queue ``[frames, nchnls_i]``, or in mono ``[frames]``: how many frames were taken.

        Raises WrongState before the start, InvalidParams for another number of channels, LimitExceeded when as
        much as may wait does already.
        """
        if not self._backend.started:
            raise WrongState(
                "spin takes audio only once the engine has started", hint="call csound.start or thread.play first"
            )
        block = self._shaped(frames)
        longest = int(SPIN_QUEUE_SECONDS * self._backend.sr)
        if self.queued + len(block) > longest:
            raise LimitExceeded(
                f"{self.queued} frames of audio wait already, and at most {longest} may", name="spin", limit=longest
            )
        if len(block):
            self._blocks.append(block)
            self.queued = Frames(self.queued + len(block))
            self._before_cycle.add(self.fill)
        return len(block)

    def _shaped(self, frames: object) -> Block:
        channels = self._backend.spin().shape[1]
        try:
            block = np.array(frames, np.float64)
        except (TypeError, ValueError) as fault:
            raise InvalidParams("data: should be an array of numbers") from fault
        if block.ndim == 1 and channels == 1:
            block = block.reshape(-1, 1)
        if block.ndim != 2 or block.shape[1] != channels:  # noqa: PLR2004 - frames and channels
            raise InvalidParams(f"audio for spin has the shape [frames, {channels}]", channels=channels)
        return block

    def fill(self) -> None:
        """Copy the next frames into spin; when there are none left, silence, and wait to be pushed to again."""
        spin = self._backend.spin()
        filled = 0
        while filled < len(spin) and self._blocks:
            filled += self._some(spin[filled:])
        self.queued = Frames(self.queued - filled)
        if filled < len(spin):
            spin[filled:] = 0.0
            self.underruns += bool(filled or not self._dry)
        if not filled:
            self._before_cycle.remove(self.fill)
        self._dry = filled < len(spin)

    def _some(self, room: Block) -> int:
        block = self._blocks.popleft()
        fitting = min(len(room), len(block))
        room[:fitting] = block[:fitting]
        if fitting < len(block):
            self._blocks.appendleft(block[fitting:])
        return fitting

    def clear(self) -> None:
        """Csound was reset: what waited is gone with it."""
        self._blocks.clear()
        self.queued = Frames(0)
        self._before_cycle.remove(self.fill)


class Input:
    """The topics of the API's callbacks in the host: which of them are followed, and what is pushed to them."""

    def __init__(self, performer: Performer, context: BackendContext, spin: SpinQueue) -> None:
        self._performer, self._context, self._spin = performer, context, spin
        inputs = context.inputs
        self._pushes: dict[str, Push] = {
            "invalue": inputs.push_invalues,
            "keyboard": inputs.push_keys,
            "midi": inputs.push_midi,
            "spin": spin.push,
        }

    def follow(self, topics: list[str]) -> None:
        """From now on tell of ``topics``, and of no others, each event with the sample of its own cycle."""
        newly = set(topics) - self._context.followed
        self._context.follow(topics)
        self._performer.count_each(bool(topics))
        if "invalue" in newly:
            self._context.inputs.invalues.tell_again()

    def push(self, topic: str, data: object) -> dict[str, int]:
        """Feed ``data`` to the engine; how much was accepted, and of audio how many frames wait now.

        Raises NotFound for a topic that takes nothing, Unsupported for one that this engine cannot be fed.
        """
        push = self._pushes.get(topic)
        if push is None:
            raise NotFound(f"nothing can be pushed to {topic[:QUOTED_CHARACTERS]}", hint=", ".join(self._pushes))
        answer = {"accepted": push(data)}
        # Who sends audio by another clock than the engine's keeps in step by what waits.
        return answer | {"queued": int(self._spin.queued)} if topic == "spin" else answer
