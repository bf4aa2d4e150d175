"""The Python client's streams: from the declared topics to a method for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from csoundd.contract.python_text import call, docstring, module_head, summarised
from csoundd.contract.python_types import Types, needs_reading
from csoundd.streams.topics.topic import Topic

_ABOUT = "One method for each topic: ``async with cs.spout() as frames: async for frame in frames: ...``."


def topics_text(topics: Iterable[type[Topic]], types: Types, taken: frozenset[str]) -> str:
    """The module with the class of all topics; names that are ``taken`` by namespaces get an ending of their own."""
    own = types.module([])
    own.used |= {"csoundd_client.namespace.Subscriber", "csoundd_client.stream.Subscription"}
    bodies = [_method(topic, own, taken) for topic in topics]
    lines = [*module_head("What can be subscribed to, by topic."), *own.imports(), *own.constants(), "", ""]
    lines += ["class Topics(Subscriber):", *docstring(_ABOUT, 4)]
    for body in bodies:
        lines += ["", *body]
    return "\n".join(lines) + "\n"


def _method(topic: type[Topic], types: Types, taken: frozenset[str]) -> list[str]:
    name = topic.name.replace("-", "_")
    name = f"{name}_events" if name in taken else name
    hints = get_type_hints(topic.options)
    options = list(fields(topic.options))
    given = [_option(option, hints[option.name], types) for option in options]
    returned = f" -> Subscription[{types.result(topic.data)}]:"
    asked = ", ".join(f'"{option.name}": {option.name}' for option in options)
    read = types.reader(topic.data) if needs_reading(topic.data) else "None"
    arguments = [f'"{topic.name}"', f"{{{asked}}}", read, "queue=queue"]
    described = "; ".join(f"``{option.name}``: {option.metadata['about']}" for option in options)
    waiting = "``queue`` is how many frames wait here at most."
    text = summarised(topic.about, described and f"{described}.", waiting, indent=8)
    return [
        *call(f"    def {name}(", ["self", *given, "*", "queue: int = 256"], f"){returned}", 4),
        *docstring(text, 8),
        *call("        return self._subscription(", arguments, ")", 8),
    ]


def _option(option: Field[Any], hint: object, types: Types) -> str:
    text = f"{option.name}: {types.parameter(hint)}"
    return text if option.default is MISSING else f"{text} = {types.literal(option.default)}"
