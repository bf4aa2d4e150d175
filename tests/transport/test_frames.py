"""Frames to messages, however the bytes were cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Opcode

from csoundd.transport.connection import FrameReader, close_frame, encode_frame
from tests.transport.raw import FIN, PING, client_frame

LIMIT = 300


class Heard:
    def __init__(self) -> None:
        self.all: list[tuple[str, bytes]] = []

    def message(self, data: bytes, *, text: bool) -> None:
        self.all.append(("text" if text else "binary", data))

    def oversized(self, limit: int) -> None:
        self.all.append(("oversized", b""))

    def ping(self, data: bytes) -> None:
        self.all.append(("ping", data))

    def closed(self, code: int, reason: str) -> None:
        self.all.append(("closed", reason.encode()))


pieces = st.lists(st.binary(max_size=200), min_size=1, max_size=4)
things = st.lists(st.tuples(st.sampled_from(["text", "binary", "ping"]), pieces), max_size=8)


@given(things, st.lists(st.integers(1, 400), min_size=1))
def test_messages_come_out_as_they_went_in(sent: list[tuple[str, list[bytes]]], cuts: list[int]) -> None:
    data, expected = b"", []
    for kind, parts in sent:
        if kind == "ping":
            data += client_frame(parts[0][:125], FIN | PING)
            expected.append((kind, parts[0][:125]))
            continue
        opcodes = [1 if kind == "text" else 2, *[0] * (len(parts) - 1)]
        heads = [opcode | (FIN if n == len(parts) else 0) for n, opcode in enumerate(opcodes, 1)]
        data += b"".join(client_frame(part, head) for part, head in zip(parts, heads, strict=True))
        whole = b"".join(parts)
        expected.append((kind, whole) if len(whole) <= LIMIT else ("oversized", b""))
    assert heard(data, cuts) == expected


def heard(data: bytes, cuts: list[int]) -> list[tuple[str, bytes]]:
    listener = Heard()
    reader = FrameReader(listener, LIMIT)
    at = turn = 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        reader.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    return listener.all


def test_nothing_is_handed_on_while_held() -> None:
    listener = Heard()
    reader = FrameReader(listener, LIMIT)
    reader.held = True
    reader.feed(client_frame(b"one") + client_frame(b"two"))
    assert listener.all == []
    reader.held = False
    reader.feed(b"")
    assert listener.all == [("text", b"one"), ("text", b"two")]


def test_nothing_counts_after_the_close() -> None:
    listener = Heard()
    FrameReader(listener, LIMIT).feed(client_frame(b"", FIN | 8) + client_frame(b"late"))
    assert listener.all == [("closed", b"")]


def test_a_skipped_message_is_not_kept() -> None:
    reader = FrameReader(Heard(), LIMIT)
    reader.feed(client_frame(b"x" * 1000)[:-1])
    assert len(reader._rest) == 0


def test_frames_have_the_shortest_header() -> None:
    assert [len(encode_frame(b"x" * size, Opcode.TEXT)) - size for size in (0, 125, 126, 65_535, 65_536)] == [
        2,
        2,
        4,
        4,
        10,
    ]


def test_a_long_reason_is_cut_between_characters() -> None:
    assert close_frame(4008, "ü" * 100)[2:] == b"\x0f\xa8" + "ü".encode() * 61
