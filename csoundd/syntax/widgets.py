"""The widgets of a CSD that was made with Cabbage or CsoundQt: their channels, with ranges and the values at the start.

Csound itself passes these sections over; the programs that show them set the channels. Cabbage writes a widget a line,
``rslider bounds(0, 0, 60, 60), channel("cutoff"), range(20, 8000, 800)``, and in its third version JSON; CsoundQt
writes XML. What is cut short here is longer than any panel: the texts come from anybody.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from csoundd.limits import PANEL_WIDGETS, WIDGET_CHARACTERS

Value = float | str


@dataclass(frozen=True, slots=True)
class Widget:
    """A channel that a widget sets: its value at the start and, of a number, its range, in whole steps or not."""

    channel: str
    value: Value
    low: float = 0.0
    high: float = 1.0
    whole: bool = False


def widgets(csd: str) -> list[Widget]:
    """The channels that the panels of ``csd`` set. What cannot be read is left out."""
    cabbage, panel = _section(csd, "Cabbage"), _section(csd, "bsbPanel")
    found = [
        *(_of_json(cabbage) if cabbage.lstrip().startswith(("[", "{")) else _of_cabbage(cabbage)),
        *_of_panel(panel),
    ]
    return list({each.channel: each for each in found[:PANEL_WIDGETS] if each.channel and _is_sound(each)}.values())


def _section(csd: str, name: str) -> str:
    _, found, behind = csd.partition(f"<{name}>")
    inside, end, _ = behind.partition(f"</{name}>")
    return inside if found and end else ""


def _is_sound(widget: Widget) -> bool:
    if isinstance(widget.value, str):
        return True
    return all(map(math.isfinite, (widget.value, widget.low, widget.high))) and widget.low < widget.high


# Cabbage 1 and 2.

_TOKEN: Final = re.compile(r'"(?P<text>[^"]*)"|(?P<word>[^\s,()"]+)|(?P<mark>[(),])|\s+|"')
_SLIDERS: Final = frozenset({"rslider", "hslider", "vslider", "nslider", "numberbox", "encoder", "slider"})
_RANGES: Final = frozenset({"hrange", "vrange"})
_SWITCHES: Final = frozenset({"button", "checkbox", "optionbutton"})


def _of_cabbage(text: str) -> Iterator[Widget]:
    for line in text.splitlines():
        kind, _, rest = line.strip().partition(" ")
        given = _identifiers(rest[:WIDGET_CHARACTERS]) if kind else {}
        channels = given.get("channel") or given.get("channels") or []
        if channels:
            yield from _cabbage_widget(kind.lower(), channels, given)


def _identifiers(text: str) -> dict[str, list[str]]:
    """``name(a, "b"), …`` as the arguments by name."""
    found: dict[str, list[str]] = {}
    name, inside = "", False
    for token in _TOKEN.finditer(text):
        if token["mark"] == "(":
            inside = True
            found.setdefault(name, [])
        elif token["mark"] == ")":
            inside, name = False, ""
        elif inside and (token["word"] is not None or token["text"] is not None):
            found[name].append(token["word"] if token["text"] is None else token["text"])
        elif token["word"] is not None:
            name = token["word"].lower()
    return found


def _cabbage_widget(kind: str, channels: list[str], given: dict[str, list[str]]) -> Iterator[Widget]:
    value = given.get("value", [])
    if kind in _SLIDERS:
        low, high, start = _numbers(given.get("range", []), (0.0, 1.0, 0.0))
        yield Widget(channels[0], _number(value, start), low, high)
    elif kind in _RANGES:
        low, high, _ = _numbers([*given.get("range", [])[:2], "0"], (0.0, 1.0, 0.0))
        starts = (given.get("range", [])[2:3] or ["0:1"])[0].split(":")
        for channel, word, usual in zip(channels, [*starts, "", ""], (low, high), strict=False):
            yield Widget(channel, _number([word], usual), low, high)
    elif kind == "xypad":
        for channel, axis in zip(channels, ("rangex", "rangey"), strict=False):
            low, high, start = _numbers(given.get(axis, []), (0.0, 1.0, 0.0))
            yield Widget(channel, start, low, high)
    elif kind in _SWITCHES:
        yield Widget(channels[0], _number(value, 0.0), whole=True)
    elif kind == "combobox" and given.get("channeltype", [""])[0].lower() != "string":
        count = len(given.get("items", given.get("text", []))) or 3
        yield Widget(channels[0], _number(value, 1.0), 1.0, max(2.0, float(count)), whole=True)
    elif kind in {"combobox", "texteditor"} and value:
        yield Widget(channels[0], value[0])


def _numbers(words: list[str], usual: tuple[float, float, float]) -> tuple[float, float, float]:
    low, high, start = (_number(words[place : place + 1], default) for place, default in enumerate(usual))
    return low, high, start


def _number(words: list[str], usual: float) -> float:
    with suppress(ValueError, IndexError):
        return float(words[0])
    return usual


# Cabbage 3.


def _of_json(text: str) -> Iterator[Widget]:
    with suppress(ValueError, RecursionError, TypeError, AttributeError):
        read = json.loads(text)
        for each in read if isinstance(read, list) else read.get("widgets", []):
            channels = each.get("channels") or [each.get("channel")]
            for channel in channels:
                known: dict[str, Any] = channel if isinstance(channel, dict) else {"id": channel}
                area = known.get("range") or each.get("range") or {}
                low, high = float(area.get("min", 0.0)), float(area.get("max", 1.0))
                value = area.get("defaultValue", area.get("value", each.get("value", low)))
                if isinstance(known.get("id"), str) and isinstance(value, int | float | str):
                    yield Widget(known["id"], value if isinstance(value, str) else float(value), low, high)


# CsoundQt.

_FIELD: Final = re.compile(r"<(\w+)>([^<]*)</")


def _of_panel(text: str) -> Iterator[Widget]:
    for part in text.split("<bsbObject")[1 : PANEL_WIDGETS + 1]:
        inside = part.partition("</bsbObject>")[0][:WIDGET_CHARACTERS]
        named = re.search(r'type="(\w+)"', inside.partition(">")[0])
        fields = {name: html.unescape(value) for name, value in _FIELD.findall(inside)}
        if named is not None:
            yield from _panel_widget(named[1], fields, inside.count("<bsbDropdownItem>"))


def _panel_widget(kind: str, fields: dict[str, str], items: int) -> Iterator[Widget]:
    name, value = fields.get("objectName", ""), fields.get("value", "")
    if kind in {"BSBKnob", "BSBHSlider", "BSBVSlider", "BSBSpinBox", "BSBScrollNumber"}:
        low, high = _number([fields.get("minimum", "")], 0.0), _number([fields.get("maximum", "")], 1.0)
        yield Widget(name, _number([value], low), low, high)
    elif kind == "BSBController":
        for channel, axis in ((name, "x"), (fields.get("objectName2", ""), "y")):
            low, high = _number([fields.get(f"{axis}Min", "")], 0.0), _number([fields.get(f"{axis}Max", "")], 1.0)
            yield Widget(channel, _number([fields.get(f"{axis}Value", "")], low), low, high)
    elif kind == "BSBCheckBox":
        pressed = _number([fields.get("pressedValue", "")], 1.0)
        yield Widget(name, pressed if fields.get("selected") == "true" else 0.0, 0.0, pressed or 1.0, whole=True)
    elif kind == "BSBDropdown":
        yield Widget(name, _number([fields.get("selectedIndex", "")], 0.0), 0.0, max(1.0, items - 1.0), whole=True)
    elif kind == "BSBLineEdit":
        yield Widget(name, fields.get("label", ""))
