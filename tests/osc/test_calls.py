"""Calls: arguments in order to the API's methods, and what comes back."""

from __future__ import annotations

import pytest

from csoundd.codec.osc import IMPULSE, NOW, Message, Value, bundle, float32, message, parse
from csoundd.errors import EngineUnavailable
from csoundd.messages import Handle, StreamRef
from csoundd.transport.osc.calls import ReplyBudget, ReplyContext
from csoundd.transport.osc.senders import Sender, TransportTraits
from tests.osc.fakes import Client, FakeEngine, Served


async def test_a_method_answers_with_its_result(client: Client) -> None:
    assert await client.ask("/csound/version") == ("/reply", ["/csound/version", 6181.0])


async def test_several_results_follow_one_another(client: Client) -> None:
    assert await client.ask("/csound/controlChannel", "cutoff") == ("/reply", ["/csound/controlChannel", 0.25, 0.0])


async def test_a_method_without_result_answers_with_its_address(client: Client) -> None:
    assert await client.ask("/csound/setControlChannel", "cutoff", 0.5) == ("/reply", ["/csound/setControlChannel"])


async def test_null_is_an_argument(client: Client) -> None:
    assert await client.ask("/csound/env", "SSDIR") == ("/reply", ["/csound/env", None])


async def test_truth_is_an_argument(client: Client) -> None:
    assert await client.ask("/csound/debug") == ("/reply", ["/csound/debug", True])


async def test_arrays_come_as_numbers(client: Client) -> None:
    assert await client.ask("/csound/audioChannel", "side") == ("/reply", ["/csound/audioChannel", 0.5, 0.25])


async def test_structs_come_as_json(client: Client) -> None:
    address, (method, first, *_) = await client.ask("/csound/allocatedChannels")

    assert (address, method) == ("/reply", "/csound/allocatedChannels")
    assert first == '{"name":"cutoff","kind":"control","mode":3,"hints":null}'


async def test_what_the_front_serves_is_answered(client: Client) -> None:
    address, (method, info) = await client.ask("/engine/info")

    assert (address, method) == ("/reply", "/engine/info")
    assert isinstance(info, str)
    assert '"state":"playing"' in info


@pytest.mark.parametrize(
    ("address", "values", "args"),
    [
        pytest.param("/csound/setControlChannel", ["a", 1], ["a", 1.0], id="an integer for a float"),
        pytest.param("/csound/tableLength", [3.0], [3], id="a whole float for an integer"),
        pytest.param("/csound/setDebug", [1], [True], id="an integer for a boolean"),
        pytest.param("/csound/setDebug", [0.0], [False], id="a float for a boolean"),
        pytest.param("/csound/setDebug", [True], [True], id="T for a boolean"),
        pytest.param("/csound/setControlChannel", ["a", True], ["a", 1.0], id="T for a float"),
        pytest.param("/csound/tableLength", [True], [1], id="T for an integer"),
        pytest.param("/csound/inputMessage", [b"i 1 0 1"], ["i 1 0 1"], id="a blob for a text"),
        pytest.param("/csound/scoreEvent", ["i", 1, 0.0, 2], ["i", [1, 0, 2]], id="p-fields one by one"),
        pytest.param("/csound/scoreEvent", ["i", [1, 0.0, 2]], ["i", [1, 0, 2]], id="p-fields as an array"),
        pytest.param("/csound/event", ["i", [1, 0, 2], False], ["i", [1, 0, 2], False], id="an array, then more"),
        pytest.param("/csound/initArrayChannel", ["a", "k", 3.0], ["a", "k", [3]], id="whole floats in a list"),
        pytest.param("/csound/scoreEvent", ["i", 1, True, "x"], ["i", [1.0, 1.0, "x"]], id="T in a list of numbers"),
        pytest.param("/channel/get", [b"cutoff"], ["cutoff"], id="a blob for a text or many"),
        pytest.param("/csound/flushCircularBuffer", ["cbuf:3"], [Handle("cbuf:3")], id="a text for a handle"),
        pytest.param(
            "/thread/evalCode", ["return 1", "eval"], ["return 1", StreamRef("eval"), 5.0], id="a text for a topic"
        ),
        pytest.param("/thread/evalCode", ["return 1", None], ["return 1", None, 5.0], id="N for no topic"),
        pytest.param("/channel/set", ["a", 1.0, "b", "x"], [{"a": 1.0, "b": "x"}], id="names and values"),
        pytest.param("/channel/set", ['{"a": 1.5}'], [{"a": 1.5}], id="an object as JSON"),
        pytest.param("/csound/compileCommandLine", ["csound", "a.csd"], ["csound", "a.csd"], id="any number"),
        pytest.param("/csound/setHostData", ["{}"], ["{}"], id="a text where anything goes"),
    ],
)
async def test_arguments_become_what_the_signature_wants(
    client: Client, engine: FakeEngine, address: str, values: list[Value], args: list[object]
) -> None:
    await client.ask(address, *values)

    assert engine.commands[-1].args == args
    assert list(map(type, engine.commands[-1].args)) == list(map(type, args))


