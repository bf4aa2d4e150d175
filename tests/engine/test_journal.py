"""The journal is a state: what counts is what there is now, however it came about."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from csoundd.engine.client.journal.journal import Journal
from csoundd.engine.client.journal.rows import Rows
from csoundd.engine.client.journal.store import Store
from csoundd.limits import KEPT_NOTES
from csoundd.messages import Command, Frames, Receipt, Seconds

MOST = 3.0
"""So many times the size of a piece its journal may have."""


def receipt(score_time: float = 0.0) -> Receipt:
    return Receipt(Frames(0), 0, Seconds(score_time), Seconds(0.0))


def journal_of(*calls: tuple[Any, ...]) -> Journal:
    """The journal of an engine that was started and has then answered these calls, each with success."""
    journal = Journal(lambda _path: None)
    journal.record(Command("csound.start", []), 0, receipt())
    for method, *args in calls:
        journal.record(Command(method, list(args)), 0 if "ompile" in method else None, receipt())
    return journal


def compiled(journal: Journal) -> str:
    """What is compiled to restore it."""
    return "".join(str(command.args[0]) for command in journal.defined() if command.args)


def test_elements_of_an_array_are_kept_until_all_of_it_is_set() -> None:
    journal = journal_of(("csound.compileOrc", "giArray[] fillarray 1, 2, 3\n", True))
    for code in ("giArray[1] = 8\n", "giArray[ 1 ] = 9\n", "giArray[2] = 7\n"):
        journal.record(Command("csound.compileOrc", [code, True]), 0, receipt())
    assert compiled(journal) == "giArray[] fillarray 1, 2, 3\ngiArray[ 1 ] = 9\ngiArray[2] = 7\n"
    journal.record(Command("csound.compileOrc", ["giArray[] fillarray 4, 5\n", True]), 0, receipt())
    assert compiled(journal) == "giArray[] fillarray 4, 5\n"


def test_macros_are_kept_whatever_an_engine_answers_to_them() -> None:
    journal = journal_of(("csound.compileOrc", "#define LEVEL #1#\n", True))
    for code in ("#undef LEVEL\n#define LEVEL #2#\n", "instr 1\n  aOut foo\nendin\n"):
        journal.record(Command("csound.compileOrc", [code, True]), -1, receipt())
    assert compiled(journal) == "#define LEVEL #2#\n"


def notes_of(journal: Journal) -> list[Any]:
    """The p1 and the fields from p4 on of the notes that are begun again."""
    notes: list[Any] = journal.state("playing")[0]["notes"]
    return [[note[0], *note[3:]] for note in notes]


def acts(journal: Journal) -> str:
    state = journal.state("playing")[0]
    actions = cast("list[tuple[str, list[Any]]]", [*state["acted"], *state["actions"]])
    return "".join(str(args[0]) for method, args in actions if method == "csound.compileOrc")


def event(*pfields: float | str) -> tuple[Any, ...]:
    return "csound.event", "i", list(pfields)


def test_notes_that_sound_are_begun_again() -> None:
    journal = journal_of(event(1, 0.0, 60.0, 0.5), event("Held", 0.0, -1.0, 0.25), event(2, 0.0, 0.0))
    assert notes_of(journal) == [[1, 0.5], ["Held", 0.25]]


@pytest.mark.parametrize("p1", [1.0007, "Held.0007"])
def test_a_held_note_that_is_changed_is_one_note(p1: float | str) -> None:
    assert notes_of(journal_of(event(p1, 0.0, -1.0, 0.5), event(p1, 0.0, -1.0, 0.75))) == [[p1, 0.75]]


@pytest.mark.parametrize(("p1", "end"), [(1.0007, -1.0007), ("Held.0007", "-Held.0007")])
def test_a_held_note_that_is_ended_is_gone(p1: float | str, end: float | str) -> None:
    assert notes_of(journal_of(event(p1, 0.0, -1.0), event(end, 0.0, 0.0))) == []


@pytest.mark.parametrize(("mode", "left"), [(0, [[2]]), (1, [[1.2], [2]]), (2, [[1.1], [2]]), (4, [[1.1], [1.2], [2]])])
def test_a_note_that_is_killed_is_gone(mode: int, left: list[Any]) -> None:
    notes = (event(1.1, 0.0, -1.0), event(1.2, 0.0, -1.0), event(2, 0.0, -1.0))
    assert notes_of(journal_of(*notes, ("csound.killInstance", 1.0, mode, True))) == left


def test_after_a_panic_nothing_is_begun_again() -> None:
    assert notes_of(journal_of(event(1, 0.0, -1.0), ("engine.panic",))) == []


def test_what_the_engine_shows_counts_more_than_what_was_asked_for() -> None:
    journal = journal_of(event(1.1, 0.0, -1.0), event(1.2, 0.0, 60.0), event(3, 30.0, 1.0, 0.5))
    journal.show({"score": (1.0, True), "notes": [(1.2, 0.0, 60.0, []), ("Own", 0.5, -1.0, [7.0])]})
    assert notes_of(journal) == [[1.2], ["Own", 7.0], [3, 0.5]]


def test_what_acted_is_repeated_only_until_its_effect_was_seen() -> None:
    journal = journal_of(("csound.compileOrc", "instr 1\nendin\nschedule(1, 0, 0.1)\n", True))
    assert "schedule" in acts(journal)
    assert "schedule" not in compiled(journal)
    journal.show({"score": (0.1, True), "seen": True, "cycle": 3})
    assert "schedule" not in acts(journal)


def test_what_acts_and_begins_in_the_next_cycle_is_not_seen_before() -> None:
    journal = journal_of(("csound.compileOrc", "instr 1\nendin\nschedule(1, 0, -1)\n", True))
    journal.show({"score": (0.0, True), "notes": [], "cycle": 0})
    assert "schedule" in acts(journal)
    journal.show({"score": (0.1, True), "notes": [(1, 0.0, -1.0, [])], "cycle": 3})
    assert "schedule" not in acts(journal)


def test_what_was_shown_and_holds_at_a_later_cycle_counts_as_shown_then() -> None:
    journal = journal_of(event(1, 0.0, -1.0, 0.5), ("csound.compileOrc", "instr 2\nendin\nschedule(2, 0, 1)\n", True))
    journal.show({"score": (0.0, True), "notes": [], "cycle": 0})
    journal.still(300, Seconds(0.4))
    assert (notes_of(journal), "schedule" in acts(journal), journal.score_time) == ([], False, 0.4)


def test_what_held_before_the_last_snapshot_changes_nothing() -> None:
    journal = journal_of(event(1, 0.0, -1.0, 0.5))
    journal.show({"score": (0.4, True), "notes": [(1, 0.0, -1.0, [0.5])], "cycle": 300})
    journal.still(200, Seconds(0.3))
    assert (notes_of(journal), journal.score_time) == ([[1, 0.5]], 0.4)


def test_a_value_that_was_set_after_code_had_acted_is_set_after_it_again() -> None:
    journal = journal_of(("csound.compileOrc", 'chnset 1, "a"\n', True), ("csound.setControlChannel", "a", 2.0))
    actions = journal.state("playing")[0]["actions"]
    assert [method for method, _ in actions] == ["csound.compileOrc", "csound.setControlChannel"]


def test_a_note_that_begins_in_the_next_cycle_is_not_seen_before() -> None:
    journal = journal_of(event(1, 0.0, -1.0, 0.5))
    journal.show({"score": (0.0, True), "notes": [], "cycle": 0})
    assert notes_of(journal) == [[1, 0.5]]
    journal.show({"score": (0.1, True), "notes": [], "cycle": 3})
    assert notes_of(journal) == []


def test_its_size_is_that_of_the_piece_and_not_that_of_the_evening() -> None:
    def version(number: int) -> str:
        return f"giTable ftgen 1, 0, 64, 10, 1\ninstr 1\n  a1 oscili 0.1, {400 + number}\n  out a1\nendin\n"

    journal = journal_of(*(("csound.compileOrc", version(number), True) for number in range(300)))
    assert len(compiled(journal)) < MOST * len(version(299))
    assert "699" in compiled(journal)
    assert len(journal.definitions) == 2


def test_a_text_may_define_one_name_thousands_of_times() -> None:
    # Each was compared with all that were compiled after it: 8,000 kept the front busy for most of a minute.
    journal = journal_of(("csound.compileOrc", "giOne = 1\n" * 5_000 + "giTwo = giOne\n" + "giOne = 3\n" * 5_000, True))
    assert compiled(journal).split("\n") == ["giOne = 1", "giTwo = giOne", "giOne = 3", ""]


def test_of_more_notes_than_are_kept_it_is_the_latest() -> None:
    lines = "\n".join(f"i 1 {number} 1" for number in range(KEPT_NOTES + 1_000))
    journal = journal_of(("csound.eventString", lines, True), event("Held", 1e6, -1.0), event("Held", 1e6, -1.0, 0.5))
    notes = journal.state("playing")[0]["notes"]
    assert len(notes) == KEPT_NOTES
    assert notes[0][:2] == [1.0, 1_001.0]
    assert notes[-1] == ["Held", 1e6, -1.0, 0.5]


def test_texts_that_csound_shows_wrongly_are_those_that_were_given() -> None:
    journal = journal_of(("csound.eventString", 'i 1 0 -1 "a text" 5', True))
    journal.show({"cycle": 1, "score": (0.1, True), "notes": [(1.0, 0.0, -1.0, ["\ufffd\x16", 5.0])]})
    assert notes_of(journal) == [[1.0, "a text", 5.0]]
    journal.show({"cycle": 2, "score": (0.2, True), "notes": [(1.0, 0.0, -1.0, ["of code", 6.0])]})
    assert notes_of(journal) == [[1.0, "of code", 6.0]]


def test_texts_that_csound_does_not_show_are_those_that_were_given_last() -> None:
    given = [event(1, 0.0, 60.0, "one", 2.0), event(1, 0.0, 60.0, "three"), event(2, 0.0, 60.0, "four")]
    journal = journal_of(*given)
    journal.show({"score": (1.0, True), "notes": [(1, 0.0, 60.0, [None]), (1, 0.0, 60.0, [None, 5.0])]})
    assert notes_of(journal) == [[1, "three"], [1, "one", 2.0]]


def test_an_instrument_keeps_the_opcode_that_it_was_compiled_with() -> None:
    opcode = "opcode Gain, i, 0\n  xout {}\nendop\n"
    instrument = "instr {}\n  iGain Gain\nendin\n"
    journal = journal_of(
        ("csound.compileOrc", opcode.format(0.1), True),
        ("csound.compileOrc", instrument.format(1), True),
        ("csound.compileOrc", opcode.format(0.2), True),
        ("csound.compileOrc", opcode.format(0.3), True),
    )
    code = compiled(journal)
    assert [gain in code for gain in ("0.1", "0.2", "0.3")] == [True, False, True]
    assert code.index("0.1") < code.index("instr 1") < code.index("0.3")


def test_code_that_was_evaluated_defines_as_well() -> None:
    journal = journal_of(("csound.evalCode", "giTable ftgen 7, 0, 64, 10, 1\nreturn giTable"))
    assert "ftgen 7" in compiled(journal)
    assert "return" not in compiled(journal)


def test_a_value_is_the_latest_whoever_set_it() -> None:
    journal = journal_of(("csound.setControlChannel", "a", 1.0), ("channel.set", {"a": 2.0}))
    journal.show({"channels": {"a": ("control", 3.0)}})
    calls = journal.state("playing")[0]["calls"]
    assert calls == [("csound.setControlChannel", ["a", 3.0])]


def test_hints_come_before_the_value_that_they_would_change() -> None:
    hints = ("csound.setControlChannelHints", "a", None, 1, 0.5, 0.0, 1.0, 0, 0, 0, 0, None)
    journal = journal_of(("csound.setControlChannel", "a", 0.25))
    journal.record(Command(hints[0], list(hints[1:])), 0, receipt())
    journal.record(Command("csound.setControlChannel", ["a", 0.75]), None, receipt())
    calls = journal.state("playing")[0]["calls"]
    assert [method for method, _ in calls][-2:] == [hints[0], "csound.setControlChannel"]
    assert calls[-1][1] == ["a", 0.75]


PIECE = """<CsoundSynthesizer>
<CsOptions>
-o of-the-piece.wav
</CsOptions>
<CsInstruments>
instr 1
endin
</CsInstruments>
</CsoundSynthesizer>
"""


@pytest.mark.parametrize(("before", "last"), [(True, "of-the-piece.wav"), (False, "-omine.wav")])
@pytest.mark.parametrize("loaded", [False, True], ids=["as it is", "off the disk"])
def test_of_options_the_last_given_wins_again(before: bool, last: str, loaded: bool, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    rows = Rows(store)
    journal = Journal(lambda _path: None, rows)
    option, piece = Command("csound.setOption", ["-omine.wav"]), Command("csound.compileCsdText", [PIECE, True])
    for command in (option, piece) if before else (piece, option):
        journal.record(command, 0, receipt())
    if loaded:
        rows.commit()
        store.close()
        again = Store(tmp_path)
        journal = Journal(lambda _path: None)
        journal.load(again.open())
        again.close()
    store.close()
    outputs = [str(command.args[0]) for command in journal.prepared() if "-o" in str(command.args[0])]
    assert last in outputs[-1]


def begun_again(journal: Journal) -> list[Any]:
    """The p1, p2 and p3 of the notes that are begun again."""
    return [note[:3] for note in journal.state("playing")[0]["notes"]]


def shown(score_time: float, cycle: int, *notes: Any) -> Any:
    """A snapshot: at that time of the score, after that many cycles, those notes sound."""
    return {"score": (score_time, True), "cycle": cycle, "seen": True, "notes": list(notes)}


def ask(journal: Journal, line: str, score_time: float) -> None:
    """Have an engine answer an event at that time of the score."""
    journal.record(Command("csound.eventString", [line, True]), None, receipt(score_time))


def test_a_note_that_was_begun_after_the_last_snapshot_begins_at_once() -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100))
    ask(journal, "i 2.1 0 -1", 1.25)
    ask(journal, "i 2.2 0 0.5", 1.25)
    ask(journal, "i 2.3 1 1", 1.25)
    assert begun_again(journal) == [[2.1, 0.0, -1.0], [2.2, 0.0, 0.5], [2.3, 1.25, 1.0]]


def test_an_answer_to_any_call_says_how_far_the_notes_have_come() -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100))
    ask(journal, "i 2.1 0.25 1", 1.0)
    journal.record(Command("csound.setControlChannel", ["level", 1.0]), None, receipt(1.5))
    assert begun_again(journal) == [[2.1, 0.0, 1.0]]


def test_a_note_that_the_next_engine_shows_is_not_begun_a_second_time() -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100))
    ask(journal, "i 2 0 0.5", 1.25)
    journal.state("playing")
    journal.show(shown(1.125, 20, (2.0, 1.0, 1.5, [])))
    assert begun_again(journal) == [[2.0, 0.0, 0.375]]


def test_a_note_that_another_daemon_takes_over_begins_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    rows = Rows(store)
    journal = Journal(lambda _path: None, rows)
    journal.record(Command("csound.start", []), 0, receipt())
    journal.show(shown(1.0, 100))
    ask(journal, "i 2.1 0 -1", 1.25)
    rows.commit()
    store.close()
    again = Store(tmp_path)
    journal = Journal(lambda _path: None)
    journal.load(again.open())
    again.close()
    assert begun_again(journal) == [[2.1, 0.0, -1.0]]


def test_a_held_note_that_was_ended_is_gone_though_it_sounds_until_the_next_cycle() -> None:
    journal = journal_of()
    held: tuple[Any, ...] = (2.1, 0.5, -1.0, [])
    journal.show(shown(1.0, 100, held))
    ask(journal, "i -2.1 0 0", 1.25)
    journal.show(shown(1.25, 120, held, (3.0, 1.25, -1.0, [])))
    assert [note[0] for note in begun_again(journal)] == [3.0]


def test_a_held_note_that_sounds_after_it_was_ended_was_begun_by_somebody_else() -> None:
    journal = journal_of()
    ask(journal, "i -2.1 0 0", 1.25)
    journal.show(shown(1.375, 120, (2.1, 1.375, -1.0, [])))
    assert [note[0] for note in begun_again(journal)] == [2.1]


class Past:
    """A journal whose time is told, in which each piece of code is compiled at its moment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        for module in ("journal", "definitions", "notes"):
            monkeypatch.setattr(f"csoundd.engine.client.journal.{module}.monotonic", lambda: self.now)
        self.journal = journal_of()

    def compile(self, moment: float, code: str) -> None:
        self.now = moment
        self.journal.record(Command("csound.compileOrc", [code, True]), 0, receipt())

    def die(self, moment: float, *, hung: bool = False, again: bool = False) -> list[str]:
        self.now = moment
        return self.journal.suspect(moment, hung=hung, again=again)


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch) -> Past:
    return Past(monkeypatch)


