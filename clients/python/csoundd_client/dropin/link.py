"""How the synchronous classes reach the engine: calls with what goes along with them, before and after.

Before each call go the script's changes to shared arrays; after those that may change anything the arrays are
fetched, and the script's callbacks have run when the call returns. What a script reads after every cycle is fetched
with the cycle, and calls whose answer says nothing are not waited for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Final

from csoundd_client.dropin.dispatch import Dispatcher
from csoundd_client.dropin.remote import Call, Remote
from csoundd_client.dropin.shared import SharedArrays, Write
from csoundd_client.failures import CsounddError
from csoundd_client.values import Samples

Poll = Callable[[], list[Call]]
"""Asks a script's function what it has for the engine."""

CLOCK: Final = frozenset({"csound.scoreTime", "csound.currentTimeSamples", "csound.spout"})
"""Calls that read what only a cycle changes, and no call that nobody waits for."""

READ_EACH_CYCLE: Final = CLOCK | {"csound.controlChannel", "csound.stringChannel"}
"""Calls that read what a cycle may change. What a script has read since the last cycle comes along with the next."""

MESSAGES_READ: Final = frozenset(
    f"csound.{name}"
    for name in ("messageCnt", "firstMessage", "firstMessageAttr", "popFirstMessage", "readMessage", "iterMessages")
)
"""Calls that the daemon answers without its engine: they do not wait behind the calls that nobody waits for."""

MOST_READ: Final = 32
"""So many reads come along with a cycle."""

WATCHED: Final = 16384
"""The longest arrays of which writes are sent without a call: to compare all of a table takes a while."""

CHANGED_AT_ONCE: Final = {"csound.setControlChannel": "control", "csound.setAudioChannel": "audio"}
"""The calls that nobody waits for which change a shared array before the next cycle: the kind of channel that it is."""


