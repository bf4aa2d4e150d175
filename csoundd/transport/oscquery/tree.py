"""The OSCQuery tree: the address space as nodes, kept as the channels come and go.

Each node is one place of the address space, and says in JSON what is there. :class:`ChannelIndex` keeps the tree like
the engine's channels, each with what its hints say: those of ``chnparams`` and ``chn_k``. Their own text may say more,
as words of the form ``unit=hz``, ``description="Cut-off"`` or ``vals(0, 1, 4)``, in any order and anything between.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, cast

import numpy as np

from csoundd.errors import CsounddError
from csoundd.limits import LISTING_SECONDS
from csoundd.messages import Command, Outcome, PollResult, StateChanged
from csoundd.ports import EnginePort
from csoundd.transport.osc.addresses import Address
from csoundd.transport.osc.patterns import CHANNELS, address_of

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


Channel = dict[str, Any]
"""A channel as ``channel.list`` has it."""

INTEGER: Final = 1
EXPONENTIAL: Final = 3
"""Behaviours of a control channel, as Csound numbers them."""

_ACCESS: Final = {1: WRITE, 2: READ, 3: READ_WRITE}
"""By the mode of a channel, which is Csound's view: its input is what others write."""

_WORD: Final = re.compile(r"""([A-Za-z_]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))|\(([^)]*)\))""")
_ITEMS: Final = re.compile(r"[|,]")
_UNITS: Final = {
    "hz": "time.hz",
    "s": "time.second",
    "sec": "time.second",
    "ms": "time.ms",
    "samples": "time.samples",
    "bpm": "time.bpm",
    "cents": "time.cents",
    "midi": "time.midinote",
    "note": "time.midinote",
    "db": "gain.db",
    "dbfs": "gain.db",
    "linear": "gain.linear",
    "gain": "gain.linear",
    "deg": "angle.degree",
    "rad": "angle.radian",
}
"""Usual names of units, to the protocol's; those are taken as well."""

_NAMES: Final = {
    "unit": ("unit", "units"),
    "description": ("description", "desc", "text", "label", "caption"),
    "vals": ("vals", "values", "items"),
    "tags": ("tags",),
}


def attributes_of(hints: dict[str, Any]) -> Attributes:
    """The attributes that ``hints`` give, each in the form that the one argument of a control channel wants."""
    words = _words(hints.get("attributes") or "")
    found: Attributes = {}
    limits = _limits(hints, words)
    if limits:
        found["RANGE"] = [limits]
    if "description" in words:
        found["DESCRIPTION"] = words["description"]
    if "unit" in words:
        found["UNIT"] = [_UNITS.get(words["unit"].lower(), words["unit"])]
    tags = [tag.strip() for tag in _ITEMS.split(words.get("tags", "")) if tag.strip()]
    if hints.get("behav") == EXPONENTIAL:
        found["EXTENDED_TYPE"] = ["exp"]
        tags.append("exp")
    if tags:
        found["TAGS"] = tags
    return found


def _words(text: str) -> dict[str, str]:
    said = {}
    for name, *values in _WORD.findall(text):
        said[name.lower()] = next(filter(None, values), "").strip(" \t,\"'")
    return {name: said[word] for name, words in _NAMES.items() for word in words if said.get(word)}


def _limits(hints: dict[str, Any], words: dict[str, str]) -> Attributes:
    limits: Attributes = {}
    low, high = hints.get("min", 0.0), hints.get("max", 0.0)
    if low < high and math.isfinite(low) and math.isfinite(high):
        whole = hints.get("behav") == INTEGER
        limits = {"MIN": int(low), "MAX": int(high)} if whole else {"MIN": low, "MAX": high}
    values = [value for item in _ITEMS.split(words.get("vals", "")) if (value := _item(item)) is not None]
    return limits | ({"VALS": values} if values else {})


