"""The golden exchanges: values, requests, answers and frames that are refused, in both codecs.

Each vector has the JSON text, the msgpack bytes in hexadecimal, and in ``means`` what both stand for: plain JSON,
with an object whose first member is ``"!"`` for what JSON does not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from csoundd.api.values import Array
from csoundd.codec import json, msgpack
from csoundd.errors import ERRORS
from csoundd.messages import Handle, StreamRef
from csoundd.values import PROTOCOL

_CALL: Final = {"jsonrpc": "2.0", "method": "csound.controlChannel", "params": ["cutoff"], "id": 1}
_SET: Final = {"jsonrpc": "2.0", "method": "csound.setControlChannel", "params": {"name": "cutoff", "val": 0.25}}
_DONE: Final = {"jsonrpc": "2.0", "id": 1, "result": [0.25, 0]}
_META: Final = {"sample": 96000, "cycle": 1500, "scoreTime": 2.0, "late": 0.0}

REFUSED_TEXTS: Final[tuple[tuple[str, str, int, object], ...]] = (
    ("nothing", "", -32700, None),
    ("half a frame", '{"jsonrpc":"2.0","id":1,"method":"csound.sr"', -32700, None),
    ("NaN, which JSON does not have", '{"jsonrpc":"2.0","id":1,"method":"csound.sr","params":[NaN]}', -32700, None),
    ("a number", "1", -32600, None),
    ("an empty batch", "[]", -32600, None),
    ("no version", '{"id":1,"method":"csound.sr"}', -32600, 1),
    ("another version", '{"jsonrpc":"1.0","id":1,"method":"csound.sr"}', -32600, 1),
    ("no method", '{"jsonrpc":"2.0","id":"one"}', -32600, "one"),
    ("a method that is a number", '{"jsonrpc":"2.0","id":1,"method":7}', -32600, 1),
    ("parameters that are a text", '{"jsonrpc":"2.0","id":1,"method":"csound.sr","params":"x"}', -32600, 1),
    ("an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"csound.sr"}', -32600, None),
    ("an id that is true", '{"jsonrpc":"2.0","id":true,"method":"csound.sr"}', -32600, None),
    ("two times at once", '{"jsonrpc":"2.0","id":1,"method":"csound.sr","at":{"delay":1,"wall":1}}', -32600, 1),
    ("a policy that there is not", '{"jsonrpc":"2.0","id":1,"method":"csound.sr","late":"maybe"}', -32600, 1),
    ("a deadline of no time", '{"jsonrpc":"2.0","id":1,"method":"csound.sr","deadline":0}', -32600, 1),
)
"""Frames in JSON: name, text, the error's number, its id."""

REFUSED_BYTES: Final[tuple[tuple[str, str, int], ...]] = (
    ("no bytes", "", -32700),
    ("half a map", "84a76a736f6e727063", -32700),
    ("more than one value", "0101", -32700),
    ("a text that is not UTF-8", "a1ff", -32700),
    ("a number in msgpack", "01", -32600),
    ("an empty batch in msgpack", "90", -32600),
)
"""Frames in msgpack: name, bytes in hexadecimal, the error's number; their id is null."""


def values() -> dict[str, object]:
    """Every kind of value, by itself."""
    plain: dict[str, object] = {
        "null": None,
        "true": True,
        "false": False,
        "zero": 0,
        "an integer": 44100,
        "a negative integer": -12,
        "the largest integer": 2**63 - 1,
        "the smallest integer": -(2**63),
        "a float": 0.25,
        "a float without a fraction": 440.0,
        "not a number": math.nan,
        "infinity": math.inf,
        "minus infinity": -math.inf,
        "an empty text": "",
        "a text": 'Größe ♪ 𝄞 "quoted"\n',
        "bytes": bytes(range(8)),
        "an empty list": [],
        "a list": [1, "two", None, [3.5]],
        "an object": {"name": "cutoff", "kind": "control", "mode": 3, "hints": None},
        "an object with names that languages keep for themselves": {
            "__proto__": {"x": 0.5},
            "constructor": 1,
            "__class__": [],
        },
        "a tuple, which is a list": (0.25, 0),
        "a handle": Handle("cbuf:3"),
        "a stream in place of a function": StreamRef("invalue"),
    }
    return plain | {f"an array of {array.dtype.str}": array for array in _arrays()} | _shapes()


