"""Control surfaces are files that their programs read, with what the hints say."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from csoundd.layout import Control, controls_of, open_stage_control_session, touchosc_layout, web_page

HINTS = {"behav": 2, "dflt": 0.5, "min": 20.0, "max": 2000.0, "x": 0, "y": 0, "width": 0, "height": 0}


def channel(name: str, value: object = 0.25, **facts: Any) -> dict[str, Any]:
    return {"name": name, "kind": "control", "mode": 3, "hints": None, "value": value, **facts}


CHANNELS = [
    channel("title", "Nocturne </script>", kind="string"),
    channel("cutoff", 440.0, hints={**HINTS, "behav": 3, "attributes": 'unit=Hz description="Cut-off"'}),
    channel("steps", 3.0, hints={**HINTS, "behav": 1, "min": 1.0, "max": 16.0, "attributes": None}),
    channel("wave", 2.0, hints={**HINTS, "behav": 1, "min": 0.0, "max": 4.0, "attributes": "vals=0,2,4"}),
    channel("mute", 1.0, hints={**HINTS, "behav": 1, "min": 0.0, "max": 1.0, "attributes": None}),
    channel("level", 0.5, mode=2),
    channel("bus", None, kind="audio"),
    channel("odd/name", 0.5),
]


@pytest.fixture
def controls() -> list[Control]:
    return controls_of(CHANNELS)


def by_name(controls: list[Control], name: str) -> Control:
    return next(control for control in controls if control.name == name)


def test_every_control_and_string_channel_has_a_control(controls: list[Control]) -> None:
    assert {control.name for control in controls} == {known["name"] for known in CHANNELS} - {"bus"}


def test_hints_say_what_a_control_is_like(controls: list[Control]) -> None:
    cutoff = by_name(controls, "cutoff")

    assert (cutoff.label, cutoff.low, cutoff.high, cutoff.unit, cutoff.exponential) == (
        "Cut-off",
        20.0,
        2000.0,
        "hz",
        True,
    )
    assert {control.name: control.kind for control in controls} == {
        "cutoff": "fader",
        "steps": "fader",
        "wave": "menu",
        "mute": "switch",
        "level": "fader",
        "title": "text",
        "odd/name": "fader",
    }


def test_without_hints_a_fader_goes_from_0_to_1(controls: list[Control]) -> None:
    level = by_name(controls, "level")

    assert (level.low, level.high, level.writable) == (0.0, 1.0, False)


def test_controls_stand_where_their_hints_place_them() -> None:
    placed = [
        channel(name, hints={**HINTS, "x": x, "y": y, "attributes": None}) for name, x, y in [("a", 9, 1), ("b", 0, 1)]
    ]

    assert [control.name for control in controls_of([*placed, channel("c")])] == ["c", "b", "a"]


def widgets(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(below for inner in node.get("widgets", []) for below in widgets(inner))]


def test_an_open_stage_control_session(controls: list[Control]) -> None:
    whole = json.loads(open_stage_control_session(controls, "127.0.0.1:7700"))
    known = {widget["id"]: widget for widget in widgets(whole["content"])}

    assert (whole["type"], whole["content"]["type"]) == ("session", "root")
    assert {known[control.name]["target"] for control in controls} == {"127.0.0.1:7700"}
    assert 'send("127.0.0.1:7700", "/subscribe"' in whole["content"]["onCreate"]
    assert known["cutoff"] == {
        "id": "cutoff",
        "address": "/chan/cutoff",
        "target": "127.0.0.1:7700",
        "expand": True,
        "interaction": True,
        "default": 440.0,
        "type": "fader",
        "range": {"min": 20.0, "max": 2000.0},
        "logScale": 100.0,
        "steps": False,
        "decimals": 2,
        "unit": "hz",
        "typeTags": "f",
    }
    assert known["odd/name"]["address"] == "/chan/odd%2Fname"
    assert known["wave"]["values"] == [0, 2, 4]
    assert (known["mute"]["type"], known["mute"]["on"], known["title"]["type"]) == ("button", 1, "input")
    assert known["level"]["interaction"] is False


def said(node: Element, kind: str, key: str) -> str | None:
    """The value of a property or a value of ``node``."""
    for entry in node.findall(f"{kind}/{'property' if kind == 'properties' else 'value'}"):
        if entry.findtext("key") == key:
            return entry.findtext("value") if kind == "properties" else entry.findtext("default")
    return None


def test_a_touchosc_layout(controls: list[Control]) -> None:
    root = fromstring(zlib.decompress(touchosc_layout(controls)))
    nodes = {said(node, "properties", "name"): node for node in root.iter("node")}
    cutoff = nodes["cutoff"]

    assert root.tag == "lexml"
    assert (cutoff.get("type"), cutoff.findtext("messages/osc/path/partial/value")) == ("FADER", "/chan/cutoff")
    assert cutoff.findtext("messages/osc/arguments/partial/scaleMax") == "2000"
    assert float(said(cutoff, "values", "x") or 0) == pytest.approx((440 - 20) / 1980, abs=1e-6)
    assert nodes["steps"].findtext("messages/osc/arguments/partial/conversion") == "INTEGER"
    assert {name: nodes[name].get("type") for name in ("wave", "mute", "title")} == {
        "wave": "RADIO",
        "mute": "BUTTON",
        "title": "TEXT",
    }
    assert nodes["level"].findtext("messages/osc/send") == "0"
    assert said(nodes["cutoff label"], "values", "text") == "Cut-off"


def test_a_touchosc_layout_is_read_by_another_program(controls: list[Control], tmp_path: Path) -> None:
    py2tosc = pytest.importorskip("py2tosc", reason="needs py2tosc")
    file = tmp_path / "surface.tosc"
    file.write_bytes(touchosc_layout(controls))
    document = py2tosc.load(file)
    (said,) = document.root.find("cutoff").messages

    assert py2tosc.validate(document) == []
    assert {control.name for control in controls} <= {node.name for node in document.root.walk()}
    assert [partial.value for partial in said.path] == ["/chan/cutoff"]
    assert (said.arguments[0].scale_min, said.arguments[0].scale_max) == (20, 2000)


def test_nodes_of_a_touchosc_layout_have_ids_of_their_own(controls: list[Control]) -> None:
    nodes = list(fromstring(zlib.decompress(touchosc_layout(controls))).iter("node"))

    assert len({node.get("ID") for node in nodes}) == len(nodes)


def test_a_page_holds_its_controls(controls: list[Control]) -> None:
    text = web_page(controls, "ws://127.0.0.1:7700/ws").decode()
    (data,) = re.findall(r'<script type="application/json" id="controls">(.*?)</script>', text, re.DOTALL)
    told = json.loads(data)

    assert told["url"] == "ws://127.0.0.1:7700/ws"
    assert [control["name"] for control in told["controls"]] == [control.name for control in controls]
    assert by_name(controls, "title").value == "Nocturne </script>"


def test_no_channels_are_an_empty_surface() -> None:
    assert json.loads(open_stage_control_session([], "127.0.0.1:7700"))["content"]["widgets"] == []
    assert fromstring(zlib.decompress(touchosc_layout([]))).find("node") is not None
    assert b"<main>" in web_page([], "ws://127.0.0.1:7700/ws")
