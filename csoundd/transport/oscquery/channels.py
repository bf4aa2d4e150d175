"""OSCQuery channels: an index that keeps the tree like the engine's channels, each with what its hints say.

Hints are what ``chnparams`` and ``chn_k`` say of a control channel. Their own text may say more, as words of the form
``unit=hz``, ``description="Cut-off"`` or ``vals(0, 1, 4)``, in any order and with anything between them.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np

from csoundd.errors import CsounddError
from csoundd.limits import LISTING_SECONDS
from csoundd.messages import Command, Outcome, PollResult, StateChanged
from csoundd.ports import EnginePort
from csoundd.transport.osc.patterns import address_of
from csoundd.transport.oscquery.tree import READ, READ_WRITE, WRITE, Attributes, Changes, Node, Tree

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
