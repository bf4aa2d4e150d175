"""Stage 1, OSC receiver: packets, whatever they hold, to values for the engine, calls, and answers.

Nothing that comes in makes it raise. It keeps the order of each sender: while the channels that a pattern means are
being looked up, what that sender sends next waits.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from struct import Struct
from typing import Any, Final

from csoundd.codec.osc import Bundle, Message, Packet, parse
from csoundd.errors import CsounddError, Forbidden, ParseError
from csoundd.messages import Reply, Response
from csoundd.transport.osc import replies
from csoundd.transport.osc.addresses import Addresses
from csoundd.transport.osc.bundles import groups, together
from csoundd.transport.osc.expansion import Expansion
from csoundd.transport.osc.names import CHANNELS, name_of
from csoundd.transport.osc.patterns import is_pattern
from csoundd.transport.osc.sender import Exchange, Sender
from csoundd.transport.osc.sets import Sets
from csoundd.transport.osc.steps import Call, Runner, Set, Step, call_of

log = logging.getLogger("csoundd.osc")

Overhear = Callable[[Message, Sender], None]

_NOBODY: Final = Message("#bundle", "", [])
_KNOWN: Final = 4096
_LONGEST_KNOWN: Final = 256
_LAST_NUMBER: Final[dict[str, Callable[[bytes, int], tuple[Any, ...]]]] = {
    "f": Struct(">f").unpack_from,
    "i": Struct(">i").unpack_from,
}


class Receiver:
    """What is behind all the sockets."""

    def __init__(self, addresses: Addresses, runner: Runner, sets: Sets) -> None:
        self._addresses = addresses
        self._runner = runner
        self._sets = sets
        self._pending = sets.pending
        self.overheard: Overhear | None = None
        """Told of each message to an address that is no channel."""
        self._known: dict[bytes, tuple[str, Callable[[bytes, int], tuple[Any, ...]]]] = {}

    def take(self, packet: bytes, sender: Sender) -> None:
        """Take a packet of ``sender``. Once the socket is empty, :meth:`flush` is to be called."""
        # All but the last four bytes of a packet that sets a channel are the same every time.
        known = self._known.get(packet[:-4])
        if known is not None and sender.quick:
            self._pending[known[0]] = (known[1](packet, -4)[0], sender)
        elif sender.held is not None:
            sender.hold(packet)
        else:
            self._take(packet, sender)

    def flush(self) -> None:
        """Let the values that came reach the engine."""
        self._sets.flush()

    def _take(self, packet: bytes, sender: Sender) -> None:
        exchange = Exchange(sender, len(packet))
        if sender.dump:
            _dump(packet, sender)
        try:
            parsed = parse(packet)
        except ParseError as error:
            address = error.details.get("address")
            if isinstance(address, str):
                replies.fail(exchange, address, ParseError(error.message))
            return
        if not sender.scopes:
            refusal = Forbidden(f"{sender.host} may do nothing here", hint="--osc-allow gives networks a scope")
            replies.fail(exchange, next(_messages(parsed), _NOBODY).address, refusal)
            return
        self._learn(packet, parsed)
        if any(map(_means_channels, _messages(parsed))):
            self._look_up(exchange, parsed)
        else:
            self._do(exchange, parsed, ())

    def _learn(self, packet: bytes, parsed: Packet) -> None:
        if not isinstance(parsed, Message) or len(packet) > _LONGEST_KNOWN or is_pattern(parsed.address):
            return
        number = _LAST_NUMBER.get(parsed.tags)
        name = _channel(parsed.address)
        if number is not None and name:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[packet[:-4]] = (name, number)

    def _look_up(self, exchange: Exchange, parsed: Packet) -> None:
        """Do ``parsed`` once the names of the channels are known."""
        sender = exchange.sender
        sender.held = deque()

        def answered(response: Response | list[Response]) -> None:
            address = next(_messages(parsed)).address
            if not replies.failed(exchange, address, response) and isinstance(response, Reply):
                self._do(exchange, parsed, tuple(_names(response.result)))
            self._go_on(sender)

        self._sets.settle()
        self._runner.run(exchange, Call("csound.allocatedChannels", [], "", answered))

    def _go_on(self, sender: Sender) -> None:
        held, sender.held = sender.held, None
        for packet in held or ():
            self.take(packet, sender)
        self.flush()

    def _do(self, exchange: Exchange, parsed: Packet, names: Iterable[str]) -> None:
        expansion = Expansion(self._addresses.all, names)
        if isinstance(parsed, Bundle):
            for moment, messages in groups(parsed):
                steps = [step for message in messages for step in self._steps(exchange, message, expansion)]
                self._together(exchange, steps, moment)
            return
        for step in self._steps(exchange, parsed, expansion):
            self._one(exchange, step)

    def _steps(self, exchange: Exchange, message: Message, expansion: Expansion) -> Iterator[Step]:
        try:
            everyone = expansion.of(message)
        except CsounddError as error:
            replies.fail(exchange, message.address, error)
            return
        for meant in everyone:
            try:
                step = self._addresses.step(exchange, meant)
            except CsounddError as error:
                replies.fail(exchange, meant.address, error)
            else:
                if self.overheard is not None and not meant.address.startswith(CHANNELS):
                    self.overheard(meant, exchange.sender)
                yield step

    def _one(self, exchange: Exchange, step: Step) -> None:
        match step:
            case Set(name, value) if exchange.sender.may_control:
                self._pending[name] = (value, exchange.sender)
            case Set() | Call():
                self._sets.settle()
                self._runner.run(exchange, call_of(exchange, step, self._sets.noted))
            case _:
                step()

    def _together(self, exchange: Exchange, steps: list[Step], moment: float | None) -> None:
        calls: list[Call] = []
        for step in steps:
            if not isinstance(step, Set | Call) or (isinstance(step, Call) and step.front):
                self._one(exchange, step)
            else:
                calls.append(call_of(exchange, step, self._sets.noted))
        self._sets.settle()
        together(self._runner, exchange, calls, moment)


def _messages(parsed: Packet) -> Iterator[Message]:
    if isinstance(parsed, Message):
        yield parsed
        return
    for element in parsed.elements:
        yield from _messages(element)


def _means_channels(message: Message) -> bool:
    """Whether the channels there are have to be known to say what ``message`` means."""
    first = message.address[1:].partition("/")[0]
    return is_pattern(message.address) and (first in {"", "chan"} or is_pattern(first))


def _channel(address: str) -> str:
    return name_of(address) if address.startswith(CHANNELS) else ""


def _names(channels: object) -> Iterator[str]:
    for channel in channels if isinstance(channels, list) else ():
        yield channel["name"] if isinstance(channel, dict) else channel.name


def _dump(packet: bytes, sender: Sender) -> None:
    if sender.dump & 1:
        try:
            log.info("%s %s", sender.id, parse(packet))
        except ParseError as error:
            log.info("%s %s", sender.id, error.message)
    if sender.dump & 2:
        log.info("%s %s", sender.id, packet.hex(" ", 4))
