"""The types of the declared API as JSON schemas (draft 7): those that values have when they travel as JSON."""

from __future__ import annotations

import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from types import EllipsisType, NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from csoundd.api.values import Range
from csoundd.codec.arrays import DTYPES
from csoundd.contract.prose import doc, markdown
from csoundd.messages import Handle, StreamRef

Schema = dict[str, object]

_ROOM: Final = "#/components/schemas/"


def _form(name: str, inner: Schema, description: str) -> Schema:
    return {
        "description": description,
        "type": "object",
        "properties": {name: inner},
        "required": [name],
        "additionalProperties": False,
    }


_LARGEST: Final = sys.float_info.max
_TEXT: Final[Schema] = {"type": "string"}
_BASE64: Final[Schema] = {"type": "string", "contentEncoding": "base64"}
_ELEMENTS: Final[Schema] = {
    "type": "object",
    "properties": {
        "dtype": {"enum": list(DTYPES)},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "data": _BASE64,
    },
    "required": ["dtype", "shape", "data"],
    "additionalProperties": False,
}
_NOT_FINITE: Final[Schema] = {"enum": ["nan", "inf", "-inf"]}
FORMS: Final[dict[str, Schema]] = {
    "Array": _form("$array", _ELEMENTS, "Numbers, little-endian and in C order. In msgpack: extension type 1."),
    "Numbers": {
        "description": "An array, or plain numbers in lists, nested as the array has dimensions.",
        "anyOf": [
            {"$ref": f"{_ROOM}Array"},
            {"type": "array", "items": {"type": "number"}},
            {"type": "array", "items": {"$ref": f"{_ROOM}Numbers"}},
        ],
    },
    "Number": {
        "description": "A number. What JSON cannot say is a special form; in msgpack any float stands for itself.",
        "anyOf": [{"type": "number"}, _form("$float", _NOT_FINITE, "Not a number, or infinity.")],
    },
    "Handle": _form("$handle", _TEXT, "Something in the engine. It belongs to the session and is freed with it."),
    "Stream": _form("$stream", _TEXT, "A topic, where the API takes a function."),
    "Any": {"description": "Any value, special forms included."},
}
"""The schemas of what travels in special forms."""


class Schemas:
    """Makes schemas, and keeps those of structs as components that the others refer to."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = dict(FORMS)

    def of(self, annotation: Any, *, given: bool = False) -> Schema:  # noqa: ANN401 - annotations have no common type
        """The schema of values declared as ``annotation``; ``given`` by a client they may be plainer.

        Raises TypeError for a type that the API does not have yet.
        """
        annotation = getattr(annotation, "__supertype__", annotation)
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        if is_dataclass(annotation) and isinstance(annotation, type):
            return self._struct(annotation)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is np.ndarray:
            return {"$ref": f"{_ROOM}{'Numbers' if given else 'Array'}"}
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is Annotated:
            return self._within(*arguments, given=given)
        return self._composed(origin, [self.of(a, given=given) for a in arguments if a is not Ellipsis], annotation)

    def _composed(self, origin: object, inner: list[Schema], annotation: object) -> Schema:
        if origin in (Union, UnionType):
            return {"anyOf": inner}
        if origin is list or (origin is tuple and EllipsisType in map(type, get_args(annotation))):
            return {"type": "array", "items": inner[0]}
        if origin is tuple:
            return {"type": "array", "items": inner, "minItems": len(inner), "maxItems": len(inner)}
        if origin is dict:
            return {"type": "object", "additionalProperties": inner[1]}
        raise TypeError(f"there is no schema for {annotation}")

    def _within(self, base: Any, allowed: Range, *, given: bool) -> Schema:  # noqa: ANN401 - annotations have no common type
        """Numbers in a range, which not-a-number and infinities are not."""
        if base not in (int, float):
            return self.of(base, given=given)
        bounds: Schema = {"minimum": allowed.least, "maximum": allowed.most} if allowed.most < _LARGEST else {}
        return {"type": "integer" if base is int else "number", **bounds}

    def _struct(self, struct: type) -> Schema:
        if struct.__name__ not in self.components:
            self.components[struct.__name__] = {}
            self.components[struct.__name__] = self._members(struct)
        return {"$ref": f"{_ROOM}{struct.__name__}"}

    def _members(self, struct: Any) -> Schema:  # noqa: ANN401 - the class of any struct
        hints = get_type_hints(struct, include_extras=True)
        properties = {field.name: self._member(field, hints[field.name]) for field in fields(struct)}
        return {
            "description": doc(struct),
            "type": "object",
            "properties": properties,
            "required": [field.name for field in fields(struct) if _is_needed(field)],
            "additionalProperties": False,
        }

    def _member(self, field: Field[object], hint: object) -> Schema:
        schema = self.of(hint, given=True)
        about = field.metadata.get("about")
        # Beside a reference draft 7 ignores everything, so what is said of the member goes around it.
        said: Schema = {} if about is None else {"description": markdown(about)}
        if field.default is not MISSING:
            said["default"] = field.default
        return ({"allOf": [schema], **said} if "$ref" in schema else schema | said) if said else schema


def _is_needed(field: Field[object]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


_PLAIN: Final[dict[object, Schema]] = {
    str: _TEXT,
    int: {"type": "integer"},
    float: {"$ref": f"{_ROOM}Number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    Any: {"$ref": f"{_ROOM}Any"},
    object: {"$ref": f"{_ROOM}Any"},
    list: {"type": "array"},
    Handle: {"$ref": f"{_ROOM}Handle"},
    StreamRef: {"$ref": f"{_ROOM}Stream"},
}
