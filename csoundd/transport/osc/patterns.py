"""OSC address patterns, and the addresses of channels that they are held against.

``?``, ``*``, ``[a-z]``, ``[!a-z]`` and ``{a,b}`` stay within one part of an address; the ``//`` of OSC 1.1 stands for
any number of parts. A pattern becomes a small automaton whose set of states is the bits of one integer, and each
step it takes is remembered: nothing is ever tried twice, and matching takes time linear in the address. The matcher of
python-osc is of no use for that (docs/upstream-faults.md#python-osc-patterns). Names of channels are percent-encoded in
addresses, as OSC 1.0 allows none of ``/ # * , ? [ ] { }`` and space there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from csoundd.errors import InvalidParams
from csoundd.limits import PATTERN_CHARACTERS, PATTERN_STEPS

CHANNELS: Final = "/chan/"
"""The beginning of every channel's address."""

_MARKS: Final = frozenset("?*[{")
_PART: Final = "/"

_ENCODED: Final = {ord(character): f"%{ord(character):02X}" for character in "/ #*,?[]{}%"}
_ENCODED_BUT_SLASH: Final = {code: encoded for code, encoded in _ENCODED.items() if code != ord("/")}
_ENCODED_IN_PATTERN: Final = {ord(character): f"%{ord(character):02X}" for character in "/ #"}
_MARKED: Final = re.compile(r"\[[^]]*\]|\{[^}]*\}|[?*]|//")
_CUT_CODE: Final = re.compile(r"%[0-9A-Fa-f]?$")

Accept = Callable[[str], bool]


def is_pattern(address: str) -> bool:
    """Whether ``address`` means more than itself."""
    return not _MARKS.isdisjoint(address) or "//" in address


