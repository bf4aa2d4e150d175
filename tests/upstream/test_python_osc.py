"""Faults of python-osc, shown on it alone: each is an entry in ``docs/upstream-faults.md``.

Where one of these fails the fault is mended, and the entry says what may go.
"""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.parsing import osc_types

BUNDLE = b"#bundle\0\0\0\0\0\0\0\0\1"


class EndlessError(Exception):
    """It goes on and on."""


def test_a_bundle_with_an_element_of_negative_size_is_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    positions: list[int] = []
    get_int = osc_types.get_int

    def counted(packet: bytes, position: int) -> tuple[int, int]:
        positions.append(position)
        if len(positions) == 1000:
            raise EndlessError
        return get_int(packet, position)

    monkeypatch.setattr(osc_types, "get_int", counted)
    with pytest.raises(EndlessError):
        OscBundle(BUNDLE + struct.pack(">i", -4))
    assert set(positions) == {len(BUNDLE)}


@pytest.mark.parametrize("tag", ["S", "c", "I"])
def test_a_tag_that_it_does_not_know_shifts_the_arguments(tag: str) -> None:
    value = {"S": b"abc\0", "c": b"\0\0\0a", "I": b""}[tag]
    message = OscMessage(b"/a\0\0," + tag.encode() + b"i\0" + value + b"\0\0\0\5")
    assert message.params != [5] or tag == "I"
    assert len(message.params) == 1


def test_an_empty_blob_is_refused() -> None:
    with pytest.raises(osc_types.BuildError):
        osc_types.write_blob(b"")


class Counted(bytes):
    """Bytes that count what is copied out of them."""

    copied = 0

    def __getitem__(self, index: Any) -> Any:
        taken = super().__getitem__(index)
        if isinstance(taken, bytes):
            self.copied += len(taken)
        return taken


def test_all_that_follows_a_number_is_copied_to_read_it() -> None:
    count = 1000
    packet = Counted(b"\0\0\0\1" * count)
    position = 0
    while position < len(packet):
        _, position = osc_types.get_int(packet, position)
    assert packet.copied > 2 * count * count


def test_a_text_that_is_not_utf_8_is_no_parse_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        osc_types.get_string(b"\xff\0\0\0", 0)


def test_the_senders_pattern_becomes_a_regular_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each star is one that backtracks: ten of them against forty letters took 21 s."""
    compiled: list[str] = []
    compile_pattern = re.compile

    def recorded(pattern: Any, *flags: Any) -> re.Pattern[Any]:
        compiled.append(str(pattern))
        return compile_pattern(pattern, *flags)

    dispatcher = Dispatcher()
    dispatcher.map("/" + "a" * 8, print)
    monkeypatch.setattr(re, "compile", recorded)
    list(dispatcher.handlers_for_address("/" + "*a" * 3 + "*b"))
    assert any(pattern.count("*") >= 4 for pattern in compiled), compiled
