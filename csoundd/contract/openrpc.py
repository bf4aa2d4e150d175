"""``openrpc.json``: every method with its parameters, result, errors and examples. ``rpc.discover`` answers with it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Final, get_type_hints

from csoundd.api import METHODS
from csoundd.api.declare import Example, Method, filled
from csoundd.contract.errors import error_object, errors_of, served_by
from csoundd.contract.prose import doc, summary
from csoundd.contract.schemas import Schema, Schemas
from csoundd.errors import ERRORS
from csoundd.streams.topics import TOPICS
from csoundd.values import PROTOCOL

_ABOUT: Final = "Csound's whole API over JSON-RPC 2.0, as JSON or msgpack. protocol/README.md explains the contract."


def openrpc(methods: Iterable[Method] = tuple(METHODS.values())) -> dict[str, object]:
    """The document, made anew."""
    schemas = Schemas()
    described = [_method(method, schemas) for method in methods]
    return {
        "openrpc": "1.3.2",
        "info": {"title": "csoundd", "version": f"{PROTOCOL}.0.0", "description": _ABOUT},
        "servers": [
            {"name": "websocket", "url": "ws://127.0.0.1:7700/ws"},
            {"name": "http", "url": "http://127.0.0.1:7700/rpc"},
        ],
        "methods": described,
        "components": {
            "schemas": schemas.components,
            "errors": {error.__name__: error_object(error) for error in ERRORS},
        },
    }


def _method(method: Method, schemas: Schemas) -> dict[str, object]:
    hints, facts, text = get_type_hints(method.function, include_extras=True), method.facts, doc(method.function)
    parameters = list(method.signature.parameters.values())
    return {
        "name": method.name,
        "summary": summary(text),
        "description": text,
        "tags": [{"name": method.family.__name__}],
        "paramStructure": "by-name" if _takes_options(parameters) else "either",
        "params": [_parameter(p, hints[p.name], schemas) for p in parameters if p.kind is not p.VAR_KEYWORD],
        "result": {"name": "result", "schema": schemas.of(hints["return"])},
        "errors": [{"$ref": f"#/components/errors/{error.__name__}"} for error in errors_of(method)],
        "examples": [_example(index, example) for index, example in enumerate(facts.examples, 1)],
        "x-scope": facts.scope,
        "x-states": list(facts.states),
        "x-deadline": facts.deadline,
        "x-served": served_by(method),
    } | ({"x-options": _options(schemas)} if _takes_options(parameters) else {})


def _takes_options(parameters: list[inspect.Parameter]) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _options(schemas: Schemas) -> dict[str, Schema]:
    """The further members that ``stream.subscribe`` takes for each topic."""
    return {topic.name: schemas.of(topic.options) for topic in TOPICS.values()}


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
