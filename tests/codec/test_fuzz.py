"""Whatever comes in is answered, and whatever can be encoded comes back the same."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from csoundd.codec import JSON, MSGPACK
from csoundd.codec import json as json_codec
from csoundd.codec import msgpack as msgpack_codec
from csoundd.messages import Failure, Handle, Incoming, Request, StreamRef

FORMS = ["$array", "$bytes", "$float", "$handle", "$stream"]
MEMBERS = ["jsonrpc", "id", "method", "params", "at", "late", "deadline", "sample", "dtype", "shape", "data", *FORMS]

texts = st.text() | st.sampled_from(["2.0", "run", "<f8", "nan", "AAAAAAAAAAA="])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS) | texts, inner, max_size=4),
    max_leaves=20,
)
in_64_bits = st.integers(-(2**63), 2**63 - 1)
ordinary = st.recursive(
    st.none()
    | st.booleans()
    | in_64_bits
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.builds(Handle, st.text())
    | st.builds(StreamRef, st.text()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text().filter(lambda n: n not in FORMS), inner, max_size=4)
    ),
    max_leaves=20,
)
settings.register_profile("steady", deadline=None, max_examples=200, derandomize=True)
settings.load_profile("steady")


def is_sound(incoming: Incoming) -> bool:
    return isinstance(incoming, Request | Failure) or all(isinstance(item, Request | Failure) for item in incoming)


@given(st.binary())
def test_any_bytes_are_answered(data: bytes) -> None:
    assert is_sound(MSGPACK.decode(data))
    assert is_sound(JSON.decode(data))


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert is_sound(JSON.decode(text))


@given(anything)
def test_any_json_is_answered(value: Any) -> None:
    assert is_sound(JSON.decode(json.dumps(value)))


@given(anything)
def test_any_msgpack_is_answered(value: Any) -> None:
    assert is_sound(MSGPACK.decode(msgpack.packb(value, default=lambda _: None, unicode_errors="surrogatepass")))


@given(st.binary(max_size=64), st.integers(-128, 127))
def test_any_extension_is_answered(data: bytes, code: int) -> None:
    header = b"\xc7" + bytes([len(data), code & 0xFF])
    assert is_sound(MSGPACK.decode(header + data))


@given(ordinary)
def test_json_gives_back_what_it_was_given(value: object) -> None:
    assert json_codec.unpack(json_codec.pack(value).decode()) == value


@given(ordinary)
def test_msgpack_gives_back_what_it_was_given(value: object) -> None:
    assert msgpack_codec.unpack(msgpack_codec.pack(value)) == value


@given(st.lists(st.floats(), max_size=20))
def test_arrays_come_back_bit_by_bit(numbers: list[float]) -> None:
    array = np.array(numbers, np.float64)
    for back in (msgpack_codec.unpack(msgpack_codec.pack(array)), json_codec.unpack(json_codec.pack(array).decode())):
        assert isinstance(back, np.ndarray)
        assert back.tobytes() == array.tobytes()
