"""Every kind of value comes out as it went in; what keeps to no form comes out as Malformed, with the id intact."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np
import numpy.typing as npt
import pytest

from csoundd.codec import JSON, MSGPACK, Codec
from csoundd.codec import json as json_codec
from csoundd.codec import msgpack as msgpack_codec
from csoundd.errors import EngineError, InternalError, NotFound
from csoundd.limits import LARGE_ARRAY_BYTES
from csoundd.messages import Failure, Frames, Handle, Malformed, Reply, Request, Response, StreamFrame, StreamRef
from csoundd.streams.backlog import KEPT

BOTH = pytest.mark.parametrize("codec", [JSON, MSGPACK], ids=["json", "msgpack"])
DTYPES = ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"]


@dataclass(frozen=True)
class Inner:
    handle: Handle


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner | None


def sent(codec: Codec, value: object) -> Any:
    """``value`` as a result, encoded and read back."""
    frame = codec.encode(Reply(1, value))
    return unpacked(codec, frame)["result"]


def unpacked(codec: Codec, frame: bytes) -> Any:
    return msgpack_codec.unpack(frame) if codec is MSGPACK else json_codec.unpack(frame.decode())


def received(codec: Codec, value: object) -> Any:
    """``value`` as a parameter that a client sent."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "m", "params": [value]}
    frame = msgpack.packb(message) if codec is MSGPACK else json.dumps(message).encode()
    incoming = codec.decode(frame)
    assert isinstance(incoming, Request)
    assert incoming.id == 1
    assert isinstance(incoming.params, list)
    return incoming.params[0]


@BOTH
@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -1, 2**63 - 1, -(2**63), 0.1, 1e300, "", "Größe ♪ 𝄞", '\x00\n"', b"", b"\x00\xff", [], {}],
    ids=repr,
)
def test_a_plain_value_stays_the_same(codec: Codec, value: object) -> None:
    assert sent(codec, value) == value
    assert type(sent(codec, value)) is type(value)


@BOTH
@pytest.mark.parametrize("value", [Handle("cbuf:3"), StreamRef("invalue")], ids=repr)
def test_a_reference_stays_the_same(codec: Codec, value: object) -> None:
    assert sent(codec, {"of": [value]}) == {"of": [value]}


@BOTH
@pytest.mark.parametrize("value", [math.inf, -math.inf], ids=repr)
def test_infinities_stay_the_same(codec: Codec, value: float) -> None:
    assert sent(codec, [value, {"deep": (value,)}]) == [value, {"deep": [value]}]


@BOTH
def test_not_a_number_stays_so(codec: Codec) -> None:
    assert math.isnan(sent(codec, {"peak": [0.5, math.nan]})["peak"][1])


@BOTH
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(6,), (2, 3), (1, 1, 6), (0,), (3, 0), ()], ids=repr)
def test_an_array_stays_the_same(codec: Codec, dtype: str, shape: tuple[int, ...]) -> None:
    array = (np.arange(math.prod(shape)) % 2).astype(dtype).reshape(shape)
    back = sent(codec, array)
    assert back.dtype.str == dtype
    assert back.shape == shape
    assert np.array_equal(back, array)


@BOTH
@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.arange(3, dtype=">i4"), "<i4"),
        (np.arange(3, dtype=">f8"), "<f8"),
        (np.arange(3, dtype=np.float16), "<f4"),
        (np.arange(3, dtype=np.longdouble), "<f8"),
    ],
    ids=["big-endian i4", "big-endian f8", "half", "long"],
)
def test_other_numbers_are_converted(codec: Codec, array: npt.NDArray[Any], dtype: str) -> None:
    back = sent(codec, array)
    assert back.dtype.str == dtype
    assert back.tolist() == [0, 1, 2]


@BOTH
def test_an_array_may_lie_anyhow_in_memory(codec: Codec) -> None:
    array = np.arange(12).reshape(3, 4).T[::2]
    assert np.array_equal(sent(codec, array), array)


@BOTH
def test_a_received_array_shares_the_memory_it_came_in(codec: Codec) -> None:
    array = sent(codec, np.arange(1000.0))
    assert not array.flags.owndata


