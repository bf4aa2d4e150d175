"""Stage 1, OSC expansion: one message to the messages that its address stands for, where that is a pattern."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

from csoundd.codec.osc import Message
from csoundd.errors import LimitExceeded, NotFound
from csoundd.transport.osc.names import address_of
from csoundd.transport.osc.patterns import Pattern, is_pattern

PATTERNS: Final = 16
"""How many patterns one packet may hold: each is held against every address."""

MESSAGES: Final = 1024
"""How many messages one packet may come to: more at one cycle edge would be heard."""


class Expansion:
    """Expands the messages of one packet over ``addresses`` and the channels ``names``."""

    def __init__(self, addresses: Iterable[str], names: Iterable[str]) -> None:
        self._addresses = addresses
        self._names = names
        self._patterns = 0
        self._messages = 0

    def of(self, message: Message) -> list[Message]:
        """What ``message`` stands for.

        Raises NotFound where that is nothing, LimitExceeded where it is too much for one packet.
        """
        meant = self._meant(message) if is_pattern(message.address) else [message]
        self._messages += len(meant)
        if self._messages > MESSAGES:
            raise LimitExceeded(f"a packet comes to at most {MESSAGES} messages", limit=MESSAGES)
        return meant

    def _meant(self, message: Message) -> list[Message]:
        self._patterns += 1
        if self._patterns > PATTERNS:
            raise LimitExceeded(f"a packet holds at most {PATTERNS} patterns", limit=PATTERNS)
        pattern = Pattern(message.address)
        everything = chain(self._addresses, map(address_of, self._names))
        meant = [Message(a, message.tags, message.arguments) for a in everything if pattern.matches(a)]
        if not meant:
            raise NotFound("the pattern means no address that there is")
        return meant
