"""The types of the declared API as JSON schemas (draft 7): those that values have when they travel as JSON."""

from __future__ import annotations

import sys
from dataclasses import MISSING
from types import NoneType
from typing import Final

from csoundd.api.annotations import (
    Annotation,
    Anything,
    ArrayOf,
    Choice,
    Declared,
    DictOf,
    Either,
    ListOf,
    Member,
    Plain,
    Ranged,
    Reference,
    Struct,
    TupleOf,
    declared,
)
from csoundd.codec.arrays import DTYPES
from csoundd.contract.prose import doc, markdown
from csoundd.messages import Handle

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

    def of(self, annotation: Annotation, *, given: bool = False) -> Schema:
        """The schema of values declared as ``annotation``; ``given`` by a client they may be plainer.

        Raises TypeError for a type that the API does not have yet.
        """
        return self._of(declared(annotation), given=given)

    def _of(self, type_: Declared, *, given: bool) -> Schema:  # noqa: C901, PLR0911 - a case for each kind of type
        match type_:
            case Plain(plain):
                return _PLAIN[plain]
            case Anything():
                return {"$ref": f"{_ROOM}Any"}
            case Reference(reference):
                return {"$ref": f"{_ROOM}{'Handle' if reference is Handle else 'Stream'}"}
            case Choice(values):
                return {"enum": list(values)}
            case Either(options):
                return {"anyOf": [self._of(option, given=given) for option in options]}
            case ListOf(item) | TupleOf((item,), True):
                return {"type": "array", "items": self._of(item, given=given)}
            case TupleOf(items):
                inner = [self._of(item, given=given) for item in items]
                return {"type": "array", "items": inner, "minItems": len(inner), "maxItems": len(inner)}
            case DictOf(_, value):
                return {"type": "object", "additionalProperties": self._of(value, given=given)}
            case ArrayOf():
                return {"$ref": f"{_ROOM}{'Numbers' if given else 'Array'}"}
            case Ranged(Plain(number), allowed):
                # Not-a-number and infinities are in no range.
                bounds: Schema = {"minimum": allowed.least, "maximum": allowed.most} if allowed.most < _LARGEST else {}
                return {"type": "integer" if number is int else "number", **bounds}
            case Ranged(of):
                return self._of(of, given=given)
            case Struct():
                return self._struct(type_)

    def _struct(self, struct: Struct) -> Schema:
        name = struct.type.__name__
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = {
                "description": doc(struct.type),
                "type": "object",
                "properties": {member.field.name: self._member(member) for member in struct.members},
                "required": [member.field.name for member in struct.members if member.is_needed],
                "additionalProperties": False,
            }
        return {"$ref": f"{_ROOM}{name}"}

    def _member(self, member: Member) -> Schema:
        schema, field = self._of(member.type, given=True), member.field
        about = field.metadata.get("about")
        # Beside a reference draft 7 ignores everything, so what is said of the member goes around it.
        said: Schema = {} if about is None else {"description": markdown(about)}
        if field.default is not MISSING:
            said["default"] = field.default
        return ({"allOf": [schema], **said} if "$ref" in schema else schema | said) if said else schema


_PLAIN: Final[dict[type, Schema]] = {
    str: _TEXT,
    int: {"type": "integer"},
    float: {"$ref": f"{_ROOM}Number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    list: {"type": "array"},
}
