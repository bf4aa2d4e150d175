"""How long a score is, as the sound file is that 6.18 and 7.0.0 make of it."""

from __future__ import annotations

import pytest

from csoundd.syntax.score_length import LONGEST_SCORE, score_seconds


@pytest.mark.parametrize(
    ("score", "seconds"),
    [
        ("i1 0 2\ni1 1 2", 3),
        ("t 0 120\ni1 0 4", 2),
        ("t 0 60 4 120 8 30\ni1 0 10\ni2 + 3", 12),
        ("i1 0 1\ni1 + .\ni. + .\ni1 ^+2 1", 5),
        ('i1 0 [2*3+1] ; "text"\ni "Bell" 2 1 "i1 0 99"', 7),
        ("i1 0 1\ns\ni1 0 2\ne 5\ni1 0 99", 6),
        ("f0 3\nf 1 0 16 10 1\ni1 0 1", 3),
        ("#define A #2#\ni1 0 $A", 2),
        ("a 0 1 3\ni1 0 5", 2),
        ("t 0 120 1 60\na 0 1 2\ni1 0 5", 2.75),
        ("i1 0 1 3\n. + .\n", 1),
        ("i1 1 .5\ni1 2\ni1 3\n/* i1 0\n 9 */", 3.5),
        ("i1 0 -1\nf0 2", 2),
    ],
)
def test_the_length_is_that_of_the_sound(score: str, seconds: float) -> None:
    assert score_seconds(score) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "score",
    [
        "{ 3 CNT\ni1 $CNT 1\n}",
        "r 2\ni1 0 1\ns",
        "b 3\ni1 0 1",
        "i1 0 [~]",
        "i1 0 z",
        "i1 0 1 <\ni1 > 1",
        "#define A(",
        "t 0 0\ni1 0 1",
        "i1 0 1\n" * LONGEST_SCORE,
    ],
)
def test_what_is_not_plain_is_not_told(score: str) -> None:
    assert score_seconds(score) is None
