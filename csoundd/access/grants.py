"""Grants: what a caller may do, worked out once when it is known who it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from csoundd.errors import Forbidden
from csoundd.messages import Scope

RISING: Final[tuple[Scope, ...]] = ("read", "control", "compile", "admin")
"""The scopes, each of which brings the ones before it along."""

_SPECIAL: Final = frozenset("*?[")
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class ChannelGlobs:
    """The channels that a caller may read and those that it may set, as globs; ``read`` None is all of them.

    An instrument writes whatever channels it likes, so who is limited to some sends no events and compiles nothing.
    """

    read: tuple[str, ...] | None
    write: tuple[str, ...]

    @property
    def limits_reading(self) -> bool:
        """Whether some channels may not be read."""
        return self.read is not None

    def may_read(self, name: str) -> bool:
        """Whether the channel ``name`` may be read."""
        return self.read is None or _matches(name, self.read)

    def check_read(self, name: str) -> None:
        """Raise Forbidden unless the channel ``name`` may be read."""
        if not self.may_read(name):
            raise _out_of_reach(name, "read", self.read or ())

    def check_write(self, name: str) -> None:
        """Raise Forbidden unless the channel ``name`` may be set."""
        if not _matches(name, self.write):
            raise _out_of_reach(name, "set", self.write)

    def narrowed(self, names: str | list[str]) -> str | list[str]:
        """Names and patterns such that nothing but what may be read matches; ``*`` becomes the globs themselves.

        Raises Forbidden for a name or a pattern that leads further.
        """
        if self.read is None:
            return names
        wanted: list[str] = []
        for name in [names] if isinstance(names, str) else names:
            if name == "*":
                wanted += self.read
            elif any(_is_within(name, glob) for glob in self.read):
                wanted.append(name)
            else:
                raise _out_of_reach(name, "read", self.read)
        return wanted


@dataclass(frozen=True, slots=True)
class Grant:
    """What a caller may do: its scopes, and the channels that it is limited to, None where it is not.

    ``token`` and ``name`` are those of its token, None where it came without one.
    """

    scopes: frozenset[Scope]
    channels: ChannelGlobs | None = None
    token: str | None = None
    name: str | None = None

    def permit(self, scope: Scope, what: str) -> None:
        """Raise Forbidden, which names ``what``, where ``scope`` is not granted."""
        if scope not in self.scopes:
            raise Forbidden(f"{what} needs the scope {scope}", scope=scope)


def grant_up_to(scope: Scope) -> frozenset[Scope]:
    """``scope`` and those that it brings along."""
    return frozenset(RISING[: RISING.index(scope) + 1])


EVERYTHING: Final = Grant(frozenset(RISING))
"""For those who need no token."""

NOTHING: Final = Grant(frozenset())
"""For those who have not shown a token yet."""


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _is_within(pattern: str, glob: str) -> bool:
    """Whether whatever matches ``pattern`` matches ``glob``; no where that is not plain to see."""
    if _SPECIAL.isdisjoint(pattern):
        return fnmatchcase(pattern, glob)
    before = glob.removesuffix("*")
    return pattern == glob or (glob.endswith("*") and _SPECIAL.isdisjoint(before) and pattern.startswith(before))


def _out_of_reach(name: str, what: str, globs: Iterable[str]) -> Forbidden:
    reach = ", ".join(globs) or "none at all"
    return Forbidden(f"this token may not {what} the channel {name[:_SHOWN]}", hint=f"it may {what} {reach}")
