"""The states of an engine are the same before and after each kind of death.

What is not kept is listed in ``protocol/README.md``, with the reason.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import CsounddError
from csoundd.messages import Command, Seconds, StateChanged
from tests.backends.engines import EngineIn
from tests.engine.listening import CRASHING, Heard, do

SETTLED_MS: Final = 1200
"""What is older than this when an engine crashes of its own is not suspected of it."""

BEGUN_MS: Final = 100
"""After that what was restored sounds."""

ORCHESTRA: Final = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
#define LEVEL #0.125#
giSaw ftgen 1, 0, 64, 7, 0, 64, 1
giChanged ftgen 2, 0, 64, 7, 0, 64, 1
giCounter init 17
gSName = "Nocturne"
gSTitle = "Nocturne"
giArray[] fillarray 1, 2, 3
chn_k "ranged", 3, 2, 0.5, 0, 10
strset 3, "three"
chn_k "own", 3
opcode Half, i, i
  iIn xin
  xout iIn / 2
endop
opcode Half, i, ii
  iIn, iMore xin
  xout iIn / 2 + iMore
endop
instr 18
  chnset p4, "p4 of 18"
endin
instr 19
  Stext strget p4
  chnset Stext, "text of 19"
endin
instr 11
  aOut oscili 0.01, 440
  out aOut
endin
instr 12
  kTime timeinsts
  if kTime > 0.1 then
    turnoff
  endif
endin
instr 13
endin
instr 14
endin
instr 15
endin
instr 16
endin
instr 17
endin
instr Named
endin
instr Writer
  tablew 0.75, 5, 2
  chnset 0.625, "own"
  chnset "changed", "title"
  chnset 0.5, "later"
endin
instr Ender
  turnoff2_i 15, 0, 0
  turnoff2_i "Named", 0, 0
  turnoff
endin
"""

NUMBERS: Final = ("api", "many", "own", "later", "ranged", "p4 of 18")
TEXTS: Final = ("text", "title", "text of 19")
HANGING: Final = "instr 98\n  kOne = 1\n  while kOne == 1 do\n    kOne = 1\n  od\nendin\nschedule(98, 0, 1)\n"
ENDLESS: Final = "iOne = 1\nwhile iOne == 1 do\n  iOne = 1\nod\n"

Death = Callable[[Engine], Awaitable[None]]


def pid(engine: Engine) -> int:
    return cast("int", engine.info().pid)


async def killed(engine: Engine) -> None:
    os.kill(pid(engine), signal.SIGKILL)


async def crashed(engine: Engine) -> None:
    await do(engine, "csound.sleep", SETTLED_MS)
    await engine.request(
        Command("csound.compileOrc", [CRASHING.replace("instr 2", "instr 99") + "schedule(99, 0, 1)\n", True])
    )


async def hung_in_a_call(engine: Engine) -> None:
    await do(engine, "csound.sleep", SETTLED_MS)
    with pytest.raises(CsounddError):
        await engine.request(Command("csound.compileOrc", [ENDLESS, True], deadline=Seconds(0.5)))


async def hung_in_a_cycle(engine: Engine) -> None:
    await do(engine, "csound.sleep", SETTLED_MS)
    await engine.request(Command("csound.compileOrc", [HANGING, True]))


DEATHS: Final[dict[Death, str]] = {
    killed: "SIGKILL",
    crashed: "SIGSEGV|outside its memory",
    hung_in_a_call: "stuck in csound.compileOrc",
    hung_in_a_cycle: "a cycle did not end",
}
"""Each way to die, and the cause that is told of it."""


async def died(engine: Engine, death: Death) -> Heard:
    """Have the engine die, and wait until another has taken its place."""
    heard = Heard(engine)
    await death(engine)
    await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "restored"])
    return heard


async def made(engine: Engine, method: str, *args: object) -> None:
    """A call that answers with a handle, which belongs to a session."""
    await engine.request(Command(method, list(args), session="test"))


async def value(engine: Engine, code: str) -> float:
    return cast("float", await do(engine, "csound.evalCode", f"return {code}"))


async def active(engine: Engine, instrument: str) -> float:
    return await value(engine, f"active:i({instrument})")


async def hints(engine: Engine, name: str) -> Any:
    given, _code = cast("tuple[Any, int]", await do(engine, "csound.controlChannelHints", name))
    return given


async def point(engine: Engine, table: int, place: int) -> float:
    points = cast("Any", await do(engine, "table.get", table, place, 1))
    return float(points[0])


