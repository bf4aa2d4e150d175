"""What a grant allows of channels."""

from __future__ import annotations

import pytest

from csoundd.access import ChannelGlobs
from csoundd.errors import Forbidden

PHONE = ChannelGlobs(read=("fx/*", "master"), write=("fx/*",))


@pytest.mark.parametrize(
    ("name", "reads", "sets"), [("fx/reverb", True, True), ("master", True, False), ("x", False, False)]
)
def test_what_may_be_read_and_what_set(name: str, reads: bool, sets: bool) -> None:
    assert PHONE.may_read(name) is reads
    if sets:
        PHONE.check_write(name)
    else:
        with pytest.raises(Forbidden):
            PHONE.check_write(name)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("*", ["fx/*", "master"]),
        ("fx/*", ["fx/*"]),
        ("fx/d*", ["fx/d*"]),
        (["fx/de?ay", "master"], ["fx/de?ay", "master"]),
        ("fx/[ab]", ["fx/[ab]"]),
    ],
)
def test_patterns_keep_to_what_may_be_read(asked: str | list[str], allowed: list[str]) -> None:
    assert PHONE.narrowed(asked) == allowed


@pytest.mark.parametrize("asked", ["f*", "**", "?x/*", "[f]x/*", "mast*", "drums", ["fx/a", "drums"], "fx"])
def test_patterns_that_may_lead_further_are_refused(asked: str | list[str]) -> None:
    with pytest.raises(Forbidden):
        PHONE.narrowed(asked)


def test_a_glob_in_the_middle_is_matched_by_itself_alone() -> None:
    globs = ChannelGlobs(read=("*/level",), write=())
    assert globs.narrowed("*/level") == ["*/level"]
    assert globs.narrowed("drums/level") == ["drums/level"]
    with pytest.raises(Forbidden):
        globs.narrowed("drums/*")


def test_who_may_set_some_may_still_read_all() -> None:
    globs = ChannelGlobs(read=None, write=("fx/*",))
    assert globs.narrowed("*") == "*"
    assert globs.may_read("drums")
    assert not globs.limits_reading