class Pattern:
    """One pattern, ready to be held against addresses.

    Raises InvalidParams for a bracket that is not closed, and for a pattern beyond the limit.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > PATTERN_CHARACTERS:
            raise InvalidParams(f"a pattern has at most {PATTERN_CHARACTERS} characters", limit=PATTERN_CHARACTERS)
        self._accepts: list[Accept] = []
        self._loops = 0
        self._jumps: dict[int, list[int]] = {}
        self._build(pattern)
        self._final = 1 << len(self._accepts)
        self._start = self._closed(1)
        self._steps: dict[tuple[int, str], int] = {}

    def matches(self, address: str) -> bool:
        """Whether ``address`` is one of those that the pattern means."""
        states, steps = self._start, self._steps
        for character in address:
            key = (states, character)
            following = steps.get(key)
            if following is None:
                following = self._step(states, character)
                if len(steps) >= PATTERN_STEPS:
                    steps.clear()
                steps[key] = following
            states = following
            if not states:
                return False
        return bool(states & self._final)

    def _step(self, states: int, character: str) -> int:
        following = 0
        for state, accept in enumerate(self._accepts):
            if states >> state & 1 and accept(character):
                following |= 1 << (state if self._loops >> state & 1 else state + 1)
        return self._closed(following)

    def _closed(self, states: int) -> int:
        """``states`` with all that can be reached from them without a character."""
        waiting = states
        while waiting:
            state = (waiting & -waiting).bit_length() - 1
            waiting &= waiting - 1
            for reached in self._jumps.get(state, ()):
                if not states >> reached & 1:
                    states |= 1 << reached
                    waiting |= 1 << reached
        return states

    def _build(self, pattern: str) -> None:
        position = 0
        while position < len(pattern):
            position = self._item(pattern, position)

    def _item(self, pattern: str, position: int) -> int:
        """Add what stands at ``position``; returns where the next thing stands."""
        match pattern[position]:
            case "?":
                self._add(_in_part)
            case "*":
                self._loop(_in_part)
            case "[":
                return self._set(pattern, position + 1)
            case "{":
                return self._choice(pattern, position + 1)
            case "/" if pattern.startswith("//", position):
                return self._parts(position + 2)
            case character:
                self._add(character.__eq__)
        return position + 1

    def _add(self, accept: Accept) -> int:
        self._accepts.append(accept)
        return len(self._accepts)

    def _jump(self, state: int, target: int) -> None:
        self._jumps.setdefault(state, []).append(target)

    def _loop(self, accept: Accept) -> None:
        state = len(self._accepts)
        self._loops |= 1 << state
        self._jump(state, self._add(accept))

    def _set(self, pattern: str, position: int) -> int:
        end = pattern.find("]", position)
        if end < 0:
            raise InvalidParams("a [ in the pattern is not closed")
        inner = pattern[position:end]
        negated = inner.startswith("!")
        members = _members(inner[negated:])
        self._add(lambda character: character != _PART and (character in members) != negated)
        return end + 1

    def _choice(self, pattern: str, position: int) -> int:
        end = pattern.find("}", position)
        if end < 0:
            raise InvalidParams("a { in the pattern is not closed")
        fork = self._add(_never) - 1
        ends: list[int] = []
        for choice in pattern[position:end].split(","):
            self._jump(fork, len(self._accepts))
            for character in choice:
                self._add(character.__eq__)
            ends.append(self._add(_never) - 1)
        for last in ends:
            self._jump(last, len(self._accepts))
        return end + 1

    def _parts(self, position: int) -> int:
        """A slash, then any number of parts with a slash behind each."""
        self._add(_PART.__eq__)
        fork = self._add(_never) - 1
        self._jump(fork, fork + 1)
        self._loop(_any)
        self._jump(fork, self._add(_PART.__eq__))
        return position


def _members(inner: str) -> frozenset[str]:
    members: set[str] = set()
    position = 0
    while position < len(inner):
        if inner[position + 1 : position + 2] == "-" and position + 2 < len(inner):
            first, last = sorted((ord(inner[position]), ord(inner[position + 2])))
            members.update(map(chr, range(first, last + 1)))
            position += 3
        else:
            members.add(inner[position])
            position += 1
    return frozenset(members)


def _in_part(character: str) -> bool:
    return character != _PART


def _any(_character: str) -> bool:
    return True


def _never(_character: str) -> bool:
    return False


def address_of(name: str) -> str:
    """The address of the channel ``name``."""
    return CHANNELS + name.translate(_ENCODED)


def canonical(address: str) -> str:
    """``address`` as the tree has it: that of a channel with its slashes encoded, any other as it is."""
    return address_of(name_of(address)) if address.startswith(CHANNELS) and not is_pattern(address) else address


def plain_address_of(name: str) -> str | None:
    """The address of a channel whose name has slashes, with these as they are; None where it has only the other one.

    OSC has no parts without characters, and reads two slashes as a pattern.
    """
    if "/" not in name or not all(name.split("/")):
        return None
    return CHANNELS + name.translate(_ENCODED_BUT_SLASH)


def name_of(address: str) -> str:
    """The name of the channel at ``address``, which begins with CHANNELS."""
    name = address[len(CHANNELS) :]
    return unquote(name) if "%" in name else name


def address_meant(pattern: Pattern, name: str) -> str | None:
    """The address under which ``pattern`` means the channel ``name``, None where it does not mean it."""
    address = address_of(name)
    if pattern.matches(address):
        return address
    plain = plain_address_of(name)
    return plain if plain is not None and pattern.matches(plain) else None


class ChannelPattern:
    """The channels that a pattern means: held against addresses where it begins with a slash, else against names.

    ``globs`` are wide enough for the engine to read all of them by; :meth:`address_of` leaves out what is too much.
    Raises InvalidParams for what is no pattern.
    """

    def __init__(self, pattern: str) -> None:
        address = pattern if pattern.startswith("/") else CHANNELS + pattern.translate(_ENCODED_IN_PATTERN)
        self._pattern = Pattern(address)
        self._known: dict[str, str | None] = {}
        self.globs = [_glob(address)]

    def address_of(self, name: str) -> str | None:
        """The address under which the pattern means the channel ``name``, None where it does not mean it.

        Who asks with plain slashes is told with plain slashes.
        """
        if name not in self._known:
            self._known[name] = address_meant(self._pattern, name)
        return self._known[name]


def _glob(address: str) -> str:
    """A glob for at least the names that ``address`` means.

    It is never a literal: a poller refuses a literal name that is not there yet, and accepts a glob that matches none.
    """
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