BUTTONS = ["/thread/play", "/engine/panic", "/csound/reset", "/engine/sync"]


@pytest.mark.parametrize("pressed", [1.0, 1, 0.5, True, IMPULSE], ids=repr)
@pytest.mark.parametrize("address", BUTTONS)
async def test_a_buttons_value_presses_it(client: Client, engine: FakeEngine, address: str, pressed: Value) -> None:
    answer, (named, *_) = await client.ask(address, pressed)

    assert (answer, named) == ("/reply", address)
    assert (engine.commands[-1].method, engine.commands[-1].args) == (address[1:].replace("/", "."), [])


@pytest.mark.parametrize("released", [0.0, 0, False], ids=repr)
@pytest.mark.parametrize("address", [*BUTTONS, "/status"])
async def test_a_button_that_is_let_go_does_nothing(
    client: Client, engine: FakeEngine, address: str, released: Value
) -> None:
    client.send(address, released)

    assert await client.settled() == []
    assert [command.method for command in engine.commands] == ["engine.sync"]


async def test_buttons_press_csoundds_own_addresses_too(client: Client, engine: FakeEngine) -> None:
    assert (await client.ask("/status", 1.0))[0] == "/status.reply"
    await client.ask("/subscribe", "nothing")
    client.send("/unsubscribe", 1.0)
    await client.settled()

    assert not [name for name, (kind, _) in engine.polls.items() if kind == "channels"]


async def test_a_button_in_a_bundle_is_part_of_it(client: Client, engine: FakeEngine) -> None:
    client.send_packet(bundle(NOW, message("/thread/play", float32(1.0)), message("/engine/panic", float32(0.0))))
    await client.settled()

    assert [command.method for command in engine.commands] == ["thread.play", "engine.sync"]


@pytest.mark.parametrize("values", [["x"], [1.0, 1.0], [None]], ids=repr)
async def test_what_no_button_sends_is_refused(client: Client, values: list[Value]) -> None:
    assert (await client.ask("/thread/play", *values))[1][:2] == ["/thread/play", -32602]
    assert (await client.ask("/clearSched", *values))[1][:2] == ["/clearSched", -32602]


async def test_floats_fit_wherever_whole_numbers_are_wanted(client: Client, engine: FakeEngine) -> None:
    assert await client.ask("/sync", 3.0) == ("/synced", [3])
    assert (await client.ask("/notify", 1.0))[0] == "/done"
    client.send("/dumpOSC", 0.0)
    client.send("/note", 5.0, 1.0, 2.0)
    client.send("/note/set", 5.0, "cutoff", 440.0)
    client.send("/note/release", 5.0)
    client.send("/midi", 144.0, 60.0, 100.0)

    (told,) = await client.settled()

    assert told[1][:2] == ["/midi", -32006]
    assert [command.method for command in engine.commands][1:4] == [
        "csound.event",
        "channel.set",
        "csound.killInstance",
    ]


@pytest.mark.parametrize("values", [[1.5], [2.0**40], ["x"], [1, 1], [None]], ids=repr)
async def test_a_number_that_does_not_fit_is_refused_with_the_arguments_there_are(
    client: Client, values: list[Value]
) -> None:
    address, (named, code, said) = await client.ask("/sync", *values)

    assert (address, named, code) == ("/error", "/sync", -32602)
    assert str(said).endswith("(/sync [i:number])")


async def test_a_blob_becomes_the_floats_it_holds(client: Client, engine: FakeEngine) -> None:
    await client.ask("/csound/setAudioChannel", "side", bytes.fromhex("3f0000003e800000"))

    assert list(engine.commands[-1].args[1]) == [0.5, 0.25]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("address", "values", "code"),
    [
        ("/csound/nothing", [], -32601),
        ("/nowhere", [], -32004),
        ("/session/hello", [1], -32004),
        ("/csound/setControlChannel", ["a", "b"], -32602),
        ("/csound/setControlChannel", ["a"], -32602),
        ("/csound/setControlChannel", ["a", 1.0, 2.0], -32602),
        ("/csound/setHostData", [NOW], -32602),
        ("/channel/set", ["{"], -32602),
        ("/channel/set", ["a", 1.0, "b"], -32602),
        ("/csound/inputMessage", [b"\xff"], -32602),
        ("/event", [1, 2], -32602),
        ("/score", [1], -32602),
        ("/sync", ["x"], -32602),
        ("/notify", [3], -32602),
        ("/dumpOSC", [9], -32602),
        ("/latePolicy", ["x"], -32602),
        ("/subscribe", [1], -32602),
        ("/subscribe", ["[", 1.0], -32602),
        ("/subscribe", ["*", -1.0], -32602),
        ("/subscribe", ["*", 1.0, 0], -32602),
    ],
)
async def test_what_is_wrong_is_told_to_the_sender(
    client: Client, address: str, values: list[Value], code: int
) -> None:
    answer, (named, number, text) = await client.ask(address, *values)

    assert (answer, named, number) == ("/error", address, code)
    assert isinstance(text, str)
    assert text


