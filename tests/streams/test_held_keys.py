"""What a session holds by MIDI, and what lets go of it."""

from __future__ import annotations

import pytest

from csoundd.messages import At
from csoundd.streams.held_keys import HeldKeys
from csoundd.streams.hub import Hub
from tests.streams.fakes import FakeEngine, check_options

ON, OFF, PEDAL = [0x90, 60, 100], [0x80, 60, 0], [0xB0, 64, 127]


@pytest.mark.parametrize(
    ("sent", "ends"),
    [
        ([ON], [OFF]),
        ([ON, OFF], []),
        ([ON, [0x90, 60, 0]], []),
        ([ON, ON], [OFF]),
        ([[*ON, 64, 90]], [[0x80, 64, 0], OFF]),
        ([[0x93, 0xF8, 60, 100]], [[0x83, 60, 0]]),
        ([[0xC0, 5, *ON, 0xF0, 60, 1, 0xF7]], [OFF]),
        ([ON, PEDAL, OFF], [[0xB0, 64, 0]]),
        ([PEDAL, [0xB0, 64, 0]], []),
        ([ON, [0xB0, 123, 0]], []),
        ([ON, [0x91, 60, 1], [0xB1, 120, 0]], [OFF]),
        ([[60, 100]], []),
    ],
)
def test_what_is_held_when_a_session_ends_is_let_go_of(sent: list[list[int]], ends: list[list[int]]) -> None:
    keys = HeldKeys()
    for message in sent:
        keys.push("one", bytes(message), None)
    assert [list(message) for message, _ in keys.release("one")] == ends
    assert list(keys.release("one")) == []


async def test_a_session_lets_go_of_its_own_keys_alone_and_of_those_to_come_at_their_time() -> None:
    engine = FakeEngine()
    hub = Hub(engine, check_options)
    await hub.push("midi", ON, "one")
    await hub.push("midi", {"bytes": [0x90, 62, 100], "at": {"sample": 4800}}, "one")
    await hub.push("midi", ON, "other")
    await hub.push("midi", ON)
    engine.fed.clear()
    hub.release("other", end_notes=False)
    assert engine.fed == []
    hub.release("one", end_notes=True)
    assert engine.fed == [
        ("midi", bytes([0x80, 62, 0]), At("sample", 4800.0)),
        ("midi", bytes(OFF), At("delay", 0.0)),
    ]
