"""What an expression in a score comes to: every Csound so far agrees on these, odd as some are."""

from __future__ import annotations

from math import isinf

import pytest

from csoundd.syntax.score_lines import Table, expression_fault, expression_value, starts, statements, tables

VALUES = {
    "2^10*8": 2.0**80,
    "8*2^10": 8192.0,
    "2^3^2": 512.0,
    "2+3*4": 14.0,
    "10-2-3": 5.0,
    "100/5/2": 10.0,
    "7%4*2": 6.0,
    "1|2+4": 7.0,
    "6&3*2": 6.0,
    "(2+3)*4": 20.0,
    "-2^2": 4.0,
    "2^-1": 0.5,
    "@1000": 1024.0,
    "@@1000": 1025.0,
    "3*@5": 24.0,
    "1#3+1": 3.0,
    "1+2^10": 1025.0,
    "2^2/16": 2 ** (2 / 16),
}


@pytest.mark.parametrize(("expression", "value"), VALUES.items())
def test_an_expression_comes_to_what_csound_makes_of_it(expression: str, value: float) -> None:
    assert expression_fault(expression) is None
    assert expression_value(expression, {}) == pytest.approx(value)


def test_what_nobody_knows_has_no_value() -> None:
    assert expression_value("~*9", {}) is None
    assert expression_value("$N+1", {}) is None
    assert expression_value("$N+1", {"N": 4.0}) == 5.0
    assert isinf(expression_value("1/0", {}) or 0.0)


def test_tables_and_starts_are_those_of_what_is_played() -> None:
    score = "{ 3 N\nf [$N+1] 0 [2^4] 10 1 1\ni 1 2 1\n}\nf 9 0 64 -2 1 2 3\ni 1 [4] 1\n"
    assert statements(score) == 3 + 6 + 2
    assert starts(score) == [2.0, 2.0, 2.0]
    assert tables(score) == [*[Table(float(n), 16.0, 16.0 * 4) for n in (1, 2, 3)], Table(9.0, 64.0, 16.0)]


@pytest.mark.parametrize(
    ("score", "made"),
    [
        ("f -3 0", [(3.0, True, True)]),
        ("f 3 2 8 -2 1", [(3.0, False, False)]),
        ("i 1 0 1\nf 3 0 8 -2 1\ns\nf -3 0", [(3.0, False, True), (3.0, True, False)]),
        (
            "{ 2 N\n{ 2 M\nf [$N * 2 + $M - 1] 0 8 -2 1\n}\n}",
            [(1.0, True, True), *[(n, False, True) for n in (0, 1, 2)]],
        ),
        ("{ 2\nf 3 [1 - 1] 8 -2 1\n}", [(3.0, False, True)] * 2),
    ],
)
def test_tables_are_made_or_freed_at_once_or_later(score: str, made: list[tuple[float, bool, bool]]) -> None:
    assert [(table.number, table.frees, table.is_now) for table in tables(score)] == made
