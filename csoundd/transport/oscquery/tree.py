"""The OSCQuery tree: the address space as nodes, kept as the channels come and go.

Each node is one place of the address space, and says in JSON what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from csoundd.transport.osc.addresses import Address
from csoundd.transport.osc.patterns import CHANNELS

NOT_READABLE, READ, WRITE, READ_WRITE = range(4)

Attributes = dict[str, object]
ABSENT: Final = object()
"""Stands for an attribute that a node has not."""

_CHANNELS: Final = CHANNELS.rstrip("/")


@dataclass(eq=False, slots=True)
class Node:
    """A container (with ``contents``), a method (with ``type``), or both.

    ``value`` holds one item for each type tag, None before there is any; ``attributes`` are the optional ones that
    there are, but for ``ACCESS`` and ``VALUE``.
    """

    path: str
    type: str | None = None
    access: int = NOT_READABLE
    attributes: Attributes = field(default_factory=dict)
    value: list[object] | None = None
    contents: dict[str, Node] | None = None

    @property
    def readable(self) -> bool:
        """Whether there may be a value to tell."""
        return self.type is None or bool(self.access & READ)

    def get(self, name: str) -> object:
        """The attribute ``name``, ABSENT where the node has none of it."""
        match name:
            case "FULL_PATH":
                return self.path
            case "CONTENTS":
                return ABSENT if self.contents is None else {key: node.whole() for key, node in self.contents.items()}
            case "TYPE":
                return ABSENT if self.type is None else self.type
            case "ACCESS":
                return self.access
            case "VALUE":
                return ABSENT if self.value is None or not self.readable else self.value
        return self.attributes.get(name, ABSENT)

    def whole(self) -> Attributes:
        """Everything there is to say, of the nodes below too."""
        names = ("FULL_PATH", "TYPE", "ACCESS", "VALUE", *self.attributes, "CONTENTS")
        return {name: said for name in names if (said := self.get(name)) is not ABSENT}

    def looks_like(self, other: Node) -> bool:
        """Whether all but the value is the same."""
        return (self.type, self.access, self.attributes) == (other.type, other.access, other.attributes)


def container(path: str) -> Node:
    """A place that only holds others."""
    return Node(path, contents={})


def address_node(address: Address) -> Node:
    """The node of an address that is no channel: it does something, so each message to it counts (``CRITICAL``)."""
    first, *others = address.types
    attributes: Attributes = {"DESCRIPTION": address.description, "CRITICAL": True}
    if address.ranges:
        attributes["RANGE"] = list(address.ranges)
    if others:
        attributes["OVERLOADS"] = [{"TYPE": type_} for type_ in others]
    return Node(address.path, first, WRITE, attributes)


@dataclass(frozen=True, slots=True)
class Changes:
    """The paths that a new list of channels added, removed, or changed in anything but a value."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


class Tree:
    """Everything there is: ``nodes`` that stay, and the channels' of the last :meth:`update`."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.root = container("/")
        self._channels = self._place(container(_CHANNELS))
        for node in nodes:
            self._place(node)

    def _place(self, node: Node) -> Node:
        parent = self.root
        *above, last = node.path.strip("/").split("/")
        for part in above:
            parent = self._below(parent, part)
        assert parent.contents is not None
        known = parent.contents.get(last)
        if known is not None and node.contents is None:
            node.contents = known.contents
        parent.contents[last] = node
        return node

    def _below(self, parent: Node, part: str) -> Node:
        contents = parent.contents = {} if parent.contents is None else parent.contents
        if part not in contents:
            contents[part] = container(f"{parent.path.rstrip('/')}/{part}")
        below = contents[part]
        if below.contents is None:
            below.contents = {}
        return below

    def find(self, path: str) -> Node | None:
        """The node at ``path``, None where there is none. A slash behind it changes nothing."""
        node: Node | None = self.root
        for part in filter(None, path.split("/")):
            node = None if node is None else (node.contents or {}).get(part)
        return node

    def update(self, nodes: Iterable[Node]) -> Changes:
        """Let ``nodes`` be those of all channels there are."""
        before = self._channels.contents or {}
        after = self._channels.contents = {node.path.removeprefix(CHANNELS): node for node in nodes}
        both = before.keys() & after.keys()
        return Changes(
            [node.path for name, node in after.items() if name not in before],
            [node.path for name, node in before.items() if name not in after],
            [after[name].path for name in after if name in both and not after[name].looks_like(before[name])],
        )

    def stale(self) -> None:
        """There is no engine that could tell the values."""
        for node in (self._channels.contents or {}).values():
            node.value = None