def instrument(name: str, body: str = "") -> str:
    return f"instr {name}\n{body}endin\n"


PERFORMED = "the instruments and opcodes that were compiled just before the engine died"


def test_instruments_compiled_long_before_two_deaths_or_between_them_are_kept(past: Past) -> None:
    past.compile(100.0, instrument("Old"))
    past.compile(109.5, instrument("First"))
    assert past.die(110.0) == []
    past.compile(113.0, instrument("Between"))
    past.compile(117.5, instrument("Second"))
    assert past.die(118.0, again=True) == [PERFORMED]
    assert compiled(past.journal) == instrument("Old") + instrument("Between")


@pytest.mark.parametrize(("hung", "again"), [(True, False), (False, True), (True, True)])
def test_what_code_has_set_was_not_what_a_cycle_died_of(past: Past, hung: bool, again: bool) -> None:
    set_last = 'giCount init 5\n#define LEVEL #0.5#\ngSName = "Nocturne"\n'
    past.compile(109.9, instrument("Last") + set_last)
    assert past.die(110.0, hung=hung, again=again) == [PERFORMED]
    assert compiled(past.journal).splitlines() == set_last.splitlines()


def test_what_code_has_set_goes_when_nothing_else_has_kept_the_engine_alive(past: Past) -> None:
    past.compile(100.0, "giOld init 5\n")
    past.compile(109.9, "giFirst init 5\n")
    assert past.die(110.0) == []
    past.compile(112.0, "giBetween init 5\n")
    assert past.die(114.0, again=True) == []
    assert past.die(118.0, again=True) == ["what was compiled just before the engine died"]
    assert compiled(past.journal) == "giOld init 5\ngiBetween init 5\n"


