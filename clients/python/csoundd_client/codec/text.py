"""JSON: arrays, bytes, infinities and not-a-number are objects with one member that says which."""

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from csoundd_client.codec.arrays import array_of, parts_of
from csoundd_client.codec.forms import plainer, revived
from csoundd_client.failures import Unreadable

_FLOATS: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_MALFORMED: Final = (ValueError, TypeError, KeyError, RecursionError)


class JsonCodec:
    """The subprotocol ``csoundd.json``."""

    name: Final = "csoundd.json"
    binary: Final = False

    def encode(self, message: Any) -> bytes:
        """The frame for ``message``. Raises TypeError for a value that cannot travel."""
        try:
            return _text(message).encode()
        except (ValueError, RecursionError) as error:
            raise TypeError(f"the value cannot travel: {error}") from None

    def decode(self, frame: bytes) -> Any:
        """The message in ``frame``. Raises Unreadable where there is none."""
        try:
            return _READER.decode(str(frame, "utf-8"))
        except _MALFORMED as error:
            raise Unreadable(f"the server sent a frame that is no JSON: {error}") from None


def _text(message: Any) -> str:
    try:
        return _WRITER.encode(message)
    except ValueError:
        # Not-a-number and infinities are rare, so only their arrival pays for the search.
        return _WRITER.encode(_finite(message))


def _spelled(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        dtype, shape, data = parts_of(value)
        return {"$array": {"dtype": dtype, "shape": shape, "data": b64encode(data).decode()}}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": b64encode(value).decode()}
    return plainer(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if value is None or isinstance(value, str | int | np.ndarray | bytes | bytearray | memoryview):
        return value
    return _finite(plainer(value))


def _array(inner: Any) -> Any:
    return array_of(inner["dtype"], inner["shape"], b64decode(inner["data"], validate=True))


_FORMS: Final[dict[str, Callable[[Any], Any]]] = {
    "$array": _array,
    "$bytes": lambda inner: b64decode(inner, validate=True),
    "$float": _FLOATS.__getitem__,
}


def _meant(form: dict[str, Any]) -> Any:
    if len(form) != 1:
        return form
    ((name, inner),) = form.items()
    if name not in _FORMS:
        return revived(form)
    try:
        return _FORMS[name](inner)
    except _MALFORMED:
        # It only looks like one, as in the examples of the contract's own documents.
        return form


_WRITER: Final = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_spelled)
_READER: Final = json.JSONDecoder(object_hook=_meant)
