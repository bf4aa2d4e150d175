"""csoundd's own OSC addresses, but for those of notes: playing, the connection, and subscriptions.

A new address is one function here, declared by ``@command``.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any, Final, cast

from pydantic import Field

from csoundd.codec.osc import Midi, int32, message, text
from csoundd.errors import CsounddError, Forbidden, InternalError, InvalidParams, NotFound
from csoundd.limits import FASTEST_RATE_HZ, PACKET_MESSAGES
from csoundd.messages import Failure, LatePolicy, MessagePrinted, PollResult, Reply, Response
from csoundd.ports import EnginePort
from csoundd.transport.osc.addresses import INT32, command
from csoundd.transport.osc.calls import Call, CallRunner, ReplyContext
from csoundd.transport.osc.senders import ReplyTypes, is_private_network
from csoundd.transport.osc.subscriptions import RATE, Feedback
from csoundd.values import AudioFormat

_UNKNOWN: Final = re.compile(r"invalid instrument number or name (\S+)|instr (\S+) not found")
"""What Csound 6.18 and 7.0.0 print in the call, for a number and for a name; ``csoundEvent`` returns nothing."""


_BREATH: Final = 5.0
"""Seconds after which what was printed was not of the call that is answered: the two are sent together."""


class NoteSender:
    """Makes the calls that begin notes, and tells of those whose instrument is not there: Csound only prints of them.

    What it prints reaches the front right before the answer to the call. So a note is told of when it is answered: one
    that waits for its time may be of an instrument that is still to come.
    """

    def __init__(self, engine: EnginePort) -> None:
        self._printed: deque[tuple[str, float]] = deque(maxlen=PACKET_MESSAGES)
        engine.on(MessagePrinted, self._read)

    def event(self, context: ReplyContext, kind: str, pfields: list[float | str]) -> Call:
        """The call of ``csound.event``; a note of an unknown instrument is answered with NotFound."""
        name = _printed_name(pfields[0]) if kind == "i" and pfields else None
        if name is None:
            return Call("csound.event", [kind, pfields], context)

        def answered(response: Response | list[Response]) -> None:
            if not context.failed(response) and isinstance(response, Reply) and self._was_printed(name):
                context.fail(NotFound(f"there is no instrument {name.partition('.')[0]}"))

        return Call("csound.event", [kind, pfields], context, answered)

    def _read(self, event: MessagePrinted) -> None:
        for found in _UNKNOWN.finditer(event.text):
            self._printed.append((found[1] or found[2], monotonic()))

    def _was_printed(self, name: str) -> bool:
        """Whether Csound has just printed of the instrument ``name``; each time it did counts for one note."""
        since = monotonic() - _BREATH
        while self._printed and self._printed[0][1] < since:
            self._printed.popleft()
        found = next((entry for entry in self._printed if entry[0] == name), None)
        if found is not None:
            self._printed.remove(found)
        return found is not None


def _printed_name(p1: float | str) -> str | None:
    """How Csound names the instrument of a note, None for what ends one."""
    if isinstance(p1, str):
        return None if p1.startswith("-") else p1
    return str(int(p1)) if 1 <= p1 < 2**31 else None


log = logging.getLogger("csoundd.osc")

_NOT_STARTED: Final = AudioFormat(sr=0.0, ksmps=0, nchnls=0, zerodbfs=1.0)
"""What the status is of before Csound has been started."""

_LOAD_POLLER: Final = "osc-load"
_LOAD_RATE: Final = 2.0
_PROOF: Final = "send back the number that /notify answers, or have the daemon started with --osc-target"

_ONE_DATA_BYTE: Final = 0xC0
"""Program change and channel pressure, under the mask 0xE0: the kinds of MIDI message with one data byte."""

Int32 = Annotated[int, Field(ge=INT32["MIN"], le=INT32["MAX"])]
Port = Annotated[int, Field(ge=1, le=65535)]
Rate = Annotated[float, Field(gt=0, le=FASTEST_RATE_HZ)]


class BackgroundTasks:
    """Tasks that commands have begun."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, object], ended: Callable[[CsounddError | None], None]) -> None:
        """Have ``work`` done; ``ended`` is told of its error, or None. A fault of ours is logged."""

        async def run() -> None:
            error: CsounddError | None = None
            try:
                await work
            except CsounddError as failure:
                error = failure
            except Exception:
                log.exception("a fault in csoundd itself")
                error = InternalError(hint="the server's log says more")
            ended(error)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Give up what is still being done."""
        for task in self._tasks:
            task.cancel()


@dataclass(frozen=True, slots=True)
class CommandServices:
    """The parts that commands are served with. ``version`` is the daemon's own."""

    engine: EnginePort
    runner: CallRunner
    notes: NoteSender
    feedback: Feedback
    tasks: BackgroundTasks
    version: str


