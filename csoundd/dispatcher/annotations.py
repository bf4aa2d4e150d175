"""Stage 3, types: the annotation of a declared parameter to the check that a value from the wire has to pass.

Checks are strict: a text is never a number. An integer passes for a float, 0 and 1 for a boolean, a list of
numbers for an array, an object for a struct. Handles, streams and malformed forms were told apart by the codec.

No text has NUL in it, anywhere: C would take what stands before it for the whole.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as cs

from csoundd.api.values import CallRequest, Range
from csoundd.messages import Handle, Malformed, StreamRef

CHOICE: Final = "|"
"""Stands in the place of an error for the branch of a union."""

_DEPTH: Final = 64
_DIMENSIONS: Final = 32
_LEAST, _MOST = -(2**63), 2**63 - 1
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which no encoding of whole characters has."""

NDArray = npt.NDArray[Any]


def schema_of(annotation: Any) -> CoreSchema:  # noqa: ANN401 - annotations have no common type
    """The check for values declared as ``annotation``.

    Raises TypeError for a type that no parameter of the API has yet.
    """
    annotation = getattr(annotation, "__supertype__", annotation)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if is_dataclass(annotation):
        return _struct(annotation)
    build = _COMPOSED.get(get_origin(annotation))
    if build is None:
        raise TypeError(f"there is no check for {annotation}")
    return build(*get_args(annotation))


def _union(*branches: object) -> CoreSchema:
    choices = [schema_of(branch) for branch in branches if branch is not NoneType]
    union = cs.union_schema([(choice, CHOICE) for choice in choices], mode="left_to_right")
    schema = union if len(choices) > 1 else choices[0]
    return cs.nullable_schema(schema) if NoneType in branches else schema


def _list(item: object) -> CoreSchema:
    return cs.list_schema(schema_of(item), strict=True)


def _dict(key: object, value: object) -> CoreSchema:
    return cs.dict_schema(schema_of(key), schema_of(value), strict=True)


def _within(base: Any, allowed: Range) -> CoreSchema:  # noqa: ANN401 - annotations have no common type
    """The check for numbers, or arrays of them, that have to be in a range."""
    if base is int:
        return cs.int_schema(strict=True, ge=int(allowed.least), le=int(allowed.most))
    if base is float:
        return cs.float_schema(strict=True, allow_inf_nan=False, ge=allowed.least, le=allowed.most)

    def inside(numbers: NDArray) -> NDArray:
        if numbers.ndim != 1 or numbers.dtype.kind not in "biuf" or not np.isfinite(numbers).all():
            raise _refused("Input should be a one-dimensional array or list of finite numbers")
        return numbers

    return cs.no_info_after_validator_function(inside, schema_of(base))


def _array(_shape: object, dtype: object) -> CoreSchema:
    one_dimensional = get_args(dtype) == (np.float64,)
    return cs.no_info_plain_validator_function(_samples if one_dimensional else _numbers)


def _struct(struct: Any) -> CoreSchema:  # noqa: ANN401 - the class of any struct
    hints = get_type_hints(struct, include_extras=True)
    members = {
        field.name: cs.typed_dict_field(
            schema_of(hints[field.name]),
            required=field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(struct)
    }
    members_schema = cs.typed_dict_schema(members, strict=True, extra_behavior="forbid")
    return cs.no_info_after_validator_function(lambda values: struct(**values), members_schema)


def _call(values: dict[str, Any]) -> CallRequest:
    return CallRequest(values["method"], values.get("params", []))


def _refused(reason: str) -> PydanticCustomError:
    return PydanticCustomError("value", "{reason}", {"reason": reason})


def _truth(value: object) -> object:
    return bool(value) if type(value) is int and value in (0, 1) else value


def _free(value: object) -> object:
    if type(value) is float:
        # A number needs no look at all the kinds: the values of ``channel.set`` come a hundred at a time.
        return value
    reason = _fault(value, _DEPTH)
    if reason is not None:
        raise _refused(reason)
    return value


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
    if depth == 0:
        return f"Input should be nested at most {_DEPTH} deep"
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return "Input should have texts for member names"
        value = [*value, *value.values()]
    return next(filter(None, (_fault(inner, depth - 1) for inner in value)), None)


def _numbers(value: object) -> NDArray:
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            raise _refused("Input should be an array of at least one dimension")
        return value
    try:
        return _stacked(value, _DIMENSIONS)
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
            cs.union_schema([(cs.list_schema(strict=True), CHOICE), (cs.dict_schema(strict=True), CHOICE)]),
            required=False,
        ),
    },
    strict=True,
    extra_behavior="forbid",
)
_PLAIN: Final[dict[object, CoreSchema]] = {
    str: _TEXT,
    int: cs.int_schema(strict=True, ge=_LEAST, le=_MOST),
    float: cs.float_schema(strict=True),
    bool: cs.no_info_before_validator_function(_truth, cs.bool_schema(strict=True)),
    bytes: cs.bytes_schema(strict=True),
    NoneType: cs.none_schema(),
    Any: _FREE,
    object: _FREE,
    Handle: cs.is_instance_schema(Handle),
    StreamRef: cs.is_instance_schema(StreamRef),
    CallRequest: cs.no_info_after_validator_function(_call, _CALL_MEMBERS),
}
_COMPOSED: Final[dict[object, Callable[..., CoreSchema]]] = {
    Union: _union,
    UnionType: _union,
    Literal: lambda *values: cs.literal_schema(list(values)),
    list: _list,
    dict: _dict,
    np.ndarray: _array,
    Annotated: _within,
}
