"""JSON frames to messages and back, with the special forms for what JSON does not have.

``pack`` and ``unpack`` are the same encoding for any value.
"""

from __future__ import annotations

import json
from typing import Final, NoReturn

from csoundd.codec.envelope import incoming_of, outgoing, replacement
from csoundd.codec.values import UNWRITABLE, revive, spelled, tamed
from csoundd.errors import ParseError
from csoundd.messages import Failure, Incoming, Response, StreamFrame


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f'{constant} is not JSON; write {{"$float": "nan"}}, "inf" or "-inf"')


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)
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
    value = _DECODER.decode(text)
    return revive(value) if '"$' in text else value


class JsonCodec:
    """The codec ``csoundd.json``: text frames that people can read."""

    name = "csoundd.json"
    binary = False

    def decode(self, frame: bytes | str) -> Incoming:
        """Read ``frame`` as requests; for one that is faulty a Failure stands in its place."""
        try:
            text = frame if isinstance(frame, str) else frame.decode()
            return incoming_of(_DECODER.decode(text), forms='"$' in text or "\\u0024" in text)
        except RecursionError:
            return Failure(None, ParseError("nested too deeply"))
        except ValueError as error:
            return Failure(None, ParseError(f"not JSON: {error}"))

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """The frame for ``message``; a result that cannot travel is answered with InternalError."""
        try:
            return pack(outgoing(message))
        except UNWRITABLE:
            return pack(outgoing(replacement(message, pack)))
