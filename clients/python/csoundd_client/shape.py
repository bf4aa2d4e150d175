"""From what came over the wire to what a signature promises: tuples for lists, structs for objects.

The contract may grow: members that a struct does not have are left out, and those that an older server does not
send yet are None, where the struct has no default for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from csoundd_client.values import Reader


def reader(wanted: Any) -> Reader:
    """What makes a ``wanted`` of a value from the wire; itself raises ValueError or TypeError at a misfit."""
    return _reader(wanted) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _reader(wanted: Any) -> Reader | None:
    """None where the value is right as it comes."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _struct(wanted)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is tuple:
        return _tuple(inner)
    if origin is list:
        return _list(_reader(inner[0]))
    if origin is dict:
        return _dict(_reader(inner[1]))
    if origin in {Union, UnionType}:
        return _optional([_reader(option) for option in inner if option is not NoneType])
    return None


def _struct(kind: type) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: reader(hints[field.name]) for field in fields(kind)}
    needed = [field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING]
    absent = dict.fromkeys(needed)

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"this is no {kind.__name__}: {value!r}")
        return kind(**absent | {name: read(value[name]) for name, read in readers.items() if name in value})

    return read


def _tuple(inner: tuple[Any, ...]) -> Reader:
    if inner[1:] == (Ellipsis,):
        each = reader(inner[0])
        return lambda value: tuple(each(item) for item in value)
    readers = [_reader(kind) for kind in inner]
    if not any(readers):
        return tuple
    whole: list[Callable[[Any], Any]] = [read or _as_it_is for read in readers]
    return lambda value: tuple(read(item) for read, item in zip(whole, value, strict=True))


def _list(each: Reader | None) -> Reader | None:
    return each and (lambda value: [each(item) for item in value])


def _dict(each: Reader | None) -> Reader | None:
    return each and (lambda value: {key: each(item) for key, item in value.items()})


def _optional(readers: list[Reader | None]) -> Reader | None:
    """Of a union only one member may need reading; the wire does not say which one came."""
    needed = [read for read in readers if read]
    if len(needed) != 1 or len(readers) != 1:
        return None
    return lambda value: None if value is None else needed[0](value)
