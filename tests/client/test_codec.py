"""The client's codecs: the golden vectors both ways, and what a program may put into a call."""

from __future__ import annotations

import json
import math
from collections import OrderedDict, deque
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgpack
import numpy as np
import pytest

from csoundd_client import Handle, StreamRef, Unreadable
from csoundd_client.codec import CODECS, Codec
from csoundd_client.structs import CallRequest, ControlChannelHints

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors"
FILES = ["values", "requests", "replies", "errors", "batches", "streams"]
BOTH = pytest.mark.parametrize("codec", CODECS.values(), ids=list(CODECS))


def vectors() -> list[Any]:
    rows = [(name, row) for name in FILES for row in json.loads((VECTORS / f"{name}.json").read_text())["vectors"]]
    return [pytest.param(row, id=f"{name}: {row['name']}") for name, row in rows]


def frames(row: Any) -> list[tuple[Codec, bytes]]:
    return [(CODECS["json"], row["json"].encode()), (CODECS["msgpack"], bytes.fromhex(row["msgpack"]))]


def meaning(value: Any) -> Any:
    """A value in the notation of the vectors."""
    if isinstance(value, dict):
        return {key: meaning(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [meaning(inner) for inner in value]
    return special(value) or value


def special(value: Any) -> Any:
    match value:
        case np.ndarray():
            elements = meaning(value.ravel().tolist())
            return {"!": "array", "dtype": value.dtype.str, "shape": list(value.shape), "elements": elements}
        case bytes():
            return {"!": "bytes", "hex": value.hex()}
        case Handle(name):
            return {"!": "handle", "id": name}
        case StreamRef(topic):
            return {"!": "stream", "topic": topic}
        case float() if not math.isfinite(value):
            return {"!": "float", "is": str(value)}
    return None


def meant(codec: Codec, value: Any) -> Any:
    """What the other side makes of a value."""
    return meaning(codec.decode(codec.encode(value)))


@pytest.mark.parametrize("row", vectors())
def test_both_encodings_mean_what_the_vector_says(row: Any) -> None:
    for codec, frame in frames(row):
        assert meaning(codec.decode(frame)) == row["means"]


@pytest.mark.parametrize("row", vectors())
def test_what_is_read_is_written_the_same(row: Any) -> None:
    for codec, frame in frames(row):
        assert meant(codec, codec.decode(frame)) == row["means"]


@BOTH
@pytest.mark.parametrize(
    ("given", "travels"),
    [
        ((1, 2.5), [1, 2.5]),
        (range(3), [0, 1, 2]),
        (deque([1, 2]), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": (1, 2)}), {"a": [1, 2]}),
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int16(-3), -3),
        (np.bool_(True), True),
        (np.float32("inf"), {"!": "float", "is": "inf"}),
        ([[math.nan]], [[{"!": "float", "is": "nan"}]]),
        (bytearray(b"\x01\x02"), {"!": "bytes", "hex": "0102"}),
        (memoryview(b"\x01\x02"), {"!": "bytes", "hex": "0102"}),
        (CallRequest("csound.sr"), {"method": "csound.sr", "params": []}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_python_values_travel(codec: Codec, given: Any, travels: Any) -> None:
    assert meant(codec, given) == travels


@BOTH
def test_structs_travel_as_objects(codec: Codec) -> None:
    assert meant(codec, ControlChannelHints(behav=2, max=math.inf))["max"] == {"!": "float", "is": "inf"}


@BOTH
@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.array([1.0, 2.0], ">f8"), "<f8"),
        (np.array([1, 2], np.float16), "<f4"),
        (np.array([[1, 2], [3, 4]], np.int32, order="F"), "<i4"),
        (np.arange(10.0)[::2], "<f8"),
    ],
    ids=["big-endian", "half", "columns first", "strided"],
)
def test_any_layout_of_an_array_travels(codec: Codec, array: Any, dtype: str) -> None:
    read = codec.decode(codec.encode(array))
    assert read.dtype.str == dtype
    np.testing.assert_array_equal(read, array)


@BOTH
@pytest.mark.parametrize(
    "value",
    [object(), 1j, np.array([1j]), np.array(["text"]), {"nested": [object()]}, "\ud800", np.datetime64(0, "s")],
    ids=["object", "complex", "complex array", "text array", "nested", "surrogate", "date"],
)
def test_what_cannot_travel_is_a_type_error(codec: Codec, value: Any) -> None:
    with pytest.raises(TypeError):
        codec.encode(value)


@BOTH
def test_an_endless_value_is_a_type_error(codec: Codec) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(TypeError):
        codec.encode(endless)


@pytest.mark.parametrize(
    "frame",
    [b"", b"{", b"\xff", b"[" * 100_000],
    ids=["nothing", "half", "no UTF-8", "deep"],
)
def test_json_that_is_none_is_unreadable(frame: bytes) -> None:
    with pytest.raises(Unreadable):
        CODECS["json"].decode(frame)


@pytest.mark.parametrize(
    "form",
    [
        {"$array": {"dtype": "<f8", "shape": [64], "data": "…"}},
        {"$array": {"dtype": "O", "shape": [1], "data": "AAAA"}},
        {"$bytes": "!"},
        {"$float": "huge"},
        {"$handle": 3},
        {"$stream": None},
        {"$handle": "cbuf:3", "more": 1},
    ],
    ids=str,
)
def test_what_only_looks_like_a_special_form_is_left_alone(form: Any) -> None:
    assert CODECS["json"].decode(json.dumps(form).encode()) == form


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xc1", b"\x01\x02", msgpack.packb(msgpack.ExtType(7, b"")), msgpack.packb(msgpack.ExtType(1, b"\x01"))],
    ids=["nothing", "reserved", "two values", "extension", "array"],
)
def test_msgpack_that_is_none_is_unreadable(frame: bytes) -> None:
    with pytest.raises(Unreadable):
        CODECS["msgpack"].decode(frame)