class ServerCommands:
    """The addresses of playing, of the connection, and of subscriptions."""

    def __init__(self, services: CommandServices) -> None:
        self._engine = services.engine
        self._runner = services.runner
        self._notes = services.notes
        self._feedback = services.feedback
        self._tasks = services.tasks
        self._version = services.version
        self._load: float | None = None
        services.engine.on(PollResult, self._take_load)

    @command("/event", "control", types=("sfff", "sff", "sf", "s"))
    def event(self, context: ReplyContext, kind: str, *pfields: float | str) -> Call:
        """Play an event, as ``csound.event`` does: its kind, then its p-fields. Answered only if it fails."""
        return self._notes.event(context, kind, list(pfields))

    @command("/score", "control")
    def score(self, context: ReplyContext, lines: str) -> Call:
        """Play lines of score. Answered only if that fails."""
        return Call("csound.inputMessage", [lines], context)

    @command("/midi", "control", types=("m", "iii", "ii", "b"))
    def midi(self, context: ReplyContext, *messages: Midi | int | bytes) -> Call:
        """Play MIDI messages or bytes of them, as a controller would. Answered only if that fails."""
        data: list[object] = []
        for value in messages:
            match value:
                case Midi(bytes(whole)):
                    # The first byte is a port, of which there is one.
                    data += whole[1:3] if whole[1] & 0xE0 == _ONE_DATA_BYTE else whole[1:]
                case bytes():
                    data += value
                case _:
                    data.append(value)
        return Call("stream.push", ["midi", data], context, front=True)

    @command("/sync", "read")
    def sync(self, context: ReplyContext, number: Int32 = 0) -> Call:
        """Answers ``/synced ,i <number>`` when everything before it has run."""

        def answered(response: Response | list[Response]) -> None:
            if isinstance(response, Failure):
                context.fail(response.error)
            else:
                context.send(message("/synced", int32(number)))

        return Call("engine.sync", [], context, answered)

    @command("/status", "read")
    def status(self, context: ReplyContext) -> None:
        """Answers ``/status.reply``: state, sample rate, ksmps, channels, score time, load, backend, versions."""
        if self._load is None:
            self._load = 0.0
            self._tasks.begin(self._engine.poll(_LOAD_POLLER, "transport", {"rate": _LOAD_RATE}), self._load_polled)
        info, form = self._engine.info(), self._engine.format() or _NOT_STARTED
        packet = message(
            "/status.reply",
            text(info.state),
            context.number(form.sr),
            int32(form.ksmps),
            int32(form.nchnls),
            context.number(self._engine.seconds_of_score()),
            context.number(self._load),
            text(info.backend),
            int32(info.version or 0),
            text(self._version),
        )
        context.send(packet)

    @command("/notify", "read")
    def notify(self, context: ReplyContext, wanted: bool, number: int | None = None) -> None:  # noqa: FBT001 - by position
        """Be told ``/late``, or no longer. Answers ``/done ,si /notify <number>``.

        With that number back, the sender's address is proved.
        """
        sender = context.sender
        if number is not None and not sender.prove(number):
            raise InvalidParams("/notify takes 1 or 0, and to prove the address the number that it answered")
        sender.tell_late(wanted=wanted)
        context.send(message("/done", text("/notify"), int32(sender.number)))

    @command("/replyTypes", "read")
    def reply_types(self, context: ReplyContext, types: ReplyTypes) -> None:
        """Have answers in the tags ``i f s b`` only (``standard``), which every program reads, or in all (``full``)."""
        context.sender.answer_in(types)

    @command("/dumpOSC", "control")
    def dump(self, context: ReplyContext, level: Annotated[int, Field(ge=0, le=3)]) -> None:
        """Log what comes from here: 1 its meaning, 2 its bytes, 3 both."""
        context.sender.log_packets(level)

    @command("/latePolicy", "control")
    def late_policy(self, context: ReplyContext, policy: LatePolicy) -> None:
        """Say what becomes of a bundle that comes after its time."""
        context.sender.run_late_ones(policy)

    @command("/clearSched", "control")
    def clear_scheduled(self, context: ReplyContext) -> None:
        """Forget the bundles from here that wait for their time. Not answered."""
        self._runner.forget(context.sender)

    @command("/subscribe", "read")
    def subscribe(self, context: ReplyContext, pattern: str, rate: Rate = RATE, port: Port | None = None) -> None:
        """Be told of channels as they change: a pattern, a rate in Hz, a port."""
        sender = context.sender
        if not (sender.proven or is_private_network(sender.host)):
            raise Forbidden("a subscription from afar is for an address that has proved itself", hint=_PROOF)
        target, deliver = (sender.id, sender.deliver) if port is None else sender.at_port(port)

        def ended(error: CsounddError | None) -> None:
            if error is None:
                context.reply(pattern, float(rate))
            else:
                context.fail(error)

        self._tasks.begin(self._feedback.subscribe(sender, target, deliver, pattern, float(rate)), ended)

    @command("/unsubscribe", "read")
    def unsubscribe(self, context: ReplyContext, pattern: str | None = None, port: Port | None = None) -> None:
        """Be told no longer; without a pattern, of nothing any more."""
        sender = context.sender
        target = sender.id if port is None else sender.at_port(port)[0]
        self._feedback.unsubscribe(sender, target, pattern)

    def _take_load(self, event: PollResult) -> None:
        if event.name == _LOAD_POLLER:
            self._load = cast("dict[str, float]", event.data)["cpuLoad"]

    def _load_polled(self, error: CsounddError | None) -> None:
        if error is not None:
            self._load = None
