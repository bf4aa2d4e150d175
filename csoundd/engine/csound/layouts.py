"""Structures of Csound's that functions point to, laid out for the width of an engine's addresses.

An address in a structure is a number; a text is what :meth:`Binding.text` reads.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_double, c_int16, c_int32, c_int64
from dataclasses import dataclass
from functools import cache
from typing import Any

Structure = type[ctypes.Structure]


@dataclass(frozen=True, slots=True)
class Layouts:
    """The structures that every Csound has in the same way."""

    hints: Structure
    """``controlChannelHints_t``."""

    channel: Structure
    """``controlChannelInfo_t``: a channel in the list of all."""

    graph: Structure
    """``WINDAT``: one graph."""

    text: Structure
    """``STRINGDAT``: an element of an array of texts."""


@cache
def layouts_for(text: Any, word: Any) -> Layouts:
    """The structures where a pointer to characters is a ``text``, and another address or a size a ``word``."""
    hints = _structure(
        behav=c_int32,
        dflt=c_double,
        min=c_double,
        max=c_double,
        x=c_int32,
        y=c_int32,
        width=c_int32,
        height=c_int32,
        attributes=text,
    )
    return Layouts(
        hints,
        _structure(name=text, type=c_int32, hints=hints),
        _structure(
            id=word,
            data=word,
            npts=c_int32,
            caption=c_char * 60,
            wait=c_int16,
            polarity=c_int16,
            max=c_double,
            min=c_double,
            absmax=c_double,
            oabsmax=c_double,
        ),
        _structure(data=text, size=word, timestamp=c_int64),
    )


def _structure(**fields: Any) -> Structure:
    return type("Structure", (ctypes.Structure,), {"_fields_": list(fields.items())})
