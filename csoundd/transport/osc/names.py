"""Stage 1, OSC names: channel names as parts of addresses, and back."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from csoundd.transport.osc.patterns import Pattern, is_pattern

CHANNELS: Final = "/chan/"
"""What the addresses of channels begin with."""

_ENCODED: Final = {ord(character): f"%{ord(character):02X}" for character in "/ #*,?[]{}%"}
_IN_PATTERN: Final = {ord(character): f"%{ord(character):02X}" for character in "/ #"}
_MARKED: Final = re.compile(r"\[[^]]*\]|\{[^}]*\}|[?*]|//")
_CUT_CODE: Final = re.compile(r"%[0-9A-Fa-f]?$")


def address_of(name: str) -> str:
    """The address of the channel ``name``."""
    return CHANNELS + name.translate(_ENCODED)


def name_of(address: str) -> str:
    """The name of the channel at ``address``, which begins with CHANNELS."""
    name = address[len(CHANNELS) :]
    return unquote(name) if "%" in name else name


class Selection:
    """Channels by pattern: of their addresses where it begins with a slash, else of their names.

    ``globs`` are wide enough for the engine to read all of them by; what they hold too much :meth:`has` leaves out.
    Raises InvalidParams for what is no pattern.
    """

    def __init__(self, pattern: str) -> None:
        address = pattern if pattern.startswith("/") else CHANNELS + pattern.translate(_IN_PATTERN)
        self._pattern = Pattern(address)
        self._known: dict[str, bool] = {}
        self.globs = [_glob(address)]

    def has(self, name: str) -> bool:
        """Whether the channel ``name`` is among them."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._pattern.matches(address_of(name))
        return known


def _glob(address: str) -> str:
    """A glob for at least the names that the pattern ``address`` means, never a literal: those have to be there."""
    if not address.startswith(CHANNELS):
        return "*"
    pattern = address[len(CHANNELS) :]
    if not is_pattern(pattern):
        return _bracketed(unquote(pattern))
    literals = [_literal(piece) for piece in _MARKED.split(pattern)]
    return "*".join(literals)


def _literal(piece: str) -> str:
    cut = _CUT_CODE.sub("", piece)
    literal = re.sub(r"([*?[])", r"[\1]", unquote(cut))
    return literal if cut == piece else literal + "*"


def _bracketed(name: str) -> str:
    for position, character in enumerate(name):
        if character.isalnum():
            before, after = (re.sub(r"([*?[])", r"[\1]", text) for text in (name[:position], name[position + 1 :]))
            return f"{before}[{character}]{after}"
    return "*"
