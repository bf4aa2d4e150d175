"""Layouts: the channels of an engine, and a control surface for them as a file of some program."""

from __future__ import annotations

from csoundd.layout.endpoint import ENDINGS, PATH, LayoutEndpoint, Program
from csoundd.layout.formats import Control, controls_of, open_stage_control_session, touchosc_layout, web_page

__all__ = [
    "ENDINGS",
    "PATH",
    "Control",
    "LayoutEndpoint",
    "Program",
    "controls_of",
    "open_stage_control_session",
    "touchosc_layout",
    "web_page",
]
