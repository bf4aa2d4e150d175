from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.messages import MessagePrinted
from tests.backends.engines import needs_wasm
from tests.engine.listening import Heard, do
from tests.wasm.embedded import HEADER, wasm_in

pytestmark = needs_wasm

PIECE = f"<CsInstruments>\n{HEADER}instr 1\nendin\n</CsInstruments>\n<CsScore>\ni 1 0 0.01\n</CsScore>\n"


def csd(body: str) -> str:
    return f"<CsoundSynthesizer>\n{body}</CsoundSynthesizer>\n"


def printed(heard: Heard) -> str:
    return "".join(event.text for event in heard.of(MessagePrinted))


@pytest.mark.parametrize(
    "text", ["hello", csd(""), csd("<CsScore>\ni 1 0 1\n</CsScore>\n"), PIECE, csd("<CsInstruments>\ninstr 1\n")]
)
async def test_what_is_no_csd_is_refused_and_the_engine_lives(tmp_path: Path, text: str) -> None:
    async with wasm_in(tmp_path) as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileCsdText", text, True) == -1
        assert "that is no CSD" in printed(heard)
        assert engine.epoch == 1


async def test_a_spectral_channel_that_code_writes_holds_its_frames(tmp_path: Path) -> None:
    code = 'instr 1\n a1 oscili 0.5, 440\n f1 pvsanal a1, 512, 128, 512, 1\n pvsout f1, "spectrum"\nendin\n'
    async with wasm_in(tmp_path) as engine:
        assert await do(engine, "csound.compileOrc", HEADER + code + "schedule(1, 0, -1)\n", True) == 0
        await do(engine, "csound.start")
        await cycles(engine, 40)
        assert await do(engine, "csound.pvsDataFftSize", "spectrum") == 512
        frame = await do(engine, "csound.pvsData", "spectrum")
        assert abs(frame[2 * 5 + 1] - 440) < 5  # type: ignore[index]


async def test_a_spectral_channel_that_code_reads_does_not_hang(tmp_path: Path) -> None:
    code = 'instr 1\n f1 pvsin "heard"\n a1 pvsynth f1\n outs a1, a1\nendin\n'
    async with wasm_in(tmp_path) as engine:
        assert await do(engine, "csound.compileOrc", HEADER + code + "schedule(1, 0, -1)\n", True) == 0
        await do(engine, "csound.start")
        await cycles(engine, 40)
        assert engine.epoch == 1


async def test_an_opcode_of_the_native_engine_is_named(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileOrc", "gihandle OSCinit 7770\n; alwayson\n", True) == -1
        assert "OSCinit: not in the embedded engine; the native engine has it" in printed(heard)
        assert "alwayson:" not in printed(heard)


async def cycles(engine: Engine, count: int) -> None:
    for _ in range(count):
        await do(engine, "csound.performKsmps")


async def test_a_piece_for_a_later_csound_is_a_failure_and_no_crash(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        text = csd("<CsVersion>\nAfter 9\n</CsVersion>\n" + PIECE)
        compiled = await do(engine, "csound.compileCsdText", text, True)
        assert compiled != 0 or await do(engine, "csound.start") != 0
        assert await do(engine, "csound.compileCsdText", csd(PIECE), True) == 0
        assert await do(engine, "csound.start") == 0
        assert engine.epoch == 1
