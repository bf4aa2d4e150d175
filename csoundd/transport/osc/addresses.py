"""OSC addresses: each declared once, and what a message to one of them asks for.

The addresses of the API's methods follow from the methods. csoundd's own are declared by :class:`command` on the
function that serves them: from its signature come the argument checks, the type tags that OSCQuery tells and the row
in ``protocol/osc.md``. One :class:`ArgumentBinder` makes of OSC's few types what the parameters of either can be.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from types import NoneType
from typing import Any, Final, Protocol, cast, get_type_hints

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from csoundd.api.annotations import (
    Choice,
    Constrained,
    Declared,
    Either,
    ListOf,
    Plain,
    Struct,
    TupleOf,
    declared,
    kinds,
    options,
)
from csoundd.codec import json
from csoundd.codec.osc import Impulse, Message, Midi, Value
from csoundd.errors import CsounddError, InvalidParams, MethodNotFound, NotFound
from csoundd.limits import QUOTED_CHARACTERS
from csoundd.messages import Handle, Reply, Response, Scope, StreamRef
from csoundd.ports import Dispatcher
from csoundd.transport.osc.calls import Action, Call, ReplyContext
from csoundd.transport.osc.channels import ChannelAddresses
from csoundd.transport.osc.patterns import CHANNELS

NAMESPACES: Final = ("csound", "thread", "engine", "channel", "orc")
"""The namespaces of the API that have addresses; the others are about connections of another kind."""

ANSWERS: Final = frozenset({"/reply", "/error", "/synced", "/status.reply", "/late", "/done"})
"""The addresses of answers. They are never answered, or two servers could keep each other busy for ever."""

NO_ARGUMENT: Final = "I"
"""The type tag of what takes no argument, Impulse: clients of OSCQuery draw a button for it."""

INT32: Final = {"MIN": -(2**31), "MAX": 2**31 - 1}
"""The limits of every ``i``, which are not told."""

_PAIR: Final = 2
_FLOAT_BYTES: Final = 4
FLOAT: Final = Plain(float)

Convert = Callable[[object], object]


class MethodSpec(Protocol):
    """The properties of a method beside its signature."""

    @property
    def served(self) -> str:
        """``engine`` or ``front``."""

    @property
    def scope(self) -> Scope:
        """The scope that its caller needs."""


class Method(Protocol):
    """A declared method of the API."""

    @property
    def name(self) -> str:
        """Its name on the wire, as ``csound.setControlChannel``."""

    @property
    def function(self) -> Callable[..., object]:
        """The declaration, whose annotations say what its parameters are."""

    @property
    def signature(self) -> inspect.Signature:
        """Its signature without ``self``."""

    @property
    def spec(self) -> MethodSpec:
        """Its other properties."""


class ArgumentBinder:
    """Binds the arguments of a message, in order, to the parameters of a signature.

    A whole float fits an integer, any number a float, 0 and 1 a boolean; where only numbers are wanted, ``T`` and ``F``
    are 1 and 0. A list is an array ``[ ]``, or all that follows. Whether the rest fits is not asked here.

    Where no argument has to be given, and the first is no number, a single number is that of a button, as controllers
    send a value with each: anything but 0 presses it, 0 (its release) does nothing.
    """

    def __init__(self, types: Mapping[str, Declared], parameters: Iterable[inspect.Parameter]) -> None:
        known = list(parameters)
        self._slots = [_Slot(types[p.name]) for p in known if p.kind is p.POSITIONAL_OR_KEYWORD]
        rest = next((types[p.name] for p in known if p.kind is p.VAR_POSITIONAL), None)
        members = () if rest is None else rest.items if isinstance(rest, TupleOf) else (rest,)
        self._rest = [_Slot(member) for member in members]
        required = any(p.default is p.empty for p in known if p.kind is p.POSITIONAL_OR_KEYWORD)
        self._is_button = not required and not rest and not any(slot.numeric for slot in self._slots[:1])

    def bind(self, arguments: list[Value]) -> list[object] | None:
        """The parameters by position, None where nothing is to be done.

        Raises InvalidParams for a text that is to be JSON and is none, and for half a pair.
        """
        if self._is_button and len(arguments) == 1 and isinstance(arguments[0], int | float | Impulse):
            return [] if arguments[0] else None
        params: list[object] = []
        position = 0
        for slot in self._slots:
            if position == len(arguments):
                return params
            param, position = slot.read(arguments, position)
            params.append(param)
        return params + self._bind_rest(arguments[position:])

    def _bind_rest(self, arguments: Sequence[Value]) -> list[object]:
        """The values of ``*parameters``, an array being spread; pairs of them where pairs are declared."""
        if not self._rest:
            return list(arguments)
        size = len(self._rest)
        values = _flat(arguments)
        if size == 1:
            return [self._rest[0].converted(value) for value in values]
        if len(values) % size:
            raise InvalidParams("names and values come in pairs")
        groups = zip(*[iter(values)] * size, strict=True)
        return [tuple(slot.converted(value) for slot, value in zip(self._rest, group, strict=True)) for group in groups]


class _Slot:
    """One parameter."""

    def __init__(self, type_: Declared) -> None:
        allowed = kinds(type_)
        item = next((choice.item for choice in options(type_) if isinstance(choice, ListOf)), FLOAT)
        self._item: _Slot | None = _Slot(item) if allowed & {list, np.ndarray} else None
        self.numeric: bool = bool(allowed & {int, float, bool, object}) or (
            self._item is not None and self._item.numeric
        )
        self._numbers = np.ndarray in allowed
        self._mapped = dict in allowed
        # An object, or a list of objects, travels as a text of JSON.
        self._json = (
            self._mapped
            or isinstance(item, Struct)
            or any(is_dataclass(kind) for kind in allowed - {Handle, StreamRef, Midi})
        )
        self._convert = _conversions(allowed)

    def read(self, arguments: list[Value], position: int) -> tuple[object, int]:
        """The parameter that begins at ``position``, and where the next one does."""
        value = arguments[position]
        if self._json and isinstance(value, str):
            return self._take_json(arguments, position, value)
        if self._numbers and isinstance(value, bytes):
            if len(value) % _FLOAT_BYTES:
                raise InvalidParams("a blob in place of numbers holds 32-bit floats, big-endian")
            return np.frombuffer(value, ">f4").astype(np.float64), position + 1
        if self._item is None or isinstance(value, bytes | NoneType):
            return self.converted(value), position + 1
        items, end = (value, position + 1) if isinstance(value, list) else (arguments[position:], len(arguments))
        return [self._item.converted(item) for item in items], end

    def converted(self, value: object) -> object:
        """``value`` as the parameter wants it, if that is another form of the same."""
        convert = self._convert.get(type(value))
        return value if convert is None else convert(value)

    def _take_json(self, arguments: list[Value], position: int, value: str) -> tuple[object, int]:
        rest = arguments[position:]
        if self._mapped and len(rest) >= _PAIR:
            if len(rest) % _PAIR:
                raise InvalidParams("names and values come in pairs")
            return dict(zip(rest[::2], rest[1::2], strict=True)), len(arguments)
        try:
            return json.unpack(value), position + 1
        except (ValueError, RecursionError):
            raise InvalidParams("an object travels over OSC as a text of JSON") from None


def _conversions(allowed: set[Any]) -> dict[type, Convert]:
    """By the type of what came, for the types that it is not already."""
    table: dict[type, Convert] = {}
    if str not in allowed and Handle in allowed:
        table[str] = lambda value: Handle(str(value))
    elif str not in allowed and StreamRef in allowed:
        table[str] = lambda value: StreamRef(str(value))
    if bool in allowed:
        table[float] = table[int] = lambda value: bool(value) if value in (0, 1) else value
    elif float in allowed:
        table[bool] = _as_float
        if int not in allowed:
            table[int] = _as_float
    elif int in allowed:
        table[float] = _whole
        if str not in allowed:
            table[bool] = lambda value: 1 if value else 0
    if str in allowed and not allowed & {bytes, int, float}:
        table[bytes] = _decoded
    return table


def _as_float(value: object) -> object:
    return float(value) if isinstance(value, int) else value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _decoded(value: object) -> object:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidParams("a blob in place of a text is UTF-8") from None


def _flat(values: Iterable[Value]) -> list[Value]:
    flat: list[Value] = []
    for value in values:
        flat += _flat(value) if isinstance(value, list) else [value]
    return flat


@dataclass(frozen=True, eq=False, slots=True)
class Address:
    """An address as clients see it: its type tags, those with most arguments first, and what it does.

    ``ranges`` says for each argument of the first type which values it takes: ``MIN`` and ``MAX`` or ``VALS``, None
    where any; it is empty where no argument is limited.
    """

    path: str
    scope: Scope
    types: tuple[str, ...]
    description: str
    ranges: tuple[dict[str, object] | None, ...] = ()


def _summary(function: Callable[..., object]) -> str:
    """The first paragraph of a docstring, without markup."""
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].replace("``", "").split())


Serve = Callable[..., Call | None]


class OscCommand:
    """A declared address of csoundd's own; ``usage`` names its arguments with their type tags."""

    def __init__(self, path: str, scope: Scope, function: Serve, types: tuple[str, ...]) -> None:
        _self, _context, *parameters = inspect.signature(function).parameters.values()
        hints = get_type_hints(function, include_extras=True)
        declarations = {parameter.name: declared(hints[parameter.name]) for parameter in parameters}
        self.function = function
        self._names = [parameter.name for parameter in parameters]
        self._binder = ArgumentBinder(declarations, parameters)
        self._checks = [TypeAdapter(hints[name], config=ConfigDict(strict=True)) for name in self._names]
        self._named = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
        self._required = sum(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in parameters)
        self.usage = " ".join(_usage(parameter, declarations[parameter.name]) for parameter in parameters)
        types = types or _types(list(declarations.values()), self._required)
        ranges = tuple(map(_range, declarations.values()))
        ranges += (None,) * (len(types[0]) - len(ranges))
        self.address = Address(path, scope, types, _summary(function), ranges if any(ranges) else ())

    def bind(self, arguments: list[Value]) -> list[object] | None:
        """The parameters for the function, None where nothing is to be done. Raises InvalidParams."""
        try:
            values = self._binder.bind(arguments)
        except InvalidParams as error:
            raise self._unfit(error.message) from None
        if values is None:
            return None
        if len(values) < self._required:
            raise self._unfit(f"needs {self._names[len(values)]}")
        if len(values) > self._named == len(self._names):
            raise self._unfit(f"takes at most {self._named} arguments, and {len(values)} came")
        checks = self._checks[: self._named] + self._checks[self._named :] * max(0, len(values) - self._named)
        names = self._names[: self._named] + self._names[self._named :] * max(0, len(values) - self._named)
        return [self._checked(check, name, value) for check, name, value in zip(checks, names, values, strict=False)]

    def _checked(self, check: TypeAdapter[Any], name: str, value: object) -> object:
        try:
            return check.validate_python(value)
        except ValidationError as error:
            faults = dict.fromkeys(fault["msg"].removeprefix("Input should be ") for fault in error.errors())
            raise self._unfit(f"{name} should be {' or '.join(faults)}") from None

    def _unfit(self, what: str) -> InvalidParams:
        return InvalidParams(what, hint=f"{self.address.path} {self.usage}".strip())


