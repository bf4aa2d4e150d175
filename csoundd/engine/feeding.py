"""The front's part in callbacks: the topics that the host is to tell of, and what every host is fed anew."""

from __future__ import annotations

from typing import Final, cast

from csoundd.messages import At, Command, Seconds

PUSHING: Final = Seconds(10.0)


class Feeding:
    """Makes the commands, and remembers what a new host has to be told."""

    def __init__(self) -> None:
        self._followed: set[str] = set()
        self._invalues: dict[str, tuple[object, object, object]] = {}

    def follow(self, topic: str, *, wanted: bool) -> Command:
        """The command that has the host tell of ``topic``, or no longer."""
        (self._followed.add if wanted else self._followed.discard)(topic)
        return self._hear()

    def _hear(self) -> Command:
        return Command("host.hear", [sorted(self._followed)])

    def push(self, topic: str, data: object, at: At | None = None) -> Command:
        """The command that feeds ``data``; of values for ``invalue`` the last of each name is remembered."""
        if topic == "invalue":
            values, default, max_age = cast("list[object]", data)
            named = cast("dict[str, object]", values)
            self._invalues.update({name: (value, default, max_age) for name, value in named.items()})
        return Command("host.push", [topic, data], at=at, deadline=PUSHING)

    def orders(self) -> list[Command]:
        """What brings a new host to where the last one was."""
        pushes = [
            Command("host.push", ["invalue", [{name: value}, default, max_age]])
            for name, (value, default, max_age) in self._invalues.items()
        ]
        return [self._hear(), *pushes]
