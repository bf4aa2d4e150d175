"""Stage 1, OSC arguments: a row of plain values to the parameters of a declared method, as its signature wants them.

Whether they fit is the dispatcher's to say. This makes of OSC's few types what those parameters can be.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Final, Union, get_args, get_origin, get_type_hints

import numpy as np

from csoundd.codec import json
from csoundd.codec.osc import IMPULSE, Value
from csoundd.errors import InvalidParams
from csoundd.messages import Handle, StreamRef
from csoundd.transport.osc.ports import Method

_PAIR: Final = 2
_FLOAT_BYTES: Final = 4

Convert = Callable[[object], object]


class Shape:
    """How the parameters of one method are filled from arguments in order."""

    def __init__(self, method: Method) -> None:
        hints = get_type_hints(method.function)
        parameters = method.signature.parameters.values()
        self.name = method.name
        self.front = method.facts.served == "front"
        self.returns_nothing = hints["return"] is NoneType
        self._slots = [_Slot(hints[p.name]) for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]

    def params(self, arguments: list[Value]) -> list[object]:
        """The parameters by position. Raises InvalidParams for a text that is to be JSON and is none."""
        if not self._slots and arguments == [IMPULSE]:
            return []
        params: list[object] = []
        position = 0
        for slot in self._slots:
            if position == len(arguments):
                return params
            param, position = slot.take(arguments, position)
            params.append(param)
        return params + arguments[position:]


class _Slot:
    """One parameter."""

    def __init__(self, hint: object) -> None:
        alternatives = choices(hint)
        origins = {get_origin(choice) or choice for choice in alternatives}
        self._listed = bool(origins & {list, np.ndarray})
        self._numbers = np.ndarray in origins
        self._mapped = dict in origins
        self._json = (
            self._mapped or any(is_dataclass(o) for o in origins - {Handle, StreamRef}) or _of_structs(alternatives)
        )
        self._convert: dict[type, Convert] = _conversions(origins)

    def take(self, arguments: list[Value], position: int) -> tuple[object, int]:
        """The parameter that begins at ``position``, and where the next one does."""
        value = arguments[position]
        if self._json and isinstance(value, str):
            return self._take_json(arguments, position, value)
        if self._numbers and isinstance(value, bytes):
            return _samples(value), position + 1
        if self._listed and not isinstance(value, list | bytes | NoneType):
            return list(map(_number, arguments[position:])), len(arguments)
        if self._listed and isinstance(value, list):
            return list(map(_number, value)), position + 1
        convert = self._convert.get(type(value))
        return (value if convert is None else convert(value)), position + 1

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


def choices(hint: object) -> list[object]:
    """The types that ``hint`` is a union of."""
    if get_origin(hint) in (Union, UnionType):
        return [inner for choice in get_args(hint) for inner in choices(choice)]
    return [getattr(hint, "__supertype__", hint)]


def _of_structs(alternatives: list[object]) -> bool:
    return any(get_origin(choice) is list and is_dataclass(get_args(choice)[0]) for choice in alternatives)


def _conversions(origins: set[object]) -> dict[type, Convert]:
    """By the type of what came, for the types that it is not already."""
    table: dict[type, Convert] = {}
    if str not in origins and Handle in origins:
        table[str] = lambda value: Handle(str(value))
    elif str not in origins and StreamRef in origins:
        table[str] = lambda value: StreamRef(str(value))
    if bool in origins:
        table[float] = _truth
    elif int in origins and float not in origins:
        table[float] = _integer
    if str in origins and bytes not in origins:
        table[bytes] = _decoded
    return table


def _truth(value: object) -> object:
    return bool(value) if value in (0.0, 1.0) else value


def _integer(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _decoded(value: object) -> object:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidParams("a blob in place of a text is UTF-8") from None


def _number(value: object) -> object:
    return float(value) if isinstance(value, bool) else value


def _samples(value: bytes) -> object:
    if len(value) % _FLOAT_BYTES:
        raise InvalidParams("a blob in place of numbers holds 32-bit floats, big-endian")
    return np.frombuffer(value, ">f4").astype(np.float64)
