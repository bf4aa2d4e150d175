"""Requests and replies as the contract writes them: JSON-RPC 2.0 with the members of an engine call beside it."""

from __future__ import annotations

from typing import Any, Final

from csoundd_client.failures import CsounddError, Unreadable, failure_of
from csoundd_client.values import At, Json, Params, Receipt, Reply, Timing

UNTIMED: Final[Timing] = {}

_MEMBERS: Final = frozenset({"at", "late", "deadline"})


def request(method: str, params: Params, timing: Timing) -> dict[str, Any]:
    """The request without an ``id``, which is a notification. Raises TypeError for a timing that is none."""
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    if timing:
        message |= spelled(timing)
    return message


def spelled(timing: Timing) -> dict[str, Any]:
    """The members of the envelope that ``timing`` stands for."""
    if unknown := timing.keys() - _MEMBERS:
        raise TypeError(f"unexpected keyword arguments: {', '.join(sorted(unknown))}")
    members: dict[str, Any] = {name: value for name, value in timing.items() if value is not None}
    at = members.get("at")
    if isinstance(at, At):
        members["at"] = {at.base: at.value}
    return members


def answer(message: dict[str, Any]) -> Reply | CsounddError:
    """What a reply says: the result with its receipt, or the error."""
    if "error" in message:
        return failure_of(message["error"])
    if "result" not in message:
        return Unreadable("the server answered with neither a result nor an error")
    meta = message.get("meta")
    if not isinstance(meta, dict):
        return Reply(message["result"])
    return Reply(message["result"], _receipt(meta), meta.get("messages", ()))


def _receipt(meta: dict[str, Json]) -> Receipt | None:
    """Where the call landed, None where ``meta`` does not say so."""
    if meta.keys() == {"messages"}:
        return None
    return Receipt(
        sample=meta.get("sample", 0),
        cycle=meta.get("cycle", 0),
        score_time=meta.get("scoreTime", 0.0),
        late=meta.get("late", 0.0),
        dropped=meta.get("dropped", False),
    )
