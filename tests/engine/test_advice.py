"""Code that one engine refuses and another takes, and what is told of it. Runs where the engines are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import advice as advising
from csoundd.engine.client.interceptors.advice import AdvisedCompiling, CompileAdvice
from csoundd.engine.client.trial import OrcChecker
from csoundd.engine.options import EngineName
from csoundd.messages import MessagePrinted
from tests.backends.engines import needs_6, needs_7, needs_wasm
from tests.engine.listening import Heard, do, engine_in

pytestmark = [needs_6, needs_wasm]

TYPED = "instr 2\n  tone:a = oscili(0.1, 440)\n  out(tone)\nendin\n"
CSOUND_7 = {
    "typed": TYPED,
    "for": "instr 2\n  notes:i[] = fillarray(1, 2, 3)\n  for note in notes do\n    print(note)\n  od\nendin\n",
    "new opcode": "opcode half(signal:a):a\n  xout(signal * 0.5)\nendop\n",
}
WRONG = {"opcode": "instr 2\n  asig nosuch 1\nendin\n", "syntax": "instr 2\n a1 = = 3\nendin\n"}
SENTENCE = "this is code for Csound 7, which csoundd serve --engine "
CSD = "<CsoundSynthesizer>\n<CsInstruments>\n{}\n</CsInstruments>\n</CsoundSynthesizer>\n"


@asynccontextmanager
async def advised(folder: Path, engine: EngineName) -> AsyncIterator[tuple[Engine, CompileAdvice]]:
    """An engine whose refusals are looked at."""
    advice = CompileAdvice()
    async with engine_in(folder, "step", engine=engine, more=[partial(AdvisedCompiling, advice)]) as live:
        yield live, advice
        await advice.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes longer to make a throw-away engine than anybody waits for advice."""
    monkeypatch.setattr(advising, "ADVICE_SECONDS", 60.0)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Engine]:
    """A Csound 6, whose refusals are looked at."""
    async with advised(tmp_path, "native:6") as (engine, _):
        yield engine


def told(heard: Heard) -> list[str]:
    return [event.text for event in heard.of(MessagePrinted) if SENTENCE in event.text]


def said(report: object) -> list[str]:
    """The messages of the diagnostics that have the sentence in them."""
    return [d["message"] for d in cast("dict[str, Any]", report)["diagnostics"] if SENTENCE in d["message"]]


@pytest.mark.parametrize("code", CSOUND_7.values(), ids=CSOUND_7.keys())
async def test_a_report_says_of_code_for_csound_7_who_accepts_it(live: Engine, code: str) -> None:
    report = await do(live, "orc.compile", code)
    assert said(report)
    assert cast("dict[str, Any]", report)["ok"] is False


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG.keys())
async def test_a_mistake_is_a_mistake(live: Engine, code: str) -> None:
    assert said(await do(live, "orc.compile", code)) == []


async def test_a_check_says_it_too(tmp_path: Path) -> None:
    async with advised(tmp_path, "native:6") as (live, advice):
        report = await OrcChecker(live, advice.about).check(TYPED)
        assert any(SENTENCE in diagnostic.message for diagnostic in report.diagnostics)


@pytest.mark.parametrize(
    ("method", "code"), [("csound.compileOrc", TYPED), ("csound.compileCsdText", CSD.format(TYPED))]
)
async def test_the_result_stays_and_a_warning_follows(live: Engine, method: str, code: str) -> None:
    heard = Heard(live)
    assert await do(live, method, code, True) == -1
    await heard.until(lambda: told(heard))


async def test_a_warning_follows_on_a_file_too(live: Engine, tmp_path: Path) -> None:
    (tmp_path / "new.csd").write_text(CSD.format(TYPED))
    heard = Heard(live)
    assert await do(live, "csound.compileCsd", "new.csd", True) == -1
    await heard.until(lambda: told(heard))


async def test_code_may_refer_to_what_is_live(live: Engine) -> None:
    assert await do(live, "csound.compileOrc", "opcode half, a, a\n asig xin\n xout asig * 0.5\nendop\n", True) == 0
    assert said(await do(live, "orc.compile", "instr 2\n tone:a = half(oscili(0.1, 440))\n out(tone)\nendin\n"))


async def test_nobody_asks_twice_for_the_same(live: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await do(live, "orc.compile", TYPED)
    monkeypatch.setattr(advising, "askable", list)
    assert said(await do(live, "orc.compile", TYPED)) == said(first)
    assert said(await do(live, "orc.compile", TYPED + "\n")) == []


async def test_one_piece_of_code_is_looked_at_at_a_time(live: Engine) -> None:
    reports = await asyncio.gather(*(do(live, "orc.compile", TYPED + "\n" * extra) for extra in range(4)))
    assert [bool(said(report)) for report in reports] == [True, False, False, False]


async def test_where_no_embedded_engine_is_nothing_is_said(live: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advising, "askable", list)
    assert said(await do(live, "orc.compile", TYPED)) == []


async def test_what_takes_too_long_is_given_up(live: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advising, "ADVICE_SECONDS", 0.001)
    assert said(await do(live, "orc.compile", TYPED)) == []


async def test_the_embedded_engine_needs_no_second_opinion(tmp_path: Path) -> None:
    async with advised(tmp_path, "wasm") as (live, _):
        assert cast("dict[str, Any]", await do(live, "orc.compile", TYPED))["ok"] is True
        assert said(await do(live, "orc.compile", WRONG["opcode"])) == []


@needs_7
@pytest.mark.parametrize(
    ("engine", "code", "sentence"),
    [
        (
            "native:6",
            "instr 2\n ares, ares2 babo2 0.1, 1, 2, 3\nendin\n",
            "babo2 is an opcode of csoundd serve --engine native:7",
        ),
        (
            "native:7",
            'instr 2\n ihandle dssiinit "x", 1\nendin\n',
            "dssiinit is an opcode of csoundd serve --engine native:6",
        ),
        (
            "wasm",
            "instr 2\n MixerSend 0.1, 1, 2, 3\nendin\n",
            "MixerSend is an opcode of csoundd serve --engine native:7",
        ),
    ],
    ids=["6", "7", "wasm"],
)
async def test_of_an_unknown_opcode_it_is_told_which_engine_here_has_it(
    tmp_path: Path, engine: str, code: str, sentence: str
) -> None:
    async with advised(tmp_path, engine) as (live, _):
        report = cast("dict[str, Any]", await do(live, "orc.compile", code))
        assert report["ok"] is False
        assert [d for d in report["diagnostics"] if sentence in d["message"]]
        heard = Heard(live)
        assert await do(live, "csound.compileOrc", code, True) != 0
        await heard.until(lambda: [event for event in heard.of(MessagePrinted) if sentence in event.text])


@needs_7
async def test_of_an_opcode_that_nobody_has_nothing_is_told(tmp_path: Path) -> None:
    async with advised(tmp_path, "native:7") as (live, _):
        report = cast("dict[str, Any]", await do(live, "orc.compile", WRONG["opcode"]))
        assert not [d for d in report["diagnostics"] if "--engine" in d["message"]]
