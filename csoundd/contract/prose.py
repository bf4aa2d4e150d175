"""Docstrings of the declared API as Markdown, and signatures as people read them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Final

from csoundd.api.declare import Method

_ROLE: Final = re.compile(r":\w+:`~?([^`]+)`")


def markdown(text: str) -> str:
    """A docstring in Markdown."""
    return _ROLE.sub(r"`\1`", text).replace("``", "`")


def doc(thing: type | Callable[..., object]) -> str:
    """What is said about ``thing`` where it is declared, in Markdown."""
    return markdown(inspect.getdoc(thing) or "")


def summary(text: str) -> str:
    """The first sentence of ``text``, from the first paragraph."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    sentence, stop, _ = paragraph.partition(". ")
    return sentence + "." if stop else paragraph


def signature(method: Method) -> str:
    """The declared signature on one line."""
    parameters = ", ".join(str(parameter) for parameter in method.signature.parameters.values())
    returned = inspect.signature(method.function).return_annotation
    return f"{method.name}({parameters}) → {returned}".replace("'", "").replace(" → None", "")
