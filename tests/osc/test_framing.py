"""Framing: packets come out of a stream as they went in, however it was cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csoundd.codec.osc import Framing, LengthFraming, SlipFraming, framing_of
from csoundd.errors import LimitExceeded, ParseError

FRAMINGS = pytest.mark.parametrize("kind", [SlipFraming, LengthFraming])
ESCAPES = st.binary(min_size=1, max_size=12) | st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD]), min_size=1).map(
    bytes
)


@FRAMINGS
@given(packets=st.lists(ESCAPES, max_size=6), data=st.data())
def test_packets_come_out_as_they_went_in(
    kind: type[SlipFraming | LengthFraming], packets: list[bytes], data: st.DataObject
) -> None:
    framing: Framing = kind(100)
    stream = b"".join(map(framing.encode, packets))
    received = list[bytes]()
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        received += framing.feed(stream[:cut])
        stream = stream[cut:]

    assert received == packets


@FRAMINGS
def test_a_packet_above_the_limit_is_refused(kind: type[SlipFraming | LengthFraming]) -> None:
    framing = kind(8)

    with pytest.raises(LimitExceeded):
        list(framing.feed(framing.encode(bytes(100))[:-1]))


def test_slip_with_an_end_only_behind_the_packet() -> None:
    assert list(SlipFraming(100).feed(b"/a\0\0\xc0/b\0\0\xc0")) == [b"/a\0\0", b"/b\0\0"]


@pytest.mark.parametrize(
    ("first", "kind"), [(0, LengthFraming), (0xC0, SlipFraming), (ord("/"), SlipFraming), (ord("#"), SlipFraming)]
)
def test_the_first_byte_tells_the_framing(first: int, kind: type) -> None:
    assert isinstance(framing_of(first, 100), kind)


def test_a_stream_that_is_neither_is_refused() -> None:
    with pytest.raises(ParseError):
        framing_of(ord("G"), 100)
