"""Stage 3, options: those of a subscription, checked against the topic's declaration and complete."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from csoundd.api.topics import TOPICS
from csoundd.dispatcher.checks import StructCheck
from csoundd.errors import NotFound

_CHECKS: Final = {topic.name: StructCheck(topic.options) for topic in TOPICS.values()}


def check_options(topic: str, options: dict[str, object]) -> dict[str, object]:
    """``options`` of ``topic`` with the defaults filled in, in the order of their declaration.

    Raises NotFound for a topic that there is not, InvalidParams for options that do not fit it.
    """
    check = _CHECKS.get(topic)
    if check is None:
        raise NotFound(f"there is no topic {topic[:80]}", hint=f"there are {', '.join(_CHECKS)}")
    checked = check(options)
    return {field.name: getattr(checked, field.name) for field in fields(TOPICS[topic].options)}