def command(path: str, scope: Scope, types: tuple[str, ...] = ()) -> Callable[[Serve], OscCommand]:
    """Declare the decorated function as what serves ``path``, for senders with ``scope``.

    The function is a method that takes a ReplyContext and then the arguments of the message. It does what it does, or
    returns the call that is to be made. The first paragraph of its docstring is what clients are told. ``types`` are
    the type tags that OSCQuery tells, where those that follow from the signature would say too little.
    """
    return lambda function: OscCommand(path, scope, function, types)


def commands_of(group: type) -> list[OscCommand]:
    """The commands that the class ``group`` declares."""
    return [found for found in vars(group).values() if isinstance(found, OscCommand)]


_TAGS: Final[tuple[tuple[type, str], ...]] = (
    (bool, "i"),
    (int, "i"),
    (float, "f"),
    (str, "s"),
    (bytes, "b"),
    (Midi, "m"),
)


def _tags(type_: Declared) -> list[str]:
    """The tags that an argument of a command may have; numbers in the 32 bits that every controller sends."""
    allowed = kinds(type_)
    return list(dict.fromkeys(tag for kind, tag in _TAGS if kind in allowed))


def _usage(parameter: inspect.Parameter, type_: Declared) -> str:
    """``parameter`` with its type tags before it, and what it is limited to behind."""
    name = parameter.name.rstrip("_")
    if isinstance(type_, TupleOf):
        return f"[({' '.join('|'.join(_tags(member)) for member in type_.items)}):{name} ...]"
    limits = _range(type_) or {}
    allowed = "|".join(map(str, cast("list[object]", limits.get("VALS", []))))
    if "MAX" in limits:
        allowed = f"{limits.get('MIN', '')}..{limits['MAX']:g}"
    said = f"{'|'.join(_tags(type_))}:{name}" + (f"={allowed}" if allowed else "")
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"[{said} ...]"
    return said if parameter.default is parameter.empty else f"[{said}]"


