"""Standing orders, which hold until revoked: polls, captured audio, topics of callbacks, values of ``invalue``.

A host is told of each once; one that takes its place is told of all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from csoundd.engine.client.journal.rows import Rows, by_kind
from csoundd.engine.client.journal.store import Rows as Kept
from csoundd.limits import PUSH_SECONDS
from csoundd.messages import At, Command, Done, ignore


class StandingOrders:
    """Gives the orders by ``call`` and ``request``, and remembers what a new host has to be told."""

    def __init__(
        self, call: Callable[[Command, Done], None], request: Callable[[Command], Awaitable[object]], rows: Rows
    ) -> None:
        self._call, self._request, self._mark = call, request, rows.mark
        rows.register("invalue", self._invalue_row)
        self._polls: dict[str, tuple[str, dict[str, object]]] = {}
        self._capturing: set[str] = set()
        self._followed: set[str] = set()
        self._invalues: dict[str, tuple[object, object, object]] = {}

    def _invalue_row(self, name: str) -> object:
        kept = self._invalues.get(name)
        return None if kept is None else list(kept)

    def load(self, rows: Kept) -> None:
        """Take in what another process has left: the values of ``invalue``. The rest is its sessions'."""
        for name, (value, default, max_age) in by_kind(rows, "invalue").items():
            self._invalues[name] = value, default, max_age

    async def poll(self, name: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        """Have ``kind`` delivered under the name ``name``, also by the hosts that follow this one.

        Raises NotFound for a channel that is not there.
        """
        result = await self._request(Command("host.poll", [name, kind, options]))
        self._polls[name] = (kind, options)
        return cast("dict[str, object]", result)

    def unpoll(self, name: str) -> None:
        """End what :meth:`poll` began."""
        if self._polls.pop(name, None) is not None:
            self._call(Command("host.unpoll", [name]), ignore)

    def capture(self, wanted: bool, by: str = "streams") -> None:  # noqa: FBT001 - the argument is the point
        """Whether ``by`` wants AudioBlock events: they come while anybody does."""
        before = bool(self._capturing)
        (self._capturing.add if wanted else self._capturing.discard)(by)
        if before != bool(self._capturing):
            self._call(Command("host.capture", [wanted]), ignore)

    def follow(self, topic: str, wanted: bool) -> None:  # noqa: FBT001 - the argument is the point
        """Whether CallbackEvent events of ``topic`` are wanted."""
        (self._followed.add if wanted else self._followed.discard)(topic)
        self._call(self._followed_command(), ignore)

    def _followed_command(self) -> Command:
        return Command("host.follow", [sorted(self._followed)])

    async def push(self, topic: str, data: object) -> dict[str, object]:
        """Feed ``data``, in the form that the topic takes; how much was accepted.

        Values for ``invalue`` are kept for the hosts that follow this one.
        """
        return cast("dict[str, object]", await self._request(self._pushing(topic, data)))

    def push_at(self, topic: str, data: object, at: At) -> None:
        """Feed ``data`` at a time of its own. Nobody hears what became of it."""
        self._call(self._pushing(topic, data, at), ignore)

    def _pushing(self, topic: str, data: object, at: At | None = None) -> Command:
        """The command that feeds ``data``; of values for ``invalue`` the last of each name is remembered."""
        if topic == "invalue":
            values, default, max_age = cast("list[object]", data)
            named = cast("dict[str, object]", values)
            self._invalues.update({name: (value, default, max_age) for name, value in named.items()})
            for name in named:
                self._mark("invalue", name)
        return Command("host.push", [topic, data], at=at, deadline=PUSH_SECONDS)

    def forget_pushed(self) -> None:
        """No value has been fed to ``invalue``."""
        for name in self._invalues:
            self._mark("invalue", name)
        self._invalues.clear()

    def commands(self) -> list[Command]:
        """What brings a new host to where the last one was."""
        polls = [Command("host.poll", [name, kind, options]) for name, (kind, options) in self._polls.items()]
        pushes = [
            Command("host.push", ["invalue", [{name: value}, default, max_age]])
            for name, (value, default, max_age) in self._invalues.items()
        ]
        return [*polls, self._followed_command(), *pushes, Command("host.capture", [bool(self._capturing)])]
