"""Packets: every type tag there and back, real ones of other programs, and anything else is a ParseError."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csoundd.codec.osc import (
    IMPULSE,
    NOW,
    Bundle,
    Colour,
    Message,
    Midi,
    Timetag,
    Value,
    blob,
    bundle,
    double,
    doubles,
    float32,
    floats,
    int32,
    message,
    of_value,
    parse,
    text,
)
from csoundd.errors import ParseError

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    TEXTS,
    st.binary(max_size=12),
    st.just(IMPULSE),
    st.integers(0, 2**64 - 1).map(Timetag),
    st.integers(0, 2**32 - 1).map(Colour),
    st.binary(min_size=4, max_size=4).map(Midi),
)
VALUES: st.SearchStrategy[Value] = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4), max_leaves=8)
MESSAGES = st.builds(
    lambda name, values: message("/" + name, *map(of_value, values)), TEXTS, st.lists(VALUES, max_size=5)
)
PACKETS = st.recursive(
    MESSAGES, lambda inner: st.lists(inner, max_size=4).map(lambda all_: bundle(NOW, *all_)), max_leaves=6
)


def test_the_example_of_the_specification() -> None:
    packet = bytes.fromhex("2f666f6f000000002c696973666600000000" + "03e8ffffffff68656c6c6f0000003f9df3b640b5b22d")

    read = parse(packet)

    assert isinstance(read, Message)
    assert (read.address, read.tags) == ("/foo", "iisff")
    assert read.arguments == [1000, -1, "hello", pytest.approx(1.234), pytest.approx(5.678)]


def test_a_message_without_type_tags_has_no_arguments() -> None:
    assert parse(b"/old\0\0\0\0") == Message("/old", "", [])


@given(st.lists(VALUES, max_size=6))
def test_every_value_comes_back(values: list[Value]) -> None:
    read = parse(message("/a", *map(of_value, values)))

    assert isinstance(read, Message)
    assert read.arguments == values
    assert [type(value) for value in read.arguments] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("tag", "data", "value"),
    [
        ("S", b"sym\0", "sym"),
        ("c", struct.pack(">I", ord("ß")), "ß"),
        ("h", struct.pack(">q", -(2**40)), -(2**40)),
        ("t", struct.pack(">Q", 1), NOW),
    ],
)
def test_tags_that_are_never_sent_are_read(tag: str, data: bytes, value: Value) -> None:
    packet = b"/a\0\0," + tag.encode() + b"\0\0" + data

    assert parse(packet) == Message("/a", tag, [value])


def test_bundles_are_nested() -> None:
    inner = bundle(Timetag.of(1767225600.5), message("/b", int32(2)))
    packet = bundle(NOW, message("/a", float32(0.5), text("x")), inner, bundle(NOW))

    read = parse(packet)

    assert isinstance(read, Bundle)
    assert read.timetag.immediate
    first, second, third = read.elements
    assert first == Message("/a", "fs", [0.5, "x"])
    assert isinstance(second, Bundle)
    assert second.timetag.unix == 1767225600.5
    assert third == Bundle(NOW, [])


def test_a_timetag_after_2036_belongs_to_the_next_era() -> None:
    assert Timetag.of(2_500_000_000.25).unix == 2_500_000_000.25


def test_arrays_of_numbers_are_written_at_once() -> None:
    numbers = np.array([[1.0, 2.0], [3.0, 1e300]])

    assert parse(message("/a", doubles(numbers))) == Message("/a", "dddd", [1.0, 2.0, 3.0, 1e300])
    assert parse(message("/a", floats(numbers[0]))) == Message("/a", "ff", [1.0, 2.0])


def test_a_number_too_large_for_32_bits_is_infinite() -> None:
    assert parse(message("/a", float32(-1e300))) == Message("/a", "f", [float("-inf")])


def test_zeros_inside_a_text_are_left_out() -> None:
    assert parse(message("/a", text("a\0b"), double(1.0))) == Message("/a", "sd", ["ab", 1.0])


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"/a\0", id="not padded"),
        pytest.param(b"/abc", id="address without an end"),
        pytest.param(b"a\0\0\0", id="address without a slash"),
        pytest.param(b"/\xff\0\0,\0\0\0", id="not UTF-8"),
        pytest.param(b"/a\0\0f\0\0\0", id="tags without a comma"),
        pytest.param(b"/a\0\0,f\0\0", id="argument missing"),
        pytest.param(b"/a\0\0,if\0\0\0\0\0", id="second argument missing"),
        pytest.param(b"/a\0\0,m\0\0", id="MIDI missing"),
        pytest.param(b"/a\0\0,s\0\0abcd", id="text without an end"),
        pytest.param(b"/a\0\0,b\0\0\0\0\0\x09abcd", id="blob too long"),
        pytest.param(b"/a\0\0,b\0\0\xff\xff\xff\xff", id="blob of negative size"),
        pytest.param(b"/a\0\0,x\0\0", id="unknown tag"),
        pytest.param(b"/a\0\0,[\0\0", id="array not closed"),
        pytest.param(b"/a\0\0,]\0\0", id="array not opened"),
        pytest.param(b"/a\0\0," + b"[" * 99 + b"]" * 99 + b"\0", id="arrays too deep"),
        pytest.param(b"/a\0\0,c\0\0\xff\xff\xff\xff", id="no character"),
        pytest.param(b"/a\0\0,\0\0\0\0\0\0\0", id="bytes left over"),
        pytest.param(b"#bundle\0\0\0\0\0", id="bundle without its time"),
        pytest.param(b"#bundle\0" + bytes(8) + b"\0\0\0\x08/a\0\0", id="element too long"),
        pytest.param(b"#bundle\0" + bytes(8) + b"\0\0\0\0", id="empty element"),
    ],
)
def test_anything_else_is_a_parse_error(packet: bytes) -> None:
    with pytest.raises(ParseError):
        parse(packet)


def test_bundles_nested_too_deep_are_a_parse_error() -> None:
    packet = message("/a")
    for _ in range(100):
        packet = bundle(NOW, packet)

    with pytest.raises(ParseError):
        parse(packet)


def test_a_parse_error_names_the_address_where_it_could_be_read() -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"/a\0\0,x\0\0")

    assert caught.value.details["address"] == "/a"


def read_or_refused(packet: bytes) -> None:
    with contextlib.suppress(ParseError):
        parse(packet)


@given(st.binary(max_size=64))
def test_random_bytes_are_read_or_refused(packet: bytes) -> None:
    read_or_refused(packet)


@given(st.binary(max_size=64))
def test_random_bytes_after_an_address_are_read_or_refused(packet: bytes) -> None:
    read_or_refused(b"/a\0\0," + packet)


@given(PACKETS, st.data())
def test_damaged_packets_are_read_or_refused(packet: bytes, data: st.DataObject) -> None:
    damaged = bytearray(packet)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    read_or_refused(bytes(damaged))


def test_a_blob_is_padded() -> None:
    assert parse(message("/a", blob(b"12345"), int32(7))) == Message("/a", "bi", [b"12345", 7])
