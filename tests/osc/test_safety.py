"""Safety: who may do what, how much goes back to an address that proves nothing, and packets of all kinds."""

from __future__ import annotations

import asyncio
import random
import socket
import sys
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csoundd.api import METHODS
from csoundd.codec.osc import NOW, Message, Value, bundle, float32, int32, message, parse
from csoundd.dispatcher import Dispatcher
from csoundd.errors import InvalidParams, ParseError
from csoundd.limits import OSC_SENDERS, OSC_SENDERS_FORGOTTEN, OSC_UNREAD_BYTES
from csoundd.messages import Incoming, Request, RequestId, Scope
from csoundd.metrics import Counts
from csoundd.ports import Answer, Caller
from csoundd.transport.osc.addresses import AddressSpace
from csoundd.transport.osc.calls import CallRunner
from csoundd.transport.osc.channels import ChannelAddresses, CoalescingWriter
from csoundd.transport.osc.endpoints import PacketRates, TcpConnection, UdpEndpoint
from csoundd.transport.osc.router import Router
from csoundd.transport.osc.senders import Access, Sender, TransportTraits
from csoundd.transport.osc.source_filter import drop
from tests.osc.damage import packets, seeds
from tests.osc.fakes import FakeEngine, bound_server, served

ROUNDS = 20_000
ADDRESSES = ["/" + name.replace(".", "/", 1) for name in METHODS]


class Bench:
    """A router without sockets, and a sender somewhere else."""

    def __init__(self, scopes: frozenset[Scope] = Access({"::/0": "admin"}).scopes("::2")) -> None:
        self.engine = FakeEngine()
        self.engine.channels["long"] = "x" * 5000
        self.sent: list[bytes] = []
        dispatcher = Dispatcher(self.engine, {})
        runner, writer = CallRunner(dispatcher), CoalescingWriter(dispatcher, lambda *_: None)
        channels = ChannelAddresses(runner, lambda *_: None)
        self.router = Router(AddressSpace(METHODS.values(), [], channels, dispatcher), channels, writer, runner)
        traits = TransportTraits(proven=False, lasting=False, limit=65507)
        self.sender = Sender("osc:udp:192.0.2.9:9000", "192.0.2.9", scopes, self.sent.append, traits)

    def take(self, packet: bytes) -> list[bytes]:
        """What goes back for ``packet``."""
        self.sent.clear()
        self.router.route(packet, self.sender)
        self.router.flush()
        return self.sent


@pytest.fixture(scope="module")
def shared_bench() -> Bench:
    """One for many packets: to declare every address takes a tenth of a second."""
    return Bench()


@pytest.mark.parametrize(
    ("host", "scopes"),
    [
        ("127.0.0.1", {"read", "control", "compile", "admin"}),
        ("127.9.9.9", {"read", "control", "compile", "admin"}),
        ("::1", {"read", "control", "compile", "admin"}),
        ("::ffff:127.0.0.1", {"read", "control", "compile", "admin"}),
        ("192.168.1.7", {"read", "control"}),
        ("192.168.1.9", {"read"}),
        ("::ffff:192.168.1.7", {"read", "control"}),
        ("10.0.0.1", set()),
    ],
)
def test_the_network_says_what_a_sender_may_do(host: str, scopes: set[str]) -> None:
    access = Access({"192.168.1.0/24": "control", "192.168.1.8/29": "read"})

    assert access.scopes(host) == scopes


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(InvalidParams):
        Access({"home": "read"})


@pytest.mark.parametrize("address", ["/csound/reset", "/chan/a", "/event", "/status", "/subscribe"])
async def test_a_scope_that_is_missing_is_told(address: str) -> None:
    async with served(allow={"127.0.0.0/8": "read"}) as osc:
        given: dict[str, list[Value]] = {"/chan/a": [1.0], "/event": ["i", 1.0], "/subscribe": ["cutoff"]}
        values = given.get(address, [])
        answer, (_, code, *_) = await osc.client.ask(address, *values)

    if address in {"/status", "/subscribe"}:
        assert answer != "/error"
    else:
        assert (answer, code) == ("/error", -32002)


