"""Values to JSON and back, with the special forms for what JSON does not have."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from secrets import token_hex
from typing import Final, NoReturn

import numpy as np

from csoundd.codec.values import array_parts, revive, spelled, tamed
from csoundd.limits import LARGE_ARRAY_BYTES


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f'{constant} is not JSON; write {{"$float": "nan"}}, "inf" or "-inf"')


DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


class _Aside(threading.local):
    """The large arrays of the value that a thread encodes: their places in its text, and what comes there."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []


_ASIDE: Final = _Aside()
_MARK: Final = token_hex(16)
"""Stands in the place of a large array; nobody knows it, so no text has it."""

_BASE64_BYTES: Final = 3 << 18
"""Bytes that are spelled at a time, between which other threads run: three bytes become four letters."""


def _spelled(value: object) -> object:
    """As :func:`spelled`, with large arrays set aside: the encoder would look at each of their letters."""
    if not isinstance(value, np.ndarray) or value.nbytes <= LARGE_ARRAY_BYTES:
        return spelled(value)
    dtype, shape, data = array_parts(value)
    _ASIDE.parts.append(data)
    return {"$array": {"dtype": dtype, "shape": shape, "data": _MARK}}


def _joined(encoded: bytes, parts: list[bytes]) -> bytes:
    """``encoded`` with the letters of ``parts`` in the places of the marks."""
    around = encoded.split(_MARK.encode())
    pieces = [around[0]]
    for data, behind in zip(parts, around[1:], strict=True):
        whole = memoryview(data)
        pieces += [b64encode(whole[at : at + _BASE64_BYTES]) for at in range(0, len(data), _BASE64_BYTES)]
        pieces.append(behind)
    return b"".join(pieces)


_ENCODER: Final = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_spelled)


def takes_long(value: object) -> bool:
    """Whether ``value`` is, or has right in it, so large an array that to encode it keeps others waiting."""
    if isinstance(value, np.ndarray):
        return value.nbytes > LARGE_ARRAY_BYTES
    return isinstance(value, list | tuple) and any(isinstance(each, np.ndarray) and takes_long(each) for each in value)


def pack(value: object) -> bytes:
    """``value`` as JSON in UTF-8, halves of surrogate pairs as a question mark.

    Raises TypeError or ValueError for what cannot travel at all: a type that is none of the contract's, or a loop.
    """
    _ASIDE.parts = []
    try:
        text = _ENCODER.encode(value)
    except ValueError:
        # The fast encoder cannot say which number was not finite, so only now is it looked for.
        _ASIDE.parts = []
        text = _ENCODER.encode(tamed(value, spelled, finite=True))
    encoded = text.encode("utf-8", "replace")
    return _joined(encoded, _ASIDE.parts) if _ASIDE.parts else encoded


def unpack(text: str) -> object:
    """The value that ``text`` holds, special forms replaced by what they stand for.

    A form that is not kept to comes back as Malformed. Raises ValueError where ``text`` is not JSON.
    """
    value = DECODER.decode(text)
    return revive(value) if '"$' in text else value
