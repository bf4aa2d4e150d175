"""Code that is refused as unfinished, and code that is not although it looks like it."""

from __future__ import annotations

import pytest

from csoundd.syntax.faults import infinite_constant, orchestra_fault
from csoundd.syntax.score_lines import file_fault, score_fault, statements

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
    *(
        "nchnls = 257",
        "instr 1\nendin\nnchnls=0x1000",
        "nchnls_i = 2^10 ; many",
        "nchnls = (100 + 50) * 2",
        "nchnls = 1e999",
    ),
    "nchnls = 999\n#exit",
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
    *(
        "nchnls = 256",
        "nchnls",
        "nchnls = $N",
        "nchnls = 512 / 2",
        "nchnls == 999",
        'S1 = "nchnls = 999"',
        "; nchnls = 999",
    ),
    "#ifdef A\nnchnls = 999\n#end",
    "#exit\nnchnls = 999",
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
    'i "Bell" 0 1 "a [text] that /* has it all ; \\" //"',
    "i 1 0 [(1 + 2) * 3]",
    "i 1 0 [-] [.] [3e] [3e+] [+] [--3] [1.5.2]",
    "{ 2 A x\ni 1 0 1\n}",
    "i . + . ^+1 < >",
    "i 1 0 1 np5 pp4 !",
    "{ 3 N\ni 1 [$N] 1\n}",
    *('i "Bell" 0 1 "a text"', 'i "Bell"0 1 "a text"', 'q "Bell" 0 0'),
    *("b 1", "b1", "v .5", "C 0", "b [1 + 1]", "a 0 0 10", "a 0", "f 9 0 16 10 1", 'f 9 0 0 1 "n.wav" 0 0 0', "f -9 0"),
    "i 1 0 1 pp4\ni 1 0 1 pp5 !",
    "i 1 0 1 np4 np5",
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
    "#define A #440#\ni 1 0 1 $A",
    "#define A ; a comment\n #44#\ni 1 0 1 $A.0",
    "#define A(x'y) #[$x + $y]#\ni 1 0 1 $A((400)'40)",
    "#define A #1#\n#undef A\n#ifdef A\ni 1 0 1 [\n#else\ni 1 0 1\n#end",
    "#define B #i 1 0 1\ni 1 1 1#\n#define A #$B#\n$A",
    "i 1 0 1 $FOO",
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
    'i "Bell" 0 1 "a}b"',
    'i "Bell" 0 1 "a{b"',
    'i "Bell" 0 1 "{ 2 }"',
    'x "}}"',
    'k "{"',
    'x\ni 1 0 1 "}"',
    *("b", "b\ni 1 0 1", "b x", "B ,", "C", "v", "v @", "v i 1 0 1"),
    *("i ! 0 1", "i 1 0 1 n", "i 1 0 1 nan", "f 9 0 4 na 1", "i 1 0 1 p", "i 1 0 1 pa"),
    "i 1 0 1 np4\ni 1 0 1 pp4",
    *("f 99999999999 0 4 10 1", "f 9 0 1e15 10 1", "f 9 0 -2147483648 2 1", "f 9 0 z 10 1", "fz 0 4 10 1"),
    *("a 0 0 z", "a 0 0 [1000000 * 1000000]", "a 0 0 $X", "a", "endin\na\ni 1 0 1"),
    *('i "No such" 0 1', 'i " x" 0 1', 'q "a b" 0 0', 'd "a b" 0', 'a "x" 0 1'),
    "i 1 0 [-$N]",
    "i 1 0 1 1\\c }",
    "{ 2 N\n}\ni 1 0 [$N]",
    "i 1 0 []",
    "i 1 0 [1 1]",
    "i 1 0 [1 +]",
    "i 1 0 [1 + (2 *) 3]",
    "{ 2 A { 2 B\ni1 0 1\n}\n}",
    "i 1 0 [\t1]",
    "i 1 0 [1 c ]",
    "i 1 0 [" + "(" * 30 + "1" + ")" * 30 + "]",
    "i 1 0 [" + "1^" * 30 + "1]",
    "i 1 0 [" + "1*1^" * 15 + "1]",
    "i 1 0 [" + "1" * 100 + "]",
    'i 1 0 \\" "',
    "i 1 0 1 [440 @ 0]",
    "i 1 0 1 [-(3)]",
    "#define A #1",
    "#define #1#",
    "#define A #$A#\ni 1 0 $A",
    "#define A(x'y) #$x$y#\ni 1 0 $A(3)",
    "#define A(x'y) #$x$y#\ni 1 0 $A(3'4",
    "#define A(x) #$x#\ni 1 0 1 $A",
    "#define A #1 @#\ni 1 0 [$A]",
    "#undef A",
    "#end",
    "#ifdef A\n#else\n#else\n#end",
    "#ifdef A\n/* \n#end\n*/\n#end",
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