def _item(item: str) -> float | None:
    try:
        value = float(item)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def node_of(channel: Channel) -> Node:
    """The node of ``channel``; one whose kind OSC has no message for is an empty container."""
    path, access = address_of(channel["name"]), _ACCESS.get(channel["mode"], READ_WRITE)
    match channel["kind"]:
        case "control":
            return _control(path, access, channel)
        case "string":
            return Node(path, "s", access, {"CRITICAL": False, "CLIPMODE": ["none"]}, _held(channel))
        case "array" if channel.get("value") is not None:
            return _array(path, access, np.ravel(channel["value"]))
    return Node(path, contents={})


def _control(path: str, access: int, channel: Channel) -> Node:
    hints, value = channel.get("hints") or {}, channel.get("value")
    whole = hints.get("behav") == INTEGER
    attributes = {"CRITICAL": False, "CLIPMODE": ["none"], **attributes_of(hints)}
    held = None if value is None else [_json_number(value, whole=whole)]
    return Node(path, "i" if whole else "f", access, attributes, held)


def _held(channel: Channel) -> list[object] | None:
    value = channel.get("value")
    return None if value is None else [value]


def _array(path: str, access: int, values: np.ndarray[Any, Any]) -> Node:
    numbers = [_json_number(value, whole=False) for value in values.tolist()]
    attributes: dict[str, object] = {"CRITICAL": False, "CLIPMODE": [["none"] * len(numbers)]}
    return Node(path, f"[{'f' * len(numbers)}]", access, attributes, [numbers])


def _json_number(value: float, *, whole: bool) -> object:
    """JSON has neither infinities nor what is no number."""
    if not math.isfinite(value):
        return None
    return round(value) if whole else value


POLLER: Final = "oscquery:channels"
RATE: Final = 4.0
"""The rate at which a poller looks for new channels, in Hz."""


class ChannelIndex:
    """Keeps ``tree`` up to date. ``changed`` is told what changed, and whether the engine began anew meanwhile.

    Whoever asks for a value has the channels listed at that moment; while somebody watches, a poller tells of channels
    that came and went. Without either the engine is left in peace.
    """

    def __init__(self, engine: EnginePort, tree: Tree, changed: Callable[[Changes, bool], None]) -> None:
        self._engine = engine
        self._tree = tree
        self._changed = changed
        self._watchers = 0
        self._asked: asyncio.Future[None] | None = None
        self._polling: asyncio.Task[None] | None = None
        self._epoch: int | None = None
        self._renewed = False
        engine.on(PollResult, self._list_anew)
        engine.on(StateChanged, self._note_epoch)

    def close(self) -> None:
        """Let go of the engine."""
        if self._polling is not None:
            self._polling.cancel()
            self._engine.unpoll(POLLER)

    async def refresh(self) -> None:
        """List the channels anew, with their values; those who ask at the same time are served by one listing.

        Without an engine the tree keeps what was there, and has no values.
        """
        self._ask()
        if self._asked is not None:
            await asyncio.shield(self._asked)

    def _ask(self) -> None:
        if self._asked is None:
            self._asked = asyncio.get_running_loop().create_future()
            self._engine.call(Command("channel.list", ["*"], deadline=LISTING_SECONDS), self._listed)

    def watch(self) -> None:
        """Somebody wants to hear of changes."""
        self._watchers += 1
        if self._watchers == 1:
            self._polling = asyncio.get_running_loop().create_task(self._poll())

    def unwatch(self) -> None:
        """Undo :meth:`watch`."""
        self._watchers -= 1
        if not self._watchers:
            self.close()
            self._polling = None

    async def _poll(self) -> None:
        while True:
            try:
                await self._engine.poll(POLLER, "channel-list", {"rate": RATE})
            except CsounddError:
                await asyncio.sleep(1.0 / RATE)
            else:
                return

    def _listed(self, outcome: Outcome) -> None:
        asked, self._asked = self._asked, None
        if outcome.error is None:
            renewed, self._renewed = self._renewed, False
            self._changed(self._tree.update(map(node_of, cast("list[Channel]", outcome.result))), renewed)
        else:
            self._tree.stale()
        if asked is not None:
            asked.set_result(None)

    def _list_anew(self, event: PollResult) -> None:
        if event.name == POLLER:
            self._ask()

    def _note_epoch(self, event: StateChanged) -> None:
        self._renewed = self._renewed or event.epoch != self._epoch
        self._epoch = event.epoch