def _arrays() -> Iterable[Array]:
    for kind in ("i1", "i2", "i4", "i8"):
        yield np.array([-1, 0, 1], kind)
    for kind in ("u1", "u2", "u4", "u8"):
        yield np.array([0, 1, 200], kind)
    for kind in ("f4", "f8"):
        yield np.array([-0.5, 0.0, 0.25], kind)
    yield np.array([True, False], bool)


def _shapes() -> dict[str, object]:
    return {
        "an array of two dimensions": np.arange(6, dtype="<f4").reshape(2, 3),
        "an array without elements": np.zeros((0, 2)),
        "an array with what is not finite": np.array([math.nan, math.inf, -math.inf]),
        "an array inside an object": {"samples": np.array([0.5, -0.5])},
    }


def requests() -> dict[str, object]:
    """The requests of a client."""
    return {
        "by position": _CALL,
        "by name": {**_CALL, "params": {"name": "cutoff"}},
        "without parameters": {"jsonrpc": "2.0", "method": "csound.sr", "id": 2},
        "with a text for an id": {**_CALL, "id": "one"},
        "with null for an id": {**_CALL, "id": None},
        "a notification": _SET,
        "at a sample": {**_SET, "id": 3, "at": {"sample": 96000}},
        "at a score time, or not at all": {**_SET, "id": 4, "at": {"score": 2.5}, "late": "drop"},
        "after a delay": {**_SET, "id": 5, "at": {"delay": 0.5}, "late": "error"},
        "at a wall time": {**_SET, "id": 6, "at": {"wall": 1767225600.5}, "late": "run"},
        "with a deadline": {**_CALL, "deadline": 2.5},
        "with an array": {
            "jsonrpc": "2.0",
            "id": 7,
            "method": "csound.setAudioChannel",
            "params": {"name": "side", "samples": np.array([0.5, -0.5])},
        },
        "with a handle": {
            "jsonrpc": "2.0",
            "id": 8,
            "method": "csound.destroyCircularBuffer",
            "params": [Handle("cbuf:3")],
        },
        "with a stream for a function": {
            "jsonrpc": "2.0",
            "id": 9,
            "method": "csound.setOutputChannelCallback",
            "params": [StreamRef("outvalue")],
        },
        "a batch in one cycle": {
            "jsonrpc": "2.0",
            "id": 10,
            "method": "engine.batch",
            "params": {"requests": [{"method": "csound.sr"}, {"method": "csound.ksmps", "params": []}]},
        },
        "a subscription": {
            "jsonrpc": "2.0",
            "id": 11,
            "method": "stream.subscribe",
            "params": {"topic": "spout", "format": "f32", "block": 512},
        },
    }


def replies() -> dict[str, object]:
    """The replies of a server to calls that went well."""
    return {
        "a result": _DONE,
        "no result": {**_DONE, "result": None},
        "to an id that is a text": {**_DONE, "id": "one"},
        "with a receipt": {**_DONE, "meta": _META},
        "with the receipt of a command that was dropped": {
            **_DONE,
            "result": None,
            "meta": {**_META, "late": 0.125, "dropped": True},
        },
        "with an array": {**_DONE, "result": np.array([0.5, -0.5])},
        "with a number that is none": {**_DONE, "result": math.nan},
        "with a handle": {**_DONE, "result": Handle("cbuf:3")},
        "with structs": {**_DONE, "result": [{"name": "cutoff", "kind": "control", "mode": 3, "hints": None}]},
        "to a batch in one cycle": {**_DONE, "result": [{"result": 48000.0}, {"error": _error(ERRORS[-1].code)}]},
    }


def _error(code: int) -> dict[str, object]:
    error = next(error for error in ERRORS if error.code == code)
    return {"code": code, "message": error.summary, "data": {"type": error.__name__}}


