"""How the synchronous classes reach the engine: calls with what goes along with them, before and after.

Before each call go the script's changes to shared arrays; after those that may change anything the arrays are
fetched, and the script's callbacks have run when the call returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csoundd_client.dropin.dispatch import Dispatcher
from csoundd_client.dropin.remote import Call, Remote
from csoundd_client.dropin.shared import SharedArrays
from csoundd_client.failures import CsounddError

Poll = Callable[[], list[Call]]
"""Asks a script's function what it has for the engine."""


class Link:
    """One daemon, the arrays shared with its engine, and the thread of the script's functions."""

    def __init__(self, url: str) -> None:
        self.remote = Remote(url)
        self.shared = SharedArrays()
        self.dispatcher = Dispatcher()
        self.polls: dict[str, Poll] = {}
        self.listening = False
        self.stepping = False

    def ask(self, call: Call) -> Any:
        """The result of a call that only reads."""
        changes = self.shared.changes()
        return _checked(self.remote.send([*changes, call]), len(changes) + 1)

    def do(self, call: Call, *, performing: bool = False) -> Any:
        """The result of a call after which anything may be different, and is fetched in the same frame."""
        if performing:
            self._feed()
        before = self.shared.changes()
        fetches = self.shared.fetches()
        outcomes = self.remote.send([*before, call, *(fetch for _, fetch in fetches)])
        own = len(before) + 1
        for (entry, _), outcome in zip(fetches, outcomes[own:], strict=True):
            self.shared.take(entry, outcome)
        self.settle()
        return _checked(outcomes, own)

    def wait(self, call: Call) -> Any:
        """The result of a call that is answered when something has come about; arrays are fetched then."""
        result = self.ask(call)
        self.refresh()
        return result

    def refresh(self) -> None:
        """Fetch the arrays that the script holds."""
        fetches = self.shared.fetches()
        if fetches:
            outcomes = self.remote.send([fetch for _, fetch in fetches])
            for (entry, _), outcome in zip(fetches, outcomes, strict=True):
                self.shared.take(entry, outcome)
        self.settle()

    def settle(self) -> None:
        """Let the callbacks run that are due."""
        if self.listening:
            self.dispatcher.drain()

    def poll(self) -> None:
        """Ask the script's functions what they have, and send it."""
        self._push([])

    def idle(self) -> None:
        """Poll while the engine performs by itself; where it is stepped, every cycle does so."""
        if self.polls and not self.stepping:
            self.poll()

    def _feed(self) -> None:
        """Send what the next cycle is to find there. It is answered before the cycle is asked for."""
        self._push(self.shared.feeds())

    def _push(self, calls: list[Call]) -> None:
        calls += [call for poll in list(self.polls.values()) for call in poll()]
        if calls:
            _checked(self.remote.send(calls), len(calls))

    def close(self) -> None:
        """End the threads and the session."""
        self.polls.clear()
        self.dispatcher.idle = None
        self.dispatcher.close()
        self.remote.close()


def _checked(outcomes: list[Any], own: int) -> Any:
    """The result of the last of the ``own`` calls. Raises the first error among them."""
    for outcome in outcomes[:own]:
        if isinstance(outcome, CsounddError):
            raise outcome
    return outcomes[own - 1]
