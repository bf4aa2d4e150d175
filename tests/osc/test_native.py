"""OSC into a real Csound, also by programs that are not ours."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import time

import pytest

from csoundd.api import METHODS
from csoundd.codec.osc import Timetag, Value, bundle, float32, message, text
from csoundd.daemon import INTERCEPTORS
from csoundd.dispatcher import Dispatcher
from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.backend import CSOUND_7
from csoundd.engine.options import HostOptions
from csoundd.messages import Command, Seconds, StateChanged
from csoundd.transport.osc import OscServer
from tests.backends.engines import needs_native
from tests.osc.fakes import PATIENCE, Client

pytestmark = pytest.mark.native

ORCHESTRA = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
chn_k "freq", 3
instr 1
  chnset p4, "heard"
  itime times
  chnset itime, "when"
endin
"""

HELD = """
instr Held
  chnset p4, "amp"
  Sbend sprintf "note.%d.bend", round(frac(p1) * 10000)
  kbend chnget Sbend
  chnset kbend, "bent"
  kreleased release
  chnset 1 - kreleased, "sounding"
  xtratim 0.05
endin
"""


class Played:
    """A real engine behind OSC, and a client."""

    def __init__(self, engine: Engine, port: int) -> None:
        self.engine, self.port = engine, port
        self.client = Client(port)

    async def until(self, name: str, value: float) -> None:
        """Wait until a channel has a value."""
        async with asyncio.timeout(PATIENCE):
            while await self.client.ask(f"/chan/{name}") != (f"/chan/{name}", [value]):
                pass


@asynccontextmanager
async def played(workspace: Path) -> AsyncIterator[Played]:
    async with Engine(HostOptions(workspace=str(workspace)), INTERCEPTORS) as engine:
        for method, args in (("csound.compileOrc", [ORCHESTRA, True]), ("thread.play", [])):
            await engine.request(Command(method, list(args), deadline=Seconds(10.0)))
        udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        for sock in (udp, tcp):
            sock.bind(("127.0.0.1", 0))
        async with OscServer(Dispatcher(engine, {}), engine, METHODS.values(), udp=udp, tcp=tcp):
            everything = Played(engine, udp.getsockname()[1])
            yield everything
            everything.client.socket.close()


@pytest.fixture
async def osc(tmp_path: Path) -> AsyncIterator[Played]:
    async with played(tmp_path) as everything:
        yield everything


async def run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


async def test_events_and_channels_reach_csound(osc: Played) -> None:
    osc.client.send("/event", "i", 1, 0, 0.1, 0.75)

    await osc.until("heard", 0.75)


@needs_native
async def test_numbers_that_fit_no_channel_are_refused_with_the_reasons(osc: Played) -> None:
    _, (_, code, there) = await osc.client.ask("/chan/freq", 1.0, 2.0)
    _, (_, _, missing) = await osc.client.ask("/chan/nobody", 1.0, 2.0)

    assert (code, there) == (-32602, "'freq' is a channel of kind control")
    assert isinstance(missing, str)
    has_arrays = osc.engine.hello.version >= CSOUND_7
    array = "there is no array channel 'nobody'" if has_arrays else "csound.setArrayData is not"
    assert missing.startswith(f"as an audio channel: a cycle has 64 samples; as an array: {array}")


async def test_a_timetag_is_the_cycle_that_runs_it(osc: Played) -> None:
    moment = time() + 0.2
    note = message("/event", text("i"), *map(float32, (1, 0, 0.1, 0.5)))
    osc.client.send_packet(bundle(Timetag.of(moment), note, message("/csound/scoreTime")))
    _, (_, ran) = await osc.client.receive()
    osc.client.send_packet(bundle(Timetag.of(moment + 0.1), message("/csound/scoreTime"), message("/chan/heard")))
    _, (_, later) = await osc.client.receive()

    assert isinstance(ran, float)
    assert isinstance(later, float)
    assert later - ran == pytest.approx(0.1, abs=2 * 64 / 48000)
    assert await osc.client.receive() == ("/chan/heard", [0.5])


