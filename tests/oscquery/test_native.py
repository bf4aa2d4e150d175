"""The tree of a real Csound, as its orchestras are compiled."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from csoundd.api import METHODS
from csoundd.daemon import INTERCEPTORS
from csoundd.dispatcher import Dispatcher
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import HostOptions
from csoundd.messages import Command, Seconds
from csoundd.transport.http import HttpServer
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.osc import OscServer
from csoundd.transport.oscquery import OscQuery, ServiceInfo
from tests.oscquery.serving import Query, bound

pytestmark = pytest.mark.native

PIECE = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
chn_k "cutoff", 3, 3, 440, 20, 2000, 0, 0, 0, 0, "unit=Hz"
chn_k "level", 2
chn_S "title", 3
chn_a "bus", 3
instr 1
  chnset p4, "level"
endin
"""


@asynccontextmanager
async def played(workspace: Path) -> AsyncIterator[tuple[Engine, Query]]:
    async with Engine(HostOptions(workspace=str(workspace)), INTERCEPTORS) as engine:
        udp, tcp, http = bound(socket.SOCK_DGRAM), bound(), bound()
        dispatcher = Dispatcher(engine, {})
        async with OscServer(dispatcher, engine, METHODS.values(), udp=udp, tcp=tcp) as osc:
            where = ServiceInfo("csoundd test", *udp.getsockname())
            query = OscQuery(engine, osc, where, OriginPolicy(), max_frame=100_000)
            async with HttpServer(query, [http], max_frame=100_000):
                nothing: Any = None
                yield engine, Query(nothing, osc, http.getsockname()[1], udp.getsockname()[1])
            query.close()


async def do(engine: Engine, method: str, *args: object) -> object:
    return await engine.request(Command(method, list(args), deadline=Seconds(10.0)))


async def test_the_channels_of_an_orchestra(tmp_path: Path) -> None:
    async with played(tmp_path) as (engine, query):
        await do(engine, "csound.compileOrc", PIECE, True)
        await do(engine, "thread.play")
        channels = (await query.node("/chan"))["CONTENTS"]

    assert channels["cutoff"] == {
        "FULL_PATH": "/chan/cutoff",
        "TYPE": "f",
        "ACCESS": 3,
        "VALUE": [0.0],
        "CRITICAL": False,
        "CLIPMODE": ["none"],
        "RANGE": [{"MIN": 20.0, "MAX": 2000.0}],
        "UNIT": ["time.hz"],
        "EXTENDED_TYPE": ["exp"],
        "TAGS": ["exp"],
    }
    assert (channels["level"]["ACCESS"], channels["title"]["TYPE"], channels["bus"]["CONTENTS"]) == (1, "s", {})


async def test_a_client_hears_what_an_orchestra_makes_and_does(tmp_path: Path) -> None:
    async with played(tmp_path) as (engine, query), query.socket() as opened:
        await do(engine, "csound.compileOrc", PIECE, True)
        await do(engine, "thread.play")
        added = {(await opened.receive())[1] for _ in range(4)}
        await opened.command("LISTEN", "/chan/level")
        await opened.send("/event", "i", 1.0, 0.0, 0.1, 0.75)
        async with asyncio.timeout(10.0):
            while await opened.receive() != ("/chan/level", [0.75]):
                pass

    assert added == {"/chan/cutoff", "/chan/level", "/chan/title", "/chan/bus"}


async def test_a_client_goes_on_listening_after_a_reset(tmp_path: Path) -> None:
    async with played(tmp_path) as (engine, query), query.socket() as opened:
        await do(engine, "csound.compileOrc", PIECE, True)
        await do(engine, "thread.play")
        await query.get("/")
        await opened.command("LISTEN", "/chan/level")
        await do(engine, "csound.reset")
        await query.get("/")
        await do(engine, "csound.compileOrc", PIECE, True)
        await do(engine, "thread.play")
        await opened.send("/event", "i", 1.0, 0.0, 0.1, 0.5)
        async with asyncio.timeout(10.0):
            while await opened.receive() != ("/chan/level", [0.5]):
                pass
