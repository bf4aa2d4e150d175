"""Frames written by hand from the contract and the msgpack specification, not by our own encoder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from csoundd.codec import JSON, MSGPACK
from csoundd.errors import Late
from csoundd.messages import ABSENT, At, Failure, Frames, Handle, Receipt, Reply, Request, Seconds, StreamFrame
from csoundd.streams.backlog import KEPT

HEAD = b"\xa7jsonrpc\xa32.0"


def test_a_request_by_name_in_json() -> None:
    text = (
        '{"jsonrpc": "2.0", "id": 7, "method": "csound.setControlChannel", "params": {"name": "cutoff", "val": 0.25}}'
    )
    assert JSON.decode(text) == Request("csound.setControlChannel", {"name": "cutoff", "val": 0.25}, 7)


def test_a_request_by_position_in_msgpack() -> None:
    frame = b"\x84" + HEAD + b"\xa2id\x07\xa6method\xa9csound.sr\xa6params\x91\xc0"
    assert MSGPACK.decode(frame) == Request("csound.sr", [None], 7)


def test_a_notification_with_a_time() -> None:
    text = '{"jsonrpc":"2.0","method":"csound.sr","at":{"sample":96000},"late":"drop","deadline":2.5}'
    expected = Request("csound.sr", [], ABSENT, At("sample", 96000.0), "drop", Seconds(2.5))
    assert JSON.decode(text) == expected


def test_a_batch_keeps_its_order() -> None:
    text = '[{"jsonrpc":"2.0","id":"a","method":"csound.sr"},{"jsonrpc":"2.0","method":"csound.kr"}]'
    assert JSON.decode(text) == [Request("csound.sr", [], "a"), Request("csound.kr", [])]


def test_an_array_in_json() -> None:
    # 0.5 and -0.5 as little-endian 32-bit floats are 0000003f 000000bf.
    text = (
        '{"jsonrpc":"2.0","id":1,"method":"m","params":[{"$array":{"dtype":"<f4","shape":[2],"data":"AAAAPwAAAL8="}}]}'
    )
    (array,) = params(JSON.decode(text))
    assert array.dtype == np.float32
    assert array.tolist() == [0.5, -0.5]


def test_an_array_in_msgpack() -> None:
    # Extension type 1 with 13 bytes: ["<i2", [2], 0100 feff].
    body = b"\x93\xa3<i2\x91\x02\xc4\x04\x01\x00\xfe\xff"
    frame = b"\x84" + HEAD + b"\xa2id\x01\xa6method\xa1m\xa6params\x91\xc7\x0d\x01" + body
    (array,) = params(MSGPACK.decode(frame))
    assert array.dtype == np.int16
    assert array.tolist() == [1, -2]


def test_special_floats_and_handles_in_json() -> None:
    text = '{"jsonrpc":"2.0","id":1,"method":"m","params":[{"$float":"-inf"},{"$handle":"cbuf:3"},{"$bytes":"AAE="}]}'
    assert params(JSON.decode(text)) == [-math.inf, Handle("cbuf:3"), b"\x00\x01"]


def test_a_reply_with_a_receipt_in_json() -> None:
    reply = Reply(1, (0.25, 0), Receipt(Frames(64), 1, Seconds(0.5), Seconds(0.0)))
    expected = b'{"jsonrpc":"2.0","id":1,"result":[0.25,0],"meta":{"sample":64,"cycle":1,"scoreTime":0.5,"late":0.0}}'
    assert JSON.encode(reply) == expected


def test_the_receipt_of_a_dropped_command_says_so() -> None:
    reply = Reply(1, None, Receipt(Frames(64), 1, Seconds(0.5), Seconds(0.25), dropped=True))
    assert b'"late":0.25,"dropped":true}' in JSON.encode(reply)


def test_a_failure_in_msgpack() -> None:
    failure = Failure("a", Late("too late"))
    expected = (
        b"\x83" + HEAD + b"\xa2id\xa1a\xa5error\x83"
        b"\xa4code\xd1\x82\xf4\xa7message\xa8too late\xa4data\x81\xa4type\xa4Late"
    )
    assert MSGPACK.encode(failure) == expected


def test_a_stream_frame_in_json() -> None:
    frame = StreamFrame("spout/1", 7, Frames(4096), np.array([[0.5, -0.5]], "<f4"), KEPT)
    assert JSON.encode(frame) == (
        b'{"jsonrpc":"2.0","method":"stream.data","params":{"stream":"spout/1","seq":7,"sample":4096,'
        b'"data":{"$array":{"dtype":"<f4","shape":[1,2],"data":"AAAAPwAAAL8="}}}}'
    )


def test_a_stream_frame_in_msgpack() -> None:
    frame = StreamFrame("spout/1", 7, Frames(0), np.array([1, -2], "<i2"), KEPT)
    body = b"\x93\xa3<i2\x91\x02\xc4\x04\x01\x00\xfe\xff"
    assert MSGPACK.encode(frame) == (
        b"\x83" + HEAD + b"\xa6method\xabstream.data\xa6params\x84\xa6stream\xa7spout/1\xa3seq\x07\xa6sample\x00"
        b"\xa4data\xc7\x0d\x01" + body
    )


@pytest.mark.parametrize(("value", "text"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
def test_what_json_has_no_number_for(value: float, text: str) -> None:
    assert JSON.encode(Reply(1, value)) == f'{{"jsonrpc":"2.0","id":1,"result":{{"$float":"{text}"}}}}'.encode()


def params(incoming: Any) -> Any:
    assert isinstance(incoming, Request)
    return incoming.params