@pytest.mark.parametrize(
    ("address", "values", "missing"),
    [
        ("/note", [60, 77, -1.0], "77"),
        ("/note", [60.0, 77.0, 100.0], "77"),
        ("/note", [60, "Nobody", -1.0], "Nobody"),
        ("/event", ["i", 77, 0, 1], "77"),
        ("/event", ["i", "Nobody", 0, 1], "Nobody"),
    ],
)
async def test_a_note_of_an_instrument_that_is_not_there_is_told(
    osc: Played, address: str, values: list[Value], missing: str
) -> None:
    told = await osc.client.ask(address, *values)

    assert told == ("/error", [address, -32004, f"there is no instrument {missing}"])


async def test_a_note_that_waits_for_its_time_is_told_of_then(osc: Played) -> None:
    waits = message("/event", text("i"), *map(float32, (77, 0, 1)))
    refused = ("/error", ["/event", -32004, "there is no instrument 77"])
    osc.client.send_packet(bundle(Timetag.of(time() + 1000), waits))

    assert await osc.client.ask("/event", "i", 77, 0, 1) == refused
    assert await osc.client.settled() == []
    osc.client.send_packet(bundle(Timetag.of(time() + 0.1), waits))
    assert await osc.client.receive() == refused


async def test_a_note_with_an_id_is_changed_and_released(osc: Played) -> None:
    await osc.client.ask("/csound/compileOrc", HELD)
    osc.client.send("/note", 7, "Held", -1.0, 0.25)
    await osc.until("sounding", 1.0)
    await osc.until("amp", 0.25)
    osc.client.send("/note/set", 7, 4, 0.5)
    await osc.until("amp", 0.5)
    osc.client.send("/note/set", 7, "bend", 2.0)
    await osc.until("bent", 2.0)
    osc.client.send("/note/release", 7)
    await osc.until("sounding", 0.0)


async def test_a_note_that_ends_by_itself_is_released_before(osc: Played) -> None:
    await osc.client.ask("/csound/compileOrc", HELD)
    osc.client.send("/note", "mine", "Held", 60.0, 0.25)
    await osc.until("sounding", 1.0)
    assert (await osc.client.ask("/csound/instrNumber", "Held"))[0] == "/reply"
    osc.client.send("/note/release", "mine")
    await osc.until("sounding", 0.0)


@pytest.mark.skipif(shutil.which("oscsend") is None, reason="needs liblo-tools")
async def test_oscsend_sets_a_channel(osc: Played) -> None:
    await run("oscsend", "127.0.0.1", str(osc.port), "/chan/freq", "f", "330.5")

    await osc.until("freq", 330.5)


@pytest.mark.skipif(shutil.which("csound") is None, reason="needs the csound command")
async def test_csounds_own_opcodes_send_and_listen(osc: Played, tmp_path: Path) -> None:
    peer = Client(osc.port)
    peer.socket.close()
    piece = tmp_path / "peer.csd"
    piece.write_text(f"""<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 480
nchnls = 1
gilisten OSCinit {peer.port}
instr 1
  OSCsend 1, "127.0.0.1", {osc.port}, "/chan/freq", "f", 222.5
  OSCsend 1, "127.0.0.1", {osc.port}, "/subscribe", "sfi", "freq", 50, {peer.port}
  kvalue init 0
  kheard OSClisten gilisten, "/chan/freq", "f", kvalue
  OSCsend kheard, "127.0.0.1", {osc.port}, "/chan/told", "f", kvalue
endin
</CsInstruments>
<CsScore>
i 1 0 2
</CsScore>
</CsoundSynthesizer>
""")
    command = ["csound", "-m0", "-d", "-+rtaudio=null", "-odac", str(piece)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        await osc.until("told", 222.5)
    finally:
        await process.wait()


async def test_feedback_survives_a_restart_of_the_engine(osc: Played) -> None:
    restored, listener = asyncio.Event(), Client(osc.port)
    osc.engine.on(StateChanged, lambda event: restored.set() if event.epoch == 2 else None)
    listener.send("/subscribe", "heard", 100.0)
    await listener.receive()
    pid = osc.engine.info().pid
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(PATIENCE):
        await restored.wait()
    osc.client.send("/event", "i", 1, 0, 0.1, 0.25)

    assert await listener.receive() == ("/chan/heard", [0.25])
    listener.socket.close()
