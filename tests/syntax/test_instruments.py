"""A statement in front of the code of each instrument."""

from __future__ import annotations

import pytest

from csoundd.syntax.instruments import Begun, begun_with


def begun(orchestra: str, **files: str) -> Begun:
    return begun_with(orchestra, "mark", {}, files.get)


@pytest.mark.parametrize(
    ("orchestra", "expected"),
    [
        ("instr 1\nendin\n", "instr 1\nmark\nendin\n"),
        ("instr 1, +Two ; both\n  out a1\nendin", "instr 1, +Two ; both\nmark\n  out a1\nendin"),
        ("instr 1,\n  2\nendin\n", "instr 1,\n  2\nmark\nendin\n"),
        ("/* instr 3\n*/ instr 4\nendin\n", "/* instr 3\n*/ instr 4\nmark\nendin\n"),
        ('prints "instr 5\\n"\ninstr 6\r\nendin\n', 'prints "instr 5\\n"\ninstr 6\r\nmark\nendin\n'),
        ("instr 7", "instr 7"),
        ("gi = 1\n", "gi = 1\n"),
    ],
)
def test_each_instrument_begins_with_the_statement(orchestra: str, expected: str) -> None:
    assert begun(orchestra).text == expected


def test_lines_are_found_back() -> None:
    found = begun("gi = 1\ninstr 1\n  k1 = 1\nendin\n\ninstr 2\n  k2 = 2\nendin\n")
    before = ["gi = 1", "instr 1", "  k1 = 1", "endin", "", "instr 2", "  k2 = 2", "endin"]
    for number, line in enumerate(found.text.splitlines(), 1):
        if line != "mark":
            assert before[found.line_before(number) - 1] == line


def test_instruments_have_their_names_and_texts_are_known() -> None:
    found = begun('instr 1, Two\n  chnset(a1, "three")\nendin\n')
    assert (found.names, found.texts, found.unseen) == (frozenset({"1", "Two"}), frozenset({"three"}), "")


@pytest.mark.parametrize(
    "orchestra",
    [
        '#include "more"\ninstr 1\nendin\n',
        "#define BOTH #instr 1\nendin\n#\n$BOTH\n",
        'instr 1\n  ires compileorc "more"\nendin\n',
    ],
)
def test_instruments_that_are_out_of_sight_are_told(orchestra: str) -> None:
    assert begun(orchestra, more="instr 2\nendin\n").unseen


def test_an_include_without_an_instrument_hides_none() -> None:
    assert not begun('#include "more"\ninstr 1\nendin\n', more="gi = 2\n").unseen
