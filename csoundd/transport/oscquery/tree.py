"""Stage 1, OSCQuery tree: the address space, kept as the channels come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from csoundd.transport.osc.names import CHANNELS
from csoundd.transport.oscquery.channels import Channel, node_of
from csoundd.transport.oscquery.nodes import Node, container

_CHANNELS: Final = CHANNELS.rstrip("/")


@dataclass(frozen=True, slots=True)
class Changes:
    """The paths that a new list of channels added, removed, or changed in anything but a value."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


class Tree:
    """Everything there is: ``nodes`` that stay, and the channels of the last :meth:`update`."""

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

    def update(self, channels: Iterable[Channel]) -> Changes:
        """Let ``channels`` be all there are."""
        before = self._channels.contents or {}
        nodes = map(node_of, channels)
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
