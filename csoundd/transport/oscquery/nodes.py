"""Stage 1, OSCQuery nodes: one place of the address space, and how JSON says what is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

NOT_READABLE, READ, WRITE, READ_WRITE = range(4)

Attributes = dict[str, object]
ABSENT: Final = object()


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

    def all(self) -> Iterator[Node]:
        """This node and those below."""
        yield self
        for node in (self.contents or {}).values():
            yield from node.all()


def container(path: str, **contents: Node) -> Node:
    """A place that only holds others."""
    return Node(path, contents=contents)
