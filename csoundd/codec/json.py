"""Values to JSON and back, with the special forms for what JSON does not have."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from csoundd.codec.values import revive, spelled, tamed


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f'{constant} is not JSON; write {{"$float": "nan"}}, "inf" or "-inf"')


DECODER: Final = json.JSONDecoder(parse_constant=_refuse)
_ENCODER: Final = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=spelled)


def pack(value: object) -> bytes:
    """``value`` as JSON in UTF-8, halves of surrogate pairs as a question mark.

    Raises TypeError or ValueError for what cannot travel at all: a type that is none of the contract's, or a loop.
    """
    try:
        text = _ENCODER.encode(value)
    except ValueError:
        # The fast encoder cannot say which number was not finite, so only now is it looked for.
        text = _ENCODER.encode(tamed(value, spelled, finite=True))
    return text.encode("utf-8", "replace")


def unpack(text: str) -> object:
    """The value that ``text`` holds, special forms replaced by what they stand for.

    A form that is not kept to comes back as Malformed. Raises ValueError where ``text`` is not JSON.
    """
    value = DECODER.decode(text)
    return revive(value) if '"$' in text else value
