"""The golden exchanges of the contract hold for our codecs, in both directions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csoundd.codec import JSON, MSGPACK
from csoundd.codec import json as json_codec
from csoundd.codec import msgpack as msgpack_codec
from csoundd.errors import error_of
from csoundd.messages import Failure, Frames, Handle, Receipt, Reply, Request, Response, Seconds, StreamFrame, StreamRef
from csoundd.streams.backlog import KEPT

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"
Vector = dict[str, Any]


def vectors(*files: str) -> list[Any]:
    return [
        pytest.param(vector, id=f"{file}: {vector['name']}")
        for file in files
        for vector in json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))["vectors"]
    ]


def value_of(means: Any) -> Any:
    """What the notation of the vectors stands for."""
    if isinstance(means, list):
        return [value_of(inner) for inner in means]
    if not isinstance(means, dict):
        return means
    if "!" in means:
        return KINDS[means["!"]](means)
    return {name: value_of(inner) for name, inner in means.items()}


KINDS: dict[str, Callable[[Vector], object]] = {
    "array": lambda of: np.array([value_of(element) for element in of["elements"]], of["dtype"]).reshape(of["shape"]),
    "bytes": lambda of: bytes.fromhex(of["hex"]),
    "float": lambda of: float(of["is"]),
    "handle": lambda of: Handle(of["id"]),
    "stream": lambda of: StreamRef(of["topic"]),
}


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - only not-a-number differs from itself


MESSAGES = vectors("values", "requests", "replies", "errors", "batches", "streams")


@pytest.mark.parametrize("vector", MESSAGES)
def test_both_encodings_mean_what_is_said(vector: Vector) -> None:
    means = value_of(vector["means"])
    assert same(json_codec.unpack(vector["json"]), means)
    assert same(msgpack_codec.unpack(bytes.fromhex(vector["msgpack"])), means)


@pytest.mark.parametrize("vector", MESSAGES)
def test_both_encodings_are_what_we_write(vector: Vector) -> None:
    means = value_of(vector["means"])
    assert json_codec.pack(means).decode() == vector["json"]
    assert msgpack_codec.pack(means).hex() == vector["msgpack"]


@pytest.mark.parametrize("vector", vectors("requests"))
def test_requests_are_taken_alike_in_both_encodings(vector: Vector) -> None:
    one, other = JSON.decode(vector["json"]), MSGPACK.decode(bytes.fromhex(vector["msgpack"]))
    assert isinstance(one, Request)
    assert isinstance(other, Request)
    assert same(one.params, other.params)
    assert (one.method, one.id, one.at, one.late, one.deadline) == (
        *(other.method, other.id, other.at),
        *(other.late, other.deadline),
    )


def response_of(means: Vector) -> Response:
    if "error" in means:
        error = means["error"]
        return Failure(means["id"], error_of(error["code"], error["message"], error["data"]))
    meta = means.get("meta")
    receipt = meta and Receipt(
        Frames(meta["sample"]),
        meta["cycle"],
        Seconds(meta["scoreTime"]),
        Seconds(meta["late"]),
        meta.get("dropped", False),
    )
    return Reply(means["id"], means["result"], receipt)


@pytest.mark.parametrize("vector", vectors("replies", "errors"))
def test_responses_are_encoded_so(vector: Vector) -> None:
    response = response_of(value_of(vector["means"]))
    assert JSON.encode(response).decode() == vector["json"]
    assert MSGPACK.encode(response).hex() == vector["msgpack"]


@pytest.mark.parametrize("vector", vectors("streams"))
def test_stream_frames_are_encoded_so(vector: Vector) -> None:
    params = value_of(vector["means"])["params"]
    frame = StreamFrame(
        params["stream"], params["seq"], Frames(params["sample"]), params.get("data"), KEPT, ended=params.get("reason")
    )
    assert JSON.encode(frame).decode() == vector["json"]
    assert MSGPACK.encode(frame).hex() == vector["msgpack"]


@pytest.mark.parametrize("vector", vectors("refused"))
def test_bad_frames_are_refused_so(vector: Vector) -> None:
    incoming = JSON.decode(vector["json"]) if "json" in vector else MSGPACK.decode(bytes.fromhex(vector["msgpack"]))
    assert isinstance(incoming, Failure)
    assert (incoming.error.code, incoming.id) == (vector["code"], vector["id"])


def test_every_error_has_a_vector() -> None:
    listed = json.loads((FOLDER.parent / "errors.json").read_text(encoding="utf-8"))["errors"]
    shown = {vector.values[0]["means"]["error"]["data"]["type"] for vector in vectors("errors")}
    assert {error["type"] for error in listed} == shown
