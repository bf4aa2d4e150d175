"""The journal keeps the notes that would still sound, and no more of them than there are."""

from __future__ import annotations

from typing import Any

import pytest

from csoundd.engine.journal.journal import Journal
from csoundd.engine.journal.notes import ROOM, LiveNotes
from csoundd.messages import Command, Seconds


def kept(*events: list[Any]) -> list[Any]:
    """The p1 and the fields from p4 on of the notes that are begun again after these."""
    journal = Journal()
    for pfields in events:
        journal.record(Command("csound.event", ["i", pfields]), None, Seconds(0.0))
    notes: list[Any] = [note.args[1] for note in journal.steps()]
    return [[note[0], *note[3:]] for note in notes]


def test_notes_that_sound_are_begun_again() -> None:
    assert kept([1, 0.0, 60.0, 0.5], ["Held", 0.0, -1.0, 0.25], [2, 0.0, 0.0]) == [[1, 0.5], ["Held", 0.25]]


@pytest.mark.parametrize("p1", [1.0007, "Held.0007"])
def test_a_held_note_that_is_changed_is_one_note(p1: float | str) -> None:
    assert kept([p1, 0.0, -1.0, 0.5], [p1, 0.0, -1.0, 0.75]) == [[p1, 0.75]]


@pytest.mark.parametrize(("p1", "end"), [(1.0007, -1.0007), ("Held.0007", "-Held.0007")])
def test_a_held_note_that_is_ended_is_gone(p1: float | str, end: float | str) -> None:
    assert kept([p1, 0.0, -1.0], [end, 0.0, 0.0]) == []


def test_a_held_note_that_is_given_an_end_is_not_held() -> None:
    assert kept([1, 0.0, -1.0, 0.5], [1, 0.0, 0.0, 0.75]) == []


def test_notes_that_ended_are_not_kept() -> None:
    notes = LiveNotes()
    for _ in range(10 * ROOM):
        notes.keep(Command("csound.event", ["i", [1, 0.0, 0.0]]), Seconds(0.0))
    assert len(notes._timed) <= ROOM
