"""Lines of options, split into words as Csound splits them."""

from __future__ import annotations

import pytest

from csoundd.syntax.options import lines_of, words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-odac -n", ("-odac", "-n")),
        ("csound -n", ("-n",)),
        ("nonsense -n", ("-n",)),
        ("-n ; -d", ("-n",)),
        ("-n # -d", ("-n",)),
        ("-n // -d", ("-n",)),
        ("-n /* -m0 */ -d", ("-n",)),
        ("-n;-d", ("-n;-d",)),
        ('-o "a b.wav" -n', ("-o", "a b.wav", "", "-n")),
        ('-o"a b.wav" -n', ("-oa b.wav",)),
        ('-n "a"-d', ("-n", "a", "\x03-d")),
        ('--port="7000"', ("--port=7000",)),
        ('-n "--port=7000"', ("-n", "--port=7000", "")),
        (r'-o "a\"b"', ("-o", 'a"b', "")),
        ("-o a\\ b -n", ("-o", "a\\ b", "-n")),
        ("\t-n\t-d \t", ("-n", "-d")),
    ],
)
def test_a_line_falls_into_words(line: str, words: tuple[str, ...]) -> None:
    assert [found.words for found in lines_of(line)] == [words]


@pytest.mark.parametrize("line", ["", "  ", "; -n", "# -n", "// -n"])
def test_a_comment_is_no_line_of_options(line: str) -> None:
    assert lines_of(line) == []


def test_lines_have_their_numbers() -> None:
    assert [(found.line, found.words) for found in lines_of("-n\r\n;\r\n-d\r-v\n")] == [
        (1, ("-n",)),
        (3, ("-d",)),
        (4, ("-v",)),
    ]


def test_the_words_of_one_option_are_all_of_them() -> None:
    assert words_of('"--port=1" -n') == ["--port=1", "-n"]


def test_a_comment_goes_on_up_to_the_end_of_the_line_with_its_end() -> None:
    assert [found.words for found in lines_of("-n /* -d\n-v\n*/ -g\n-K")] == [("-n",), ("-K",)]


@pytest.mark.parametrize("text", ['-n "a', '-o"a', "-n /* a\n-d"])
def test_what_csound_would_never_come_to_the_end_of_is_a_problem(text: str) -> None:
    assert lines_of(text)[0].problem