READ = {
    "x": "i 1 0 1",
    "itself": '#include "itself"\n',
    "open": "/*",
    "last": 'i 1 0 1\n#include "x"',
    "broken": "i 1 0 [440 @ 0]\n",
}
FILES = [
    "{ 2 N\ni 1 0 1\n}",
    "{ 2 N",
    "i 1 0 1 c } { [",
    "i 1 0 1 ; }",
    '#include "x"\ni 1 0 1',
    "{ 2 A x { 3\ni 1 0 1\n}",
    "{ 2 A\n}\ni 1 0 1",
    "e 1\ni 1 0 [",
    "r 2 N\nb ~\nv 2",
    "i 1 0 1 [$FOO * 2]",
    'i 1 0 1 "',
    "i 1 0 1)",
    "n a",
    'i 1 0 1 "[x]"',
]


@pytest.mark.parametrize("score", FILES)
def test_the_score_of_a_csd_may_do_what_lines_that_are_sent_may_not(score: str) -> None:
    assert file_fault(score, READ.get) is None


WRONG_FILES = [
    *('i "No such" 0 1', "b", "v x"),
    *("i 1 0 1 [440 @ 0]", "/*", "#define A #1", "#end"),
    *("i 1 0 [1", "i 1 0 [1\n]", "i 1 0 1 {", "i 1 0 1 {{x}}", "return", "r"),
    *("{ 2 A\n}", "{ 2 A { 2 B\ni 1 0 1\n}\n}"),
    *('#include "nothing"', '#include "itself"', '#include "open"', '#include "last"', '#include "broken"'),
    f'#include "{"x" * 300}"',
    *('i 1 0 1 "a}b"', 'i 1 0 1 "a{b"', "}", "{\ni 1 0 1\n}", "{ 0 N\n}", 'i 1 0 1 "c }"', "{ 1 N\n" * 40 + "}\n" * 40),
]


@pytest.mark.parametrize("score", WRONG_FILES)
def test_what_no_score_can_do(score: str) -> None:
    assert file_fault(score, READ.get) is not None


def test_macros_count_as_what_they_stand_for() -> None:
    assert statements("#define N #i 1 0 1\ni 1 1 1#\n$N\n$N\n") == 4


def test_a_fault_names_its_line() -> None:
    assert str(score_fault("#define A #1#\n\ni 1 0 $A [")) == "line 3: [ is not closed"
    assert str(score_fault("i 1 0 1\ni 1 0 [1")) == "line 2: [ is not closed"
    assert str(file_fault('\n#include "broken"\n', READ.get)) == "broken, line 1: an expression that cannot be read"
    assert str(orchestra_fault("gi = 1\n/*")) == "line 2: a comment that has no end"


@pytest.mark.parametrize(
    "code",
    [
        *("gi = 1/0", "gi = 2*1/0", "gi = 1e308*1e308", "gi = 2^99999", "gi = (1)/(0)", "print 1/(1-1)", "gi = 3 / .0"),
        "gi = 1\ninstr 1\n  ktotal = p4 + 3/0\nendin\n",
    ],
)
def test_a_constant_that_is_infinite(code: str) -> None:
    assert infinite_constant(code) is not None


@pytest.mark.parametrize(
    "code",
    [
        *(
            "gi = 1/2",
            "gi = 0/1",
            "gi = 2^-3",
            "gi = p4/0",
            "gi = -1 * (2 + 3)",
            'prints "1/0"',
            "; 1/0",
            "gi = 0x10 / 1",
        ),
        *(
            "gi = 1 -\\\n 1",
            "gi = ((((((",
            "gi = 1/",
            "gi = 1/0.5",
            "gi = 1e400",
            "gi fillarray -1, -2, -0.5",
            "(" * 70_000,
        ),
    ],
)
def test_a_constant_that_is_not(code: str) -> None:
    assert infinite_constant(code) is None
