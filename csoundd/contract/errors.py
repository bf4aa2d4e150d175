"""The errors of the contract: ``errors.json``, and which of them a method may answer with."""

from __future__ import annotations

import re

from csoundd.api.declare import ANY, Method, Served
from csoundd.contract.prose import doc
from csoundd.errors import ERRORS, CsounddError
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
    parameters = method.signature.parameters.values()
    return "engine" if any("CallRequest" in str(p.annotation) for p in parameters) else method.facts.served


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
    if any(_is_handle(parameter.annotation) for parameter in method.signature.parameters.values()):
        names.add("StaleHandle")
    return [error for error in ERRORS if error.__name__ in names]


def _is_handle(annotation: object) -> bool:
    return str(annotation).partition(" ")[0] in {"Handle", "ChannelRef"}
