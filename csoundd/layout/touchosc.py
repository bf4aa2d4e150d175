"""Layout for TouchOSC: a ``.tosc`` file, which is XML that was compressed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from csoundd.layout.controls import Control

VERSION: Final = "3"
"""Of the format; later programs read it."""

COLUMNS: Final = 8
CELL: Final = (128, 380)
LABEL: Final = 40
GAP: Final = 8

_TYPES: Final = {"fader": "FADER", "menu": "RADIO", "switch": "BUTTON", "text": "TEXT"}
_TOGGLE: Final = 1
_CONNECTIONS: Final = "1111111111"


def layout(controls: Sequence[Control]) -> bytes:
    """The layout with each of ``controls`` under its label, eight in a row, speaking over all connections."""
    root = Element("lexml", version=VERSION)
    rows = max(1, -(-len(controls) // COLUMNS))
    group = _node(root, "GROUP", "csoundd", (0, 0, COLUMNS * CELL[0], rows * CELL[1]))
    children = SubElement(group, "children")
    for number, control in enumerate(controls):
        row, column = divmod(number, COLUMNS)
        _place(children, control, column * CELL[0], row * CELL[1])
    return zlib.compress(tostring(root, encoding="UTF-8", xml_declaration=True))


def _place(children: Element, control: Control, x: int, y: int) -> None:
    width, height = CELL
    label = _node(children, "LABEL", f"{control.name} label", (x + GAP, y, width - 2 * GAP, LABEL))
    _value(label, "text", control.label)
    frame = (x + GAP, y + LABEL, width - 2 * GAP, height - LABEL - GAP)
    node = _node(children, _TYPES[control.kind], control.name, frame)
    _property(node, "b", "interactive", str(int(control.writable)))
    if control.kind == "switch":
        _property(node, "i", "buttonType", str(_TOGGLE))
    if control.kind == "menu":
        _property(node, "i", "steps", str(len(control.values)))
    text = control.kind == "text"
    _value(node, "text" if text else "x", str(control.value) if text else f"{_position(control):.6f}")
    _message(node, control)


def _position(control: Control) -> float:
    """Where the control stands, from 0 to 1."""
    low, high = _limits(control)
    value = control.value if isinstance(control.value, int | float) else low
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _limits(control: Control) -> tuple[float, float]:
    """What 0 and 1 of the control stand for."""
    return (control.values[0], control.values[-1]) if control.values else (control.low, control.high)


def _node(parent: Element, kind: str, name: str, frame: tuple[int, int, int, int]) -> Element:
    node = SubElement(parent, "node", ID=str(uuid5(NAMESPACE_URL, f"csoundd:{kind}:{name}")), type=kind)
    SubElement(node, "properties")
    _property(node, "s", "name", name)
    value = _property(node, "r", "frame", None)
    for part, size in zip("xywh", frame, strict=True):
        SubElement(value, part).text = str(size)
    return node


def _property(node: Element, kind: str, key: str, text: str | None) -> Element:
    properties = node.find("properties")
    assert properties is not None
    entry = SubElement(properties, "property", type=kind)
    SubElement(entry, "key").text = key
    value = SubElement(entry, "value")
    value.text = text
    return value


def _value(node: Element, key: str, default: str) -> None:
    entry = SubElement(SubElement(node, "values"), "value")
    said = {"key": key, "locked": "0", "lockedDefaultCurrent": "0", "default": default, "defaultPull": "0"}
    for name, text in said.items():
        SubElement(entry, name).text = text


def _message(node: Element, control: Control) -> None:
    osc = SubElement(SubElement(node, "messages"), "osc")
    text = control.kind == "text"
    flags = {"enabled": "1", "send": str(int(control.writable)), "receive": "1", "feedback": "0"}
    for name, said in {**flags, "connections": _CONNECTIONS}.items():
        SubElement(osc, name).text = said
    trigger = SubElement(SubElement(osc, "triggers"), "trigger")
    SubElement(trigger, "var").text = "text" if text else "x"
    SubElement(trigger, "condition").text = "ANY"
    _partial(SubElement(osc, "path"), "CONSTANT", "STRING", control.address, (0, 1))
    arguments = SubElement(osc, "arguments")
    if text:
        _partial(arguments, "VALUE", "STRING", "text", (0, 1))
    else:
        _partial(arguments, "VALUE", "INTEGER" if control.whole else "FLOAT", "x", _limits(control))


def _partial(parent: Element, kind: str, conversion: str, value: str, scale: tuple[float, float]) -> None:
    partial = SubElement(parent, "partial")
    said = {"type": kind, "conversion": conversion, "value": value, "scaleMin": f"{scale[0]:g}"}
    for name, text in {**said, "scaleMax": f"{scale[1]:g}"}.items():
        SubElement(partial, name).text = text
