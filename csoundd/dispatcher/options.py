"""Options of a subscription, checked against the topic's declaration and complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

from csoundd.dispatcher.checks import StructCheck
from csoundd.errors import NotFound

Options = dict[str, object]


def options_check(declared: Mapping[str, type]) -> Callable[[str, Options], Options]:
    """A check of the options of topics, of which ``declared`` has the dataclass by the topic's name.

    It fills in the defaults, in the order of their declaration. It raises NotFound for a topic that there is not,
    InvalidParams for options that do not fit it.
    """
    checks = {topic: StructCheck(options) for topic, options in declared.items()}

    def check(topic: str, options: Options) -> Options:
        if topic not in checks:
            raise NotFound(f"there is no topic {topic[:80]}", hint=f"there are {', '.join(checks)}")
        checked = checks[topic](options)
        return {field.name: getattr(checked, field.name) for field in fields(declared[topic])}

    return check
