"""The documents in JSON: OpenRPC for the methods, AsyncAPI for the topics, the errors, and the schemas of them all."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import MISSING
from types import NoneType
from typing import Final, get_type_hints
from urllib.parse import urlsplit

from csoundd.api import METHODS
from csoundd.api.annotations import (
    Annotation,
    Anything,
    ArrayOf,
    Choice,
    Constrained,
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
    holds_calls,
    may_be,
)
from csoundd.api.declare import Example, Method, Served, filled
from csoundd.codec.values import DTYPES
from csoundd.errors import ERRORS, CsounddError
from csoundd.messages import Handle
from csoundd.states import ANY
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.topic import Topic
from csoundd.values import PROTOCOL

_ROLE: Final = re.compile(r":\w+:`~?([^`]+)`")


def markdown(text: str) -> str:
    """A docstring in Markdown."""
    return _ROLE.sub(r"`\1`", text).replace("``", "`")


def doc(thing: type | Callable[..., object]) -> str:
    """The docstring of ``thing``, in Markdown."""
    return markdown(inspect.getdoc(thing) or "")


def summary(text: str) -> str:
    """The first sentence of ``text``, from the first paragraph."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    sentence, stop, _ = paragraph.partition(". ")
    return sentence + "." if stop else paragraph


def signature(method: Method) -> str:
    """The declared signature on one line."""
    parameters = ", ".join(str(parameter) for parameter in method.signature.parameters.values())
    returned = inspect.signature(method.function).return_annotation
    return f"{method.name}({parameters}) → {returned}".replace("'", "").replace(" → None", "")


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
        # Not a schema within itself: tools that put what is referred to in the place of references never end with one.
        "description": "An array, or plain numbers in lists, nested as the array has dimensions.",
        "anyOf": [
            {"$ref": f"{_ROOM}Array"},
            {"type": "array", "items": {"type": ["number", "array"]}},
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
            case Ranged(of) | Constrained(of):
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
                "properties": self.members(struct),
                "required": [member.field.name for member in struct.members if member.is_needed],
                "additionalProperties": False,
            }
        return {"$ref": f"{_ROOM}{name}"}

    def members(self, struct: Struct) -> dict[str, Schema]:
        """The schemas of the members of ``struct`` by name."""
        return {member.field.name: self._member(member) for member in struct.members}

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


_ENGINE = {"EngineError", "WrongState", "Unsupported", "EngineCrashed", "EngineUnavailable", "Cancelled", "Late"}


def errors() -> dict[str, object]:
    """The content of ``errors.json``."""
    return {
        "protocol": PROTOCOL,
        "data": {
            "type": "the error's name, always there",
            "hint": "what to do about it",
            "messages": "the last lines that Csound printed",
        },
        "errors": [{"type": e.__name__, "code": e.code, "message": e.summary} for e in ERRORS],
    }


def error_object(error: type[CsounddError]) -> dict[str, object]:
    """``error`` as OpenRPC describes one."""
    return {"code": error.code, "message": error.summary, "data": {"type": error.__name__}}


def served_by(method: Method) -> Served:
    """The side that answers: a list of calls is a command of the engine's even where the front makes it."""
    return "engine" if any(map(holds_calls, _parameters(method))) else method.spec.served


def errors_of(method: Method) -> list[type[CsounddError]]:
    """The errors that ``method`` may answer with, in the order of the contract."""
    spec = method.spec
    names = {"Forbidden", "InternalError"} | set(re.findall(r"\b[A-Z]\w+", doc(method.function)))
    if method.signature.parameters:
        names.add("InvalidParams")
    if served_by(method) == "engine":
        names |= _ENGINE
    if spec.deadline is not None:
        names.add("Timeout")
    if spec.states != ANY:
        names.add("WrongState")
    if any(may_be(type_, Handle) for type_ in _parameters(method)):
        names.add("StaleHandle")
    return [error for error in ERRORS if error.__name__ in names]


def _parameters(method: Method) -> list[Declared]:
    hints = get_type_hints(method.function, include_extras=True)
    return [declared(hints[name]) for name in method.signature.parameters]