@BOTH
@pytest.mark.parametrize(
    ("scalar", "value"),
    [(np.float64(0.5), 0.5), (np.float32(0.5), 0.5), (np.int64(3), 3), (np.uint8(3), 3), (np.bool_(True), True)],
    ids=repr,
)
def test_a_numpy_scalar_is_a_plain_number(codec: Codec, scalar: object, value: object) -> None:
    back = sent(codec, scalar)
    assert back == value
    assert type(back) is type(value)


@BOTH
def test_a_struct_is_an_object_and_a_tuple_a_list(codec: Codec) -> None:
    value = (Outer("a", Inner(Handle("x:1"))), Outer("b", None))
    inner = {"handle": Handle("x:1")}
    assert sent(codec, value) == [{"name": "a", "inner": inner}, {"name": "b", "inner": None}]


@pytest.mark.parametrize(
    "form",
    [
        {"$array": 3},
        {"$array": {"dtype": "<f8", "shape": [1]}},
        {"$array": {"dtype": "<f8", "shape": [1], "data": "AAAA", "order": "C"}},
        {"$array": {"dtype": "<c16", "shape": [1], "data": "AAAA"}},
        {"$array": {"dtype": ">f8", "shape": [1], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "O", "shape": [1], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": 8, "shape": [1], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": 1, "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": [-1], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": [True], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": [0.5], "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": [1] * 40, "data": "AAAAAAAAAAA="}},
        {"$array": {"dtype": "<f8", "shape": [0, 2**70], "data": ""}},
        {"$array": {"dtype": "<f8", "shape": [0] + [2**30] * 5, "data": ""}},
        {"$array": {"dtype": "<f8", "shape": [1], "data": "not base64"}},
        {"$array": {"dtype": "<f8", "shape": [1], "data": "ä"}},
        {"$array": {"dtype": "<f8", "shape": [1], "data": None}},
        {"$bytes": "?"},
        {"$bytes": 3},
        {"$float": "NaN"},
        {"$float": 0.5},
        {"$handle": 3},
        {"$handle": None},
        {"$stream": ["a"]},
        {"$handle": "a", "$stream": "b"},
        {"$handle": "a", "name": "b"},
    ],
    ids=repr,
)
def test_a_form_that_is_not_kept_to_is_malformed(form: object) -> None:
    assert isinstance(received(JSON, form), Malformed)
    assert received(JSON, {"deep": [form]}) == {"deep": [received(JSON, form)]}


@BOTH
@pytest.mark.parametrize("name", ["$arrays", "$", "handle", "$Handle"])
def test_an_object_that_only_looks_like_a_form_is_an_object(codec: Codec, name: str) -> None:
    assert received(codec, {name: 3}) == {name: 3}


def test_a_form_may_be_spelled_with_an_escape() -> None:
    incoming = JSON.decode('{"jsonrpc":"2.0","id":1,"method":"m","params":[{"\\u0024handle":"a"}]}')
    assert isinstance(incoming, Request)
    assert incoming.params == [Handle("a")]


@pytest.mark.parametrize(
    "extension",
    [
        msgpack.ExtType(5, b""),
        msgpack.ExtType(1, b""),
        msgpack.ExtType(1, b"\x93"),
        msgpack.ExtType(1, b"\x01"),
        msgpack.ExtType(1, b"\xc0"),
        msgpack.ExtType(1, msgpack.packb(["<f8", [1]])),
        msgpack.ExtType(1, msgpack.packb(["<f8", [1], b"1234567"])),
        msgpack.ExtType(1, msgpack.packb(["<f8", [1], "12345678"])),
        msgpack.ExtType(1, msgpack.packb(["<c16", [1], b"1234567812345678"])),
        msgpack.ExtType(1, msgpack.packb([["<f8"], [1], b"12345678"])),
        msgpack.ExtType(1, msgpack.packb(["<f8", [0, 2**63], b""])),
    ],
    ids=repr,
)
def test_an_extension_that_is_not_kept_to_is_malformed(extension: msgpack.ExtType) -> None:
    assert isinstance(received(MSGPACK, extension), Malformed)


def test_booleans_are_whatever_is_not_zero() -> None:
    array = received(MSGPACK, msgpack.ExtType(1, msgpack.packb(["|b1", [3], b"\x00\x01\x02"])))
    assert array.tolist() == [False, True, True]


