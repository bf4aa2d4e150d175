"""The errors of the contract: ``errors.json``, and which of them a method may answer with."""

from __future__ import annotations

import re
from typing import get_type_hints

from csoundd.api.annotations import Declared, declared, holds_calls, may_be
from csoundd.api.declare import ANY, Method, Served
from csoundd.contract.prose import doc
from csoundd.errors import ERRORS, CsounddError
from csoundd.messages import Handle
from csoundd.values import PROTOCOL

_ENGINE = {"EngineError", "WrongState", "Unsupported", "EngineCrashed", "EngineUnavailable", "Cancelled", "Late"}


def errors() -> dict[str, object]:
    """The content of ``errors.json``."""
    return {
        "protocol": PROTOCOL,
        "data": {
            "type": "the error's name, always there",
            "hint": "what to do about it",
            "messages": "the last lines that Csound printed",
        },
        "errors": [{"type": e.__name__, "code": e.code, "message": e.summary} for e in ERRORS],
    }


def error_object(error: type[CsounddError]) -> dict[str, object]:
    """``error`` as OpenRPC describes one."""
    return {"code": error.code, "message": error.summary, "data": {"type": error.__name__}}


def served_by(method: Method) -> Served:
    """Who answers: a list of calls is a command of the engine's even where the front makes it."""
    return "engine" if any(map(holds_calls, _parameters(method))) else method.facts.served


def errors_of(method: Method) -> list[type[CsounddError]]:
    """What ``method`` may answer with, in the order of the contract."""
    facts = method.facts
    names = {"Forbidden", "InternalError"} | set(re.findall(r"\b[A-Z]\w+", doc(method.function)))
    if method.signature.parameters:
        names.add("InvalidParams")
    if served_by(method) == "engine":
        names |= _ENGINE
    if facts.deadline is not None:
        names.add("Timeout")
    if facts.states != ANY:
        names.add("WrongState")
    if any(may_be(type_, Handle) for type_ in _parameters(method)):
        names.add("StaleHandle")
    return [error for error in ERRORS if error.__name__ in names]


def _parameters(method: Method) -> list[Declared]:
    hints = get_type_hints(method.function, include_extras=True)
    return [declared(hints[name]) for name in method.signature.parameters]
