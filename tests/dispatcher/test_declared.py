"""The real API passes through the dispatcher: every example of every method is accepted as it is written."""

from __future__ import annotations

import json

import pytest

from csoundd.access import EVERYTHING
from csoundd.api import METHODS
from csoundd.api.declare import Example, Method, filled
from csoundd.codec import JSON, MSGPACK
from csoundd.codec import json as json_codec
from csoundd.codec import msgpack as msgpack_codec
from csoundd.dispatcher.dispatch import Table
from csoundd.messages import Request

TABLE = Table(METHODS.values())
EXAMPLES = [
    pytest.param(method, example, id=f"{method.name} {number}")
    for method in METHODS.values()
    for number, example in enumerate(method.spec.examples, 1)
]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_shows_an_example(name: str) -> None:
    assert METHODS[name].spec.examples


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_the_parameters_of_every_example_are_accepted(method: Method, example: Example) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": filled(example.params)}
    incoming = JSON.decode(json.dumps(message))
    assert isinstance(incoming, Request)
    TABLE.checked(incoming.method, incoming.params, EVERYTHING)


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_the_parameters_of_every_example_are_accepted_in_msgpack(method: Method, example: Example) -> None:
    params = json_codec.unpack(json.dumps(filled(example.params)))
    message = {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": params}
    incoming = MSGPACK.decode(msgpack_codec.pack(message))
    assert isinstance(incoming, Request)
    TABLE.checked(incoming.method, incoming.params, EVERYTHING)
