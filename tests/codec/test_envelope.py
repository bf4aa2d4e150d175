"""Faulty frames are answered with a Failure, with the id wherever it could be read."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import pytest

from csoundd.codec import JSON, MSGPACK, Codec
from csoundd.errors import CsounddError, InvalidRequest, LimitExceeded, ParseError
from csoundd.limits import BATCH_REQUESTS
from csoundd.messages import ABSENT, At, Failure, Request

GOOD: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "csound.sr"}
BOTH = pytest.mark.parametrize("codec", [JSON, MSGPACK], ids=["json", "msgpack"])


def frame(codec: Codec, value: object) -> bytes:
    return bytes(msgpack.packb(value)) if codec is MSGPACK else json.dumps(value).encode()


def failure(incoming: object) -> tuple[object, type[CsounddError]]:
    assert isinstance(incoming, Failure)
    return incoming.id, type(incoming.error)


@BOTH
@pytest.mark.parametrize(
    "members",
    [
        {"jsonrpc": "1.0"},
        {"jsonrpc": 2.0},
        {"method": 7},
        {"method": None},
        {"params": "text"},
        {"params": 3},
        {"at": 96000},
        {"at": {}},
        {"at": {"sample": "now"}},
        {"at": {"sample": True}},
        {"at": {"bar": 3}},
        {"at": {"delay": 1, "wall": 2}},
        {"late": "maybe"},
        {"late": 1},
        {"deadline": "soon"},
        {"deadline": 0},
        {"deadline": -1},
        {"deadline": True},
    ],
    ids=repr,
)
def test_a_wrong_member_is_an_invalid_request(codec: Codec, members: dict[str, object]) -> None:
    assert failure(codec.decode(frame(codec, GOOD | members))) == (1, InvalidRequest)


@BOTH
def test_null_stands_for_no_parameters(codec: Codec) -> None:
    request = codec.decode(frame(codec, GOOD | {"params": None}))
    assert isinstance(request, Request)
    assert request.params == []


@BOTH
@pytest.mark.parametrize("missing", ["jsonrpc", "method"])
def test_a_missing_member_is_an_invalid_request(codec: Codec, missing: str) -> None:
    members = {name: value for name, value in GOOD.items() if name != missing}
    assert failure(codec.decode(frame(codec, members))) == (1, InvalidRequest)


@BOTH
@pytest.mark.parametrize("request_id", [True, [], {}, [1]], ids=repr)
def test_an_id_of_a_wrong_type_is_not_sent_back(codec: Codec, request_id: object) -> None:
    assert failure(codec.decode(frame(codec, GOOD | {"id": request_id}))) == (None, InvalidRequest)


@BOTH
@pytest.mark.parametrize("request_id", [0, -5, "", "a", 1.5, None, 2**63], ids=repr)
def test_any_text_number_or_null_is_an_id(codec: Codec, request_id: object) -> None:
    incoming = codec.decode(frame(codec, GOOD | {"id": request_id}))
    assert isinstance(incoming, Request)
    assert incoming.id == request_id
    assert not incoming.is_notification


@pytest.mark.parametrize("text", ["1e999", '{"$float":"nan"}'])
def test_an_id_is_a_finite_number(text: str) -> None:
    assert failure(JSON.decode(f'{{"jsonrpc":"2.0","id":{text},"method":"m"}}')) == (None, InvalidRequest)


@BOTH
@pytest.mark.parametrize("value", [1, "text", None, True, 1.5], ids=repr)
def test_a_frame_that_is_no_object_is_an_invalid_request(codec: Codec, value: object) -> None:
    assert failure(codec.decode(frame(codec, value))) == (None, InvalidRequest)


@BOTH
def test_an_answer_is_not_a_request(codec: Codec) -> None:
    answer = {"jsonrpc": "2.0", "id": 4, "result": None}
    assert failure(codec.decode(frame(codec, answer))) == (4, InvalidRequest)


@BOTH
def test_an_empty_batch_is_an_invalid_request(codec: Codec) -> None:
    assert failure(codec.decode(frame(codec, []))) == (None, InvalidRequest)


@BOTH
def test_a_batch_has_a_limit(codec: Codec) -> None:
    assert failure(codec.decode(frame(codec, [GOOD] * (BATCH_REQUESTS + 1)))) == (None, LimitExceeded)
    assert isinstance(codec.decode(frame(codec, [GOOD] * BATCH_REQUESTS)), list)


@BOTH
def test_a_bad_item_leaves_the_rest_of_a_batch_alone(codec: Codec) -> None:
    incoming = codec.decode(frame(codec, [GOOD, 1, [GOOD], GOOD | {"id": 2}]))
    assert isinstance(incoming, list)
    assert [type(item) for item in incoming] == [Request, Failure, Failure, Request]


@BOTH
def test_unknown_members_are_passed_over(codec: Codec) -> None:
    assert codec.decode(frame(codec, GOOD | {"trace": "x", "meta": {}})) == Request("csound.sr", [], 1)


@BOTH
def test_null_is_as_good_as_no_time_at_all(codec: Codec) -> None:
    nothing = {"at": None, "late": None, "deadline": None}
    assert codec.decode(frame(codec, GOOD | nothing)) == Request("csound.sr", [], 1)


@BOTH
@pytest.mark.parametrize("clock", ["sample", "score", "delay", "wall"])
def test_each_clock_is_understood(codec: Codec, clock: str) -> None:
    incoming = codec.decode(frame(codec, GOOD | {"at": {clock: 12}}))
    assert isinstance(incoming, Request)
    assert incoming.at is not None
    assert (incoming.at.clock, incoming.at.value) == (clock, 12.0)


def test_a_time_beyond_all_floats_is_an_invalid_request() -> None:
    endless = "1" + "0" * 400
    text = f'{{"jsonrpc":"2.0","id":1,"method":"m","at":{{"delay":{endless}}}}}'
    assert failure(JSON.decode(text)) == (1, InvalidRequest)


def test_a_time_as_an_integer_is_a_float_inside() -> None:
    incoming = JSON.decode('{"jsonrpc":"2.0","method":"m","at":{"sample":3}}')
    assert isinstance(incoming, Request)
    assert incoming.at == At("sample", 3.0)
    assert isinstance(incoming.at.value, float)
    assert incoming.id is ABSENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"jsonrpc"}',
        "NaN",
        "[Infinity]",
        '{"a":-Infinity}',
        "[1,]",
        "'text'",
        "1 2",
        "\ufeff{}",
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 5000,
    ],
    ids=lambda text: text[:12],
)
def test_text_that_is_not_json_is_a_parse_error(text: str) -> None:
    assert failure(JSON.decode(text)) == (None, ParseError)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        b"\x01\x01",
        b"\xc1",
        b"\xa1\xff",
        b"\x81\x01\x02",
        b"\x81\x90\x02",
        b"\xdd\xff\xff\xff\xff",
        b"\xc7\x02\xff\x00\x00",
        b"\x91" * 100_000 + b"\x01",
        b"\x81\xa1a" * 100_000 + b"\x01",
    ],
    ids=lambda data: data[:6].hex(),
)
def test_bytes_that_are_not_msgpack_are_a_parse_error(data: bytes) -> None:
    assert failure(MSGPACK.decode(data)) == (None, ParseError)


def test_bytes_that_are_not_utf_8_are_a_parse_error() -> None:
    assert failure(JSON.decode(b'"\xff"')) == (None, ParseError)


def test_json_is_understood_as_text_and_as_bytes() -> None:
    text = json.dumps(GOOD)
    assert JSON.decode(text) == JSON.decode(text.encode()) == Request("csound.sr", [], 1)


def test_msgpack_is_not_text() -> None:
    assert failure(MSGPACK.decode("{}")) == (None, ParseError)
