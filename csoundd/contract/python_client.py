"""The stubs of the Python client: a class for each group of methods, and a method for each topic.

What comes out is formatted as the formatter would, so that the files it makes need nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from itertools import groupby
from typing import Any, Final, get_type_hints

from csoundd.api.declare import Method, MethodGroup
from csoundd.api.values import CallRequest
from csoundd.contract import python_dropin
from csoundd.contract.python_types import (
    Types,
    call,
    docstring,
    group_text,
    module_head,
    module_of,
    needs_reading,
    summarised,
)
from csoundd.errors import ERRORS
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.topic import Topic

_ABOUT_TOPICS = "One method for each topic: ``async with cs.spout() as frames: async for frame in frames: ...``."


def topics_text(topics: Iterable[type[Topic]], types: Types, taken: frozenset[str]) -> str:
    """The module with the class of all topics; names that are ``taken`` by namespaces get an ending of their own."""
    own = types.module([])
    own.used |= {"csoundd_client.namespace.Subscriber", "csoundd_client.stream.Subscription"}
    bodies = [_topic_method(topic, own, taken) for topic in topics]
    lines = [*module_head("What can be subscribed to, by topic."), *own.imports(), *own.constants(), "", ""]
    lines += ["class Topics(Subscriber):", *docstring(_ABOUT_TOPICS, 4)]
    for body in bodies:
        lines += ["", *body]
    return "\n".join(lines) + "\n"


def _topic_method(topic: type[Topic], types: Types, taken: frozenset[str]) -> list[str]:
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


FOLDER: Final = "clients/python/csoundd_client"
"""Where the modules are; those of methods/ are all generated, and the only ones there."""

KEPT: Final = frozenset({"session.hello", "stream.subscribe", "stream.unsubscribe"})
"""What the client calls by itself: it has something better for its user than the bare method."""

BUILTINS: Final = {
    "InvalidParams": "ValueError",
    "EngineError": "RuntimeError",
    "EngineCrashed": "RuntimeError",
    "EngineUnavailable": "RuntimeError",
    "StaleHandle": "RuntimeError",
    "WrongState": "RuntimeError",
    "NotFound": "LookupError",
    "Timeout": "TimeoutError",
    "Unsupported": "NotImplementedError",
}
"""Python's own exceptions that errors of the contract are as well, for who catches those, as libcsound's scripts do."""


def render(methods: Iterable[Method]) -> dict[str, str]:
    """The text of every generated module of the client, by its path in the repository."""
    declared = list(methods)
    types = Types()
    for method in declared:
        types.result(get_type_hints(method.function)["return"])
    offered = [method for method in declared if method.name not in KEPT]
    groups = {group: list(own) for group, own in groupby(offered, lambda method: method.group)}
    namespaces = frozenset(group.namespace for group in groups)
    files = {f"methods/{module_of(group)}.py": _group_text(group, own, types) for group, own in groups.items()}
    files["methods/__init__.py"] = _namespaces_text(list(groups))
    files |= python_dropin.render(declared, types)
    files["topics.py"] = topics_text(TOPICS.values(), types, namespaces)
    files["structs.py"] = types.structs_text()
    files["errors.py"] = _errors_text()
    return {f"{FOLDER}/{path}": text for path, text in sorted(files.items())}


def _group_text(group: type[MethodGroup], methods: list[Method], types: Types) -> str:
    own = types.module(method.function.__name__ for method in methods)
    own.used |= {"csoundd_client.namespace.Namespace", "csoundd_client.call.Call"}
    bodies = [_method(method, own) for method in methods]
    return group_text(group, "Namespace", bodies, own)


def _method(method: Method, types: Types) -> list[str]:
    hints = get_type_hints(method.function)
    parameters = list(method.signature.parameters.values())
    given = [types.signed(parameter, hints[parameter.name]) for parameter in parameters]
    timing = "UNTIMED"
    if _timed(method, hints):
        timing = "timing"
        given.append("**timing: Unpack[Timing]")
        types.used |= {"typing.Unpack", "csoundd_client.values.Timing"}
    else:
        types.used.add("csoundd_client.envelope.UNTIMED")
    arguments = [f'"{method.name}"', f"[{', '.join(map(types.argument, parameters))}]", timing]
    if needs_reading(hints["return"]):
        arguments.append(types.reader(hints["return"]))
    returned = f" -> Call[{types.result(hints['return'])}]:"
    return [
        *call(f"    def {method.function.__name__}(", ["self", *given], f"){returned}", 4),
        *docstring(method.doc, 8),
        *call("        return self._request(", arguments, ")", 8),
    ]


def _timed(method: Method, hints: dict[str, object]) -> bool:
    """Whether it runs at a cycle edge: the engine's own methods do, and lists of them."""
    return method.spec.served == "engine" or list[CallRequest] in hints.values()


def _namespaces_text(groups: list[type[MethodGroup]]) -> str:
    namespaces: dict[str, list[str]] = {}
    for group in groups:
        namespaces.setdefault(group.namespace, []).append(group.__name__)
    imports = [f"from csoundd_client.methods.{module_of(group)} import {group.__name__}" for group in groups]
    lines = [*module_head("Every method of the contract, by namespace."), *sorted(imports, key=_imported)]
    lines.append("from csoundd_client.namespace import Caller")
    for namespace, names in namespaces.items():
        own = call(f"class {_class(namespace)}(", names, "):", 0)
        lines += ["", "", *own, f'    """The methods ``{namespace}.*``."""']
    lines += ["", "", "class Methods:", '    """The namespaces of the contract, whose calls ``caller`` sends."""', ""]
    lines.append("    def __init__(self, caller: Caller) -> None:")
    lines += [f"        self.{namespace} = {_class(namespace)}(caller)" for namespace in namespaces]
    return "\n".join(lines) + "\n"


def _class(namespace: str) -> str:
    return f"{namespace.capitalize()}Methods"


def _imported(line: str) -> str:
    return line.split()[1]


def _errors_text() -> str:
    common = ["ConnectionFailed", "ConnectionLost", "CsounddError", "DaemonRestarted", "RemoteError", "SessionOver"]
    common.append("Unreadable")
    imports = ["from csoundd_client.failures import (", *(f"    {name}," for name in common), ")"]
    lines = [*module_head("The errors of the contract, one class for each number."), *imports]
    for error in ERRORS:
        summary = error.summary[0].upper() + error.summary[1:]
        bases = f"RemoteError, {builtin}" if (builtin := BUILTINS.get(error.__name__)) else "RemoteError"
        lines += ["", "", f"class {error.__name__}({bases}):"]
        lines += [f'    """{summary}."""', "", f"    code = {error.code}"]
    names = sorted([*common, *(error.__name__ for error in ERRORS)])
    lines += ["", "", "__all__ = [", *(f'    "{name}",' for name in names), "]"]
    return "\n".join(lines) + "\n"