_ABOUT_CALLS: Final = (
    "Csound's whole API over JSON-RPC 2.0, as JSON or msgpack. protocol/README.md explains the contract."
)


USUAL: Final = "http://127.0.0.1:7700"
"""The URL at which a daemon serves HTTP unless it is told otherwise."""


def openrpc_servers(url: str) -> list[dict[str, str]]:
    """Where the methods can be called, of a daemon that serves HTTP at ``url``."""
    return [
        {"name": "websocket", "url": f"ws{url.removeprefix('http')}/ws"},
        {"name": "http", "url": f"{url}/rpc"},
    ]


def openrpc(methods: Iterable[Method] = tuple(METHODS.values()), *, url: str = USUAL) -> dict[str, object]:
    """The document, made anew, of a daemon that serves HTTP at ``url``."""
    schemas = Schemas()
    described = [_method(method, schemas) for method in methods]
    return {
        "openrpc": "1.3.2",
        "info": {"title": "csoundd", "version": f"{PROTOCOL}.0.0", "description": _ABOUT_CALLS},
        "servers": openrpc_servers(url),
        "methods": described,
        "components": {
            "schemas": schemas.components,
            "errors": {error.__name__: error_object(error) for error in ERRORS},
        },
    }


def _method(method: Method, schemas: Schemas) -> dict[str, object]:
    hints, spec, text = get_type_hints(method.function, include_extras=True), method.spec, doc(method.function)
    parameters = list(method.signature.parameters.values())
    return {
        "name": method.name,
        "summary": summary(text),
        "description": text,
        "tags": [{"name": method.group.__name__}],
        "paramStructure": "by-name" if _takes_options(parameters) else "either",
        "params": [
            described
            for parameter in parameters
            for described in (
                _options(schemas)
                if parameter.kind is parameter.VAR_KEYWORD
                else [_parameter(parameter, hints[parameter.name], schemas)]
            )
        ],
        "result": {"name": "result", "schema": schemas.of(hints["return"])},
        "errors": [{"$ref": f"#/components/errors/{error.__name__}"} for error in errors_of(method)],
        "examples": [_example(index, example) for index, example in enumerate(spec.examples, 1)],
        "x-scope": spec.scope,
        "x-states": list(spec.states),
        "x-deadline": spec.deadline,
        "x-served": served_by(method),
    } | ({"x-options": _topic_options(schemas)} if _takes_options(parameters) else {})


def _takes_options(parameters: list[inspect.Parameter]) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _topic_options(schemas: Schemas) -> dict[str, Schema]:
    """The further members that ``stream.subscribe`` takes for each topic."""
    return {topic.name: schemas.of(topic.options) for topic in TOPICS.values()}


def _options(schemas: Schemas) -> list[dict[str, object]]:
    """The options of all topics as parameters that may be left out, each with the topics that take it."""
    found: dict[str, dict[str, list[str]]] = {}
    for topic in TOPICS.values():
        options = declared(topic.options)
        assert isinstance(options, Struct)
        for name, schema in schemas.members(options).items():
            found.setdefault(name, {}).setdefault(json.dumps(schema), []).append(topic.name)
    described = []
    for name, forms in found.items():
        choices: list[Schema] = [
            {"title": f"of {', '.join(topics)}", **json.loads(schema)} for schema, topics in forms.items()
        ]
        about = "An option of " + ", ".join(topic for topics in forms.values() for topic in topics) + "."
        one_of_them: Schema = choices[0] if len(choices) == 1 else {"anyOf": choices}
        described.append({"name": name, "description": about, "required": False, "schema": one_of_them})
    return described


def _parameter(parameter: inspect.Parameter, hint: object, schemas: Schemas) -> dict[str, object]:
    schema = schemas.of(hint, given=True)
    if parameter.kind is parameter.VAR_POSITIONAL:
        spread = {"description": "Spread when parameters come by position."}
        return {"name": parameter.name, "required": False, "schema": {"type": "array", "items": schema}} | spread
    if parameter.default is parameter.empty:
        return {"name": parameter.name, "required": True, "schema": schema}
    default = {"default": parameter.default}
    schema = {"allOf": [schema], **default} if "$ref" in schema else schema | default
    return {"name": parameter.name, "required": False, "schema": schema}