def test_what_was_there_before_the_code_that_an_engine_hung_in_is_back(past: Past) -> None:
    past.compile(100.0, instrument("Lead", "  aOld = 1\n") + "opcode Half, i, i\n  iIn xin\n  xout iIn / 2\nendop\n")
    past.compile(103.0, instrument("Other"))
    before = compiled(past.journal)
    past.compile(109.5, instrument("Lead", "  aTried = 1\n"))
    past.compile(109.9, instrument("Lead", "  aLast = 1\n") + "opcode Half, i, i\n  xout 0\nendop\n")
    assert past.die(110.0, hung=True) == [PERFORMED]
    assert compiled(past.journal) == before
    past.compile(120.0, instrument("Lead", "  aMended = 1\n"))
    assert "aOld" not in compiled(past.journal)


@pytest.mark.parametrize(
    ("p1", "line"), [(1.0, "i -1 5 0"), (2.5, "i -2.5 5 0"), ("Held", 'i "-Held" 5 0')], ids=["number", "part", "name"]
)
def test_a_held_note_sounds_until_its_end_is_due(p1: float | str, line: str) -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100, (p1, 0.5, -1.0, [0.25])))
    ask(journal, line, 1.0)
    end = f"-{p1}" if isinstance(p1, str) else -p1
    assert begun_again(journal) == [[p1, 0.0, -1.0], [end, 5.0, 0.0]]
    assert journal.summary()["notes"] == 1
    journal.show(shown(4.0, 300, (p1, 0.5, -1.0, [0.25])))
    assert begun_again(journal) == [[p1, 0.0, -1.0], [end, 2.0, 0.0]]
    journal.show(shown(7.0, 600))
    assert begun_again(journal) == []