def _types(declarations: list[Declared], required: int) -> tuple[str, ...]:
    """The type with all arguments, those without what may be left out from behind, and those with other kinds."""
    tags = [_tags(type_) for type_ in declarations]
    first = [choices[0] for choices in tags]
    types = ["".join(first[:count]) or NO_ARGUMENT for count in range(len(first), required - 1, -1)]
    for place, choices in enumerate(tags):
        types += ["".join([*first[:place], other, *first[place + 1 :]]) for other in choices[1:]]
    return tuple(types)


def _range(type_: Declared) -> dict[str, object] | None:
    """The values that ``type_`` allows, as OSCQuery says it; None where any."""
    match type_:
        case Either(branches):
            return next(filter(None, map(_range, branches)), None)
        case Choice(values):
            return {"VALS": list(values)}
        case Plain(plain) if plain is bool:
            return {"VALS": [0, 1]}
        case Constrained(_, limits):
            told: dict[str, object] = {}
            for limit in limits:
                for name, bound in (("ge", "MIN"), ("gt", "MIN"), ("le", "MAX")):
                    if hasattr(limit, name):
                        told[bound] = getattr(limit, name)
            return None if told in ({}, INT32) else told
    return None


class _MethodAddress:
    """The address of a method."""

    def __init__(self, method: Method) -> None:
        hints = get_type_hints(method.function, include_extras=True)
        parameters = list(method.signature.parameters.values())
        declarations = {parameter.name: declared(hints[parameter.name]) for parameter in parameters}
        self.name = method.name
        self.front = method.spec.served == "front"
        self.returns_nothing = hints["return"] is NoneType
        self.binder = ArgumentBinder(declarations, parameters)
        named = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        tags = [_method_tag(declarations[p.name]) for p in named]
        required = sum(p.default is p.empty for p in named)
        types = tuple("".join(tags[:count]) or NO_ARGUMENT for count in range(len(tags), required - 1, -1))
        self.address = Address(path_of(method.name), method.spec.scope, types, _summary(method.function))


