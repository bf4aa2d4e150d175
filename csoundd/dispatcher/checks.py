"""The check of a value by the type that is declared for it: of a parameter, of a topic's option.

Checks are strict: a text is never a number. An integer passes for a float, 1.0 for an integer, 0 and 1 for a boolean,
a list of numbers for an array, an object for a struct. Handles, streams and malformed forms are known from the codec.

No text has NUL in it, anywhere: C would take what stands before it for the whole.

The schemas are pydantic-core's, made here and not by pydantic's TypeAdapter. Both end in the same validator: for
``csound.setControlChannel`` 170 ns here and 150 of its own, 380 by ``TypeAdapter.validate_python``; for ``channel.set``
of two values 780, 790 and 1,050 (CPython 3.11, pydantic 2.14, November 2026). But a TypeAdapter needs a hook for each
type that is the contract's own (arrays, handles, ranges, 0 and 1 for a boolean, text without NUL), which is all of what
is below, and to make those of 193 methods takes 143 ms of each start in place of 47.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import chain
from types import NoneType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from csoundd.api.annotations import (
    Anything,
    ArrayOf,
    Choice,
    Declared,
    DictOf,
    Either,
    ListOf,
    Plain,
    Ranged,
    Reference,
    Struct,
    declared,
)
from csoundd.api.values import CallRequest, Range
from csoundd.errors import InvalidParams, NotFound
from csoundd.limits import ARRAY_DIMENSIONS, QUOTED_CHARACTERS, VALUE_NESTED
from csoundd.messages import Handle, Malformed, StreamRef
from csoundd.values import as_whole

_SHOULD: Final = "Input should "
_REASONS: Final = {
    "extra_forbidden": "there is no such member",
    "missing": "is missing",
    "string_pattern_mismatch": "Input should be a text without NUL",
    "string_unicode": "Input should be a text of whole characters",
}


class StructCheck:
    """The check of an object that has the members of ``struct``, some of which may be left out."""

    def __init__(self, struct: type) -> None:
        self._validate: Callable[[object], object] = SchemaValidator(check_of(declared(struct))).validate_python

    def __call__(self, members: dict[str, object]) -> object:
        """An instance of the struct.

        Raises InvalidParams, naming the member, for whatever does not fit.
        """
        try:
            return self._validate(members)
        except ValidationError as error:
            name, place, text = first_fault(error)
            raise InvalidParams(f"{name}{place}: {text}", parameter=str(name)) from None


def first_fault(error: ValidationError) -> tuple[int | str, str, str]:
    """The first member that failed, the place inside it, and what it should have been."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    member = faults[0]["loc"][0]
    places = [(_steps(fault["loc"]), _reason(fault)) for fault in faults if fault["loc"][0] == member]
    # Of the branches of a union the one that came furthest is the one that was meant.
    deepest = max((steps for steps, _ in places), key=len)
    return member, "".join(deepest), _sentence([reason for steps, reason in places if steps == deepest])


def _steps(location: tuple[int | str, ...]) -> list[str]:
    return list(filter(None, map(_step, location[1:])))


def _reason(fault: ErrorDetails) -> str:
    return _REASONS.get(fault["type"], fault["msg"])


