"""Patterns: what they mean, and that none of them takes long."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csoundd.errors import InvalidParams
from csoundd.transport.osc.patterns import ChannelPattern, Pattern, address_of, is_pattern, name_of

MEANT = [
    ("/chan/cutoff", "/chan/cutoff"),
    ("/chan/?", "/chan/a"),
    ("/chan/*", "/chan/cutoff"),
    ("/chan/*", "/chan/"),
    ("/*/cutoff", "/chan/cutoff"),
    ("/chan/osc[0-9]", "/chan/osc7"),
    ("/chan/osc[9-0]", "/chan/osc7"),
    ("/chan/osc[!0-9]", "/chan/oscx"),
    ("/chan/[a-]", "/chan/-"),
    ("/chan/{dry,wet}.level", "/chan/wet.level"),
    ("/chan/{,left}", "/chan/"),
    ("/chan/{a,ab}c", "/chan/abc"),
    ("//cutoff", "/cutoff"),
    ("//cutoff", "/chan/cutoff"),
    ("//cutoff", "/a/b/c/cutoff"),
    ("/chan//cutoff", "/chan/cutoff"),
    ("/chan//c*", "/chan/x/y/cutoff"),
    ("//*", "/a/b"),
    ("/*a*b*", "/xxaxxbxx"),
]
NOT_MEANT = [
    ("/chan/cutoff", "/chan/cutoffs"),
    ("/chan/?", "/chan/ab"),
    ("/chan/?", "/chan/"),
    ("/chan/*", "/chan/a/b"),
    ("/*", "/chan/a"),
    ("/chan[!x]a", "/chan/a"),
    ("/chan/osc[!0-9]", "/chan/osc7"),
    ("/chan/{dry,wet}", "/chan/dr"),
    ("/chan/{dry,wet}", "/chan/drywet"),
    ("//cutoff", "/chan/mycutoff"),
    ("//cutoff", "cutoff"),
    ("/chan//cutoff", "/chancutoff"),
    ("/*a*b*", "/xxbxxaxx"),
]


@pytest.mark.parametrize(("pattern", "address"), MEANT)
def test_an_address_that_is_meant(pattern: str, address: str) -> None:
    assert Pattern(pattern).matches(address)


@pytest.mark.parametrize(("pattern", "address"), NOT_MEANT)
def test_an_address_that_is_not_meant(pattern: str, address: str) -> None:
    assert not Pattern(pattern).matches(address)


@given(st.text("ab?*", max_size=10), st.text("abc", max_size=10))
def test_wildcards_mean_what_they_mean_elsewhere(pattern: str, text: str) -> None:
    assert Pattern(pattern).matches(text) == fnmatchcase(text, pattern)


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_a_pattern_or_refused(pattern: str, text: str) -> None:
    try:
        Pattern(pattern).matches(text)
    except InvalidParams as refusal:
        assert "not closed" in refusal.message  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("pattern", ["*a" * 400 + "*b", "{,a}" * 200 + "b", "//" * 300 + "b", "{a,a*,[" * 100 + "]}"])
def test_no_pattern_has_many_steps(pattern: str) -> None:
    """Each character is looked at once, and a state is left at most once for it."""
    machine = Pattern(pattern[:1024])
    for number in range(50):
        machine.matches("a" * 60 + str(number))

    assert len(machine._steps) < 1000


@pytest.mark.parametrize("pattern", ["/chan/[a", "/chan/{a", "/" + "x" * 2000])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidParams):
        Pattern(pattern)


@pytest.mark.parametrize(("text", "expected"), [("/chan/a", False), ("/chan/a*", True), ("//a", True), ("/a{b}", True)])
def test_patterns_are_told_from_addresses(text: str, expected: bool) -> None:
    assert is_pattern(text) is expected


@pytest.mark.parametrize("name", ["cutoff", "a/b", "a b#*,?[]{}%41", "é", "100%"])
def test_names_are_encoded_reversibly(name: str) -> None:
    address = address_of(name)

    assert name_of(address) == name
    assert not is_pattern(address)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("cutoff", ["cutoff"], ["cutoffs", "c", "[c]utoff"]),
        ("mix.*", ["mix.dry", "mix."], ["mix", "max.dry"]),
        ("{dry,wet}*", ["dry", "wetter"], ["d"]),
        ("a/b", ["a/b"], ["ab"]),
        ("/chan/a%2F?", ["a/b"], ["a/bc", "ab"]),
        ("//cutoff", ["cutoff"], ["xcutoff"]),
        ("/*/c*", ["cutoff"], ["xcutoff"]),
        ("a%2*", ["a/b", "a c"], ["ab", "a"]),
        ("?", ["a"], ["ab"]),
        ("*%2A", ["x*"], ["x"]),
        ("**", ["", "a"], []),
        ("--", ["--"], ["-"]),
    ],
)
def test_a_selection_has_the_channels_that_its_pattern_means(
    pattern: str, inside: list[str], outside: list[str]
) -> None:
    selection = ChannelPattern(pattern)

    for name in inside:
        assert selection.address_of(name) == address_of(name)
        assert any(fnmatchcase(name, glob) for glob in selection.globs)
    assert not any(map(selection.address_of, outside))


@given(st.text("ab*?[]{},%2F/", max_size=8), st.text("ab*/%2F ", max_size=5))
def test_the_globs_of_a_selection_are_wide_enough(pattern: str, name: str) -> None:
    try:
        selection = ChannelPattern(pattern)
    except InvalidParams:
        return
    if selection.address_of(name) is not None:
        assert any(fnmatchcase(name, glob) for glob in selection.globs)


@pytest.mark.parametrize(
    ("pattern", "name", "address"),
    [
        ("/chan/synth/cutoff", "synth/cutoff", "/chan/synth/cutoff"),
        ("/chan/synth/*", "synth/cutoff", "/chan/synth/cutoff"),
        ("/chan/*/{cutoff,q}", "a b/q", "/chan/a%20b/q"),
        ("//cutoff", "synth/lead/cutoff", "/chan/synth/lead/cutoff"),
        ("/chan/*", "synth/cutoff", "/chan/synth%2Fcutoff"),
        ("synth/*", "synth/cutoff", "/chan/synth%2Fcutoff"),
        ("/chan/*/x", "/x", None),
        ("/chan/a/*", "a/", None),
        ("/chan/a/*/b", "a//b", None),
    ],
)
def test_plain_slashes_mean_a_channel_too_and_are_told_plain(pattern: str, name: str, address: str | None) -> None:
    selection = ChannelPattern(pattern)

    assert selection.address_of(name) == address
    assert address is None or name_of(address) == name
    assert address is None or any(fnmatchcase(name, glob) for glob in selection.globs)
