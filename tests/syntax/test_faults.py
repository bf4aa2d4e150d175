"""What is refused as unfinished, and what is not although it looks like it."""

from __future__ import annotations

import pytest

from csoundd.syntax.faults import orchestra_fault
from csoundd.syntax.score_lines import score_fault, statements

BROKEN_CODE = [
    "/*",
    "instr 1\n/* endin",
    "/*/",
    "#define A #",
    "#define A(B #$B#",
    "#ifdef A",
    "#ifndef A\n#else",
    "#end",
    "#else",
    "#undef",
    "#include",
    "#ifdef A\n#end\n#endif",
]
WHOLE_CODE = [
    "",
    "/**/",
    '"/*"',
    "{{ /* }}",
    "; /*",
    "// #ifdef",
    "#define A #1#",
    "#define A(B'C) #$B + $C#",
    "#define A # a \\# b #",
    "#ifdef A\n#else\n#end",
    "#ifdef A\n#ifndef B\n#endif\n#end",
    "gi = 5 # 3",
    "#exit\n/*",
]
BROKEN_LINES = [
    "/*",
    'i "',
    'i "Bell 0 1\ni 1 0 1"',
    'i 1 0 1 "\\"',
    "i 1 0 [1+",
    "i 1 0 [(1]",
    "i 1 0 1]",
    "{{",
    "}}",
    "}",
    "{ 2 N",
    "${",
    '#include "x"',
    "#ifdef A",
    "return 2",
    "[" * 200,
]
WHOLE_LINES = [
    "",
    "i 1 0 1",
    "i1 0 1 ; 'a comment \"",
    "i 1 0 1 /* [ */ 2",
    'i "Bell" 0 1 "a [text] {that} /* has it all ; \\" //"',
    "i 1 0 [(1 + 2) * 3]",
    "i . + . ^+1 < >",
    "i 1 0 1 np5 pp4 !",
    "{ 3 N\ni 1 [$N] 1\n}",
    "r 3",
    "r3 N",
    "zzz",
    "é",
    "{ 2 N\ni 1 0 [1 + -2.5e3 * $N. ^ @@8 % ~]\n}",
    "r 2 N\ni 1 0 [$N]\ns\n",
    "i 1 0 [ " + "1 + " * 500 + "1 ]",
    "{ 2\ni 1 0 1\n}",
    "{ 1 N\n" * 39 + "}\n" * 39,
    "i 1 0 1 c a comment { [",
    "i 1 0 \\\n1",
]

DEADLY_LINES = [
    '{ chnset 1, "level" }',
    "{\ninstr 9\nendin\n}",
    "{ 0 N\ni 1 0 1\n}",
    "{ -1 N\ni 1 0 1\n}",
    "{ 1 N\n" * 40 + "}\n" * 40,
    "r 0\n",
    "r $N\n",
    'r 2"x"',
    "m a\ni 1 0 1\ns\n",
    "n a\n",
    "i 1 0 [-$N]",
    "i 1 0 1 1\\c }",
    "{ 2 N\n}\ni 1 0 [$N]",
    "i 1 0 []",
    "i 1 0 [1 1]",
    "i 1 0 [1 +]",
    "i 1 0 [1 + (2 *) 3]",
    "i 1 0 [-]",
    "i 1 0 [\t1]",
    "i 1 0 [1 c ]",
    "i 1 0 [" + "(" * 30 + "1" + ")" * 30 + "]",
    "i 1 0 [" + "1^" * 30 + "1]",
    "i 1 0 [" + "1*1^" * 15 + "1]",
    "i 1 0 [" + "1" * 100 + "]",
    'i 1 0 \\" "',
]
"""Each of them ended an engine, or wrote beyond what one has room for, before it was refused."""


@pytest.mark.parametrize("code", BROKEN_CODE)
def test_code_that_has_no_end(code: str) -> None:
    assert orchestra_fault(code) is not None


@pytest.mark.parametrize("code", WHOLE_CODE)
def test_code_that_only_looks_like_it(code: str) -> None:
    assert orchestra_fault(code) is None


@pytest.mark.parametrize("lines", BROKEN_LINES)
def test_lines_of_a_score_that_have_no_end(lines: str) -> None:
    assert score_fault(lines) is not None


@pytest.mark.parametrize("lines", DEADLY_LINES)
def test_lines_of_a_score_that_an_engine_dies_of(lines: str) -> None:
    assert score_fault(lines) is not None


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("", 0),
        ("i 1 0 1\n\n; i 1 0 1\ni 1 0 1", 2),
        ("{ 3 N\ni 1 0 1\n}", 6),
        ("{ 10 N\n{ 10 M\ni 1 0 1\n}\n}\ni 1 0 1", 211),
        ("r 5\ni 1 0 1\ni 1 0 1\ns\ni 1 0 1", 17),
        ("{ 99999999999 N\n}", 99999999999),
    ],
)
def test_how_many_statements_lines_come_to(lines: str, count: int) -> None:
    assert statements(lines) == count


@pytest.mark.parametrize("lines", WHOLE_LINES)
def test_lines_of_a_score_that_only_look_like_it(lines: str) -> None:
    assert score_fault(lines) is None


def test_a_fault_names_its_line() -> None:
    assert str(score_fault("i 1 0 1\ni 1 0 [1")) == "line 2: [ is not closed"
    assert str(orchestra_fault("gi = 1\n/*")) == "line 2: a comment that has no end"