async def make_states(engine: Engine) -> None:
    """Every kind of state that the API and an orchestra can make."""
    await do(engine, "csound.setHostData", {"piece": "Nocturne"})
    await do(engine, "csound.compileOrc", ORCHESTRA, True)
    await do(engine, "thread.play")
    await do(engine, "csound.setControlChannel", "api", 0.25)
    await do(engine, "channel.set", {"api": 0.5, "many": 0.75})
    await do(engine, "csound.setStringChannel", "text", "Étude")
    await do(engine, "csound.setStringChannel", "title", "first")
    await do(engine, "csound.setControlChannel", "later", 0.125)
    for number in range(4):
        name = f"hinted{number}"
        await made(engine, "csound.channelPtr", name, "control", "rw")
        await do(engine, "csound.setControlChannelHints", name, None, 2, 0.5, 0.0, 10.0, 1, 2, 3, 4, "ivalue=1")
        await do(engine, "csound.setControlChannel", name, number + 0.5)
    await made(engine, "csound.initPvsChannel", "spectrum", 64, 16, 64, 1, 0)
    await do(engine, "csound.setPvsData", "spectrum", np.arange(66.0))
    await do(engine, "csound.setAudioChannel", "tone", np.full(64, 0.5))
    await do(engine, "table.set", 1, [0.5, 0.25], 7)
    await do(engine, "csound.event", "f", [50, 0.0, 16.0, 2.0, 4.0, 3.0, 2.0, 1.0], True)
    await do(engine, "csound.eventString", "f 51 0 16 2 9 8 7", True)
    await do(engine, "csound.evalCode", "giMade ftgen 52, 0, 16, 2, 6, 5, 4\nreturn giMade")
    await do(engine, "csound.evalCode", "giLater init 23\nreturn giLater")
    await do(engine, "csound.evalCode", "instr Evaluated\nendin\nreturn 0")
    await do(engine, "csound.compileOrc", "giCounter init 18\n", True)
    await do(engine, "csound.compileOrc", "opcode Half, i, i\n  iIn xin\n  xout iIn / 4\nendop\n", True)
    await do(engine, "csound.compileOrc", "giArray[1] = 8\n", True)
    await do(engine, "csound.compileOrc", "giArray[1] = 9\n", True)
    await do(engine, "csound.compileOrc", 'gSTitle = "Prelude"\n', True)
    await do(engine, "csound.compileOrc", "#undef LEVEL\n#define LEVEL #0.5#\n", True)
    await do(engine, "csound.event", "i", [18.25, 0.0, -1.0, 0.375], True)
    await do(engine, "csound.eventString", 'i 19 0 -1 "a text"', True)
    for instrument in (11.25, 13.5, 14.0, 15.0, 16.0):
        await do(engine, "csound.event", "i", [instrument, 0.0, -1.0], True)
    for instrument in (12.0, 17.0):
        await do(engine, "csound.event", "i", [instrument, 0.0, 60.0], True)
    await do(engine, "csound.event", "i", ["Named", 0.0, -1.0], True)
    await do(engine, "csound.event", "i", [13.75, 0.0, 0.05], True)
    await do(engine, "csound.compileOrc", 'schedule("Writer", 0, 0.05)\nschedule(13, 0, 0.01)\n', True)
    await do(engine, "csound.sleep", 300)
    await do(engine, "csound.event", "i", [-16.0, 0.0, 0.0], True)
    await do(engine, "csound.killInstance", 14.0, 0, False)
    await do(engine, "csound.event", "i", ["Ender", 0.0, 0.1], True)
    await do(engine, "csound.sleep", 300)


async def states_of(engine: Engine) -> dict[str, Any]:
    """What can be read of them."""
    channels = {name: await do(engine, "csound.controlChannel", name) for name in NUMBERS}
    texts = {name: await do(engine, "csound.stringChannel", name) for name in TEXTS}
    hinted = {
        f"hinted{number}": [await hints(engine, f"hinted{number}"), await do(engine, "channel.read", f"hinted{number}")]
        for number in range(4)
    }
    instruments = ("11", "12", "13", "14", "15", "16", "17", '"Named"', '"Writer"', '"Ender"')
    notes = {f"active {name}": await active(engine, name) for name in instruments}
    points = {
        f"table {table} at {place}": await point(engine, table, place)
        for table, place in ((1, 7), (1, 8), (1, 20), (2, 5), (2, 6), (50, 0), (51, 1), (52, 2))
    }
    return {
        **channels,
        **texts,
        **hinted,
        **notes,
        **points,
        "frame": np.asarray(await do(engine, "csound.pvsData", "spectrum")).tolist(),
        "audio": np.asarray(await do(engine, "csound.audioChannel", "tone")).tolist(),
        "counter": await value(engine, "giCounter"),
        "global by evalCode": await value(engine, "giLater"),
        "table by evalCode": await value(engine, "giMade"),
        "string global": await value(engine, "strlen(gSName)"),
        "strset": await value(engine, "strlen(strget(3))"),
        "opcode": await value(engine, "Half(8)"),
        "opcode of the same name": await value(engine, "Half(8, 1)"),
        "macro defined anew": await value(engine, "$LEVEL"),
        "element of an array": await value(engine, "giArray[1]"),
        "other element of it": await value(engine, "giArray[2]"),
        "string global set anew": await value(engine, "strlen(gSTitle)"),
        "hints by the orchestra": await hints(engine, "ranged"),
        "evaluated instrument": cast("int", await do(engine, "csound.instrNumber", "Evaluated")) > 0,
        "host data": await do(engine, "csound.hostData"),
        "ksmps": await do(engine, "csound.ksmps"),
        "state": engine.state,
        "drive": engine.info().drive,
    }


@pytest.mark.parametrize("death", DEATHS)
async def test_states_are_the_same_after_a_death(engine_in: EngineIn, tmp_path: Path, death: Death) -> None:
    async with engine_in(tmp_path) as engine:
        await make_states(engine)
        before = await states_of(engine)
        heard = await died(engine, death)
        await do(engine, "csound.sleep", BEGUN_MS)
        after = await states_of(engine)
        assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}
        assert [before["macro defined anew"], before["element of an array"], before["text of 19"]] == [
            0.5,
            9.0,
            "a text",
        ]
        assert before["active 11"] == before["active 17"] == 1.0
        causes = [event.reason or "" for event in heard.of(StateChanged) if event.event == "died"]
        assert [re.search(DEATHS[death], cause) is not None for cause in causes] == [True]
        restored = [event.restored for event in heard.of(StateChanged) if event.event == "restored"]
        assert death is not killed or [(each or {}).get("failed") for each in restored] == [None]
