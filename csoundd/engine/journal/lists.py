"""Commands that are lists of calls, taken apart: it is the calls that the journal keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from csoundd.messages import Command

LISTS: Final = frozenset({"engine.batch", "thread.requestCallback", "thread.processQueueTask"})


def parts(command: Command, result: object) -> Iterator[tuple[Command, object]]:
    """``command`` with its result, or the calls that it is made of, with the result of each that succeeded."""
    if command.method not in LISTS:
        yield command, result
        return
    calls = cast("list[tuple[str, list[object]]]", command.args[0])
    answers = result if isinstance(result, list) else [{"result": None}] * len(calls)
    for (method, args), answer in zip(calls, answers, strict=False):
        if "result" in answer:
            yield Command(method, args), answer["result"]
