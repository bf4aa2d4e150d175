"""A daemon driven by OSC programs that are not ours: liblo's tools, its Python binding, and a client of OSCQuery."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import connect
from zeroconf import ServiceInfo

from tests.backends.engines import ENGINES
from tests.live.daemon import PATIENCE, Daemon, serving
from tests.live.foreign import MSGPACK, Client, connected
from tests.live.pieces import HEADER
from tests.live.programs import free_port, needs, printing, ran

ORCHESTRA: Final = (
    HEADER
    + """
chn_k "cutoff", 3, 3, 440, 20, 2000, 0, 0, 0, 0, "unit=Hz"
chn_k "heard", 2
chn_S "title", 3
instr 1
  chnset p4, "heard"
endin
"""
)

HOST: Final = "127.0.0.1"
needs_liblo = needs("oscsend", "liblo-tools")


@pytest.fixture(scope="module")
def listening() -> int:
    """The port of a controller that only listens, which the daemon was told of."""
    return free_port()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, listening: int) -> Iterator[Daemon]:
    with serving(tmp_path_factory.mktemp("osc"), "--no-mdns", "--osc-target", f"{HOST}:{listening}/fixed.*") as daemon:
        yield daemon


@pytest.fixture
async def client(served: Daemon) -> AsyncIterator[Client]:
    """A client over WebSocket that sees what the others do."""
    async with connected(served.url, MSGPACK) as connection:
        await connection.call("csound.reset")
        assert await connection.call("csound.compileOrc", ORCHESTRA) == 0
        await connection.call("thread.play")
        yield connection


async def holds(client: Client, name: str, value: float | str) -> None:
    """Wait until a channel has a value."""
    stream = await client.subscribe("channels", names=[name, f"{name}?"], onChange=True)
    await client.until(lambda: [frame for frame in client.frames[stream] if frame.data.get(name) == value])


@needs_liblo
@pytest.mark.parametrize(
    ("types", "said", "value"),
    [
        ("f", "330.5", 330.5),
        ("d", "0.125", 0.125),
        ("i", "-7", -7.0),
        ("h", "123456789012", 123456789012.0),
        ("T", None, 1.0),
        ("s", "Étude", "Étude"),
        ("S", "symbol", "symbol"),
    ],
)
async def test_oscsend_sets_channels(
    served: Daemon, client: Client, types: str, said: str | None, value: float | str
) -> None:
    await ran("oscsend", HOST, served.osc_port, f"/chan/from.{types}", types, *([] if said is None else [said]))

    await holds(client, f"from.{types}", value)


@needs_liblo
async def test_oscsend_plays_a_note_over_tcp(served: Daemon, client: Client) -> None:
    url = f"osc.tcp://{HOST}:{served.osc_tcp_port}/"
    await ran("oscsend", url, "/event", "siifd", "i", 1, 0, 1, 0.75)

    await holds(client, "heard", 0.75)


@needs_liblo
async def test_oscsend_calls_methods_by_pattern(served: Daemon, client: Client) -> None:
    await ran("oscsend", HOST, served.osc_port, "/csound/set{Control,Nothing}Channel", "sf", "cutoff", 110)

    await holds(client, "cutoff", 110.0)


@needs_liblo
async def test_oscsend_plays_a_note_and_subscribes_in_floats_as_controllers_do(served: Daemon, client: Client) -> None:
    await ran("oscsend", HOST, served.osc_port, "/note", "ffff", 7, 1, -1, 0.625)
    await holds(client, "heard", 0.625)

    port = free_port()
    async with printing("oscdump", "-L", port) as heard:
        subscribe = ("oscsend", HOST, served.osc_port, "/subscribe", "sff", "heard", 30, port)
        assert (await heard.line_after(lambda: ran(*subscribe), "/chan/heard")).endswith("/chan/heard f 0.625000")


@needs_liblo
@pytest.mark.parametrize(("value", "state"), [(0, "paused"), (1, "playing")])
async def test_oscsend_presses_a_button(served: Daemon, client: Client, value: float, state: str) -> None:
    await client.call("thread.pause")
    await ran("oscsend", HOST, served.osc_port, "/thread/play", "f", value)
    await ran("oscsend", HOST, served.osc_port, "/chan/pressed", "f", value + 1)
    await holds(client, "pressed", value + 1.0)

    assert (await client.call("engine.info"))["state"] == state


@needs_liblo
async def test_oscdump_hears_what_was_subscribed_for_its_port(served: Daemon, client: Client) -> None:
    port = free_port()
    async with printing("oscdump", "-L", port) as heard:
        await client.call("channel.set", {"cutoff": 220.0, "title": "Nocturne"})
        subscribe = ("oscsend", HOST, served.osc_port, "/subscribe", "sfi", "{cutoff,title}", 50, port)
        first = await heard.line_after(lambda: ran(*subscribe), "/chan/cutoff")
        await client.call("channel.set", {"cutoff": 880.0, "title": "Prélude"})

        assert first.endswith("/chan/cutoff f 220.000000")
        assert (await heard.line("f 880")).endswith("/chan/cutoff f 880.000000")
        assert (await heard.line("Prélude")).endswith('/chan/title s "Prélude"')


@needs_liblo
async def test_oscdump_hears_as_a_fixed_target(served: Daemon, client: Client, listening: int) -> None:
    async with printing("oscdump", "-L", listening) as heard:
        values = count(1.0)
        line = await heard.line_after(
            lambda: client.call("channel.set", {"fixed.fader": next(values), "other": 1.0}), "/chan"
        )

    assert "/chan/fixed.fader f" in line


class Liblo:
    """pyliblo3 with a socket of its own, over one of liblo's transports."""

    def __init__(self, liblo: Any, port: int, protocol: int) -> None:
        self.liblo = liblo
        self._target = liblo.Address(HOST, port, protocol)
        self._server = liblo.Server(None, protocol)
        self._told: list[tuple[str, list[Any], str]] = []
        self._server.add_method(None, None, lambda path, values, types: self._told.append((path, values, types)))

    def send(self, *message: Any) -> None:
        self._server.send(self._target, *message)

    async def receive(self) -> tuple[str, list[Any], str]:
        """The next message: its address, values and type tags."""
        while not self._told:
            assert await asyncio.to_thread(self._server.recv, int(PATIENCE * 1000))
        return self._told.pop(0)

    async def ask(self, *message: Any) -> tuple[str, list[Any], str]:
        self.send(*message)
        return await self.receive()

    def close(self) -> None:
        self._server.free()