@BOTH
def test_half_of_a_surrogate_pair_goes_out_as_a_question_mark(codec: Codec) -> None:
    assert sent(codec, {"\ud800": ["a\udfffb", "𝄞"]}) == {"?": ["a?b", "𝄞"]}


def test_half_of_a_surrogate_pair_comes_in() -> None:
    incoming = JSON.decode('{"jsonrpc":"2.0","id":1,"method":"\\ud800","params":["\\udfff"]}')
    assert incoming == Request("\ud800", ["\udfff"], 1)


@pytest.mark.parametrize(("integer", "number"), [(2**64, 2.0**64), (-(2**70), -(2.0**70)), (10**400, math.inf)])
def test_an_integer_too_big_for_msgpack_becomes_a_float(integer: int, number: float) -> None:
    assert sent(MSGPACK, [integer, -integer]) == [number, -number]


def loop() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


@BOTH
@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        1j,
        np.array(["text"]),
        np.array([1j]),
        np.array([object()]),
        np.datetime64("2026-01-01"),
        loop(),
    ],
    ids=["object", "set", "complex", "text array", "complex array", "object array", "date", "loop"],
)
def test_a_result_that_cannot_travel_is_an_internal_error(codec: Codec, value: object) -> None:
    answer = unpacked(codec, codec.encode(Reply("a", {"deep": [value]})))
    assert answer["id"] == "a"
    assert answer["error"]["code"] == InternalError.code
    assert "0x" not in answer["error"]["message"]


@BOTH
def test_one_result_that_cannot_travel_leaves_the_rest_of_a_batch_alone(codec: Codec) -> None:
    batch: list[Response] = [Reply(1, "fine"), Reply(2, object()), Failure(3, NotFound("gone"))]
    answers = unpacked(codec, codec.encode(batch))
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert answers[0]["result"] == "fine"
    assert [answer["error"]["code"] for answer in answers[1:]] == [InternalError.code, NotFound.code]


@BOTH
def test_details_that_cannot_travel_are_left_out_of_an_error(codec: Codec) -> None:
    answer = unpacked(codec, codec.encode(Failure(1, EngineError("no sound", device=object()))))
    assert answer["error"] == {"code": -32000, "message": "no sound", "data": {"type": "EngineError"}}


@BOTH
def test_a_frame_that_cannot_travel_keeps_its_number(codec: Codec) -> None:
    params = unpacked(codec, codec.encode(StreamFrame("x/1", 4, Frames(64), object(), KEPT)))["params"]
    assert params == {"stream": "x/1", "seq": 4, "sample": 64, "data": None}


def test_packing_for_the_link_refuses_what_cannot_travel() -> None:
    with pytest.raises(TypeError):
        msgpack_codec.pack([object()])


def test_the_link_carries_what_the_wire_does() -> None:
    value = [1, "a", None, {"b": [Handle("h"), StreamRef("s")]}, b"\x00", math.inf]
    assert msgpack_codec.unpack(msgpack_codec.pack(value)) == value


LARGE = np.arange(LARGE_ARRAY_BYTES // 8 + 7, dtype="<f8")


@pytest.mark.parametrize(
    "value",
    [LARGE, [LARGE, "between", LARGE[::-1]], {"a": LARGE.reshape(-1, 3)[:, :2], "odd": math.nan}, [LARGE, "\ud800"]],
    ids=["one", "two", "in an object", "with half a character"],
)
def test_large_arrays_are_written_to_json_as_small_ones_are(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    large = json_codec.pack(value)
    monkeypatch.setattr(json_codec, "LARGE_ARRAY_BYTES", 1 << 40)
    assert large == json_codec.pack(value)


@pytest.mark.parametrize(
    ("value", "takes_long"),
    [(LARGE, True), ([1, LARGE], True), (LARGE[:9], False), ([LARGE[:9]], False), (None, False)],
)
def test_only_large_arrays_as_json_take_long(value: Any, takes_long: bool) -> None:
    assert JSON.takes_long(Reply(1, value)) == JSON.takes_long([Reply(1, None), Reply(2, value)]) == takes_long
    assert not MSGPACK.takes_long(Reply(1, value))


def test_an_answer_after_one_that_could_not_travel_has_nothing_of_it() -> None:
    assert b"cannot travel" in JSON.encode(Reply(1, [LARGE, object()]))
    assert json_codec.pack([1]) == b"[1]"
