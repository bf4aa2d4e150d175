"""Stage 1, OSC desk: the addresses that are served here, without a call through the dispatcher.

``/status``, ``/notify``, ``/dumpOSC``, ``/latePolicy``, ``/clearSched``, ``/subscribe`` and ``/unsubscribe``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, cast, get_args

from csoundd.codec.osc import Message, double, int32, message, text
from csoundd.errors import CsounddError, Forbidden, InvalidParams
from csoundd.messages import EngineEvent, LatePolicy, Scope, Tapped
from csoundd.transport.osc import replies
from csoundd.transport.osc.access import is_near
from csoundd.transport.osc.feedback import RATE, Feedback
from csoundd.transport.osc.ports import EnginePort
from csoundd.transport.osc.sender import Deliver, Exchange, Sender
from csoundd.transport.osc.steps import Runner

_LOAD_TAP: Final = "osc-load"
_PORTS: Final = range(1, 65536)
_DUMPS: Final = range(4)
_PROOF: Final = "send back the number that /notify answers, or have the daemon started with --osc-target"

Local = Callable[[Exchange, Message], None]


class Reach(Protocol):
    """The way to another port of a sender's host."""

    def port_of(self, sender: Sender, port: int) -> tuple[str, Deliver]:
        """The name of that address, and what sends there. Raises InvalidParams where there is no way."""


class Desk:
    """Serves ``addresses``. ``version`` is the daemon's own."""

    def __init__(self, engine: EnginePort, feedback: Feedback, runner: Runner, reach: Reach, version: str) -> None:
        self._engine = engine
        self._feedback = feedback
        self._runner = runner
        self._reach = reach
        self._version = version
        self._load: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        served: dict[str, tuple[Scope, Local]] = {
            "/status": ("read", self._status),
            "/notify": ("read", self._notify),
            "/dumpOSC": ("control", self._dump),
            "/latePolicy": ("control", self._late_policy),
            "/clearSched": ("control", self._clear_scheduled),
            "/subscribe": ("read", self._subscribe),
            "/unsubscribe": ("read", self._unsubscribe),
        }
        self.addresses = {address: _guarded(scope, local) for address, (scope, local) in served.items()}
        engine.listen(self._hear)

    def close(self) -> None:
        """Give up what is still being done."""
        for task in self._tasks:
            task.cancel()

    def _hear(self, event: EngineEvent) -> None:
        if isinstance(event, Tapped) and event.tap == _LOAD_TAP:
            self._load = cast("dict[str, float]", event.data)["cpuLoad"]

    def _status(self, exchange: Exchange, _asked: Message) -> None:
        if self._load is None:
            self._load = 0.0
            self._begin(self._engine.tap(_LOAD_TAP, "transport", {"rate": 2.0}), self._load_tapped)
        info, rates = self._engine.info(), self._engine.format()
        sr, ksmps, nchnls = (cast("float", rates.get(name, 0)) for name in ("sr", "ksmps", "nchnls"))
        packet = message(
            "/status.reply",
            text(str(info["state"])),
            double(sr),
            int32(int(ksmps)),
            int32(int(nchnls)),
            double(self._engine.seconds_of_score()),
            double(self._load),
            text(str(info["backend"])),
            int32(cast("int", info["version"]) or 0),
            text(self._version),
        )
        exchange.send(packet)

    def _load_tapped(self, error: CsounddError | None) -> None:
        if error is not None:
            self._load = None

    def _notify(self, exchange: Exchange, asked: Message) -> None:
        sender = exchange.sender
        match asked.arguments:
            case [0 | 1 as wanted]:
                sender.late = bool(wanted)
            case [0 | 1 as wanted, int(number)] if number == sender.number:
                sender.late, sender.proven = bool(wanted), True
            case _:
                raise InvalidParams("/notify takes 1 or 0, and to prove the address the number that it answered")
        exchange.send(message("/done", text("/notify"), int32(sender.number)))

    def _dump(self, exchange: Exchange, asked: Message) -> None:
        match asked.arguments:
            case [int(level)] if level in _DUMPS:
                exchange.sender.dump = level
            case _:
                raise InvalidParams("/dumpOSC takes 0 to 3")

    def _late_policy(self, exchange: Exchange, asked: Message) -> None:
        match asked.arguments:
            case [str(policy)] if policy in get_args(LatePolicy):
                exchange.sender.policy = cast("LatePolicy", policy)
            case _:
                raise InvalidParams("/latePolicy takes run, drop or error")

    def _clear_scheduled(self, exchange: Exchange, _asked: Message) -> None:
        self._runner.forget(exchange.sender)

    def _subscribe(self, exchange: Exchange, asked: Message) -> None:
        sender = exchange.sender
        if not (sender.proven or is_near(sender.host)):
            raise Forbidden("a subscription from afar is for an address that has proved itself", hint=_PROOF)
        match asked.arguments:
            case [str(pattern)]:
                rate, port = RATE, 0
            case [str(pattern), int() | float() as rate]:
                port = 0
            case [str(pattern), int() | float() as rate, int(port)] if port in _PORTS:
                pass
            case _:
                raise InvalidParams("/subscribe takes a pattern, a rate in Hz and a port")
        target, deliver = self._reach.port_of(sender, port) if port else (sender.id, sender.deliver)
        task = self._feedback.subscribe(sender, target, deliver, pattern, float(rate))
        self._begin(task, lambda error: _subscribed(exchange, pattern, float(rate), error))

    def _unsubscribe(self, exchange: Exchange, asked: Message) -> None:
        sender = exchange.sender
        match asked.arguments:
            case []:
                self._feedback.unsubscribe(sender, sender.id, None)
            case [str(pattern)]:
                self._feedback.unsubscribe(sender, sender.id, pattern)
            case [str(pattern), int(port)] if port in _PORTS:
                self._feedback.unsubscribe(sender, self._reach.port_of(sender, port)[0], pattern)
            case _:
                raise InvalidParams("/unsubscribe takes a pattern and a port, or nothing")

    def _begin(self, work: Coroutine[Any, Any, object], told: Callable[[CsounddError | None], None]) -> None:
        async def run() -> None:
            error: CsounddError | None = None
            try:
                await work
            except CsounddError as failure:
                error = failure
            told(error)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _guarded(scope: Scope, local: Local) -> Local:
    def guarded(exchange: Exchange, asked: Message) -> None:
        try:
            if scope not in exchange.sender.scopes:
                raise Forbidden(f"{asked.address} needs the scope {scope}", scope=scope)
            local(exchange, asked)
        except CsounddError as error:
            replies.fail(exchange, asked.address, error)

    return guarded


def _subscribed(exchange: Exchange, pattern: str, rate: float, error: CsounddError | None) -> None:
    if error is None:
        replies.reply(exchange, "/subscribe", [pattern, rate])
    else:
        replies.fail(exchange, "/subscribe", error)
