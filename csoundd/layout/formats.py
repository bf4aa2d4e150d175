"""Layout formats: a control surface as a file for Open Stage Control, for TouchOSC, or as a web page of its own.

A :class:`Control` stands for one channel on each of them, made by the channel's hints.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from csoundd.transport.osc.patterns import address_of
from csoundd.transport.oscquery.tree import EXPONENTIAL, INTEGER, attributes_of

Kind = Literal["fader", "menu", "switch", "text"]

_OUTPUT: Final = 2
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Control:
    """One control. ``value`` is what the channel holds; one that is not ``writable`` only shows it."""

    name: str
    address: str
    label: str
    kind: Kind
    value: float | str
    low: float = 0.0
    high: float = 1.0
    values: tuple[float, ...] = ()
    unit: str = ""
    whole: bool = False
    exponential: bool = False
    writable: bool = True


def controls_of(channels: Iterable[dict[str, Any]]) -> list[Control]:
    """The controls for ``channels``, which are as ``channel.list`` has them; those with places in their order.

    Control channels become faders from 0 to 1, or what their hints say; string channels become texts.
    """
    known = [channel for channel in channels if channel["kind"] in {"control", "string"}]
    return [_control(channel) for channel in sorted(known, key=_place_hinted)]


def _place_hinted(channel: dict[str, Any]) -> tuple[int, int, str]:
    hints = channel.get("hints") or {}
    return hints.get("y", 0), hints.get("x", 0), channel["name"]


def _control(channel: dict[str, Any]) -> Control:
    name, value, writable = channel["name"], channel.get("value"), channel.get("mode") != _OUTPUT
    if channel["kind"] == "string":
        return Control(name, address_of(name), name, "text", value or "", writable=writable)
    hints = channel.get("hints") or {}
    said = attributes_of(hints)
    limits: Any = said.get("RANGE", [{}])
    low, high = limits[0].get("MIN", 0.0), limits[0].get("MAX", 1.0)
    units: Any = said.get("UNIT", [""])
    values = tuple(limits[0].get("VALS", ()))
    whole = hints.get("behav") == INTEGER
    return Control(
        name,
        address_of(name),
        str(said.get("DESCRIPTION", name)),
        _kind(values, low, high, whole=whole),
        low if value is None else value,
        low,
        high,
        values,
        units[0].rpartition(".")[2],
        whole,
        hints.get("behav") == EXPONENTIAL and low > 0,
        writable,
    )


def _kind(values: tuple[float, ...], low: float, high: float, *, whole: bool) -> Kind:
    if len(values) > _PAIR:
        return "menu"
    return "switch" if len(values) == _PAIR or (whole and (low, high) == (0, 1)) else "fader"


OPEN_STAGE_CONTROL_VERSION: Final = "1.26.0"
"""The version of Open Stage Control whose properties these are; later ones read them."""

_SUBSCRIBING: Final = """\
var subscribe = () => send({target}, "/subscribe", {{type: "s", value: "/chan/*"}})
subscribe()
setInterval("subscribe", subscribe, 20000)
"""
"""A subscription over UDP lapses after a minute without a packet."""

Widget = dict[str, object]


def open_stage_control_session(controls: Iterable[Control], target: str) -> bytes:
    """The session with a widget for each of ``controls``, which speak to ``target`` (``host:port``, UDP).

    Opened, it subscribes to the channels: what changes comes back to the port that the program sends from.
    """
    content: Widget = {
        "type": "root",
        "id": "root",
        "layout": "horizontal",
        "justify": "start",
        "scroll": True,
        "onCreate": _SUBSCRIBING.format(target=json.dumps(target)),
        "widgets": [_panel(control, target) for control in controls],
        "tabs": [],
    }
    made_with = {"createdWith": "Open Stage Control", "version": OPEN_STAGE_CONTROL_VERSION}
    whole = {**made_with, "type": "session", "content": content}
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


def _panel(control: Control, target: str) -> Widget:
    """A widget under its label."""
    label = {
        "type": "text",
        "id": f"{control.name} label",
        "value": control.label,
        "wrap": "soft",
        "height": 60,
        "address": "auto",
        "bypass": True,
    }
    return {
        "type": "panel",
        "id": f"{control.name} panel",
        "layout": "vertical",
        "width": 120,
        "innerPadding": True,
        "widgets": [label, _widget(control, target)],
        "tabs": [],
    }


def _widget(control: Control, target: str) -> Widget:
    common: Widget = {
        "id": control.name,
        "address": control.address,
        # The program sends to nobody for a widget without a target of its own; its container's does not count.
        "target": target,
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
        # With this base the program's curve is low * (high / low) ** position; with true it is another one.
        "logScale": control.high / control.low if control.exponential else False,
        "steps": round(control.high - control.low) + 1 if control.whole else False,
        "decimals": _decimals(control),
        "unit": control.unit,
        "typeTags": _tag(control),
    }


def _decimals(control: Control) -> int:
    """The decimals that keep a step at a thousandth of the range, or at a hundredth of the lowest exponential value."""
    if control.whole:
        return 0
    step = control.low / 100 if control.exponential else (control.high - control.low) / 1000
    return min(10, max(2, -math.floor(math.log10(step))))


def _tag(control: Control) -> str:
    return "i" if control.whole else "f"


TOSC_VERSION: Final = "3"
"""The version of the format ``.tosc``; later versions of TouchOSC read it."""

COLUMNS: Final = 8
CELL: Final = (128, 380)
LABEL: Final = 40
GAP: Final = 8

_TYPES: Final = {"fader": "FADER", "menu": "RADIO", "switch": "BUTTON", "text": "TEXT"}
_TOGGLE: Final = 1
_CONNECTIONS: Final = "1111111111"


def touchosc_layout(controls: Sequence[Control]) -> bytes:
    """The layout with each of ``controls`` under its label, eight in a row, speaking over all connections."""
    root = Element("lexml", version=TOSC_VERSION)
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
    """The position of the control, from 0 to 1."""
    low, high = _limits(control)
    value = control.value if isinstance(control.value, int | float) else low
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _limits(control: Control) -> tuple[float, float]:
    """The values at the positions 0 and 1 of the control."""
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


def web_page(controls: Iterable[Control], url: str) -> bytes:
    """The page with ``controls``. Served by the daemon it speaks to that, as a file to ``url`` (``ws://…/ws``)."""
    data = json.dumps({"url": url, "controls": [asdict(control) for control in controls]}, ensure_ascii=False)
    # Inside a script element only this could end it.
    text = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    return text.replace("/*CONTROLS*/", data.replace("<", "\\u003c")).encode()
