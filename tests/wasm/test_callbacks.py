from __future__ import annotations

from pathlib import Path
from typing import cast

from csoundd.engine.engine import Engine
from csoundd.messages import Fed
from tests.backends.engines import needs_wasm
from tests.engine.listening import Heard, do
from tests.wasm.embedded import HEADER, wasm_in

pytestmark = needs_wasm


async def started(engine: Engine, orchestra: str, topic: str) -> Heard:
    heard = Heard(engine)
    await do(engine, "host.hear", [topic])
    assert await do(engine, "csound.compileOrc", HEADER + orchestra, True) == 0
    assert await do(engine, "csound.start") == 0
    return heard


async def cycles(engine: Engine, count: int) -> None:
    for _ in range(count):
        await do(engine, "csound.performKsmps")


def told(heard: Heard, topic: str) -> list[dict[str, object]]:
    return [cast("dict[str, object]", event.data) for event in heard.of(Fed) if event.topic == topic]


async def test_invalue_reads_what_was_pushed(tmp_path: Path) -> None:
    code = (
        'instr 1\n kval invalue "depth"\n Sname invalue "title"\n chnset kval, "seen"\n chnset Sname, "read"\nendin\n'
    )
    async with wasm_in(tmp_path) as engine:
        await started(engine, code + "schedule(1, 0, -1)\n", "invalue")
        await do(engine, "host.push", "invalue", [{"depth": 0.25, "title": "Étude"}, None, None])
        await cycles(engine, 3)
        assert await do(engine, "csound.controlChannel", "seen") == [0.25, 0]
        assert await do(engine, "csound.stringChannel", "read") == "Étude"


async def test_outvalue_is_told(tmp_path: Path) -> None:
    code = 'instr 1\n outvalue "level", 0.5\n outvalue "name", "alto"\nendin\nschedule(1, 0, -1)\n'
    async with wasm_in(tmp_path) as engine:
        heard = await started(engine, code, "outvalue")
        await cycles(engine, 3)
        values = told(heard, "outvalue")
        assert {"name": "level", "value": 0.5} in values
        assert {"name": "name", "value": "alto"} in values


async def test_sensekey_reads_pressed_keys(tmp_path: Path) -> None:
    code = 'instr 1\n kkey sensekey\n if kkey == 97 then\n  chnset k(1), "pressed"\n endif\nendin\nschedule(1, 0, -1)\n'
    async with wasm_in(tmp_path) as engine:
        await started(engine, code, "keyboard")
        await do(engine, "csound.keyPress", "a")
        await cycles(engine, 3)
        assert await do(engine, "csound.controlChannel", "pressed") == [1.0, 0]


async def test_midi_goes_in_and_out(tmp_path: Path) -> None:
    code = 'massign 0, 1\ninstr 1\n inote notnum\n chnset inote, "note"\n noteondur 2, inote + 12, 80, 0.5\nendin\n'
    async with wasm_in(tmp_path) as engine:
        heard = await started(engine, code, "midi")
        await do(engine, "host.push", "midi", bytes([144, 60, 100]))
        await cycles(engine, 8)
        assert await do(engine, "csound.controlChannel", "note") == [60.0, 0]
        assert {"event": "message", "bytes": [145, 72, 80]} in told(heard, "midi")


async def test_graphs_are_drawn(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        heard = await started(engine, "giwave ftgen 1, 0, 8, 7, 0, 8, 1\n", "graphs")
        drawn = [graph for graph in told(heard, "graphs") if graph["event"] == "draw"]
        assert drawn
        assert drawn[0]["npts"] == 8


async def test_opened_files_are_told_with_their_name_in_the_workspace(tmp_path: Path) -> None:
    code = 'instr 1\n fprints "notes/out.txt", "hello"\nendin\nschedule(1, 0, 1)\n'
    (tmp_path / "notes").mkdir()
    async with wasm_in(tmp_path) as engine:
        heard = await started(engine, code, "files")
        await cycles(engine, 2)
        paths = [(file["path"], file["write"], file["outside"]) for file in told(heard, "files")]
        assert ("notes/out.txt", True, False) in paths