def _example(index: int, example: Example) -> dict[str, object]:
    params = [{"name": name, "value": filled(value)} for name, value in example.params.items()]
    return {
        "name": f"example {index}",
        "params": params,
        "result": {"name": "result", "value": filled(example.result)},
    }


_ABOUT_STREAMS: Final = (
    "Streams arrive as notifications on the WebSocket that subscribed to them with stream.subscribe. "
    "The options of a topic are further members of that call's params."
)


def asyncapi_servers(url: str) -> dict[str, object]:
    """Where the streams arrive, of a daemon that serves HTTP at ``url``."""
    parts = urlsplit(url)
    protocol = "wss" if parts.scheme == "https" else "ws"
    return {"daemon": {"host": parts.netloc, "protocol": protocol, "pathname": f"{parts.path}/ws"}}


def asyncapi(*, url: str = USUAL) -> dict[str, object]:
    """The document, made anew, of a daemon that serves HTTP at ``url``."""
    schemas = Schemas()
    messages = {topic.name: _message(topic, schemas) for topic in TOPICS.values()}
    messages |= {f"{topic.name}-ended": _end(topic) for topic in TOPICS.values() if topic.ends}
    channels = {topic.name: _channel(topic, schemas) for topic in TOPICS.values()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "csoundd streams", "version": f"{PROTOCOL}.0.0", "description": _ABOUT_STREAMS},
        "defaultContentType": "application/json",
        "servers": asyncapi_servers(url),
        "channels": channels,
        "operations": {name: _operation(name) for name in TOPICS},
        "components": {"messages": messages, "schemas": schemas.components},
    }


def _channel(topic: type[Topic], schemas: Schemas) -> dict[str, object]:
    return {
        "address": "/ws",
        "title": topic.name,
        "description": markdown(topic.about),
        "messages": {"frame": {"$ref": f"#/components/messages/{topic.name}"}}
        | ({"end": {"$ref": f"#/components/messages/{topic.name}-ended"}} if topic.ends else {}),
        "x-options": schemas.of(topic.options),
    }


def _operation(name: str) -> dict[str, object]:
    channel = f"#/channels/{name}"
    kinds = ["frame", "end"] if TOPICS[name].ends else ["frame"]
    messages = [{"$ref": f"{channel}/messages/{kind}"} for kind in kinds]
    return {"action": "send", "channel": {"$ref": channel}, "messages": messages}


def _end(topic: type[Topic]) -> dict[str, object]:
    params: Schema = {
        "type": "object",
        "properties": {
            "stream": {"type": "string", "pattern": f"^{topic.name}/[0-9]+$"},
            "seq": {"type": "integer", "description": "The number of the last frame before it."},
            "sample": {"type": "integer", "description": "The sample before which the performance was over."},
            "reason": {"enum": ["ended", "reset", "failed"]},
        },
        "required": ["stream", "seq", "sample", "reason"],
    }
    return {
        "name": "stream.ended",
        "title": f"a performance is over, on {topic.name}",
        "payload": {
            "type": "object",
            "properties": {"jsonrpc": {"const": "2.0"}, "method": {"const": "stream.ended"}, "params": params},
            "required": ["jsonrpc", "method", "params"],
        },
    }


def _message(topic: type[Topic], schemas: Schemas) -> dict[str, object]:
    params: Schema = {
        "type": "object",
        "properties": {
            "stream": {"type": "string", "pattern": f"^{topic.name}/[0-9]+$"},
            "seq": {"type": "integer", "description": "Rises by 1 a frame; a gap is what a slow client lost."},
            "sample": {"type": "integer", "description": "The first sample that the frame is about."},
            "data": schemas.of(topic.data),
        },
        "required": ["stream", "seq", "sample", "data"],
    }
    return {
        "name": "stream.data",
        "title": f"a frame of {topic.name}",
        "payload": {
            "type": "object",
            "properties": {"jsonrpc": {"const": "2.0"}, "method": {"const": "stream.data"}, "params": params},
            "required": ["jsonrpc", "method", "params"],
        },
    }
