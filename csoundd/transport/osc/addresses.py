"""Stage 1, OSC addresses: the address space, and what a message to one of its addresses asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final, cast

import numpy as np

from csoundd.codec.osc import Message, Midi, Value, int32, message
from csoundd.errors import CsounddError, InvalidParams, MethodNotFound, NotFound, Unsupported
from csoundd.messages import Failure, Reply, Response
from csoundd.transport.osc import replies
from csoundd.transport.osc.names import CHANNELS, name_of
from csoundd.transport.osc.ports import Method
from csoundd.transport.osc.sender import Exchange
from csoundd.transport.osc.shapes import Shape
from csoundd.transport.osc.steps import Call, Runner, Set, Step, errors_only

NAMESPACES: Final = frozenset({"csound", "thread", "engine", "channel", "orc"})
"""The namespaces of the API that have addresses; the others are about connections of another kind."""

ANSWERS: Final = frozenset({"/reply", "/error", "/synced", "/status.reply", "/late", "/done"})
"""What we answer with. It is never answered itself, or two servers could keep each other busy for ever."""

_ONE_DATA_BYTE: Final = 0xC0
"""Program change and channel pressure, under the mask 0xE0."""

Local = Callable[[Exchange, Message], None]
Make = Callable[[Exchange, Message], Step]


class Addresses:
    """Every address but those of channels, which come and go.

    ``local`` are those that are served here, without the engine; ``made`` are calls that somebody else makes.
    """

    def __init__(
        self, methods: Iterable[Method], runner: Runner, local: dict[str, Local], made: Mapping[str, Make]
    ) -> None:
        shapes = map(Shape, methods)
        self._shapes = {_address(s.name): s for s in shapes if s.name.partition(".")[0] in NAMESPACES}
        self._runner = runner
        self._local = local
        self._made: dict[str, Make] = {"/event": _event, "/score": _score, "/midi": _midi, "/sync": _sync, **made}
        self.all = (*self._made, *local, *self._shapes)

    def step(self, exchange: Exchange, asked: Message) -> Step:
        """What ``asked`` asks for. Raises the contract's errors for what is not there or does not fit."""
        address = asked.address
        if address.startswith(CHANNELS):
            return self._channel(exchange, asked)
        shape = self._shapes.get(address)
        if shape is not None:
            return _call(exchange, asked, shape)
        if address in self._local:
            return partial(self._local[address], exchange, asked)
        if address in self._made:
            return self._made[address](exchange, asked)
        if address in ANSWERS:
            return _nothing
        raise self._unknown(address)

    def _unknown(self, address: str) -> CsounddError:
        namespace, _, name = address[1:].partition("/")
        if namespace in NAMESPACES:
            return MethodNotFound(f"there is no method {namespace}.{name[:80]}")
        return NotFound("there is no such address")

    def _channel(self, exchange: Exchange, asked: Message) -> Step:
        address, name = asked.address, name_of(asked.address)
        if not name:
            raise NotFound("there is no channel without a name")
        match asked.arguments:
            case []:
                return Call("channel.get", [name], address, partial(_got, exchange, address, name))
            case [bool() | int() | float() as number]:
                return Set(name, float(number), address)
            case [str(text)]:
                return Set(name, text, address)
            case [list(values)] | [*values]:
                return self._array(exchange, address, name, _samples(values))

    def _array(self, exchange: Exchange, address: str, name: str, samples: object) -> Call:
        """Set an audio channel; where there is none of the name, an array channel."""

        def answered(response: Response | list[Response]) -> None:
            if isinstance(response, Failure) and isinstance(response.error, InvalidParams | Unsupported):
                self._runner.run(exchange, _array_data(exchange, address, name, samples, response))
            else:
                replies.failed(exchange, address, response)

        return Call("channel.set", [{name: samples}], address, answered)


def _address(method: str) -> str:
    return "/" + method.replace(".", "/", 1)


def _nothing() -> None:
    """What an answer asks for."""


def _call(exchange: Exchange, asked: Message, shape: Shape) -> Call:
    address = asked.address

    def answered(response: Response | list[Response]) -> None:
        if isinstance(response, Reply):
            replies.reply(exchange, address, response.result, nothing=shape.returns_nothing)
        else:
            replies.failed(exchange, address, response)

    return Call(shape.name, shape.params(asked.arguments), address, answered, shape.front)


def _array_data(exchange: Exchange, address: str, name: str, samples: object, first: Failure) -> Call:
    def answered(response: Response | list[Response]) -> None:
        if isinstance(response, Failure):
            replies.fail(exchange, address, _neither(first.error, response.error))

    return Call("csound.setArrayData", [name, samples], address, answered)


def _neither(audio: CsounddError, array: CsounddError) -> CsounddError:
    """Why a row of numbers fits no channel: the kind of the one there is, else what either kind would have taken."""
    if "channel" in audio.details or not isinstance(array, Unsupported):
        return audio
    return InvalidParams(f"as an audio channel: {audio.message}; as an array: {array.message}")


def _got(exchange: Exchange, address: str, name: str, response: Response | list[Response]) -> None:
    if not isinstance(response, Reply):
        replies.failed(exchange, address, response)
        return
    values = cast("dict[str, object]", response.result)
    if name in values:
        replies.value(exchange, address, values[name])
    else:
        replies.fail(exchange, address, NotFound("there is no such channel"))


def _event(exchange: Exchange, asked: Message) -> Call:
    match asked.arguments:
        case [str(kind), *pfields]:
            numbers = [float(field) if isinstance(field, bool) else field for field in _flat(pfields)]
            return Call("csound.event", [kind, numbers], asked.address, errors_only(exchange, asked.address))
    raise InvalidParams("/event takes the kind of event, a text, and its p-fields")


def _score(exchange: Exchange, asked: Message) -> Call:
    match asked.arguments:
        case [str(lines)]:
            return Call("csound.inputMessage", [lines], asked.address, errors_only(exchange, asked.address))
    raise InvalidParams("/score takes lines of score, as one text")


def _midi(exchange: Exchange, asked: Message) -> Call:
    data: list[object] = []
    for value in asked.arguments:
        match value:
            case Midi(bytes(message)):
                # The first byte is a port, of which there is one; two kinds of message have one data byte only.
                data += message[1:3] if message[1] & 0xE0 == _ONE_DATA_BYTE else message[1:]
            case bytes(message):
                data += message
            case int() if not isinstance(value, bool):
                data.append(value)
            case _:
                raise InvalidParams("/midi takes MIDI messages, blobs, or bytes as integers")
    answered = errors_only(exchange, asked.address)
    return Call("stream.push", ["midi", data], asked.address, answered, front=True)


def _sync(exchange: Exchange, asked: Message) -> Call:
    match asked.arguments:
        case []:
            number = 0
        case [int(number)] if -(2**31) <= number < 2**31:
            pass
        case _:
            raise InvalidParams("/sync takes an integer")

    def answered(response: Response | list[Response]) -> None:
        if not replies.failed(exchange, asked.address, response):
            exchange.send(message("/synced", int32(number)))

    return Call("engine.sync", [], asked.address, answered)


def _flat(values: list[Value]) -> Iterator[Value]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


def _samples(values: list[Value]) -> object:
    match values:
        case [bytes(data)] if len(data) % 4 == 0:
            return np.frombuffer(data, ">f4").astype(np.float64)
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) != len(values):
        raise InvalidParams("a channel takes a number, a text, many numbers, or a blob of 32-bit floats")
    return np.array(numbers, np.float64)
