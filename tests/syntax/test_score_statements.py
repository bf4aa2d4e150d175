"""The statements of a score, as they stand in it."""

from __future__ import annotations

import pytest

from csoundd.syntax.score_lines import statements_in

READ = [
    ("i 1 0 .01 3\ni . + . 5", [("i", ["1", "0", ".01", "3"]), ("i", [".", "+", ".", "5"])]),
    ('i1 0 1 "a b; c" [1 + (2*3)] 5 ; hey', [("i", ["1", "0", "1", '"a b; c"', "[1 + (2*3)]", "5"])]),
    ('/* i 9 9 9 */ i"Foo" .5 1', [("i", ['"Foo"', ".5", "1"])]),
    ("{ 3 N\ni1 [$N*.1] 1\n}\ne", [("i", ["1", "[$N*.1]", "1"]), ("e", [])]),
    ("{ 2 N i1 0 1 }", [("i", ["1", "0", "1"])]),
    ("i 1 0 1 c a comment", [("i", ["1", "0", "1"])]),
    ("i 1 \\\n 0 1", [("i", ["1", "0", "1"])]),
    ("// nothing\n\n", []),
]


@pytest.mark.parametrize(("score", "expected"), READ)
def test_statements_are_read(score: str, expected: list[tuple[str, list[str]]]) -> None:
    assert [(one.letter, [field.text for field in one.fields]) for one in statements_in(score)] == expected


@pytest.mark.parametrize("score", ['"x" 3\n[1', "}}", "i [[[", "{ 3", "$", '"', "/* on", "\\"])
def test_anything_is_read_without_an_error(score: str) -> None:
    for one in statements_in(score):
        assert all(score[field.start : field.end] == field.text for field in one.fields)


def test_values_are_those_that_stand_there() -> None:
    (one,) = statements_in('i "Foo.1" 1e3 -.5 . + ^+1 [1] $A')
    assert [field.value for field in one.fields] == ["Foo.1", 1000.0, -0.5, None, None, None, None, None]


def test_a_statement_knows_where_its_letter_stands() -> None:
    score = "/* e */ i1 0 1\n e ; end\n"
    assert [score[one.start] for one in statements_in(score)] == ["i", "e"]


def test_what_opens_a_comment_behind_the_last_that_ends_opens_none() -> None:
    text = 'i1 0 1 /* i2 0 1 */ 4 ; /*\ni3 0 "/* */" /*\ni4 0 1'
    letters = [(each.letter, [field.text for field in each.fields]) for each in statements_in(text)]
    assert letters == [("i", ["1", "0", "1", "4"]), ("i", ["3", "0", '"/* */"', "/*"]), ("i", ["4", "0", "1"])]
