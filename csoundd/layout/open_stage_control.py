"""Layout for Open Stage Control: a session file, which is JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from csoundd.layout.controls import Control

VERSION: Final = "1.26.0"
"""The version of the program whose properties these are; later ones read them."""

Widget = dict[str, object]


def session(controls: Iterable[Control], target: str) -> bytes:
    """The session with a widget for each of ``controls``, which speak to ``target`` (``host:port``, UDP)."""
    content: Widget = {
        "type": "root",
        "id": "root",
        "layout": "horizontal",
        "justify": "start",
        "scroll": True,
        "target": target,
        "widgets": [_panel(control) for control in controls],
        "tabs": [],
    }
    whole = {"createdWith": "Open Stage Control", "version": VERSION, "type": "session", "content": content}
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


def _panel(control: Control) -> Widget:
    """A widget under its label."""
    label = {"type": "text", "id": f"{control.name} label", "value": control.label, "height": 30, "address": "auto"}
    return {
        "type": "panel",
        "id": f"{control.name} panel",
        "layout": "vertical",
        "width": 120,
        "innerPadding": True,
        "widgets": [label, _widget(control)],
        "tabs": [],
    }


def _widget(control: Control) -> Widget:
    common: Widget = {
        "id": control.name,
        "address": control.address,
        "expand": True,
        "interaction": control.writable,
        "default": control.value,
    }
    match control.kind:
        case "text":
            return {**common, "type": "input" if control.writable else "text", "typeTags": "s"}
        case "menu":
            # Not labels with values: as numbers they would be put into another order.
            values = list(control.values)
            return {**common, "type": "switch", "layout": "vertical", "values": values, "typeTags": _tag(control)}
        case "switch":
            off, on = control.values or (0, 1)
            return {**common, "type": "button", "mode": "toggle", "on": on, "off": off, "typeTags": _tag(control)}
    return {
        **common,
        "type": "fader",
        "range": {"min": control.low, "max": control.high},
        "logScale": control.exponential,
        "steps": round(control.high - control.low) + 1 if control.whole else False,
        "decimals": 0 if control.whole else 3,
        "unit": control.unit,
        "typeTags": _tag(control),
    }


def _tag(control: Control) -> str:
    return "i" if control.whole else "f"
