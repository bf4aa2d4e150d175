"""Data that clients push to a topic, checked and brought into the one form that the engine takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast, get_args

import numpy as np

from csoundd.errors import InvalidParams, NotFound
from csoundd.limits import HIGHEST_KEY_CODE, INVALUE_TEXT_BYTES, QUOTED_CHARACTERS
from csoundd.messages import At
from csoundd.values import as_whole

OPTIONS: Final = frozenset({"values", "default", "maxAge"})
CLOCKS: Final = get_args(At.__annotations__["clock"]) or ("sample", "score", "delay", "wall")

Push = tuple[object, At | None]
"""Data for the engine, and when it is to have them: None for now."""


def pushes(topic: str, data: object) -> Iterator[Push]:
    """The data to feed the engine with, in order.

    Raises NotFound for a topic that takes nothing, InvalidParams for data that it does not take.
    """
    match topic:
        case "invalue":
            yield _invalues(data), None
        case "keyboard":
            yield [key for item in _items(data) for key in _keys(item)], None
        case "midi":
            yield from _midi(data)
        case "spin":
            yield _audio(data), None
        case _:
            raise NotFound(
                f"nothing can be pushed to {topic[:QUOTED_CHARACTERS]}", hint="spin, midi, invalue, keyboard"
            )


def _items(data: object) -> list[object]:
    return data if isinstance(data, list) else [data]


def _invalues(data: object) -> list[object]:
    """``[values, default, maxAge]``, from that or from values alone."""
    if not isinstance(data, dict):
        raise _unfit("an object of values by name")
    if not isinstance(data.get("values"), dict):
        return [_values(data), None, None]
    if data.keys() - OPTIONS:
        raise InvalidParams("data: beside values only default and maxAge are known", parameter="data")
    default, max_age = data.get("default"), data.get("maxAge")
    if default is not None:
        default = _value("default", default)
    if max_age is not None and not (_is_number(max_age) and max_age > 0):
        raise InvalidParams("maxAge: should be seconds above 0", parameter="data")
    return [_values(data["values"]), default, max_age]


def _values(given: dict[str, object]) -> dict[str, object]:
    return {name: _value(name, value) for name, value in given.items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, str) and len(value.encode()) <= INVALUE_TEXT_BYTES:
        return value
    if isinstance(value, int | float):
        return float(value)
    raise InvalidParams(
        f"{name[:QUOTED_CHARACTERS]}: should be a number, or a text of at most {INVALUE_TEXT_BYTES} bytes",
        parameter="data",
    )


def _keys(item: object) -> Iterator[list[object]]:
    """Keys as ``[code, up]``, up being None for one that is typed."""
    if isinstance(item, str):
        for character in item:
            yield [_code(ord(character)), None]
    elif isinstance(item, dict):
        code, up = item.get("code", item.get("key")), item.get("up")
        if isinstance(code, str) and len(code) == 1:
            code = ord(code)
        if item.keys() - {"code", "key", "up"} or not (up is None or isinstance(up, bool)):
            raise _unfit("a key as {code, up}")
        yield [_code(code), up]
    else:
        yield [_code(item), None]


def _code(code: object) -> int:
    code = as_whole(code)
    if isinstance(code, bool) or not isinstance(code, int) or not 0 < code <= HIGHEST_KEY_CODE:
        raise _unfit(f"text, or key codes from 1 to {HIGHEST_KEY_CODE}")
    return code


def _midi(data: object) -> Iterator[Push]:
    """Messages as they come: bytes, or numbers, or objects with bytes and a time, or a list of such."""
    if isinstance(data, list) and any(not isinstance(item, int | float) for item in data):
        for item in data:
            yield from _midi(item)
    elif isinstance(data, dict):
        if data.keys() - {"bytes", "at"}:
            raise _unfit("MIDI messages as {bytes, at}")
        yield _bytes(data.get("bytes")), _at(data.get("at"))
    else:
        yield _bytes(data), None


def _bytes(data: object) -> bytes:
    if isinstance(data, bytes):
        return data
    if isinstance(data, np.ndarray):
        data = data.tolist() if data.ndim == 1 else None
    if isinstance(data, list):
        data = list(map(as_whole, data))
    if isinstance(data, list) and all(type(byte) is int and 0 <= byte <= 0xFF for byte in data):  # noqa: PLR2004 - a byte
        return bytes(data)
    raise _unfit("MIDI bytes, numbers from 0 to 255")


def _at(given: object) -> At | None:
    if given is None:
        return None
    if isinstance(given, dict) and len(given) == 1:
        ((clock, value),) = given.items()
        if clock in CLOCKS and _is_number(value):
            return At(clock, float(cast("float", value)))
    raise _unfit(f"at as an object with one of {', '.join(CLOCKS)}")


def _audio(data: object) -> object:
    try:
        frames = np.asarray(data, np.float64)
    except (TypeError, ValueError):
        frames = np.zeros(())
    if frames.ndim not in (1, 2):
        raise _unfit("audio as an array [frames, channels]")
    return np.ascontiguousarray(frames.reshape(len(frames), -1) if frames.ndim == 1 else frames)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unfit(wanted: str) -> InvalidParams:
    return InvalidParams(f"data: should be {wanted}", parameter="data")
