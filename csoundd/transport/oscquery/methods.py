"""Stage 1, OSCQuery methods: declared signatures to nodes, and the nodes of the addresses that are no methods."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from types import NoneType
from typing import Any, Final, get_origin, get_type_hints

import numpy as np

from csoundd.transport.osc.ports import Method
from csoundd.transport.osc.shapes import choices
from csoundd.transport.oscquery.nodes import WRITE, Node

IMPULSE: Final = "I"
"""The type of what takes no argument: clients draw a button for it."""

FIXED: Final[dict[str, tuple[str, tuple[str, ...], str]]] = {
    "/event": ("sfff", ("sff", "sf", "s"), "Play an event: its kind, then its p-fields."),
    "/score": ("s", (), "Play lines of score."),
    "/midi": ("m", ("iii", "ii"), "Play a MIDI message, as a controller would."),
    "/note": (
        "iffff",
        ("ifff", "iff", "if", "isff", "sfff"),
        "Begin a note: its id, its instrument, then its p-fields from p3 on.",
    ),
    "/note/set": ("iif", ("isf", "sif", "ssf"), "Change a p-field of a note, or a channel that belongs to it."),
    "/note/release": ("i", ("s",), "Release a note."),
    "/sync": ("i", (), "Answers /synced when everything before it has run."),
    "/clearSched": (IMPULSE, (), "Forget the bundles that wait for their time."),
    "/status": (IMPULSE, (), "Answers /status.reply."),
    "/notify": ("i", ("ii",), "Be told /late, or no longer."),
    "/dumpOSC": ("i", (), "Log what comes from here: 1 its meaning, 2 its bytes, 3 both."),
    "/latePolicy": ("s", (), "What becomes of a bundle that comes after its time."),
    "/subscribe": ("sfi", ("sf", "s"), "Be told of channels as they change: a pattern, a rate, a port."),
    "/unsubscribe": ("s", ("si", IMPULSE), "Be told of channels no longer."),
}
"""Type, other types and description of each address that is neither a method of the API nor a channel."""

_RANGES: Final[dict[str, object]] = {
    "/notify": [{"VALS": [0, 1]}],
    "/dumpOSC": [{"MIN": 0, "MAX": 3}],
    "/latePolicy": [{"VALS": ["run", "drop", "error"]}],
}


def fixed_nodes() -> list[Node]:
    """The nodes of FIXED."""
    return [_fixed(path, *said) for path, said in FIXED.items()]


def method_nodes(methods: Iterable[Method], addresses: Iterable[str]) -> list[Node]:
    """A node for each method that has one of ``addresses``."""
    known = frozenset(addresses)
    paths = ((method, "/" + method.name.replace(".", "/", 1)) for method in methods)
    return [_node(path, method) for method, path in paths if path in known]


def _fixed(path: str, type_: str, others: tuple[str, ...], description: str) -> Node:
    ranges = {"RANGE": _RANGES[path]} if path in _RANGES else {}
    return _made(path, [type_, *others], description, ranges)


def _node(path: str, method: Method) -> Node:
    return _made(path, types_of(method), inspect.getdoc(method.function) or "", {})


def _made(path: str, types: list[str], description: str, more: dict[str, object]) -> Node:
    summary = " ".join(description.partition("\n\n")[0].split())
    attributes: dict[str, object] = {"DESCRIPTION": summary, "CRITICAL": True, **more}
    if len(types) > 1:
        attributes["OVERLOADS"] = [{"TYPE": type_} for type_ in types[1:]]
    return Node(path, types[0], WRITE, attributes)


def types_of(method: Method) -> list[str]:
    """The type with all parameters, then those without what may be left out from behind."""
    hints = get_type_hints(method.function)
    parameters = [p for p in method.signature.parameters.values() if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    tags = [_tag(hints[parameter.name]) for parameter in parameters]
    required = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)
    return ["".join(tags[:count]) or IMPULSE for count in range(len(tags), required - 1, -1)]


def _tag(hint: object) -> str:
    kinds: set[Any] = {get_origin(choice) or choice for choice in choices(hint)} - {NoneType}
    for tag, fitting in (("T", {bool}), ("d", {float}), ("i", {int}), ("[d]", {list, np.ndarray}), ("b", {bytes})):
        if kinds & fitting and str not in kinds:
            return tag
    return "s"
