"""Whether a piece sounds the same each time is found in its text."""

from __future__ import annotations

import pytest

from csoundd.syntax.csd import parse
from csoundd.syntax.repeatable import why_not_repeatable
from tests.live.pieces import csd

INCLUDED = {"clock.udo": "opcode now, i, 0\nitime rtclock\nxout itime\nendop\n"}


def reason(
    orchestra: str, score: str = "", *words: str, options: str = "", macros: dict[str, str] | None = None
) -> str | None:
    text = csd(orchestra, score)
    if options:
        text = text.replace("<CsInstruments>", f"<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>", 1)
    return why_not_repeatable(parse(text), words, macros or {}, INCLUDED.get)


@pytest.mark.parametrize(
    "orchestra",
    [
        "seed 0",
        "seed(0)",
        "seed 0.4",
        "seed giwhat",
        "a1 rand 1, 2",
        "a1 rand (k1) + 1, 2",
        "a1 = randi(1, 2, 2)",
        "k1 rnd31 1, 1",
        "a1 grain2 k1, k2, k3, 10, k4, -1",
        "a1 pinkish 1",
        "a1 partikkel k1",
        "a1 fractalnoise 0.2, 1.7",
        "i1 = date()",
        "i1 urandom 0, 1",
        "i1 system_i 1, {{ls}}",
        'S1 directory "."',
        'k1, k2 readf "a.txt"',
        'fout "a.wav", 4, a1',
        "i1 = pyevali:i(1)",
        "FLpanel 1, 1",
        'a1 diskin "https://example.org/a.wav"',
        'i1 compilestr "ix rtclock"',
        "i1 compilestr {{\nix rtclock\n}}",
        "schedule(1, 0, 1) ; nothing\n#define C(a) #$a#\ni1 $C(rtclock)",
        "#define C #rtclock#\ni1 $C.",
        "#define C #clock#\ni1 rt$C.",
        "#define C #rt#\ni1 $C.clock",
        '#include "clock.udo"\n',
    ],
)
def test_what_depends_on_clock_chance_or_surroundings_is_told(orchestra: str) -> None:
    assert reason(f"instr 1\n{orchestra}\nendin")


@pytest.mark.parametrize(
    "orchestra",
    [
        "seed 7",
        "a1 rand 1",
        "a1 = moogladder(rand(0.5), 2000, 0.5)",
        "a1 noise 1, 0",
        "k1 rnd31 1, 1, 5",
        "k1 random 0, 1",
        "a1 grain2 k1, k2, k3, 10, k4, -1, 0, 77",
        "a1, a2, a3, a4 spat3d a1, k1, k2, k3, 1, 0, 2, 2",
        "; date\n/* rtclock */",
        'prints "rtclock"',
        'a1 diskin "date.wav"',
        "#ifdef NEVER\ni1 rtclock\n#end",
    ],
)
def test_what_is_the_same_each_time_is_known(orchestra: str) -> None:
    assert reason(f"instr 1\n{orchestra}\nendin") is None


def test_a_seed_may_come_from_the_command_line() -> None:
    assert reason("seed $SEED", macros={"SEED": "5"}) is None
    assert reason("seed $SEED", macros={"SEED": "0"})
    assert reason("seed $SEED")


@pytest.mark.parametrize(
    "option", ["-j4", "-j 2", "--realtime", "-L stdin", "-i stdin", "--env:SSDIR=a", "-+rtmidi=alsa"]
)
def test_options_that_bring_in_something_from_outside_are_told(option: str) -> None:
    assert reason("", "", *option.split())
    assert reason("", options=option)


@pytest.mark.parametrize(
    "option", ["-j1", "-j 1", "-i in.wav", "-F tune.mid", "-+rtmidi=null", "-odac", "-m0", "-iadc", "-M0"]
)
def test_other_options_are_not(option: str) -> None:
    assert reason("", "", *option.split()) is None


def test_a_score_may_be_seeded() -> None:
    assert reason("", "y 7\ni1 0 [~ * 3]") is None
    assert reason("", "y\ni1 0 [~ * 3]")


def test_a_score_that_a_program_makes_is_told() -> None:
    assert why_not_repeatable(parse(csd("", "").replace("<CsScore>", '<CsScore bin="perl">')), (), {}, INCLUDED.get)
