"""Stage 1, OSCQuery hints: what ``chnparams`` says of a control channel to the attributes of its node.

The hints' own text may say more, as words of the form ``unit=hz``, ``description="Cut-off"`` or ``vals(0, 1, 4)``,
in any order and with anything between them.
"""

from __future__ import annotations

import re
from typing import Any, Final

INTEGER: Final = 1
EXPONENTIAL: Final = 3

_WORD: Final = re.compile(r"""([A-Za-z_]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))|\(([^)]*)\))""")
_ITEMS: Final = re.compile(r"[|,]")
_UNITS: Final = {
    "hz": "time.hz",
    "s": "time.second",
    "sec": "time.second",
    "ms": "time.ms",
    "samples": "time.samples",
    "bpm": "time.bpm",
    "cents": "time.cents",
    "midi": "time.midinote",
    "note": "time.midinote",
    "db": "gain.db",
    "dbfs": "gain.db",
    "linear": "gain.linear",
    "gain": "gain.linear",
    "deg": "angle.degree",
    "rad": "angle.radian",
}
"""What people write, to the words of the protocol; those are taken as well."""

_NAMES: Final = {
    "unit": ("unit", "units"),
    "description": ("description", "desc", "text", "label", "caption"),
    "vals": ("vals", "values", "items"),
    "tags": ("tags",),
}

Attributes = dict[str, object]


def attributes_of(hints: dict[str, Any]) -> Attributes:
    """What ``hints`` say, each attribute in the form that the one argument of a control channel wants."""
    words = _words(hints.get("attributes") or "")
    found: Attributes = {}
    limits = _range(hints, words)
    if limits:
        found["RANGE"] = [limits]
    if "description" in words:
        found["DESCRIPTION"] = words["description"]
    if "unit" in words:
        found["UNIT"] = [_UNITS.get(words["unit"].lower(), words["unit"])]
    tags = [tag.strip() for tag in _ITEMS.split(words.get("tags", "")) if tag.strip()]
    if hints.get("behav") == EXPONENTIAL:
        found["EXTENDED_TYPE"] = ["exp"]
        tags.append("exp")
    if tags:
        found["TAGS"] = tags
    return found


def _words(text: str) -> dict[str, str]:
    said = {}
    for name, *values in _WORD.findall(text):
        said[name.lower()] = next(filter(None, values), "").strip(" \t,\"'")
    return {name: said[word] for name, words in _NAMES.items() for word in words if said.get(word)}


def _range(hints: dict[str, Any], words: dict[str, str]) -> Attributes:
    limits: Attributes = {}
    low, high = hints.get("min", 0.0), hints.get("max", 0.0)
    if low < high:
        whole = hints.get("behav") == INTEGER
        limits = {"MIN": int(low), "MAX": int(high)} if whole else {"MIN": low, "MAX": high}
    values = [value for item in _ITEMS.split(words.get("vals", "")) if (value := _number(item)) is not None]
    return limits | ({"VALS": values} if values else {})


def _number(item: str) -> float | None:
    try:
        value = float(item)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value
