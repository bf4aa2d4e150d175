"""The OSC router: packets, whatever they hold, to channel values, calls, and answers.

Nothing that comes in makes it raise. It keeps the order of each sender: while the channels that a pattern means are
being looked up, what that sender sends next waits.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from struct import Struct
from typing import Any, Final

from csoundd.codec.osc import Bundle, Message, Packet, Unreadable, parse
from csoundd.errors import CsounddError, Forbidden, LimitExceeded, NotFound, ParseError
from csoundd.limits import KNOWN_ADDRESS_BYTES, KNOWN_ADDRESSES, PACKET_MESSAGES, PACKET_PATTERNS, REJECTED_MESSAGES
from csoundd.messages import Reply, Response
from csoundd.transport.osc.addresses import AddressSpace
from csoundd.transport.osc.calls import Action, Call, CallRunner, ChannelSet, ReplyBudget, ReplyContext, groups
from csoundd.transport.osc.channels import ChannelAddresses, CoalescingWriter
from csoundd.transport.osc.patterns import CHANNELS, Pattern, address_meant, is_pattern, name_of
from csoundd.transport.osc.senders import Sender

log = logging.getLogger("csoundd.osc")

Observer = Callable[[Message, Sender], None]
"""Told of each message to an address that is no channel, and of who sent it."""

Unpack = Callable[[bytes, int], tuple[Any, ...]]

_LAST_NUMBER: Final[dict[str, Unpack]] = {"f": Struct(">f").unpack_from, "i": Struct(">i").unpack_from}


class Router:
    """Takes the packets of all transports."""

    def __init__(
        self, addresses: AddressSpace, channels: ChannelAddresses, writer: CoalescingWriter, runner: CallRunner
    ) -> None:
        self._addresses = addresses
        self._channels = channels
        self._writer = writer
        self._values, self._senders = writer.values, writer.senders
        self._runner = runner
        self._observers: list[Observer] = []
        self._known: dict[bytes, tuple[str, Unpack]] = {}

    def observe(self, observer: Observer) -> None:
        """Let ``observer`` hear of every message from now on that is served and goes to no channel."""
        self._observers.append(observer)

    def route(self, packet: bytes, sender: Sender) -> None:
        """Take a packet of ``sender``. Once the socket is empty, :meth:`flush` is to be called."""
        # All but the last four bytes of a packet that sets a channel are the same every time and parsed once.
        # Only senders that the dispatcher has permitted to set are quick.
        known = self._known.get(packet[:-4])
        if known is not None and sender.quick:
            name, number = known
            self._values[name] = number(packet, -4)[0]
            self._senders[name] = sender
        elif sender.waits:
            sender.keep(packet)
        else:
            self._route(packet, sender)

    def refuse(self, packet: bytes, sender: Sender, error: CsounddError) -> None:
        """Answer ``packet`` with ``error``, unread but for its address."""
        address = packet[: packet.find(0)][:KNOWN_ADDRESS_BYTES].decode("ascii", "replace")
        ReplyContext(ReplyBudget(sender, len(packet)), address).fail(error)

    def flush(self) -> None:
        """Let the values that came reach the engine."""
        self._writer.flush()

    def _route(self, packet: bytes, sender: Sender) -> None:
        budget = ReplyBudget(sender, len(packet))
        if sender.log_level:
            _log(packet, sender)
        try:
            parsed = parse(packet)
        except ParseError as error:
            address = error.details.get("address")
            if isinstance(address, str):
                ReplyContext(budget, address).fail(ParseError(error.message))
            return
        messages, unreadable = _elements(parsed)
        first = messages[0].address if messages else "#bundle"
        if not sender.scopes:
            refusal = Forbidden(f"{sender.host} may do nothing here", hint="--osc-allow gives networks a scope")
            ReplyContext(budget, first).fail(refusal)
            return
        for element in unreadable[:REJECTED_MESSAGES]:
            if element.address is not None:
                ReplyContext(budget, element.address).fail(ParseError(element.reason))
        if any(map(_may_mean_channels, messages)):
            self._look_up(budget, parsed, first)
        else:
            self._learn(packet, parsed)
            self._do(budget, parsed, ())

    def _learn(self, packet: bytes, parsed: Packet) -> None:
        """Remember the beginning of a packet that sets a channel."""
        if (
            not isinstance(parsed, Message)
            or len(packet) > KNOWN_ADDRESS_BYTES
            or not parsed.address.startswith(CHANNELS)
        ):
            return
        number, name = _LAST_NUMBER.get(parsed.tags), name_of(parsed.address)
        if number is not None and name:
            if len(self._known) >= KNOWN_ADDRESSES:
                self._known.clear()
            self._known[packet[:-4]] = (name, number)

    def _look_up(self, budget: ReplyBudget, parsed: Packet, first: str) -> None:
        """Do ``parsed`` once the names of the channels are known; what the sender sends meanwhile waits."""
        sender = budget.sender
        context = ReplyContext(budget, first)
        sender.hold()

        def answered(response: Response | list[Response]) -> None:
            if not context.failed(response) and isinstance(response, Reply):
                self._do(budget, parsed, tuple(_names(response.result)))
            for packet in sender.released():
                self.route(packet, sender)
            self.flush()

        self._writer.settle()
        self._runner.run(Call("csound.allocatedChannels", [], context, answered))

    def _do(self, budget: ReplyBudget, parsed: Packet, names: Iterable[str]) -> None:
        """Do what ``parsed`` says, where there are the channels ``names``."""
        expansion = _Expansion(self._addresses.addresses, names)
        if isinstance(parsed, Message):
            for action in self._actions(budget, parsed, expansion):
                self._run(action)
            return
        for moment, messages in groups(parsed):
            actions = [action for message in messages for action in self._actions(budget, message, expansion)]
            calls: list[Call] = []
            for action in actions:
                if isinstance(action, Call) and action.front:
                    self._run(action)
                else:
                    calls.append(self._channels.call(action))
            self._writer.settle()
            self._runner.run_together(calls, moment)

    def _actions(self, budget: ReplyBudget, message: Message, expansion: _Expansion) -> Iterator[Action]:
        """The actions that ``message`` asks for; errors in it are answered."""
        try:
            meant = expansion.of(message)
        except CsounddError as error:
            ReplyContext(budget, message.address).fail(error)
            return
        for one in meant:
            context = ReplyContext(budget, one.address)
            try:
                action = self._addresses.action(context, one)
            except CsounddError as error:
                context.fail(error)
                continue
            if not one.address.startswith(CHANNELS):
                for observer in self._observers:
                    observer(one, budget.sender)
            if action is not None:
                yield action

    def _run(self, action: Action) -> None:
        if isinstance(action, ChannelSet):
            context = action.context
            try:
                self._writer.admit(context.sender, context.address)
            except Forbidden as refusal:
                context.fail(refusal)
            else:
                self._values[action.name] = action.value
                self._senders[action.name] = context.sender
            return
        self._writer.settle()
        self._runner.run(self._channels.call(action))


class _Expansion:
    """Expands the messages of one packet over ``addresses`` and the channels ``names``."""

    def __init__(self, addresses: Iterable[str], names: Iterable[str]) -> None:
        self._addresses = addresses
        self._names = names
        self._patterns = 0
        self._messages = 0

    def of(self, message: Message) -> list[Message]:
        """The messages that ``message`` stands for: one for each address that it means, if its own is a pattern.

        Raises NotFound where that is nothing, LimitExceeded where it is too much for one packet.
        """
        meant = self._meant(message) if is_pattern(message.address) else [message]
        self._messages += len(meant)
        if self._messages > PACKET_MESSAGES:
            raise LimitExceeded(
                f"a packet comes to at most {PACKET_MESSAGES} messages", name="osc_messages", limit=PACKET_MESSAGES
            )
        return meant

    def _meant(self, message: Message) -> list[Message]:
        self._patterns += 1
        if self._patterns > PACKET_PATTERNS:
            raise LimitExceeded(
                f"a packet holds at most {PACKET_PATTERNS} patterns", name="osc_patterns", limit=PACKET_PATTERNS
            )
        pattern = Pattern(message.address)
        channels = filter(None, (address_meant(pattern, name) for name in self._names))
        addresses = chain(filter(pattern.matches, self._addresses), channels)
        meant = [Message(address, message.tags, message.arguments) for address in addresses]
        if not meant:
            raise NotFound("the pattern means no address that there is")
        return meant


def _elements(parsed: Packet) -> tuple[list[Message], list[Unreadable]]:
    """The messages of a packet, and what in its bundles cannot be read."""
    messages: list[Message] = []
    unreadable: list[Unreadable] = []
    waiting: deque[Packet | Unreadable] = deque([parsed])
    while waiting:
        match waiting.popleft():
            case Message() as message:
                messages.append(message)
            case Unreadable() as element:
                unreadable.append(element)
            case Bundle(elements=elements):
                waiting.extendleft(reversed(elements))
    return messages, unreadable


def _may_mean_channels(message: Message) -> bool:
    """Whether the channels there are have to be known to say what ``message`` means."""
    first = message.address[1:].partition("/")[0]
    return is_pattern(message.address) and (first in {"", "chan"} or is_pattern(first))


def _names(channels: object) -> Iterator[str]:
    for channel in channels if isinstance(channels, list) else ():
        yield channel["name"] if isinstance(channel, dict) else channel.name


def _log(packet: bytes, sender: Sender) -> None:
    if sender.log_level & 1:
        try:
            log.info("%s %s", sender.id, parse(packet))
        except ParseError as error:
            log.info("%s %s", sender.id, error.message)
    if sender.log_level & 2:
        log.info("%s %s", sender.id, packet.hex(" ", 4))
