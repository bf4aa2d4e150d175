"""What clients name where the API takes a pointer to a channel: a handle to it, or simply its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from csoundd.api.values import ChannelRef, Handle
from csoundd.engine.csound.handles import Handles
from csoundd.errors import NotFound

WORDS: Final = frozenset({"channel", "pvs", "array"})
"""The kinds of handles that stand for a channel."""


class Kinds(Protocol):
    """What is asked of a backend's channels."""

    def kind(self, name: str) -> str:
        """The kind of a channel, empty where there is none. Never creates one."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a handle to a channel stands for."""

    name: str


def _stays() -> None:
    """A channel outlives the handles to it."""


class References:
    """Handles to channels, and back."""

    def __init__(self, channels: Kinds, handles: Handles) -> None:
        self._channels, self._handles = channels, handles

    def made(self, name: str, word: str = "channel") -> Handle:
        """A handle to the channel ``name``. Raises WrongState without a session."""
        return self._handles.make(word, Channel(name), _stays)

    def name(self, reference: ChannelRef, kind: str) -> str:
        """The name of the channel of this kind that is meant.

        Raises NotFound where there is none, StaleHandle for a handle that is gone.
        """
        name = named(reference, self._handles)
        if self._channels.kind(name) != kind:
            raise NotFound(f"there is no {kind} channel {name!r}", channel=name)
        return name


def named(reference: object, handles: Handles) -> str:
    """The name of a channel given by name or by a handle of the present session. Raises StaleHandle."""
    if not isinstance(reference, Handle):
        return str(reference)
    word = reference.id.partition(":")[0]
    return handles.get(reference, word if word in WORDS else "channel", Channel).name
