"""An orchestra taken apart: definitions by name, and statements that define or act."""

from __future__ import annotations

import pytest

from csoundd.syntax.lexer import Macro
from csoundd.syntax.orchestra import Part, PartKind, macros_after, split


def told(parts: list[Part]) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(part.kind), part.names) for part in parts]


def test_an_orchestra_falls_into_its_parts() -> None:
    text = """sr = 44100 ; the header
0dbfs = 1
#define GAIN #0.5#
giTable ftgen 1, 0, 8, 10, 1 // a table
instr 1, Foo, +Bar ; endin
  prints "endin"
  /* endin */
endin
opcode Old, a, kk
endop
opcode New(a:k, b:i):(a, k)
endop
struct Pair one:i, two:k
schedule "Foo", 0, 1
"""
    parts = split(text)
    assert told(parts) == [
        ("header", ("sr",)),
        ("header", ("0dbfs",)),
        ("macro", ("GAIN",)),
        ("defining", ("giTable",)),
        ("instrument", ("1", "Foo", "Bar")),
        ("opcode", ("Old",)),
        ("opcode", ("New",)),
        ("struct", ("Pair",)),
        ("acting", ()),
    ]
    assert all(text[part.start : part.end] == part.text for part in parts)
    assert [part.line for part in parts] == [1, 2, 3, 4, 5, 9, 11, 13, 14]
    assert parts[5].signature == "a,kk"
    assert parts[6].signature == "(a:k,b:i):(a,k)"


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("giA = 3 + sin(0.5)", ("giA",)),
        ("giA, giB = 1, 2", ("giA", "giB")),
        ("gkBus init 0", ("gkBus",)),
        ('gSname = "schedule 1, 0, 1"', ("gSname",)),
        ("gkArray[] init 10", ("gkArray",)),
        ("gkArray[2] = 1", ("gkArray",)),
        ("gaBus@global:a init 0", ("gaBus",)),
        ("giA:i = 9", ("giA",)),
        ("giT ftgen 0, 0, 8, 7, 0, \\\n 8, 1", ("giT",)),
        ("giT ftgenonce 0, 0, 8, 7, 0,\n 8, 1", ("giT",)),
        ("giPort OSCinit 7770", ("giPort",)),
        ("massign 0, 1", ()),
        ("pgmassign 0, 0", ()),
        ('chn_k "cutoff", 3, 2, 0.5, 0, 1', ()),
        ('chnset 1, "cutoff"', ()),
        ("seed 0", ()),
        ('alwayson "Reverb"', ()),
        ('strset 1, "a"', ()),
        ("if giA == 1 then\n giB = 2\nelse\n giB = 3\nendif", ("giB",)),
        ("while iN < 3 do\n iN += 1\nod", ("iN",)),
    ],
)
def test_a_statement_that_only_leaves_something_behind_defines(statement: str, names: tuple[str, ...]) -> None:
    assert told(split(statement)) == [("defining", names)]


@pytest.mark.parametrize(
    "statement",
    [
        "schedule 1, 0, 1",
        'schedule("Foo", 0, 1)',
        'event_i "i", 1, 0, 1',
        "scoreline_i {{\ni 1 0 1\n}}",
        "turnoff2_i 1, 0, 0",
        "turnon 1",
        'prints "giA = 1"',
        "print giA",
        'giOk system_i 1, "rm"',
        "giA somebodysOpcode 3",
        "giA = somebodysOpcode(3)",
        "somebodysOpcode",
        "if giA == 1 then\n schedule 1, 0, 1\nendif",
        "return giA",
        "giA = $SOMEBODYS_MACRO",
    ],
)
def test_a_statement_that_is_not_known_to_define_acts(statement: str) -> None:
    assert [part.kind for part in split(statement)] == [PartKind.ACTING]


def test_what_a_statement_reads_is_known() -> None:
    (part,) = split("gkArray[giN] += giA * ftlen(giT)")
    assert part.reads == frozenset({"gkArray", "giN", "giA", "giT"})
    assert part.opcodes == frozenset({"ftlen"})


def test_macros_are_seen_through() -> None:
    text = "#define VOICE(n'code) #instr $n\n $code\nendin#\n$VOICE(7'a1 oscil 1, 2)\n$VOICE(Eight'a2 = 0)\nprints \"\""
    assert told(split(text)) == [
        ("macro", ("VOICE",)),
        ("instrument", ("7",)),
        ("instrument", ("Eight",)),
        ("acting", ()),
    ]


def test_macros_of_earlier_code_are_seen_through() -> None:
    macros = macros_after("#define A #instr 4#\n#define B #x#\n#undef B")
    assert macros == {"A": Macro("A", (), "instr 4")}
    assert told(split("$A\nendin", macros)) == [("instrument", ("4",))]


def test_several_instruments_of_one_macro_stay_together() -> None:
    assert told(split("#define TWO #instr 1\nendin\ninstr 2\nendin#\n$TWO")) == [
        ("macro", ("TWO",)),
        ("instrument", ("1", "2")),
    ]


def test_a_macro_that_uses_itself_comes_to_an_end() -> None:
    assert told(split("#define A #$A $A#\n$A\ninstr 1\nendin"))[0] == ("macro", ("A",))


def test_what_a_condition_leaves_out_is_left_out() -> None:
    text = "#ifdef X\ninstr 1\nendin\n#else\ninstr 2\nendin\n#end\n#ifndef X\ninstr 3\nendin\n#endif\n"
    assert told(split(text)) == [("instrument", ("2",)), ("instrument", ("3",))]
    assert told(split(text, defined=frozenset({"X"}))) == [("instrument", ("1",))]
    assert told(split("#define X ##\n" + text)) == [("macro", ("X",)), ("instrument", ("1",))]


def test_an_included_file_is_read_where_it_can_be() -> None:
    text = 'gi1 = 1\n#include "a.inc"\ngi2 = 2'
    assert told(split(text))[1] == ("include", ("a.inc",))
    read = {"a.inc": "instr 1\nendin\ninstr 2\nendin\n"}.get
    assert told(split(text, read=read)) == [
        ("defining", ("gi1",)),
        ("instrument", ("1", "2")),
        ("defining", ("gi2",)),
    ]


def test_a_loop_of_jumps_stays_together() -> None:
    parts = split("gi0 = 0\niN = 0\nagain:\nschedule 1, iN, 1\niN = iN + 1\nif iN < 3 igoto again\ngi1 = 1")
    assert told(parts) == [
        ("defining", ("gi0",)),
        ("defining", ("iN",)),
        ("acting", ("iN",)),
        ("defining", ("gi1",)),
    ]


@pytest.mark.parametrize(
    "text", ["", "; only a comment", "instr", "instr 1\n", "opcode", "endin", ")(", "if then", ":", "="]
)
def test_no_text_is_refused(text: str) -> None:
    assert "".join(part.text for part in split(text)) in text


def test_many_parts_take_a_time_in_proportion() -> None:
    parts = split("#define M #1#\ninstr 1\nendin\nschedule 1, 0, 1\n" * 5_000)
    assert len(parts) == 15_000
