"""The documents say all there is to say, and what they refer to is in them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft7Validator

from csoundd.api import METHODS
from csoundd.errors import ERRORS
from csoundd.streams.topics import TOPICS

PROTOCOL = Path(__file__).parents[2] / "protocol"
Document = dict[str, Any]


def load(name: str) -> Document:
    document: Document = json.loads((PROTOCOL / name).read_text(encoding="utf-8"))
    return document


OPENRPC, ASYNCAPI, ERRORS_JSON = load("openrpc.json"), load("asyncapi.json"), load("errors.json")
DESCRIBED: dict[str, Document] = {method["name"]: method for method in OPENRPC["methods"]}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("document", [OPENRPC, ASYNCAPI], ids=["openrpc", "asyncapi"])
def test_every_reference_leads_somewhere(document: Document) -> None:
    for reference in set(references(document)):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_method_is_described() -> None:
    assert list(DESCRIBED) == list(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_described_as_it_is_declared(name: str) -> None:
    described, method = DESCRIBED[name], METHODS[name]
    parameters = [p for p in method.signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    assert [param["name"] for param in described["params"]][: len(parameters)] == [p.name for p in parameters]
    # Beside them stand the options of the topics, where there are any.
    assert (len(described["params"]) > len(parameters)) == (name == "stream.subscribe")
    assert described["x-scope"] == method.spec.scope
    assert described["x-states"] == list(method.spec.states)
    assert described["description"]
    assert described["result"]["schema"]
    assert len(described["examples"]) == len(method.spec.examples)


def resolved(value: Any, document: Document, inside: tuple[str, ...] = ()) -> Any:
    """``value`` with what it refers to in the place of references, as tools make it that know of none."""
    if isinstance(value, dict):
        if "$ref" in value:
            reference = value["$ref"]
            assert reference not in inside, f"{reference} refers to itself"
            place = document
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]
            return resolved(place, document, (*inside, reference))
        return {name: resolved(inner, document, inside) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, document, inside) for inner in value]
    return value


@pytest.mark.parametrize("document", [OPENRPC, ASYNCAPI], ids=["openrpc", "asyncapi"])
def test_no_schema_is_within_itself(document: Document) -> None:
    assert list(references(resolved(document, document))) == []


@pytest.mark.parametrize("name", METHODS)
def test_an_example_fits_its_schemas(name: str) -> None:
    described = resolved(DESCRIBED[name], OPENRPC)
    schemas = {param["name"]: param["schema"] for param in described["params"]}
    required = {param["name"] for param in described["params"] if param["required"]}
    for schema in [*schemas.values(), described["result"]["schema"]]:
        Draft7Validator.check_schema(schema)
    for example in described["examples"]:
        given = {param["name"]: param["value"] for param in example["params"]}
        assert required <= given.keys() <= schemas.keys()
        for parameter, value in given.items():
            Draft7Validator(schemas[parameter]).validate(value)
        Draft7Validator(described["result"]["schema"]).validate(example["result"]["value"])


def test_the_options_of_topics_are_parameters_of_the_subscription() -> None:
    params = {param["name"]: param for param in DESCRIBED["stream.subscribe"]["params"]}
    options = {member.name for topic in TOPICS.values() for member in fields(topic.options)}
    assert params.keys() == {"topic"} | options
    assert "spout" in params["block"]["description"]


def test_required_are_the_parameters_without_a_default() -> None:
    params = {param["name"]: param["required"] for param in DESCRIBED["csound.compileOrc"]["params"]}
    assert params == {"orc": True, "block": False}


def test_errors_are_those_of_the_method() -> None:
    def errors(name: str) -> set[str]:
        return {error["$ref"].rpartition("/")[2] for error in DESCRIBED[name]["errors"]}

    assert {"InvalidParams", "EngineCrashed", "Timeout"} <= errors("csound.controlChannel")
    assert "StaleHandle" in errors("csound.readCircularBuffer")
    assert "StaleHandle" not in errors("csound.controlChannel")
    assert "EngineCrashed" not in errors("session.ping")
    assert {"NotFound", "LimitExceeded"} <= errors("stream.subscribe")
    assert "Timeout" not in errors("thread.join")
    assert "EngineCrashed" in errors("engine.batch")


def test_schemas_speak_of_values_as_they_travel() -> None:
    (_, samples) = DESCRIBED["csound.setAudioChannel"]["params"]
    assert samples["schema"] == {"$ref": "#/components/schemas/Numbers"}
    result = DESCRIBED["csound.controlChannel"]["result"]["schema"]
    number = {"$ref": "#/components/schemas/Number"}
    assert result == {"type": "array", "items": [number, {"type": "integer"}], "minItems": 2, "maxItems": 2}
    hints = OPENRPC["components"]["schemas"]["ControlChannelHints"]
    assert hints["properties"]["behav"] == {
        "type": "integer",
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
        "default": 0,
    }


def test_every_topic_is_described() -> None:
    assert list(ASYNCAPI["channels"]) == list(TOPICS) == list(DESCRIBED["stream.subscribe"]["x-options"])


def test_options_have_their_defaults() -> None:
    block = ASYNCAPI["components"]["schemas"]["SpoutOptions"]["properties"]["block"]
    assert block["default"] == 512


def test_every_error_is_listed_with_its_number() -> None:
    listed = {(error["type"], error["code"]) for error in ERRORS_JSON["errors"]}
    assert listed == {(error.__name__, error.code) for error in ERRORS}


def test_the_numbers_of_the_contract_stay() -> None:
    assert {error["type"]: error["code"] for error in ERRORS_JSON["errors"]} == {
        "ParseError": -32700,
        "InvalidRequest": -32600,
        "MethodNotFound": -32601,
        "InvalidParams": -32602,
        "InternalError": -32603,
        "EngineError": -32000,
        "Unauthorized": -32001,
        "Forbidden": -32002,
        "WrongState": -32003,
        "NotFound": -32004,
        "StaleHandle": -32005,
        "Unsupported": -32006,
        "Timeout": -32007,
        "LimitExceeded": -32008,
        "EngineCrashed": -32009,
        "EngineUnavailable": -32010,
        "Cancelled": -32011,
        "Late": -32012,
    }


def test_every_method_has_its_place_in_the_reference() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (PROTOCOL / "reference").glob("*.md"))
    assert set(re.findall(r"^## (\S+\.\S+)$", pages, re.MULTILINE)) == set(METHODS)


def test_links_in_the_reference_lead_somewhere() -> None:
    index = (PROTOCOL / "reference" / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", index):
        assert (PROTOCOL / "reference" / target).is_file()


def test_the_pages_have_no_markup_of_docstrings_left() -> None:
    for page in (PROTOCOL / "reference").glob("*.md"):
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        assert "``" not in text, page.name
        assert ":mod:" not in text, page.name


def arrays(value: Any) -> Iterator[Document]:
    """The elements of every array form in ``value``."""
    if isinstance(value, dict):
        if value.keys() == {"$array"}:
            yield value["$array"]
        for inner in value.values():
            yield from arrays(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from arrays(inner)


def test_every_array_of_an_example_can_be_decoded() -> None:
    shown = list(arrays([method["examples"] for method in OPENRPC["methods"]]))
    assert len(shown) > 10
    for array in shown:
        data = base64.b64decode(array["data"], validate=True)
        assert np.frombuffer(data, array["dtype"]).reshape(array["shape"]).dtype == array["dtype"]