def test_a_held_note_that_has_come_to_its_end_since_it_was_shown_is_gone() -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100, (1.0, 0.5, -1.0, [])))
    ask(journal, "i -1 0.25 0", 1.0)
    ask(journal, "i 3 0 -1", 1.5)
    assert begun_again(journal) == [[3.0, 0.0, -1.0]]


def test_a_held_note_sounds_until_the_note_that_is_tied_to_it() -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100, (1.0, 0.5, -1.0, [])))
    ask(journal, "i 1 5 2", 1.0)
    assert begun_again(journal) == [[1.0, 0.0, -1.0], [1.0, 5.0, 2.0]]


@pytest.mark.parametrize("call", [("csound.eventString", "i -1 0 0", True), ("csound.killInstance", 1.0, 0, True)])
def test_a_note_to_come_is_not_ended_before_it_has_begun(call: tuple[Any, ...]) -> None:
    journal = journal_of()
    journal.show(shown(1.0, 100, (1.0, 0.5, -1.0, [])))
    ask(journal, "i 1 5 -1", 1.0)
    journal.record(Command(call[0], list(call[1:])), None, receipt(1.0))
    assert begun_again(journal) == [[1.0, 5.0, -1.0]]


@pytest.mark.parametrize("line", ["d 1 5 0", "a 0 5 2", "q 1 5 0", "f 7 5 8 -2 1"])
def test_an_event_to_come_is_to_come_again(line: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    rows = Rows(store)
    journal = Journal(lambda _path: None, rows)
    journal.record(Command("csound.start", []), 0, receipt())
    journal.show(shown(1.0, 100))
    ask(journal, line, 1.0)
    journal.show(shown(3.0, 200))
    rows.commit()
    store.close()
    again = Store(tmp_path)
    journal = Journal(lambda _path: None)
    journal.load(again.open())
    again.close()
    letter, *fields = line.split()
    wanted = [float(fields[0]), 3.0, *map(float, fields[2:])]
    state = journal.state("playing")[0]
    assert (state["actions"], state["made"]) == ([("csound.scoreEvent", [letter, wanted])], [])
    journal.show(shown(7.0, 600))
    state = journal.state("playing")[0]
    assert (state["actions"], ["ftgen 7" in str(call) for call in state["made"]]) == ([], [True] * (letter == "f"))


def test_a_note_that_was_asked_for_anew_is_as_young_as_that(past: Past) -> None:
    journal = past.journal
    journal.show(shown(1.0, 100, (2.1, 0.5, -1.0, [])))
    past.now = 105.0
    begun_again(journal)
    ask(journal, "i 2.1 0 -1", 1.0)
    journal.show(shown(1.25, 20, (2.1, 1.0, -1.0, [])))
    past.die(105.25)
    assert begun_again(journal) == []


def test_a_note_that_an_engine_has_begun_again_is_as_old_as_it_was(past: Past) -> None:
    journal = past.journal
    journal.show(shown(1.0, 100, (2.1, 0.5, -1.0, [])))
    past.now = 105.0
    assert [note[0] for note in begun_again(journal)] == [2.1]
    journal.show(shown(1.25, 20, (2.1, 1.0, -1.0, [])))
    past.now = 105.5
    journal.show(shown(1.75, 40, (2.1, 1.0, -1.0, []), (2.2, 1.5, -1.0, [])))
    assert past.die(105.75) == ["1 notes that began just before, or sounded twice when the engine died"]
    assert [note[0] for note in begun_again(journal)] == [2.1]