def _step(step: int | str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return "" if step == CHOICE else f".{step[:QUOTED_CHARACTERS]}"


def _sentence(reasons: list[str]) -> str:
    """One sentence for the reasons of all the branches of a union."""
    wanted = [reason.removeprefix(_SHOULD) for reason in dict.fromkeys(reasons)]
    if all(reason.startswith(_SHOULD) for reason in reasons):
        return f"should {' or '.join(wanted)}".replace(" or be ", " or ")
    return "; ".join(wanted)


Options = dict[str, object]


def options_check(topics: Mapping[str, type]) -> Callable[[str, Options], Options]:
    """A check of the options of topics, of which ``topics`` has the dataclass by the topic's name.

    It fills in the defaults, in the order of their declaration. It raises NotFound for a topic that there is not,
    InvalidParams for options that do not fit it.
    """
    checks = {topic: StructCheck(options) for topic, options in topics.items()}

    def check(topic: str, options: Options) -> Options:
        if topic not in checks:
            raise NotFound(f"there is no topic {topic[:QUOTED_CHARACTERS]}", hint=f"there are {', '.join(checks)}")
        checked = checks[topic](options)
        return {field.name: getattr(checked, field.name) for field in fields(topics[topic])}

    return check


CHOICE: Final = "|"
"""Stands in the place of an error for the branch of a union."""

_LEAST, _MOST = -(2**63), 2**63 - 1
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which no encoding of whole characters has."""

_FLOATS: Final = {float}
_HARMLESS: Final = {float, bool, bytes, NoneType}
"""The types that need no look at a value."""

_FLAT: Final = _HARMLESS | {int, str}

NDArray = npt.NDArray[Any]


def check_of(type_: Declared) -> CoreSchema:  # noqa: C901, PLR0911 - a case for each kind of type
    """The check for values of a declared type."""
    match type_:
        case Plain(plain):
            return _PLAIN[plain]
        case Anything():
            return _FREE
        case Reference(reference):
            return cs.is_instance_schema(reference)
        case Choice(values):
            return cs.literal_schema(list(values))
        case Either(options):
            choices = [check_of(option) for option in options if option != Plain(NoneType)]
            union = cs.union_schema([(choice, CHOICE) for choice in choices], mode="left_to_right")
            schema = union if len(choices) > 1 else choices[0]
            return schema if len(choices) == len(options) else cs.nullable_schema(schema)
        case ListOf(item):
            return cs.list_schema(check_of(item), strict=True)
        case DictOf(Plain(plain), Anything()) if plain is str:
            return cs.no_info_wrap_validator_function(_free_members, cs.dict_schema(_TEXT, _FREE, strict=True))
        case DictOf(key, value):
            return cs.dict_schema(check_of(key), check_of(value), strict=True)
        case ArrayOf(samples):
            return cs.no_info_plain_validator_function(_samples if samples else _numbers)
        case Ranged(of, allowed):
            return _within(of, allowed)
        case Struct():
            return _struct(type_)
    raise TypeError(f"no parameter of the API is a {type_}")


def _integer(least: int, most: int) -> CoreSchema:
    """The check for integers, which may be written as floats."""
    return cs.no_info_before_validator_function(as_whole, cs.int_schema(strict=True, ge=least, le=most))


def _within(of: Declared, allowed: Range) -> CoreSchema:
    """The check for numbers, or arrays of them, that have to be in a range."""
    if of == Plain(int):
        return _integer(int(allowed.least), int(allowed.most))
    if of == Plain(float):
        return cs.float_schema(strict=True, allow_inf_nan=False, ge=allowed.least, le=allowed.most)

    def inside(numbers: NDArray) -> NDArray:
        if numbers.ndim != 1 or numbers.dtype.kind not in "biuf" or not np.isfinite(numbers).all():
            raise _refused("Input should be a one-dimensional array or list of finite numbers")
        return numbers

    return cs.no_info_after_validator_function(inside, check_of(of))


def _struct(struct: Struct) -> CoreSchema:
    if struct.type is CallRequest:
        return cs.no_info_after_validator_function(_call, _CALL_MEMBERS)
    members = {m.field.name: cs.typed_dict_field(check_of(m.type), required=m.is_needed) for m in struct.members}
    members_schema = cs.typed_dict_schema(members, strict=True, extra_behavior="forbid")
    return cs.no_info_after_validator_function(lambda values: struct.type(**values), members_schema)


def _call(values: dict[str, Any]) -> CallRequest:
    return CallRequest(values["method"], values.get("params") or [])


def _refused(reason: str) -> PydanticCustomError:
    return PydanticCustomError("value", "{reason}", {"reason": reason})


def _truth(value: object) -> object:
    return bool(value) if type(value) is int and value in (0, 1) else value


def _free(value: object) -> object:
    if type(value) is float:
        # A number needs no look at all the kinds: the values of ``channel.set`` come a hundred at a time.
        return value
    reason = _fault(value, VALUE_NESTED)
    if reason is not None:
        raise _refused(reason)
    return value


def _free_members(value: object, check: Callable[[object], object]) -> object:
    """An object of any members: one of nothing but floats needs no look at each, as ``channel.set`` has hundreds."""
    if type(value) is dict and set(map(type, value.values())) == _FLOATS:
        try:
            if _fault_of_text("".join(value)) is None:
                return value
        except TypeError:
            pass  # A member's name is no text.
    return check(value)


def _fault(value: object, depth: int) -> str | None:
    """Why ``value`` cannot be taken as it is, or None."""
    if isinstance(value, list | dict):
        return _fault_inside(value, depth)
    if isinstance(value, Malformed):
        return value.reason
    if isinstance(value, int):
        return None if _LEAST <= value <= _MOST else "Input should be an integer of at most 64 bits"
    if isinstance(value, str):
        return _fault_of_text(value)
    if value is None or isinstance(value, float | bytes | np.ndarray | Handle | StreamRef):
        return None
    return f"Input should not be of type {type(value).__name__}"


def _fault_of_text(text: str) -> str | None:
    if "\0" in text:
        return "Input should be a text without NUL"
    return None if text.isascii() or not _HALF.search(text) else "Input should be a text of whole characters"


def _fault_inside(value: list[object] | dict[str, object], depth: int) -> str | None:
    """Why a list or an object cannot be taken: all that is equally deep in it is looked at together, by its types.

    One by one a list of 200,000 numbers took 120 ms, in which nobody else was served; so it takes 4.
    """
    within: list[list[object] | dict[str, object]] = [value]
    while within:
        if depth == 0:
            return f"Input should be nested at most {VALUE_NESTED} deep"
        depth -= 1
        objects = [each for each in within if isinstance(each, dict)]
        if any(not all(isinstance(key, str) for key in each) for each in objects):
            return "Input should have texts for member names"
        values: list[object] = list(chain.from_iterable([*within, *(each.values() for each in objects)]))
        reason = _fault_of_scalars(values)
        if reason is not None:
            return reason
        within = [each for each in values if isinstance(each, list | dict)]
    return None


def _fault_of_scalars(values: list[object]) -> str | None:
    """Why one of ``values`` that holds no others cannot be taken."""
    kinds = set(map(type, values)) - _HARMLESS
    reason = None
    if int in kinds:
        whole = [each for each in values if type(each) is int]
        reason = _fault(min(whole), 0) or _fault(max(whole), 0)
    if str in kinds:
        reason = reason or _fault_of_text("\n".join(each for each in values if type(each) is str))
    if reason is not None or kinds <= {int, str}:
        return reason
    others = (each for each in values if type(each) not in _FLAT and not isinstance(each, list | dict))
    return next(filter(None, (_fault(each, 0) for each in others)), None)


def _numbers(value: object) -> NDArray:
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            raise _refused("Input should be an array of at least one dimension")
        return value
    try:
        return _stacked(value, ARRAY_DIMENSIONS)
    except (TypeError, ValueError, OverflowError):
        raise _refused("Input should be an array or a list of numbers") from None


def _stacked(values: object, depth: int) -> NDArray:
    if not isinstance(values, list) or depth == 0:
        raise TypeError(values)
    if values and isinstance(values[0], list):
        return np.stack([_stacked(row, depth - 1) for row in values])
    # Unlike numpy this takes numbers only: to numpy "1" and None are numbers too.
    return np.array(array("d", values))


def _samples(value: object) -> NDArray:
    numbers = _numbers(value)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iuf":
        raise _refused("Input should be a one-dimensional array or list of numbers")
    return numbers.astype(np.float64, copy=False)


_TEXT: Final = cs.str_schema(strict=True, pattern=r"^[^\x00]*$")
_FREE: Final = cs.no_info_plain_validator_function(_free)
_CALL_MEMBERS: Final = cs.typed_dict_schema(
    {
        "jsonrpc": cs.typed_dict_field(cs.literal_schema(["2.0"]), required=False),
        "id": cs.typed_dict_field(cs.any_schema(), required=False),
        "method": cs.typed_dict_field(_TEXT),
        "params": cs.typed_dict_field(
            cs.nullable_schema(
                cs.union_schema([(cs.list_schema(strict=True), CHOICE), (cs.dict_schema(strict=True), CHOICE)])
            ),
            required=False,
        ),
    },
    strict=True,
    extra_behavior="forbid",
)
_PLAIN: Final[dict[type, CoreSchema]] = {
    str: _TEXT,
    int: _integer(_LEAST, _MOST),
    float: cs.float_schema(strict=True),
    bool: cs.no_info_before_validator_function(_truth, cs.bool_schema(strict=True)),
    bytes: cs.bytes_schema(strict=True),
    NoneType: cs.none_schema(),
}