@pytest.mark.parametrize(
    "address",
    ["/csound/compileOrc", "/csound/compileOrcAsync", "/csound/compileCsdText", "/csound/evalCode", "/orc/compile"],
)
async def test_code_is_compiled_only_for_the_networks_that_may(address: str) -> None:
    refused = {}
    scopes: tuple[Scope, ...] = ("read", "control", "compile")
    for scope in scopes:
        async with served(allow={"127.0.0.0/8": scope}) as osc:
            answer, (_, *rest) = await osc.client.ask(address, "giopen = 1")
            refused[scope] = (answer, rest[:1]) == ("/error", [-32002])
    assert refused == {"read": True, "control": True, "compile": False}


class Recording:
    """A dispatcher that keeps who asked for what."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.requests: list[tuple[str | None, frozenset[Scope], str, object]] = []
        self.permitted: list[tuple[str | None, str, str]] = []

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        assert isinstance(incoming, Request)
        self.requests.append((caller.id, caller.grant.scopes, incoming.method, incoming.params))
        self.dispatcher.dispatch(caller, incoming, answer)

    def permit(self, caller: Caller, scope: Scope, what: str) -> None:
        self.permitted.append((caller.id, scope, what))
        self.dispatcher.permit(caller, scope, what)

    def cancel(self, session: str, request: RequestId) -> bool:
        return self.dispatcher.cancel(session, request)


async def test_channel_sets_come_in_by_the_dispatcher_with_what_all_their_senders_may() -> None:
    engine, everything = FakeEngine(), Access().scopes("127.0.0.1")
    recording = Recording(Dispatcher(engine, {}))
    async with bound_server(engine, recording, allow={"10.0.0.0/8": "control"}) as (server, _, _):
        hosts = {"a": "127.0.0.1", "b": "10.0.0.9"}
        senders = [server.admit(name, host, lambda _: None, 65507) for name, host in hosts.items()]
        engine.busy = True
        server.router.route(message("/chan/first", float32(1.0)), senders[0])
        server.router.flush()
        for value in (1.0, 2.0, 3.0):
            for number, sender in enumerate(senders):
                server.router.route(message(f"/chan/{sender.id}", float32(value)), sender)
                server.router.route(message("/chan/shared", float32(value + number)), sender)
        server.router.flush()
        engine.proceed()

    assert recording.requests == [
        ("a", everything, "channel.set", [{"first": 1.0}]),
        (None, {"read", "control"}, "channel.set", [{"a": 3.0, "shared": 4.0, "b": 3.0}]),
    ]
    assert recording.permitted == [("a", "control", "/chan/first"), ("b", "control", "/chan/b")]


async def test_who_may_only_read_sets_nothing_and_overtakes_nobody() -> None:
    engine = FakeEngine()
    async with bound_server(engine, Dispatcher(engine, {}), allow={"10.0.0.0/8": "read"}) as (server, _, _):
        told: list[bytes] = []
        reader = server.admit("reader", "10.0.0.9", told.append, 65507)
        writer = server.admit("writer", "127.0.0.1", lambda _: None, 65507)
        engine.busy = True
        for value, sender in ((1.0, writer), (2.0, reader), (3.0, reader), (4.0, reader)):
            server.router.route(message("/chan/shared", float32(value)), sender)
            server.router.route(message("/chan/other", float32(value)), writer)
        server.router.flush()
        engine.proceed()
        server.router.flush()

    assert (engine.channels["shared"], engine.channels["other"]) == (1.0, 4.0)
    assert [parse(packet) for packet in told] == [
        Message("/error", "sis", ["/chan/shared", -32002, "/chan/shared needs the scope control"])
    ] * 3


def test_a_long_answer_is_not_sent_to_an_address_that_proved_nothing() -> None:
    packet = message("/chan/long")

    assert all(len(answer) <= 4 * len(packet) for answer in Bench().take(packet))


def test_a_bundle_does_not_multiply_what_goes_back() -> None:
    packet = bundle(NOW, *[message("/chan/title")] * 20, *[message("/x")] * 20)

    assert sum(map(len, Bench().take(packet))) <= 4 * len(packet)


async def test_an_address_proves_itself_by_a_number_it_was_told() -> None:
    async with served() as osc:
        (sender,) = [await first_sender(osc.server, osc.client)]
        sender.proven = False
        osc.engine.channels["long"] = "x" * 5000
        refused = await osc.client.ask("/chan/long")
        _, (_, number) = await osc.client.ask("/notify", 1)
        await osc.client.ask("/notify", 1, number)

        assert refused[0] == "/error"
        assert (await osc.client.ask("/chan/long"))[0] == "/chan/long"


async def first_sender(server: object, client: object) -> Sender:
    await client.ask("/sync", 1)  # type: ignore[attr-defined]
    return next(iter(server.udp._senders.values()))  # type: ignore[attr-defined, no-any-return]


def test_no_packet_makes_the_router_raise_or_answer_too_much() -> None:
    bench = Bench()
    for packet in islice(packets(random.Random(5), seeds(ADDRESSES)), ROUNDS):
        answers = bench.take(packet)

        assert sum(map(len, answers)) <= 4 * len(packet)
        for answer in answers:
            parse(answer)


async def test_no_packet_makes_a_whole_server_send_too_much() -> None:
    async with served() as osc:
        sent: list[bytes] = []
        way = TransportTraits(proven=False, lasting=False, limit=65507)
        sender = Sender("osc:udp:192.0.2.9:9000", "192.0.2.9", Access().scopes("127.0.0.1"), sent.append, way)
        asked = 0
        for number, packet in enumerate(islice(packets(random.Random(7), seeds(osc.server.addresses)), ROUNDS // 4)):
            asked += len(packet)
            osc.server.router.route(packet, sender)
            osc.server.router.flush()
            if number % 64 == 0:
                await osc.client.settled()
                for value in range(1000):
                    osc.engine.changed(a=float(value))
            assert sum(map(len, sent)) <= 4 * asked


@given(st.binary(max_size=200), st.sampled_from([b"", b"/", b"/chan/a\0", b"#bundle\0" + bytes(8)]))
def test_no_bytes_make_the_router_raise_or_answer_too_much(shared_bench: Bench, data: bytes, head: bytes) -> None:
    packet = head + data

    assert sum(map(len, shared_bench.take(packet))) <= 4 * len(packet)


def test_a_random_packet_is_not_answered_at_all() -> None:
    chance, bench = random.Random(6), Bench()
    for _ in range(2000):
        packet = chance.randbytes(chance.randrange(64))
        try:
            parse(packet)
        except ParseError as error:
            if "address" not in error.details:
                assert bench.take(packet) == []


def test_a_bundle_full_of_misfits_is_refused() -> None:
    bench = Bench()
    bench.take(bundle(NOW, *[message("/csound/controlChannel")] * 1000, message("/chan/a", int32(1))))

    assert bench.engine.commands == []


@pytest.mark.parametrize("packet", [message("/chan/*"), message("/sync", int32(1))])
def test_too_many_messages_in_one_packet_are_refused(packet: bytes) -> None:
    bench = Bench()
    bench.take(bundle(NOW, *[packet] * 2000))

    batches = [command.args[0] for command in bench.engine.commands if command.method == "engine.batch"]
    assert all(len(batch) <= 1024 for batch in batches)  # type: ignore[arg-type]


def test_somebody_without_a_scope_is_refused() -> None:
    bench = Bench(frozenset())
    packet = message("/chan/*", int32(1))

    assert all(b"/error" in answer for answer in bench.take(packet))
    assert bench.engine.commands == []


async def test_a_subscription_from_afar_is_for_an_address_that_proved_itself() -> None:
    async with served() as osc:
        sender = await first_sender(osc.server, osc.client)
        sender.proven, sender.host = False, "192.0.2.9"
        refused = await osc.client.ask("/subscribe", "cutoff", 100.0)
        await osc.client.ask("/notify", 1, sender.number)
        osc.client.send("/subscribe", "cutoff", 100.0)

        assert refused[0] == "/error"
        assert refused[1][:2] == ["/subscribe", -32002]
        assert await osc.client.receive() == ("/reply", ["/subscribe", "cutoff", 100.0])


@pytest.mark.parametrize("host", ["192.168.1.20", "10.1.2.3", "172.31.0.1", "::ffff:192.168.1.20", "fe80::1%eth0"])
async def test_a_neighbour_subscribes_without_ado(host: str) -> None:
    async with served() as osc:
        sender = await first_sender(osc.server, osc.client)
        sender.proven, sender.host = False, host
        assert await osc.client.ask("/subscribe", "cutoff", 100.0) == ("/reply", ["/subscribe", "cutoff", 100.0])


@pytest.mark.parametrize(
    ("allow", "host", "proven"),
    [
        ({"192.168.0.0/16": "read"}, "192.168.1.20", True),
        ({"0.0.0.0/0": "read"}, "203.0.113.9", False),
        ({"203.0.113.0/24": "control"}, "203.0.113.9", False),
        ({}, "127.0.0.1", True),
    ],
)
def test_an_allowed_neighbour_is_answered_in_full_and_one_from_afar_proves_itself_first(
    allow: dict[str, Scope], host: str, proven: bool
) -> None:
    gone = Gone(allow)
    gone.endpoint.take_one(b"", (host, 9000))

    assert gone.endpoint._senders[host, 9000].proven is proven


class Gone:
    """A UDP endpoint that is never opened, and the senders it forgot."""

    def __init__(self, allow: dict[str, Scope]) -> None:
        self.names: list[str] = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            self.endpoint = UdpEndpoint(
                sock,
                Bench().router,
                Access(allow),
                lambda sender: self.names.append(sender.id),
                PacketRates(1000, Counts()),
            )


def test_addresses_that_can_be_made_up_push_no_proven_one_out() -> None:
    gone = Gone({"10.0.0.0/8": "read"})
    gone.endpoint.take_one(b"", ("127.0.0.1", 1))
    for number in range(OSC_SENDERS):
        gone.endpoint.take_one(b"", ("10.0.0.9", number))

    assert gone.names == [f"osc:udp:10.0.0.9:{number}" for number in range(OSC_SENDERS_FORGOTTEN)]


def test_who_may_do_nothing_is_not_remembered() -> None:
    gone = Gone({})
    gone.endpoint.take_one(b"", ("10.0.0.9", 1))

    assert gone.endpoint._senders == {}


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_system_drops_what_comes_from_one_address_alone(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as sock, socket.socket(family, socket.SOCK_DGRAM) as other:
        sock.bind((host, 0))
        sock.setblocking(False)

        def arrives() -> bool:
            # On one machine a datagram is there, or dropped, when it has been sent.
            other.sendto(b"x", sock.getsockname())
            try:
                return sock.recv(1) == b"x"
            except BlockingIOError:
                return False

        assert drop(sock, ["10.0.0.1", "fe80::2%1"])
        assert arrives()
        assert drop(sock, ["10.0.0.1", host])
        assert not arrives()
        assert drop(sock, [])
        assert arrives()


async def test_a_flood_over_tcp_waits_in_its_own_connection() -> None:
    async with served(packets=100) as osc:
        reader, writer = await asyncio.open_connection("127.0.0.1", osc.tcp_port)
        packet = message("/sync", int32(1))
        writer.write(b"".join(len(packet).to_bytes(4) + packet for _ in range(120)))
        async with asyncio.timeout(30):
            for number in range(120):
                size = int.from_bytes(await reader.readexactly(4))
                assert parse(await reader.readexactly(size)) == Message("/synced", "i", [1]), number
        writer.close()
        await writer.wait_closed()


class Unread(asyncio.Transport):
    """A transport whose other side has read nothing of what was written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 9000)})
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return OSC_UNREAD_BYTES + 1

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        """Nothing comes by itself."""

    def resume_reading(self) -> None:
        """Nothing comes by itself."""


def test_a_client_over_tcp_that_reads_nothing_is_given_up_and_counted_once() -> None:
    counts, transport = Counts(), Unread()
    rates = PacketRates(1000, counts)
    connection = TcpConnection(Bench().router, Access({}), lambda _: None, lambda _: None, rates, counts)
    connection.connection_made(transport)
    packet = message("/sync", int32(1))
    for _ in range(2):
        connection.data_received(len(packet).to_bytes(4) + packet)
        connection.sender.deliver(packet)
    assert (transport.aborted, counts.stalled) == (True, 1)
