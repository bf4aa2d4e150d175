"""Stage 1, OSC senders: who is behind an address, and the way back there.

A sender is to OSC what a session is to WebSocket: handles and subscriptions belong to it, and end when nothing has
come from it for a while.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from secrets import randbits
from time import monotonic
from typing import Final

from csoundd.messages import LatePolicy, Scope

AMPLIFICATION: Final = 4
"""How many times what came in may go out to an address that anybody may have put into the packet."""

HELD: Final = 1000
"""How many packets of one sender wait while a pattern of an earlier one is being looked up."""

Deliver = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Way:
    """What a way to a sender is like.

    ``proven`` says that it is certain to lead to who sent, ``lasting`` that its end is heard of; ``limit`` is the
    largest packet that fits.
    """

    proven: bool
    lasting: bool
    limit: int


class Sender:
    """One address that packets come from, and a Caller of the dispatcher. ``deliver`` leads back there."""

    receipts = True

    def __init__(self, name: str, host: str, scopes: frozenset[Scope], deliver: Deliver, way: Way) -> None:
        self.id = name
        self.host = host
        self.scopes = scopes
        self.may_control = "control" in scopes
        self.deliver = deliver
        self.proven = way.proven
        self.lasting = way.lasting
        self.limit = way.limit
        self.seen = monotonic()
        self.number = randbits(31)
        """What only somebody at this address can know, once it was told."""
        self.late = False
        self.policy: LatePolicy = "run"
        self.quick = self.may_control
        """Whether values for channels may take the short way."""
        self._dump = 0
        self._held: deque[bytes] | None = None

    @property
    def dump(self) -> int:
        """What is logged of each packet: 1 what it says, 2 its bytes, 3 both."""
        return self._dump

    @dump.setter
    def dump(self, level: int) -> None:
        self._dump = level
        self._choose_way()

    @property
    def held(self) -> deque[bytes] | None:
        """The packets that wait for an earlier one, None where nothing is waited for."""
        return self._held

    @held.setter
    def held(self, packets: deque[bytes] | None) -> None:
        self._held = packets
        self._choose_way()

    def _choose_way(self) -> None:
        self.quick = self.may_control and not self._dump and self._held is None

    def hold(self, packet: bytes) -> None:
        """Keep ``packet`` until what came before it is done; beyond the limit it is lost."""
        if self._held is not None and len(self._held) < HELD:
            self._held.append(packet)


class Exchange:
    """A packet that came in, and what goes back for it: to an unproven address no more than it may."""

    __slots__ = ("room", "sender")

    def __init__(self, sender: Sender, size: int) -> None:
        self.sender = sender
        self.room = sender.limit if sender.proven else min(sender.limit, AMPLIFICATION * size)

    def send(self, packet: bytes) -> bool:
        """Send ``packet`` back; whether it fitted."""
        if len(packet) > self.room:
            return False
        if not self.sender.proven:
            self.room -= len(packet)
        self.sender.deliver(packet)
        return True
