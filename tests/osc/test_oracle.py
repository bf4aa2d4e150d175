"""The codec against python-osc: every packet that it can build is read the same by ours, and the reverse.

Left out is what python-osc cannot do: write an empty blob, read the tags ``S c I``, and read times exactly, which it
makes floats of (docs/upstream-faults.md).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from struct import pack, unpack
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pythonosc import slip
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

from csoundd.codec.osc import (
    NOW,
    Bundle,
    Colour,
    Message,
    Midi,
    Packet,
    SlipFraming,
    Timetag,
    Unreadable,
    Value,
    bundle,
    message,
    of_value,
    parse,
)

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
ADDRESSES = TEXTS.map("/".__add__)
BYTES = st.integers(0, 255)
PLAIN = st.one_of(
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("h"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("f"), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just("d"), st.floats(allow_nan=False)),
    st.tuples(st.just("s"), TEXTS),
    st.tuples(st.just("b"), st.binary(min_size=1, max_size=12)),
    st.tuples(st.just("r"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("m"), st.tuples(BYTES, BYTES, BYTES, BYTES)),
    st.tuples(st.just("T"), st.just(True)),
    st.tuples(st.just("F"), st.just(False)),
    st.tuples(st.just("N"), st.none()),
)


def arrayed(items: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """An argument that is an array, as python-osc wants it: its tags and its values."""
    return [tag for tag, _ in items], [value for _, value in items]


ARGUMENTS = st.lists(
    st.recursive(PLAIN, lambda inner: st.lists(inner, min_size=1, max_size=4).map(arrayed), max_leaves=8), max_size=6
)


def theirs(address: str, arguments: list[tuple[Any, Any]]) -> OscMessage:
    """The message as python-osc builds it."""
    builder = OscMessageBuilder(address)
    for tag, value in arguments:
        builder.add_arg(value, tag)
    return builder.build()


def as_ours(tag: Any, value: Any) -> Value:
    """A value of python-osc as our codec reads it."""
    if isinstance(tag, list):
        return [as_ours(inner, item) for inner, item in zip(tag, value, strict=True)]
    return {"r": Colour, "m": lambda data: Midi(bytes(data))}.get(tag, lambda same: same)(value)  # type: ignore[no-any-return, no-untyped-call]


def tags_of(tag: Any) -> str:
    return f"[{''.join(map(tags_of, tag))}]" if isinstance(tag, list) else str(tag)


def as_theirs(value: Value) -> Any:
    """A value of ours as python-osc reads it."""
    match value:
        case list():
            return [as_theirs(item) for item in value]
        case Colour(rgba):
            return rgba
        case Midi(data):
            return tuple(data)
        case Timetag(ntp):
            packed = pack(">Q", ntp)
            return osc_types.get_timetag(packed, 0)[0]
    return value


@given(ADDRESSES, ARGUMENTS)
def test_what_python_osc_builds_is_read(address: str, arguments: list[tuple[Any, Any]]) -> None:
    read = parse(theirs(address, arguments).dgram)

    expected: list[Value] = [as_ours(tag, value) for tag, value in arguments]
    assert read == Message(address, "".join(tags_of(tag) for tag, _ in arguments), expected)
    assert isinstance(read, Message)
    assert list(map(type, read.arguments)) == list(map(type, expected))


OURS: st.SearchStrategy[Value] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        TEXTS,
        st.binary(max_size=12),
        st.integers(0, 2**64 - 1).map(Timetag),
        st.integers(0, 2**32 - 1).map(Colour),
        st.binary(min_size=4, max_size=4).map(Midi),
    ),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(ADDRESSES, st.lists(OURS, max_size=6))
def test_what_we_build_is_read_by_python_osc(address: str, values: list[Value]) -> None:
    read = OscMessage(message(address, *map(of_value, values)))

    assert (read.address, read.params) == (address, [as_theirs(value) for value in values])


MOMENTS = st.none() | st.integers(1, 4_400_000_000).map(lambda quarters: quarters / 4 + 978_307_200)
"""Times from 2001 to 2035, in steps that a float holds exactly; none is "immediately"."""


def their_bundle(tree: Any) -> OscBundle | OscMessage:
    if isinstance(tree, tuple):
        moment, elements = tree
        builder = OscBundleBuilder(IMMEDIATELY if moment is None else moment)
        for element in elements:
            builder.add_content(their_bundle(element))
        return builder.build()
    return theirs(tree, [])


def our_bundle(tree: Any) -> Packet:
    if isinstance(tree, tuple):
        moment, elements = tree
        return Bundle(NOW if moment is None else Timetag.of(moment), [our_bundle(element) for element in elements])
    return Message(tree, "", [])


BUNDLES = st.recursive(
    st.tuples(MOMENTS, st.lists(ADDRESSES, max_size=3)),
    lambda inner: st.tuples(MOMENTS, st.lists(inner | ADDRESSES, max_size=3)),
    max_leaves=6,
)


@given(BUNDLES)
def test_bundles_that_python_osc_builds_are_read(tree: Any) -> None:
    assert parse(their_bundle(tree).dgram) == our_bundle(tree)


def written(packet: Packet) -> bytes:
    """``packet`` as our codec writes it."""
    if isinstance(packet, Message):
        return message(packet.address, *map(of_value, packet.arguments))
    return bundle(
        packet.timetag, *[written(element) for element in packet.elements if not isinstance(element, Unreadable)]
    )


def told(theirs: OscBundle | OscMessage) -> Any:
    if isinstance(theirs, OscMessage):
        return theirs.address
    moment = None if theirs.timestamp == IMMEDIATELY else theirs.timestamp
    return (moment, [told(content) for content in theirs])


@given(BUNDLES)
def test_bundles_that_we_build_are_read_by_python_osc(tree: Any) -> None:
    assert told(OscBundle(written(our_bundle(tree)))) == tree


@given(st.integers(2**63, 2**64 - 1))
def test_a_timetag_is_the_same_moment(ntp: int) -> None:
    """Of the era that ends in 2036, which is the only one that python-osc knows."""
    (utc, fraction), _ = osc_types.get_timetag(pack(">Q", ntp), 0)
    whole = (utc.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)

    assert Timetag(ntp).unix == whole + fraction / 2**32


@given(st.lists(st.binary(min_size=4, max_size=20).filter(lambda packet: len(packet) % 4 == 0), max_size=4))
def test_slip_is_the_same_both_ways(packets: list[bytes]) -> None:
    stream = b"".join(map(slip.encode, packets))
    framing = SlipFraming(1000)

    assert list(framing.feed(stream)) == packets
    assert [slip.decode(framing.encode(packet)) for packet in packets] == packets


@given(st.floats(width=32))
def test_the_bits_of_a_number_are_kept(number: float) -> None:
    """Also those of what is no number, which equals nothing."""
    read = parse(theirs("/a", [("f", number)]).dgram)

    assert isinstance(read, Message)
    (value,) = read.arguments
    assert isinstance(value, float)
    assert unpack(">I", pack(">f", value)) == unpack(">I", pack(">f", number))