@pytest.fixture(params=["udp", "tcp"])
def liblo(request: pytest.FixtureRequest, served: Daemon, client: Client) -> Iterator[Liblo]:
    module = pytest.importorskip("pyliblo3", reason="needs pyliblo3")
    ways = {"udp": (served.osc_port, module.LO_UDP), "tcp": (served.osc_tcp_port, module.LO_TCP)}
    peer = Liblo(module, *ways[request.param])
    yield peer
    peer.close()


async def test_liblo_gets_what_it_set(liblo: Liblo) -> None:
    liblo.send("/chan/cutoff", 0.5)
    liblo.send("/chan/title", "Étude")

    assert await liblo.ask("/chan/cutoff") == ("/chan/cutoff", [0.5], "f")
    assert await liblo.ask("/chan/title") == ("/chan/title", ["Étude"], "s")


async def test_liblo_calls_a_method_and_is_answered(liblo: Liblo) -> None:
    assert await liblo.ask("/csound/ksmps") == ("/reply", ["/csound/ksmps", 64.0], "sd")
    path, (address, code, text), types = await liblo.ask("/csound/nothing")
    assert (path, address, code, types) == ("/error", "/csound/nothing", -32601, "sis")
    assert text


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        (("i", -7), -7.0),
        (("h", 2**40), 2.0**40),
        (("d", 0.25), 0.25),
        (("T",), 1.0),
        (("F",), 0.0),
        (("c", "x"), "x"),
        (("S", "symbol"), "symbol"),
    ],
    ids=str,
)
async def test_liblo_writes_every_kind_of_value(liblo: Liblo, argument: tuple[Any, ...], value: float | str) -> None:
    liblo.send("/chan/written", argument)

    assert (await liblo.ask("/chan/written"))[1] == [value]


async def test_liblo_writes_and_reads_audio_as_a_blob_and_as_numbers(liblo: Liblo) -> None:
    liblo.send("/csound/compileOrc", 'chn_a "bus", 3')
    assert await liblo.receive() == ("/reply", ["/csound/compileOrc", 0.0], "sd")
    liblo.send("/chan/bus", ("b", b"\x3f\x00\x00\x00" * 64))
    assert await liblo.ask("/chan/bus") == ("/chan/bus", [0.5] * 64, "f" * 64)
    liblo.send("/chan/bus", *[0.25] * 64)
    assert await liblo.ask("/chan/bus") == ("/chan/bus", [0.25] * 64, "f" * 64)


