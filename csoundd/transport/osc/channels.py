"""OSC channels: what a message to ``/chan/<name>`` asks for, and the single values that many of them carry.

Values that come while the engine is busy with the last command wait for the next; only the latest value of a channel
matters, as all of them would have landed at the same cycle edge anyway. So a flood costs the engine no more than it
can take, and the first value of a quiet time goes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

import numpy as np

from csoundd.access.grants import Grant
from csoundd.codec.osc import Message, Value
from csoundd.errors import CsounddError, InvalidParams, NotFound, Unsupported
from csoundd.limits import CHANNELS_SET_AT_ONCE
from csoundd.messages import Failure, Reply, Request, Response
from csoundd.ports import Caller, Dispatcher
from csoundd.transport.osc.calls import Action, Call, CallRunner, ChannelSet, ReplyBudget, ReplyContext
from csoundd.transport.osc.patterns import address_of, name_of
from csoundd.transport.osc.senders import Sender

SET: Final = "channel.set"
"""The method that every value goes through."""

Senders = dict[str, Sender]
"""By channel who gave it its value."""

Written = Callable[[dict[str, object], Senders], None]
"""Told of values that channels were given, and of who sent each."""


@dataclass(frozen=True, slots=True)
class SharedCaller:
    """The caller of a command with values of several senders; ``grant`` is what each of them has."""

    grant: Grant
    id: None = None
    receipts: bool = False
    peer: str = ""


class CoalescingWriter:
    """Sets channels, many of them with one call of the dispatcher, for those who sent the values.

    ``written`` is told of every value that the engine took.
    """

    def __init__(self, dispatcher: Dispatcher, written: Written) -> None:
        self._dispatcher = dispatcher
        self._written = written
        self._busy = 0
        # Two tables rather than one of pairs: each is copied at once, however many values there are.
        self.values: Final[dict[str, object]] = {}
        """The values that channels are set to at the next :meth:`flush`, of senders who were admitted."""
        self.senders: Final[Senders] = {}
        """The sender of each. The router fills both tables itself: calls took 0.17 of the 0.78 us of a packet."""

    def admit(self, sender: Sender, address: str) -> None:
        """Have the dispatcher permit ``sender`` to set channels, once for all its values. Raises Forbidden.

        A value that is not permitted must not wait here: it could overtake another sender's.
        """
        if not sender.may_set:
            self._dispatcher.permit(sender, "control", address)
            sender.permit_sets()

    def flush(self) -> None:
        """Set what waits, if the engine is not busy with what went before."""
        if self.values and not self._busy:
            self._set_some()

    def settle(self) -> None:
        """Set all that waits: something comes that has to find it done."""
        while self.values:
            self._set_some()

    def _set_some(self) -> None:
        values, senders = self.values, self.senders
        if len(values) <= CHANNELS_SET_AT_ONCE:
            going, who = values.copy(), senders.copy()
            values.clear()
            senders.clear()
        else:
            names = list(values)[:CHANNELS_SET_AT_ONCE]
            going, who = {name: values.pop(name) for name in names}, {name: senders.pop(name) for name in names}
        self._busy += 1
        self._set(going, who)

    def _set(self, values: dict[str, object], senders: Senders) -> None:
        several = set(senders.values())
        caller: Caller = next(iter(several))
        if len(several) > 1:
            caller = SharedCaller(Grant(frozenset.intersection(*{sender.scopes for sender in several})))
        self._dispatcher.dispatch(caller, Request(SET, [values], 0), partial(self._answered, values, senders))

    def _answered(self, values: dict[str, object], senders: Senders, response: Response | list[Response]) -> None:
        self._busy -= 1
        if not isinstance(response, Failure):
            self._written(values, senders)
        elif isinstance(response.error, InvalidParams) and len(values) > 1:
            # One that does not fit its channel keeps all of them from being set.
            self._busy += len(values)
            for name, value in values.items():
                self._set({name: value}, {name: senders[name]})
        else:
            # One error for each sender, whatever the number of values.
            first = {sender: address_of(name) for name, sender in reversed(senders.items())}
            for sender, address in first.items():
                ReplyContext(ReplyBudget(sender, len(address)), address).fail(response.error)
        self.flush()


class ChannelAddresses:
    """The addresses of channels: sets and questions. ``written`` is told of the values that calls have set."""

    def __init__(self, runner: CallRunner, written: Written) -> None:
        self._runner = runner
        self._written = written

    def action(self, context: ReplyContext, asked: Message) -> Action:
        """The action that ``asked`` asks for. Raises NotFound and InvalidParams for arguments that fit no channel."""
        name = name_of(asked.address)
        if not name:
            raise NotFound("there is no channel without a name")
        match asked.arguments:
            case []:
                return Call("channel.get", [name], context, partial(_tell, context, name))
            case [bool() | int() | float() as number]:
                return ChannelSet(name, float(number), context)
            case [str(text)]:
                return ChannelSet(name, text, context)
            case [list(values)] | [*values]:
                return self._array(context, name, _samples(values))

    def call(self, action: Action) -> Call:
        """``action`` as a call that tells ``written`` of the channels that it sets."""
        if isinstance(action, ChannelSet):
            method = "csound.setStringChannel" if isinstance(action.value, str) else "csound.setControlChannel"
            action = Call(method, [action.name, action.value], action.context)
        match action.method, action.params:
            case "csound.setControlChannel" | "csound.setStringChannel", [str(name), value]:
                values: dict[str, object] = {name: value}
            case "channel.set", [dict(values)]:
                pass
            case _:
                return action
        call = action

        def answered(response: Response | list[Response]) -> None:
            if isinstance(response, Reply):
                self._written(values, dict.fromkeys(values, call.context.sender))
            call.finish(response)

        return Call(call.method, call.params, call.context, answered, call.front)

    def _array(self, context: ReplyContext, name: str, samples: object) -> Call:
        """Set an audio channel; where there is none of the name, an array channel."""

        def answered(response: Response | list[Response]) -> None:
            if not isinstance(response, Failure) or not isinstance(response.error, InvalidParams | Unsupported):
                context.failed(response)
                return
            first = response.error

            def answered_again(again: Response | list[Response]) -> None:
                if isinstance(again, Failure):
                    context.fail(_neither(first, again.error))

            self._runner.run(Call("csound.setArrayData", [name, samples], context, answered_again))

        return Call(SET, [{name: samples}], context, answered)


def _tell(context: ReplyContext, name: str, response: Response | list[Response]) -> None:
    """Answer a question with what ``channel.get`` found."""
    if not isinstance(response, Reply):
        context.failed(response)
        return
    values = cast("dict[str, object]", response.result)
    if name in values:
        context.value(values[name])
    else:
        context.fail(NotFound("there is no such channel"))


def _neither(audio: CsounddError, array: CsounddError) -> CsounddError:
    """Why a row of numbers fits no channel: the kind of the one there is, else what either kind would have taken."""
    if "channel" in audio.details:
        return audio
    return InvalidParams(f"as an audio channel: {audio.message}; as an array: {array.message}")


def _samples(values: list[Value]) -> object:
    match values:
        case [bytes(data)] if len(data) % 4 == 0:
            return np.frombuffer(data, ">f4").astype(np.float64)
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) != len(values):
        raise InvalidParams("a channel takes a number, a text, many numbers, or a blob of 32-bit floats")
    return np.array(numbers, np.float64)
