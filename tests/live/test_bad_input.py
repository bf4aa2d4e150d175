"""Whatever is sent gets the contract's error; the connection stays open and the engine plays on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.live.conftest import played
from tests.live.daemon import Daemon
from tests.live.foreign import JSON, MSGPACK, Client, Codec, connected
from tests.live.pieces import csd

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
ENGINE_ERROR, FORBIDDEN, WRONG_STATE, NOT_FOUND = -32000, -32002, -32003, -32004
STALE_HANDLE, UNSUPPORTED, TIMEOUT, LIMIT_EXCEEDED = -32005, -32006, -32007, -32008


@pytest.fixture
async def playing(shared: Daemon, codec: Codec) -> AsyncIterator[Client]:
    """A client that hears the sine also after whatever the test does."""
    async with connected(shared.url, codec) as client:
        await client.call("csound.reset")
        await played(client)
        spout = await client.subscribe("spout", block=256)
        yield client
        client.frames[spout].clear()
        await client.hears(spout, 440, window=2048)


def unparsable(codec: Codec) -> list[bytes | str]:
    if codec is JSON:
        return ["", "{", '{"jsonrpc": "2.0", "id": 1', "nonsense", '"\\ud800"x', "[1, 2", "[" * 100_000]
    return [b"", b"\xc1", b"\x81", b"\xc4\xff\x00", b"\x91" * 100_000, b"\x81\xa1a"]


async def test_an_unparsable_frame(playing: Client, codec: Codec) -> None:
    for frame in unparsable(codec):
        await playing.send(frame)
        assert (await playing.complaint()).code == PARSE_ERROR


async def test_a_frame_of_the_other_kind(playing: Client, codec: Codec) -> None:
    await playing.send("{}" if codec is MSGPACK else b"\x80")
    assert (await playing.complaint()).code == PARSE_ERROR


@pytest.mark.parametrize(
    "envelope",
    [
        3,
        "csound.sr",
        None,
        {},
        {"jsonrpc": "1.0", "method": "csound.sr"},
        {"jsonrpc": "2.0"},
        {"jsonrpc": "2.0", "id": {}, "method": "csound.sr"},
        {"jsonrpc": "2.0", "id": [1], "method": "csound.sr"},
        {"jsonrpc": "2.0", "id": True, "method": "csound.sr"},
        [],
    ],
    ids=repr,
)
async def test_a_frame_that_is_no_request(playing: Client, envelope: object) -> None:
    await playing.say(envelope)
    assert (await playing.complaint()).code == INVALID_REQUEST


@pytest.mark.parametrize(
    "members",
    [
        {"method": 5},
        {"method": None},
        {"method": "csound.sr", "params": 3},
        {"method": "csound.sr", "at": 5},
        {"method": "csound.sr", "at": {"bar": 1}},
        {"method": "csound.sr", "at": {"sample": 1, "score": 1}},
        {"method": "csound.sr", "at": {"sample": "1"}},
        {"method": "csound.sr", "late": "sometimes"},
        {"method": "csound.sr", "deadline": 0},
        {"method": "csound.sr", "deadline": "soon"},
    ],
    ids=repr,
)
async def test_a_bad_envelope_keeps_its_number(playing: Client, members: dict[str, object]) -> None:
    await playing.say({"jsonrpc": "2.0", "id": "mine"} | members)
    answer = await playing.answer_to("mine")
    assert answer["error"]["code"] == INVALID_REQUEST


async def test_params_that_are_null_are_none(playing: Client) -> None:
    await playing.say({"jsonrpc": "2.0", "id": "mine", "method": "csound.sr", "params": None})
    assert "result" in await playing.answer_to("mine")


@pytest.mark.parametrize(
    "method", ["", "nope", "csound.", "csound.nope", "csound.__init__", "csound.sr.sr", "Csound.sr", "host.close", "é"]
)
async def test_an_unknown_method(playing: Client, method: str) -> None:
    assert (await playing.refusal(method)).code == METHOD_NOT_FOUND


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("csound.setControlChannel", ["freq", "440"]),
        ("csound.setControlChannel", ["freq", None]),
        ("csound.setControlChannel", ["freq", [440.0]]),
        ("csound.setControlChannel", [5, 440.0]),
        ("csound.setControlChannel", ["freq"]),
        ("csound.setControlChannel", []),
        ("csound.setControlChannel", ["freq", 440.0, 3]),
        ("csound.setControlChannel", {"name": "freq"}),
        ("csound.setControlChannel", {"name": "freq", "val": 440.0, "more": 1}),
        ("csound.setControlChannel", {"name": "freq", "value": 440.0}),
        ("csound.scoreEvent", ["i", "1 0 1"]),
        ("csound.scoreEvent", ["i", [1, 0, {}]]),
        ("csound.compileOrc", [b"instr 1".decode(), "async"]),
        ("csound.table", ["1"]),
        ("csound.table", [1.5]),
        ("csound.setAudioChannel", ["tone", [[1.0, 2.0], [3.0]]]),
        ("csound.setAudioChannel", ["tone", [0.0, 0.0]]),
        ("channel.set", [{"freq": [1, 2]}]),
        ("stream.subscribe", {"topic": "spout", "size": 3}),
        ("stream.subscribe", {"topic": "spout", "block": 0}),
        ("stream.subscribe", {"topic": "spout", "format": "mp3"}),
        ("stream.subscribe", {"topic": "spout", "channels": [7]}),
        ("stream.subscribe", {"topic": "channels", "rate": 0}),
        ("stream.subscribe", {"topic": "channels", "rate": "fast"}),
        ("session.hello", {"protocol": 2}),
    ],
    ids=repr,
)
async def test_wrong_types_and_arity(playing: Client, method: str, params: Any) -> None:
    answer = await playing.ask(method, params)
    assert answer["error"]["code"] == INVALID_PARAMS, answer
    assert answer["error"]["data"]["type"] == "InvalidParams"


async def test_a_number_beyond_64_bits(playing: Client, codec: Codec) -> None:
    if codec is JSON:
        assert (await playing.refusal("csound.table", 2**80)).code == INVALID_PARAMS


async def test_a_malformed_special_form(playing: Client, codec: Codec) -> None:
    forms: list[object] = [{"$array": {"dtype": "<f8", "shape": [4], "data": "AAAA"}}, {"$bytes": "*"}, {"$float": "1"}]
    for form in forms if codec is JSON else []:
        assert (await playing.refusal("csound.setAudioChannel", "tone", form)).code == INVALID_PARAMS


@pytest.mark.parametrize("method", ["csound.performKsmps", "csound.perform"])
async def test_a_call_in_the_wrong_state(playing: Client, method: str) -> None:
    refusal = await playing.refusal(method)
    assert refusal.code == WRONG_STATE
    assert refusal.data["hint"]


async def test_code_that_does_not_compile(playing: Client) -> None:
    broken = "instr 9\n  a1 osci 1\nendin\n"
    assert await playing.call("csound.compileOrc", broken) == -1
    compiled = await playing.call("orc.compile", broken)
    assert not compiled["ok"]
    assert compiled["diagnostics"][0]["line"] == 2
    assert compiled["messages"]


async def test_a_csd_that_does_not_compile(playing: Client, shared: Daemon) -> None:
    broken = csd("instr 1\n a1 osci 1\nendin")
    (shared.folder / "broken.csd").write_text(broken)
    assert await playing.call("csound.compileCsdText", broken) == -1
    assert await playing.call("csound.compileCsd", "broken.csd") == -1


async def test_a_csd_that_is_missing(playing: Client) -> None:
    messages = await playing.subscribe("messages")
    assert await playing.call("csound.compileCsd", "missing.csd") == -1
    await playing.until(lambda: any("missing.csd" in frame.data["text"] for frame in playing.frames[messages]))


@pytest.mark.parametrize("path", ["../outside.csd", "/etc/passwd", "/etc/missing.csd"])
async def test_a_csd_outside_the_workspace(playing: Client, path: str) -> None:
    refusal = await playing.refusal("csound.compileCsd", path)
    assert refusal.code == FORBIDDEN


async def test_a_table_that_is_not_there(playing: Client) -> None:
    assert await playing.call("csound.table", 77) is None
    assert await playing.call("csound.tableLength", 77) == -1
    assert await playing.call("csound.tableArgs", 77) is None


@pytest.mark.parametrize(
    "wish",
    [
        {"topic": "channels", "names": "nowhere"},
        {"topic": "channels", "names": ["freq", "nowhere"]},
        {"topic": "audio-channel", "name": "nowhere"},
        {"topic": "audio-channel", "name": "freq"},
        {"topic": "nothing"},
    ],
    ids=repr,
)
async def test_a_subscription_to_what_is_not_there(playing: Client, wish: dict[str, object]) -> None:
    answer = await playing.ask("stream.subscribe", wish)
    assert answer["error"]["code"] == NOT_FOUND, answer
    assert [described["topic"] for described in await playing.call("stream.list")] == ["spout"]


async def test_an_end_to_a_subscription_that_is_not_there(playing: Client) -> None:
    assert (await playing.refusal("stream.unsubscribe", "spout/99")).code == NOT_FOUND


async def test_an_oversized_frame(playing: Client) -> None:
    limits = (await playing.call("session.hello", protocol=1))["limits"]
    await playing.begin("csound.compileOrc", ["; " + "x" * limits["frame"]])
    refusal = await playing.complaint()
    assert refusal.code == LIMIT_EXCEEDED
    assert refusal.data["limit"] == limits["frame"]


async def test_an_oversized_batch(playing: Client) -> None:
    limits = (await playing.call("session.hello", protocol=1))["limits"]
    await playing.say([{"jsonrpc": "2.0", "method": "csound.sr"}] * (limits["batch"] + 1))
    assert (await playing.complaint()).code == LIMIT_EXCEEDED


async def test_a_method_that_this_engine_has_not(playing: Client) -> None:
    unsupported = (await playing.call("engine.info"))["unsupported"]
    refusal = await playing.refusal("csound.appendOpcode", "name", 1, 1, "a", "a", None, None)
    assert "csound.appendOpcode" in unsupported
    assert refusal.code == UNSUPPORTED


async def test_a_batch_with_good_and_bad_calls(playing: Client) -> None:
    await playing.say(
        [
            {"jsonrpc": "2.0", "id": 1, "method": "csound.ksmps"},
            {"jsonrpc": "2.0", "method": "csound.setControlChannel", "params": ["other", 1.0]},
            7,
            {"jsonrpc": "2.0", "id": 2, "method": "csound.nope"},
            {"jsonrpc": "2.0", "id": 3, "method": "csound.controlChannel", "params": ["other"]},
        ]
    )
    answers = {answer["id"]: answer for answer in await playing.batch()}
    assert answers[1]["result"] == 64
    assert answers[2]["error"]["code"] == METHOD_NOT_FOUND
    assert answers[3]["result"] == [1.0, 0]
    assert answers[None]["error"]["code"] == INVALID_REQUEST


async def test_a_notification_has_no_answer_even_when_it_is_wrong(playing: Client) -> None:
    await playing.say({"jsonrpc": "2.0", "method": "csound.nope"})
    await playing.say({"jsonrpc": "2.0", "method": "csound.setControlChannel", "params": ["freq", "x"]})
    assert await playing.call("csound.ksmps") == 64
    assert playing.complaints == []
    assert playing.replies == {}


async def test_no_error_tells_of_the_machine(playing: Client, shared: Daemon) -> None:
    refusals = [
        await playing.refusal("csound.evalCode", "return nowhere\n", "more"),
        await playing.refusal("csound.compileCsd", "../../outside.csd"),
        await playing.refusal("csound.setControlChannel", "freq", "x"),
    ]
    for refusal in refusals:
        told = f"{refusal.message} {refusal.data}"
        assert "Traceback" not in told
        assert str(shared.folder.parent) not in told