class Link:
    """One daemon, the arrays shared with its engine, and the thread of the script's functions.

    ``alone`` says that the engine is this script's own, so that nobody else steps it.
    """

    def __init__(self, url: str, token: str | None = None, *, alone: bool) -> None:
        self.remote = Remote(url, token)
        self.shared = SharedArrays()
        self.dispatcher = Dispatcher()
        self.polls: dict[str, Poll] = {}
        self.listening = False
        self.stepping = False
        self._writes = False
        self._changing = threading.Lock()
        self._alone = alone
        self._waiting = False
        self._read: dict[tuple[Hashable, ...], Call] = {}
        self._known: dict[tuple[Hashable, ...], Any] = {}

    def ask(self, call: Call) -> Any:
        """The result of a call that only reads."""
        if call.method in MESSAGES_READ and self.remote.unanswered:
            self.finish()
        changes = self._changes()
        if call.method in READ_EACH_CYCLE and self.stepping:
            key = (call.method, call.read, *call.params)
            if not changes and key in self._known:
                self._read[key] = call
                return self._known[key]
            if len(self._read) < MOST_READ:
                self._read[key] = call
            if call.method in CLOCK and self._alone and not self._waiting:
                outcome = _checked(self.remote.send([*changes, call]), len(changes) + 1)
                self._known[key] = outcome
                return outcome
        return _checked(self.remote.send([*changes, call]), len(changes) + 1)

    def do(self, call: Call) -> Any:
        """The result of a call after which anything may be different, and is fetched in the same frame."""
        return self._done([], call, [])

    def step(self, call: Call, *, waits: bool) -> Any:
        """The result of a call that performs a cycle, None where nobody ``waits`` for it and nothing else needs it."""
        feeds = self._feeds()
        reads, self._read = self._read, {}
        if not (waits or feeds or reads or self.listening or self.shared.fetches()):
            self._known = {}
            self.remote.tell([*self._changes(), call])
            return None
        self._push(feeds)  # the cycle is asked for when they are there: they take another way
        return self._done(list(reads), call, list(reads.values()))

    def tell(self, call: Call) -> None:
        """Have a call done whose answer says nothing. Where it fails, the next call that is waited for raises that."""
        if self._known:
            self._known = {key: known for key, known in self._known.items() if key[0] in CLOCK}
        kind = CHANGED_AT_ONCE.get(call.method)
        if kind is not None and self.shared.held((kind, call.first)) is not None:
            self.do(call)
        else:
            self.remote.tell([*self._changes(), call])

    def _done(self, keys: list[tuple[Hashable, ...]], call: Call, reads: list[Call]) -> Any:
        self._known = {}
        before = self._changes()
        fetches = self.shared.fetches()
        outcomes = self.remote.send([*before, call, *reads, *(fetch for _, fetch in fetches)])
        own = len(before) + 1
        for (entry, _), outcome in zip(fetches, outcomes[own + len(reads) :], strict=True):
            self.shared.take(entry, outcome)
        self.settle()
        result = _checked(outcomes, own)
        if keys:
            found = zip(keys, outcomes[own : own + len(reads)], strict=True)
            self._known = {key: outcome for key, outcome in found if not isinstance(outcome, CsounddError)}
        return result

    def wait(self, call: Call) -> Any:
        """The result of a call that is answered when something has come about; arrays are fetched then."""
        self._known = {}
        self._waiting = True
        try:
            result = self.ask(call)
        finally:
            self._waiting = False
        self.refresh()
        return result

    def refresh(self) -> None:
        """Fetch the arrays that the script holds, and let the callbacks run that are due."""
        self.fetch()
        self.settle()

    def fetch(self) -> None:
        """Fetch the arrays that the script holds."""
        fetches = self.shared.fetches()
        if fetches:
            outcomes = self.remote.send([fetch for _, fetch in fetches])
            for (entry, _), outcome in zip(fetches, outcomes, strict=True):
                self.shared.take(entry, outcome)

    def settle(self) -> None:
        """Let the callbacks run that are due."""
        if self.listening:
            self.dispatcher.drain()

    def finish(self) -> None:
        """Wait until all has been done that nobody waited for. What failed of it the next call raises."""
        if self.remote.open and not self.remote.inside:
            self.remote.finish()

    def poll(self) -> None:
        """Ask the script's functions what they have, and send it."""
        self._push(self._polled())

    def keep(
        self, key: Hashable, values: Samples, fetch: Call, write: Write | None = None, *, stays: bool = False
    ) -> Samples:
        """An array of the script's, as SharedArrays keeps it.

        What is written into it is sent while the engine performs by itself, too.
        """
        array = self.shared.keep(key, values, fetch, write, stays=stays)
        self._writes = self._writes or (write is not None and not stays)
        self.watch()
        return array

    def watch(self) -> None:
        """Look at what the script writes, from now on, where the engine performs by itself."""
        if self._writes and not self.stepping and self.dispatcher.idle is None:
            self.dispatcher.idle = self.idle
            self.dispatcher.submit(self.idle)

    def idle(self) -> None:
        """Send what the script has written, and poll, while the engine performs by itself.

        Where it is stepped, every cycle does so.
        """
        if self.stepping:
            return
        if self._writes:
            with self._changing:
                # Both at once: what the script's own calls take along after this is younger.
                changes = self.shared.changes(WATCHED)
                if changes:
                    self.remote.tell(changes)
        if self.polls:
            self.poll()

    def _changes(self) -> list[Call]:
        if not self._writes:
            return []
        with self._changing:
            return self.shared.changes()

    def level(self, key: Hashable) -> Samples | None:
        """The array under ``key`` that the script holds, where it is as the last cycle of this script's has left it."""
        return self.shared.held(key) if self.stepping and self._alone else None

    def _feeds(self) -> list[Call]:
        """What the next cycle is to find there."""
        return [*self.shared.feeds(), *self._polled()]

    def _polled(self) -> list[Call]:
        return [call for poll in list(self.polls.values()) for call in poll()]

    def _push(self, calls: list[Call]) -> None:
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