def path_of(method: str) -> str:
    """The address of the method with the name ``method``."""
    return "/" + method.replace(".", "/", 1)


def has_address(method: str) -> bool:
    """Whether the method with the name ``method`` can be called over OSC."""
    return method.partition(".")[0] in NAMESPACES


def _method_tag(type_: Declared) -> str:
    allowed = kinds(type_)
    for tag, fitting in (("T", {bool}), ("d", {float}), ("i", {int}), ("[d]", {list, np.ndarray}), ("b", {bytes})):
        if allowed & fitting and str not in allowed:
            return tag
    return "s"


class AddressSpace:
    """Every address but those of channels, which come and go, and what a message to any of them asks for.

    ``groups`` are objects whose classes declare commands.
    """

    def __init__(
        self, methods: Iterable[Method], groups: Iterable[object], channels: ChannelAddresses, dispatcher: Dispatcher
    ) -> None:
        found = (_MethodAddress(method) for method in methods if has_address(method.name))
        self._methods = {method.address.path: method for method in found}
        self._commands = {found.address.path: (found, group) for group in groups for found in commands_of(type(group))}
        self._channels = channels
        self._dispatcher = dispatcher
        known = (*(own.address for own, _ in self._commands.values()), *map(_address, self._methods.values()))
        self.addresses = {address.path: address for address in known}
        """Every address, by its path."""

    def action(self, context: ReplyContext, asked: Message) -> Action | None:
        """The action that ``asked`` asks for, None where it was done at once or there is nothing to do.

        Raises the contract's errors for what is not there, is not permitted or does not fit.
        """
        path = asked.address
        if path.startswith(CHANNELS):
            return self._channels.action(context, asked)
        method = self._methods.get(path)
        if method is not None:
            params = method.binder.bind(asked.arguments)
            return None if params is None else _call(context, method, params)
        if path in self._commands:
            own, group = self._commands[path]
            self._dispatcher.permit(context.sender, own.address.scope, path)
            params = own.bind(asked.arguments)
            return None if params is None else own.function(group, context, *params)
        if path in ANSWERS:
            return None
        raise _unknown(path)


def _address(method: _MethodAddress) -> Address:
    return method.address


def _call(context: ReplyContext, method: _MethodAddress, params: list[object]) -> Call:
    def answered(response: Response | list[Response]) -> None:
        if not isinstance(response, Reply):
            context.failed(response)
        elif method.returns_nothing:
            context.reply()
        else:
            context.reply(response.result)

    return Call(method.name, params, context, answered, method.front)


def _unknown(path: str) -> CsounddError:
    namespace, _, name = path[1:].partition("/")
    if namespace in NAMESPACES:
        return MethodNotFound(f"there is no method {namespace}.{name[:QUOTED_CHARACTERS]}")
    return NotFound("there is no such address")
