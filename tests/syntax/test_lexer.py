"""The lexer: tokens cover any text without a gap, and a comment or a string hides what is in it."""

from __future__ import annotations

import random

import pytest

from csoundd.syntax.lexer import Kind, macro_of, significant, tokens, without_comments

PIECES = (
    '"',
    "\\",
    "/*",
    "*/",
    "{{",
    "}}",
    "#define A",
    "#",
    "#include",
    "$A",
    "(",
    ")",
    ";",
    "//",
    "\n",
    "\r",
    " x",
    "é",
)


def kinds(text: str) -> list[tuple[Kind, str]]:
    return [(token.kind, token.value) for token in significant(text)]


@pytest.mark.parametrize("seed", range(40))
def test_the_tokens_of_any_text_cover_it(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choices(PIECES, k=200))
    found = list(tokens(text))
    assert "".join(token.text for token in found) == text
    assert [token.start for token in found] == [0, *(token.end for token in found[:-1])]


@pytest.mark.parametrize(
    "piece", [*PIECES, "\\;", '"\\ ', "#define A(x", "#define A #\\", "# define", "#define A /*", "`"]
)
def test_what_never_ends_costs_a_time_in_proportion(piece: str) -> None:
    # At a time that grows with the square of the length this would take minutes.
    assert "".join(token.text for token in tokens(piece * 100_000)) == piece * 100_000


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('"a ; b // c /* d"', Kind.STRING, "a ; b // c /* d"),
        (r'"a \" b"', Kind.STRING, r"a \" b"),
        ('{{ a\n"b" ; }}', Kind.RAW_STRING, ' a\n"b" ; '),
        ("/* a\n; b */", Kind.COMMENT, "/* a\n; b */"),
        ("; a /* b", Kind.COMMENT, "; a /* b"),
        ("// a", Kind.COMMENT, "// a"),
        ("\\ ; joined\n", Kind.CONTINUATION, "\\ ; joined\n"),
        ("\\\r\n", Kind.CONTINUATION, "\\\r\n"),
        ("0dbfs", Kind.NAME, "0dbfs"),
        (".5e-3", Kind.NUMBER, ".5e-3"),
        ("0xFF", Kind.NUMBER, "0xFF"),
        ("$NAME.", Kind.MACRO, "NAME"),
        ('#include "a b.inc"', Kind.INCLUDE, "a b.inc"),
        ('#includestr "a"', Kind.INCLUDE, "a"),
        ("#ifndef X", Kind.IFNDEF, "X"),
        ("#endif", Kind.ENDIF, "#endif"),
        ("# define A # ; \\# \n#", Kind.DEFINE, "A"),
    ],
)
def test_a_token_is_what_csound_takes_it_for(text: str, kind: Kind, value: str) -> None:
    assert [(token.kind, token.value) for token in tokens(text)] == [(kind, value)]


def test_a_string_that_its_line_does_not_end_ends_with_it() -> None:
    assert kinds('"a\nb') == [(Kind.STRING, "a"), (Kind.NEWLINE, "\n"), (Kind.NAME, "b")]


def test_a_string_goes_on_behind_a_backslash() -> None:
    assert [token.kind for token in tokens('"a\\\nb"')] == [Kind.STRING]


def test_lines_are_counted_through_strings_comments_and_macros() -> None:
    text = "a\r\n/*\n*/ b {{\n}} c \\\nd\n#define X #\n# e\rf"
    assert [(t.text, t.line) for t in significant(text) if t.kind is Kind.NAME] == [
        ("a", 1),
        ("b", 3),
        ("c", 4),
        ("d", 5),
        ("e", 7),
        ("f", 8),
    ]


def test_a_macro_has_its_name_parameters_and_body() -> None:
    macro = macro_of(next(tokens("#define NOTE(p'q) ; a comment with a #\n #i $p \\# $q#")))
    assert macro is not None
    assert (macro.name, macro.parameters, macro.body) == ("NOTE", ("p", "q"), "i $p \\# $q")


def test_comments_go_and_positions_stay() -> None:
    assert without_comments('a ;b\n"; c" /* d\n*/ e') == 'a   \n"; c"     \n   e'
