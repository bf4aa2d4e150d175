"""Golden exchanges: values and messages in both encodings, for whoever writes a codec of the contract.

Each vector has the JSON text, the msgpack bytes in hexadecimal, and in ``means`` what both stand for: plain JSON,
with an object whose first member is ``"!"`` for what JSON does not have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from csoundd.api.values import Array
from csoundd.codec import json, msgpack
from csoundd.contract import exchanges
from csoundd.messages import Handle, StreamRef
from csoundd.values import PROTOCOL

Vector = dict[str, object]


def vectors() -> dict[str, dict[str, object]]:
    """The content of each file by its name."""
    return {
        "values.json": _file("Values by themselves, each kind there is.", _both(exchanges.values())),
        "requests.json": _file("What a client sends.", _both(exchanges.requests())),
        "replies.json": _file("What a server answers where it went well.", _both(exchanges.replies())),
        "errors.json": _file("What a server answers where it did not: every error.", _both(exchanges.failures())),
        "batches.json": _file("Several messages in one frame.", _both(exchanges.batches())),
        "streams.json": _file("Frames of streams.", _both(exchanges.streams())),
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
        {"name": name, "json": text, "code": code, "id": request_id}
        for name, text, code, request_id in exchanges.REFUSED_TEXTS
    ]
    return rows + [
        {"name": name, "msgpack": frame, "code": code, "id": None} for name, frame, code in exchanges.REFUSED_BYTES
    ]
