"""The reference pages: each family's methods with signature, meaning, conditions and example messages."""

from __future__ import annotations

import json
import re
from typing import Final

from csoundd.api import FAMILIES
from csoundd.api.declare import ANY, Example, Family, Method, filled, methods_of
from csoundd.api.lacking import ENGINES
from csoundd.contract.errors import errors_of, served_by
from csoundd.contract.prose import doc, markdown, signature, summary
from csoundd.contract.schemas import Schemas
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.topic import Topic

_MADE: Final = "<!-- Made from the declared API; `make protocol` writes it anew. -->\n"


def reference() -> dict[str, str]:
    """The pages by file name."""
    pages = {_file(family): _page(family) for family in FAMILIES}
    return {"README.md": _index(), **pages, "topics.md": _topics()}


def _file(family: type[Family]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", family.__name__).lower() + ".md"


def _title(family: type[Family]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", family.__name__).capitalize()


def _index() -> str:
    rows = [f"- [{_title(family)}]({_file(family)}): {summary(doc(family))}" for family in FAMILIES]
    topics = "- [Topics](topics.md): what can be subscribed to."
    return "\n".join([_MADE, "# Reference", "", "Every method by family, and the streams.", "", *rows, topics, ""])


def _page(family: type[Family]) -> str:
    sections = [_section(method) for method in methods_of(family)]
    return "\n".join([_MADE, f"# {_title(family)}", "", doc(family), "", *sections])


def _section(method: Method) -> str:
    lines = [f"## {method.name}", "", "```python", signature(method), "```", "", doc(method.function), ""]
    lines += [
        _conditions(method),
        "",
        _engines(method),
        "",
        f"Errors: {', '.join(error.__name__ for error in errors_of(method))}.",
        "",
    ]
    for example in method.facts.examples:
        lines += _example(method, example)
    return "\n".join(lines)


def _conditions(method: Method) -> str:
    facts = method.facts
    states = "any" if facts.states == ANY else ", ".join(facts.states)
    started = ", Csound started" if facts.started else ""
    deadline = "none" if facts.deadline is None else f"{facts.deadline:g} s"
    served = f"answered by the {served_by(method)}"
    return f"Scope `{facts.scope}` · states: {states}{started} · deadline: {deadline} · {served}"


def _engines(method: Method) -> str:
    """Which engines serve a method, and why the others do not."""
    lacking = {name: reasons[method.name] for name, reasons in ENGINES.items() if method.name in reasons}
    if not lacking:
        return "Engines: all."
    serving = ", ".join(name for name in ENGINES if name not in lacking) or "none"
    return "\n".join(
        [f"Engines: {serving}. Not served by:", "", *(f"- {name}: {why}" for name, why in lacking.items())]
    )


def _example(method: Method, example: Example) -> list[str]:
    request = {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": filled(example.params)}
    reply = {"jsonrpc": "2.0", "id": 1, "result": filled(example.result)}
    return ["```json", _compact(request), _compact(reply), "```", ""]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _topics() -> str:
    about = "`stream.subscribe {topic, …options}` begins one; its frames are `stream.data` notifications."
    return "\n".join([_MADE, "# Topics", "", about, "", *map(_topic, TOPICS.values())])


def _topic(topic: type[Topic]) -> str:
    schemas = Schemas()
    data = schemas.of(topic.data)
    options = schemas.of(topic.options)
    name = str(options["$ref"]).rpartition("/")[2]
    rows = _rows(schemas.components[name]["properties"])
    return "\n".join([f"## {topic.name}", "", markdown(topic.about), "", *rows, f"Data: {_shape(data, schemas)}", ""])


def _rows(properties: object) -> list[str]:
    if not isinstance(properties, dict) or not properties:
        return ["It has no options.", ""]
    rows = [
        f"| `{name}` | {_default(schema)} | {schema.get('description', '')} |" for name, schema in properties.items()
    ]
    return ["| option | default | meaning |", "|---|---|---|", *rows, ""]


def _default(schema: dict[str, object]) -> str:
    return f"`{_compact(schema['default'])}`" if "default" in schema else "needed"


def _shape(data: dict[str, object], schemas: Schemas) -> str:
    name = str(data.get("$ref", "")).rpartition("/")[2]
    component = schemas.components.get(name, data)
    properties = component.get("properties")
    if name == "Array":
        return "an array."
    if not isinstance(properties, dict):
        return "an object `{name: value}`."
    return f"an object `{{{', '.join(properties)}}}`. {component['description']}"
