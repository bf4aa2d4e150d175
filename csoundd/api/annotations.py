"""Reads the annotation of a declared parameter, result or member into a small description.

From the description come the checks of parameters, the JSON schemas, the types of the Python client, and how OSC's few
types are bound to parameters and told of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cached_property
from types import EllipsisType, NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from csoundd.api.values import CallRequest, Range
from csoundd.messages import Handle, StreamRef

Annotation = Any
"""What an annotation evaluates to: a class, or one of the many things that typing makes."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A value of one of Python's own types, ``NoneType`` among them; ``list`` by itself holds anything."""

    type: type


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value that can travel."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A Handle or a StreamRef."""

    type: type


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some constants."""

    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of some types, in the order of their declaration."""

    options: tuple[Declared, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    item: Declared


@dataclass(frozen=True, slots=True)
class DictOf:
    """An object whose members are alike."""

    key: Declared
    value: Declared


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple, of which ``repeated`` says that its one item comes any number of times."""

    items: tuple[Declared, ...]
    repeated: bool


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """An array; ``samples`` says that it has one dimension of 64-bit floats."""

    samples: bool


@dataclass(frozen=True, slots=True)
class Ranged:
    """A number, or an array of numbers, in a range."""

    of: Declared
    range: Range


@dataclass(frozen=True, slots=True)
class Constrained:
    """A value that pydantic checks further: ``limits`` are what its Field says, as ``ge`` or ``pattern``."""

    of: Declared
    limits: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a struct."""

    field: Field[Any]
    type: Declared

    @property
    def is_needed(self) -> bool:
        """Whether there is no default for it."""
        return self.field.default is MISSING and self.field.default_factory is MISSING


@dataclass(frozen=True)
class Struct:
    """A dataclass, which travels as an object."""

    type: type

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Its members, in the order of their declaration."""
        hints = get_type_hints(self.type, include_extras=True)
        return tuple(Member(each, declared(hints[each.name])) for each in fields(self.type))


Declared = (
    Plain | Anything | Reference | Choice | Either | ListOf | DictOf | TupleOf | ArrayOf | Ranged | Constrained | Struct
)


def declared(annotation: Annotation) -> Declared:
    """The description of ``annotation``; raises TypeError for a type that the API does not have."""
    annotation = getattr(annotation, "__supertype__", annotation)
    if annotation in (Any, object):
        return Anything()
    if annotation in _PLAIN:
        return Plain(annotation)
    if annotation in (Handle, StreamRef):
        return Reference(annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return Struct(annotation)
    read = _COMPOSED.get(get_origin(annotation))
    if read is None:
        raise TypeError(f"the API has no values of the type {annotation}")
    return read(*get_args(annotation))


def options(type_: Declared) -> Iterator[Declared]:
    """The types that a value may have: those of an Either, or the one."""
    if isinstance(type_, Either):
        yield from type_.options
    else:
        yield type_


def kinds(type_: Declared) -> set[Any]:  # noqa: PLR0911 - one for each kind of type
    """The classes of the values that ``type_`` allows; ``object`` where it allows any."""
    match type_:
        case Plain(plain) | Reference(plain) | Struct(plain):
            return {plain}
        case Anything():
            return {object}
        case Choice(values):
            return set(map(type, values))
        case Either(branches):
            return set[Any]().union(*map(kinds, branches))
        case ListOf():
            return {list}
        case DictOf():
            return {dict}
        case TupleOf():
            return {tuple}
        case ArrayOf():
            return {np.ndarray}
        case Ranged(of) | Constrained(of):
            return kinds(of)


def holds_calls(type_: Declared) -> bool:
    """Whether values are lists of calls inside a call."""
    return ListOf(Struct(CallRequest)) in options(type_)


def may_be(type_: Declared, reference: type) -> bool:
    """Whether a value may be a Handle, or a StreamRef."""
    return Reference(reference) in options(type_)


def _either(*branches: Annotation) -> Declared:
    return Either(tuple(map(declared, branches)))


def _tuple(*items: Annotation) -> Declared:
    repeated = EllipsisType in map(type, items)
    return TupleOf(tuple(declared(item) for item in items if item is not Ellipsis), repeated)


def _annotated(base: Annotation, allowed: Annotation) -> Declared:
    of = declared(base)
    return Ranged(of, allowed) if isinstance(allowed, Range) else Constrained(of, tuple(allowed.metadata))


def _choice(*values: object) -> Declared:
    return Choice(values)


_PLAIN: Final = frozenset({str, int, float, bool, bytes, NoneType, list})
_COMPOSED: Final[dict[object, Callable[..., Declared]]] = {
    Union: _either,
    UnionType: _either,
    Literal: _choice,
    list: lambda item: ListOf(declared(item)),
    dict: lambda key, value: DictOf(declared(key), declared(value)),
    tuple: _tuple,
    np.ndarray: lambda _shape, dtype: ArrayOf(get_args(dtype) == (np.float64,)),
    Annotated: _annotated,
}