async def test_an_error_of_the_engine_is_told(client: Client, engine: FakeEngine) -> None:
    engine.error = EngineUnavailable("the engine is not running")

    assert await client.ask("/csound/version") == (
        "/error",
        ["/csound/version", -32010, "the engine is not running"],
    )


async def test_a_malformed_packet_is_told_where_its_address_is_known(client: Client) -> None:
    client.send_packet(b"/a\0\0,q\0\0")

    assert await client.receive() == ("/error", ["/a", -32700, "there is no type tag 'q'"])


async def test_answers_are_not_answered(client: Client) -> None:
    for address in ("/reply", "/error", "/synced", "/status.reply", "/late", "/done"):
        client.send(address, "/csound/version", 1.0)

    assert await client.settled() == []


async def test_events_are_played_and_not_answered(client: Client, engine: FakeEngine) -> None:
    client.send("/event", "i", 1, 0.0, True, "text")
    client.send("/score", "i 1 0 1")

    assert await client.settled() == []
    assert [(c.method, c.args) for c in engine.commands[:2]] == [
        ("csound.event", ["i", [1, 0, 1, "text"], True]),
        ("csound.inputMessage", ["i 1 0 1"]),
    ]


async def test_sync_answers_with_its_number(client: Client) -> None:
    assert await client.ask("/sync", 12) == ("/synced", [12])


async def test_status_says_how_the_engine_is(client: Client) -> None:
    address, values = await client.ask("/status")

    assert address == "/status.reply"
    assert values[:8] == ["playing", 48000.0, 64, 2, 0.1, 0.0, "fake", 6181]


async def test_status_gives_the_load_as_last_heard(client: Client, engine: FakeEngine) -> None:
    await client.ask("/status")
    (name,) = engine.polls
    engine.tell(name, {"cpuLoad": 0.5})

    _, values = await client.ask("/status")

    assert values[5] == 0.5


async def test_a_result_too_large_for_a_datagram_is_refused(client: Client, engine: FakeEngine) -> None:
    engine.channels["long"] = "x" * 70000

    address, (named, code, _) = await client.ask("/channel/get", "long")

    assert (address, named, code) == ("/error", "/channel/get", -32008)


async def test_a_silent_sender_is_forgotten_with_what_it_holds(osc: Served) -> None:
    await osc.client.ask("/sync", 1)

    osc.server.udp.lapse(before=float("inf"))

    assert osc.engine.released == [f"osc:udp:127.0.0.1:{osc.client.port}"]


@pytest.mark.parametrize(
    ("method", "result", "full", "standard"),
    [
        ("/csound/sr", 48000.0, ("d", [48000.0]), ("f", [48000.0])),
        ("/csound/ksmps", 64, ("d", [64.0]), ("i", [64])),
        ("/csound/currentTimeSamples", 2**40, ("d", [2.0**40]), ("f", [2.0**40])),
        ("/csound/isScorePending", True, ("T", [True]), ("i", [1])),
        ("/csound/stringChannel", None, ("N", [None]), ("s", [""])),
    ],
)
def test_a_sender_chooses_the_types_of_its_answers(method: str, result: object, full: object, standard: object) -> None:
    sent: list[bytes] = []
    traits = TransportTraits(proven=True, lasting=True, limit=65507)
    sender = Sender("somebody", "127.0.0.1", frozenset({"read"}), sent.append, traits)
    for types in ("full", "standard", "full"):
        sender.answer_in(types)
        ReplyContext(ReplyBudget(sender, 8), method).reply(result)

    told = [read for read in map(parse, sent) if isinstance(read, Message)]
    assert [(read.tags[1:], read.arguments[1:]) for read in told] == [full, standard, full]


async def test_an_address_sets_the_types_of_the_answers(client: Client) -> None:
    client.send("/replyTypes", "standard")
    client.send("/status")
    told = parse(await client.receive_packet())

    assert isinstance(told, Message)
    assert told.tags == "sfiiffsis"
