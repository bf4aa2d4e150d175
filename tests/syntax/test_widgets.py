"""The widgets of Cabbage and CsoundQt, read from the CSD that they are in."""

from __future__ import annotations

import pytest

from csoundd.syntax.widgets import Widget, widgets

CABBAGE = """<Cabbage>
form caption("Synth") size(400, 300), pluginId("abcd")
rslider bounds(10, 10, 60, 60), channel("cutoff"), range(20, 8000, 800.5, 0.5, 1), text("Cut, off")
hslider channel("plain")
checkbox channel("on"), value(1)
button channel("go"), text("Go", "Stop")
combobox channel("shape"), items("sine", "saw", "square"), value(2)
combobox channel("name"), channeltype("string"), items("a", "b"), value("b")
xypad channel("px", "py"), rangex(0, 10, 5), rangey(-1, 1, -.5)
hrange channel("from", "to"), range(0, 100, 20:80)
nslider channel("broken"), range(5, 5, 5)
label text("no channel")
</Cabbage>
<CsoundSynthesizer>
"""
THIRD = """<Cabbage>[
 {"type": "form", "caption": "x"},
 {"type": "rotarySlider", "channels": [{"id": "gain", "range": {"min": 0, "max": 2, "defaultValue": 0.5}}]},
 {"type": "slider", "channel": "pan", "range": {"min": -1, "max": 1, "value": 0.25}}
]</Cabbage>"""
PANEL = """<bsbPanel>
 <objectName/>
 <bsbObject version="2" type="BSBKnob"><objectName>freq</objectName><minimum>100.0</minimum><maximum>1000.0</maximum>
  <value>440.0</value><mode>lin</mode></bsbObject>
 <bsbObject type="BSBController" version="2"><objectName>x</objectName><objectName2>y</objectName2>
  <xMin>0.0</xMin><xMax>1.0</xMax><yMin>-1.0</yMin><yMax>1.0</yMax><xValue>0.5</xValue><yValue>-0.5</yValue></bsbObject>
 <bsbObject version="2" type="BSBCheckBox"><objectName>on</objectName><selected>true</selected></bsbObject>
 <bsbObject version="2" type="BSBDropdown"><objectName>wave</objectName><bsbDropdownItemList>
  <bsbDropdownItem><name>a</name></bsbDropdownItem><bsbDropdownItem><name>b</name></bsbDropdownItem>
  <bsbDropdownItem><name>c</name></bsbDropdownItem></bsbDropdownItemList><selectedIndex>2</selectedIndex></bsbObject>
 <bsbObject version="2" type="BSBLineEdit"><objectName>title</objectName><label>a &amp; b</label></bsbObject>
 <bsbObject version="2" type="BSBLabel"><objectName/><label>text</label></bsbObject>
</bsbPanel>"""


def test_a_cabbage_panel() -> None:
    assert widgets(CABBAGE) == [
        Widget("cutoff", 800.5, 20.0, 8000.0),
        Widget("plain", 0.0),
        Widget("on", 1.0, whole=True),
        Widget("go", 0.0, whole=True),
        Widget("shape", 2.0, 1.0, 3.0, whole=True),
        Widget("name", "b"),
        Widget("px", 5.0, 0.0, 10.0),
        Widget("py", -0.5, -1.0, 1.0),
        Widget("from", 20.0, 0.0, 100.0),
        Widget("to", 80.0, 0.0, 100.0),
    ]


def test_a_panel_of_the_third_cabbage() -> None:
    assert widgets(THIRD) == [Widget("gain", 0.5, 0.0, 2.0), Widget("pan", 0.25, -1.0, 1.0)]


def test_a_csoundqt_panel() -> None:
    assert widgets(PANEL) == [
        Widget("freq", 440.0, 100.0, 1000.0),
        Widget("x", 0.5, 0.0, 1.0),
        Widget("y", -0.5, -1.0, 1.0),
        Widget("on", 1.0, 0.0, 1.0, whole=True),
        Widget("wave", 2.0, 0.0, 2.0, whole=True),
        Widget("title", "a & b"),
    ]


NO_PANELS = (
    "",
    "<Cabbage>",
    "<Cabbage>[{</Cabbage>",
    "<Cabbage>[[[1]]]</Cabbage>",
    '<Cabbage>label channel("a", range(</Cabbage>',
    "<bsbPanel><bsbObject</bsbPanel>",
    "<bsbPanel>" + "<bsbObject type=" * 5000 + "</bsbPanel>",
)


@pytest.mark.parametrize("text", NO_PANELS)
def test_what_is_no_panel_has_no_widgets(text: str) -> None:
    assert widgets(text) == []