async def test_liblo_bundles_run_at_their_time(liblo: Liblo) -> None:
    moment = liblo.liblo.time() + 0.3
    message = liblo.liblo.Message
    for seconds in (0.2, 0.0):
        liblo.send(liblo.liblo.Bundle(moment + seconds, message("/csound/currentTimeSamples")))
    first = (await liblo.receive())[1][1]
    second = (await liblo.receive())[1][1]

    assert abs(second - first - 0.2 * 48000) <= 64


async def test_liblo_is_told_of_changes(liblo: Liblo, client: Client) -> None:
    liblo.send("/subscribe", "cutoff", 100.0)
    while (await liblo.receive())[0] != "/reply":
        pass
    await client.call("csound.setControlChannel", "cutoff", 0.75)

    while await liblo.receive() != ("/chan/cutoff", [0.75], "f"):
        pass


@pytest.fixture
def query(served: Daemon) -> Any:
    """A client of OSCQuery, told where the daemon is."""
    module = pytest.importorskip("pythonoscquery.osc_query_client", reason="needs python-oscquery")
    place = ServiceInfo(
        "_oscjson._tcp.local.", "csoundd._oscjson._tcp.local.", served.oscquery_port, addresses=[b"\x7f\0\0\1"]
    )
    return module.OSCQueryClient(place)


async def test_an_oscquery_client_lists_and_reads_the_channels(client: Client, query: Any) -> None:
    await client.call("channel.set", {"cutoff": 220.0, "title": "Nocturne"})
    nodes = {node.full_path: node for node in await asyncio.to_thread(query.query_node, "/chan")}

    assert {"/chan", "/chan/cutoff", "/chan/heard", "/chan/title"} <= nodes.keys()
    assert (nodes["/chan/cutoff"].value, nodes["/chan/cutoff"].access.value) == ([220.0], 3)
    assert (nodes["/chan/title"].value, nodes["/chan/heard"].access.value) == (["Nocturne"], 1)
    assert await asyncio.to_thread(query.query_node, "/chan/nothing") is None


@needs_liblo
async def test_an_oscquery_client_finds_where_to_write_and_to_listen(client: Client, query: Any) -> None:
    """python-oscquery itself stops at reading: what it found out is for liblo to write and a WebSocket to listen."""
    host = await asyncio.to_thread(query.get_host_info)
    async with connect(f"ws://{HOST}:{query.service_info.port}/", proxy=None) as opened:
        await opened.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/chan/cutoff"}))
        await ran("oscsend", host.osc_ip, host.osc_port, "/chan/cutoff", "f", 550)
        async with asyncio.timeout(PATIENCE):
            while b"\x44\x09\x80\x00" not in (told := await opened.recv()):
                pass
    node = await asyncio.to_thread(query.query_node, "/chan/cutoff")

    assert (host.osc_transport, host.extensions["LISTEN"], node.value) == ("UDP", True, [550.0])
    assert told == b"/chan/cutoff\0\0\0\0,f\0\0\x44\x09\x80\x00"


@needs_liblo
@pytest.mark.parametrize("engine", ENGINES)
async def test_oscsend_plays_on_an_engine_that_knows_no_instrument(tmp_path: Path, engine: str) -> None:
    with serving(tmp_path, "--no-mdns", "--engine", engine) as daemon:
        async with connected(daemon.url, MSGPACK) as connection:
            for prepared in ((), ("csound.reset",), ("csound.reset", "thread.play")):
                for method in prepared:
                    await connection.call(method)
                epoch = (await connection.call("engine.info"))["epoch"]
                await ran("oscsend", HOST, daemon.osc_port, "/note", "ii", "60", "100")
                await ran("oscsend", HOST, daemon.osc_port, "/note", "ii", "60", "0")
                await ran("oscsend", HOST, daemon.osc_port, "/event", "siii", "i", "1", "0", "1")
                await ran("oscsend", HOST, daemon.osc_port, "/event", "ssii", "i", "No such", "0", "1")
                await ran("oscsend", HOST, daemon.osc_port, "/score", "s", 'i 1 0 1\ni "Bell" 0 1\n')
                await connection.call("engine.sync")
                await connection.call("thread.play")
                assert (await connection.call("engine.info"))["epoch"] == epoch
            await connection.call("csound.reset")
            assert await connection.call("csound.compileOrc", ORCHESTRA) == 0
            await connection.call("thread.play")
            await ran("oscsend", HOST, daemon.osc_port, "/event", "siiii", "i", "1", "0", "1", "7")
            await holds(connection, "heard", 7.0)
