"""Calls that the host has not answered yet, and the deadlines they must be answered by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import monotonic, time
from typing import Final

from csoundd.errors import CsounddError, Timeout
from csoundd.messages import At, Command, Done, Outcome, RequestId, Seconds

FEW: Final = 32


@dataclass(slots=True)
class Call:
    """One call in flight. ``due`` is the monotonic time of its deadline, None where it may take for ever."""

    command: Command
    done: Done
    due: float | None
    sent: float
    """The monotonic time at which it was made."""

    replay: bool
    """Whether it restores what an engine before had been told."""

    def later(self, sample: int) -> Command:
        """The command as it is to be made of the next host, the last one having come to ``sample``."""
        match self.command.at:
            case At("sample", due):
                return replace(self.command, at=At("sample", due - sample))
            case At("delay", seconds):
                return replace(self.command, at=At("delay", max(0.0, seconds - (monotonic() - self.sent))))
            case _:
                return self.command


def ahead(at: At | None) -> Seconds | None:
    """How long a command waits for its time, None where only the performance knows."""
    match at:
        case None:
            return Seconds(0.0)
        case At("delay", seconds):
            return Seconds(max(0.0, seconds))
        case At("wall", moment):
            return Seconds(max(0.0, moment - time()))
        case _:
            return None


def due(command: Command) -> float | None:
    """The monotonic time by which ``command`` must be answered, None where there is none (yet)."""
    if command.deadline is None:
        return None
    if command.at is None:
        return monotonic() + command.deadline
    wait = ahead(command.at)
    return None if wait is None else monotonic() + wait + command.deadline


class Pending:
    """The calls in flight by number. Numbers rise and are never 0."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._given_up: dict[int, Call] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, command: Command, done: Done, *, replay: bool = False) -> int:
        """Take note of ``command``; returns the number it goes under."""
        self._last += 1
        self._calls[self._last] = Call(command, done, due(command), monotonic(), replay)
        return self._last

    def take(self, number: int) -> Call | None:
        """The call ``number``, which is answered now."""
        return self._calls.pop(number, None)

    def take_given_up(self, number: int) -> Call | None:
        """The call ``number``, which is answered now that nobody waits for it any more."""
        return self._given_up.pop(number, None)

    def renumber(self, number: int) -> int | None:
        """Give a call that has not been sent yet the number that it is sent under, None where it was given up."""
        call = self._calls.pop(number, None)
        if call is None:
            return None
        self._last += 1
        self._calls[self._last] = call
        return self._last

    def __iter__(self) -> Iterator[tuple[int, Call]]:
        return iter(list(self._calls.items()))

    def command(self, number: int) -> Command | None:
        """The command of the call ``number``, while it is in flight."""
        call = self._calls.get(number)
        return None if call is None else call.command

    def concern(self, session: str | None) -> bool:
        """Whether any of them may be a call of ``session``; among more than a few, nobody looks."""
        return len(self._calls) > FEW or any(call.command.session == session for call in self._calls.values())

    def numbers(self, session: str, request: RequestId) -> list[int]:
        """The calls that ``session`` made under the id ``request``: one, unless it gave the same id to several."""
        return [
            number
            for number, call in self._calls.items()
            if call.command.request == request and call.command.session == session
        ]

    def expire(self) -> Iterator[int]:
        """Answer Timeout to what is past its deadline; yields the numbers."""
        now = monotonic()
        for number in [n for n, call in self._calls.items() if call.due is not None and call.due < now]:
            call = self._given_up[number] = self._calls.pop(number)
            seconds = call.command.deadline
            error = Timeout(f"{call.command.method} did not end within {seconds:g} s", deadline=seconds)
            call.done(Outcome(error=error))
            yield number

    def fail(self, error: CsounddError) -> None:
        """Answer ``error`` to everything."""
        calls, self._calls = self._calls, {}
        self._given_up.clear()
        for call in calls.values():
            call.done(Outcome(error=error))
