"""Layouts: the channels of an engine, and a control surface for them as a file of some program."""

from __future__ import annotations

from csoundd.layout.controls import Control, controls_of
from csoundd.layout.open_stage_control import session
from csoundd.layout.page import page
from csoundd.layout.touchosc import layout

__all__ = ["Control", "controls_of", "layout", "page", "session"]