def failures() -> dict[str, object]:
    """Every error, and what may be in one."""
    rows: dict[str, object] = {
        error.__name__: {"jsonrpc": "2.0", "id": 1, "error": _error(error.code)} for error in ERRORS
    }
    hinted = {**_error(-32000), "message": "csound.compileCsd failed"}
    hinted["data"] = {"type": "EngineError", "hint": "look at the messages", "messages": ["error: syntax error\n"]}
    return rows | {
        "to nobody in particular": {"jsonrpc": "2.0", "id": None, "error": _error(-32700)},
        "with a hint and Csound's messages": {"jsonrpc": "2.0", "id": 1, "error": hinted},
    }


def batches() -> dict[str, object]:
    """A batch and its answers."""
    failure = {"jsonrpc": "2.0", "id": 2, "error": _error(-32601)}
    return {
        "two calls and a notification": [_CALL, _SET, {**_CALL, "method": "csound.nothing", "id": 2}],
        "their answers": [_DONE, failure],
    }


def streams() -> dict[str, object]:
    """Frames of several topics."""
    block = np.array([[0.5, -0.5], [0.25, -0.25]], "<f4")
    engine = {"event": "state", "state": "playing", "epoch": 1, "reason": None, "restored": None}
    return {
        "spout": _frame("spout/1", 7, 4096, block),
        "spout in 16 bits": _frame("spout/2", 0, 0, np.array([[16384, -16384]], "<i2")),
        "channels": _frame("channels/1", 0, 64, {"cutoff": 0.25, "title": "Nocturne"}),
        "messages": _frame("messages/1", 12, 64, {"text": "new alloc\n", "attr": 0, "level": "info"}),
        "engine": _frame("engine/1", 1, 0, engine),
        "the end of a performance": _end("spout/1", 8, 6000, "ended"),
    }


def _end(stream: str, seq: int, sample: int, reason: str) -> dict[str, object]:
    params = {"stream": stream, "seq": seq, "sample": sample, "reason": reason}
    return {"jsonrpc": "2.0", "method": "stream.ended", "params": params}


def _frame(stream: str, seq: int, sample: int, data: object) -> dict[str, object]:
    params = {"stream": stream, "seq": seq, "sample": sample, "data": data}
    return {"jsonrpc": "2.0", "method": "stream.data", "params": params}


Vector = dict[str, object]


def vectors() -> dict[str, dict[str, object]]:
    """The content of each file by its name."""
    return {
        "values.json": _file("Values by themselves, each kind there is.", _both(values())),
        "requests.json": _file("The requests of a client.", _both(requests())),
        "replies.json": _file("The replies of a server to calls that went well.", _both(replies())),
        "errors.json": _file("What a server answers where it did not: every error.", _both(failures())),
        "batches.json": _file("Several messages in one frame.", _both(batches())),
        "streams.json": _file("Frames of streams.", _both(streams())),
        "refused.json": _file("Frames that are answered with an error, and its code and id.", _refused()),
    }


def _file(about: str, rows: list[Vector]) -> dict[str, object]:
    return {"protocol": PROTOCOL, "about": about, "vectors": rows}


def _both(rows: Mapping[str, object]) -> list[Vector]:
    return [
        {
            "name": name,
            "json": json.pack(value).decode(),
            "msgpack": msgpack.pack(value).hex(),
            "means": meaning(value),
        }
        for name, value in rows.items()
    ]


def meaning(value: object) -> object:
    """``value`` in the notation of the vectors."""
    if isinstance(value, dict):
        return {key: meaning(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [meaning(inner) for inner in value]
    return _special(value) or value


def _special(value: object) -> dict[str, object] | None:
    match value:
        case np.ndarray():
            return {"!": "array", "dtype": value.dtype.str, "shape": list(value.shape), "elements": _elements(value)}
        case bytes():
            return {"!": "bytes", "hex": value.hex()}
        case Handle(name):
            return {"!": "handle", "id": name}
        case StreamRef(topic):
            return {"!": "stream", "topic": topic}
        case float() if not math.isfinite(value):
            return {"!": "float", "is": str(value)}
    return None


def _elements(array: Array) -> object:
    return meaning(array.ravel().tolist())


def _refused() -> list[Vector]:
    rows: list[Vector] = [
        {"name": name, "json": text, "code": code, "id": request_id} for name, text, code, request_id in REFUSED_TEXTS
    ]
    return rows + [{"name": name, "msgpack": frame, "code": code, "id": None} for name, frame, code in REFUSED_BYTES]
