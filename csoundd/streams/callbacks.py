"""The methods of the API that take a function. Naming a topic in its place is subscribing to it.

The engine's own callbacks are always set, so all that is left to do is to have the session hear of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csoundd.api.callbacks import ANY_TOPIC, CALLBACKS, EVAL, Files, GraphCallbacks, KeyboardCallbacks, Midi
from csoundd.api.channels import BusCallbacks
from csoundd.api.messages import MessageCallbacks
from csoundd.api.thread import ProcessCallbacks
from csoundd.api.values import Callback, Json, StreamRef
from csoundd.errors import InvalidParams, NotFound, WrongState
from csoundd.limits import QUOTED_CHARACTERS
from csoundd.messages import Done, Outcome
from csoundd.ports import Identity, Subscriber
from csoundd.streams.hub import Hub
from csoundd.streams.topics import TOPICS


@dataclass(frozen=True, slots=True)
class Held:
    """The stream that a callback was set to, and whether it was the callback that subscribed to it."""

    topic: StreamRef
    stream: str
    own: bool


class Callbacks:
    """The callbacks that sessions have set, by method."""

    def __init__(self, hub: Hub, subscriber_of: Callable[[str], Subscriber]) -> None:
        self._hub, self._subscriber_of = hub, subscriber_of
        self._sessions: dict[str, dict[str, Held]] = {}

    def of(self, caller: Identity) -> CallbackService:
        """The methods for ``caller``."""
        return CallbackService(self, caller)

    def forget(self, session: str) -> None:
        """``session`` is over."""
        self._sessions.pop(session, None)

    def held(self, session: str, method: str) -> Held | None:
        """The stream that ``method`` was set to, None where it was set to none."""
        return self._sessions.get(session, {}).get(method)

    async def set(self, session: str, method: str, function: StreamRef) -> str:
        """Have the session receive the topic; the stream's id.

        Raises NotFound for a topic that there is not, InvalidParams for one that the method does not feed.
        """
        _check_topic(CALLBACKS[method], function.topic)
        self.remove(session, method)
        subscriber = self._subscriber_of(session)
        before = {entry["stream"] for entry in self._hub.subscriptions(subscriber)}
        stream = str((await self._hub.subscribe(subscriber, function.topic, {}))["stream"])
        held = self._sessions.setdefault(session, {})
        own = stream not in before or any(other.stream == stream and other.own for other in held.values())
        held[method] = Held(function, stream, own)
        return stream

    def remove(self, session: str, method: str) -> None:
        """End what :meth:`set` began, unless the session receives the stream for another reason as well."""
        held = self._sessions.get(session, {})
        gone = held.pop(method, None)
        if gone is None or not gone.own or any(other.stream == gone.stream for other in held.values()):
            return
        try:
            self._hub.unsubscribe(self._subscriber_of(session), gone.stream)
        except NotFound:
            """The client has unsubscribed by itself."""

    def promise(self, caller: Identity, function: object) -> tuple[str, Done]:
        """A stream of the session's own for one value that comes later, and who is to be told of it.

        Raises NotFound and InvalidParams for another topic, WrongState without a session.
        """
        topic = function.topic if isinstance(function, StreamRef) else ""
        _check_topic(EVAL, topic)
        stream, deliver = self._hub.promise(self._subscriber_of(session_of(caller)), topic)

        def done(outcome: Outcome) -> None:
            error = outcome.error
            failure = None if error is None else {"code": error.code, "message": error.message, "data": error.data}
            deliver({"value": outcome.result, "error": failure})

        return stream, done


def session_of(caller: Identity) -> str:
    """The caller's session; raises WrongState where there is none."""
    if caller.id is None:
        raise WrongState("callbacks deliver to streams, which belong to a session", hint="connect over WebSocket")
    return caller.id


def _check_topic(wanted: str, topic: str) -> None:
    if topic not in TOPICS and topic != EVAL:
        raise NotFound(f"there is no topic {topic[:QUOTED_CHARACTERS]}", hint=f"here it is {wanted}")
    if wanted not in (topic, ANY_TOPIC):
        raise InvalidParams(f"this callback feeds the topic {wanted}", parameter="function", topic=wanted)


class CallbackService(BusCallbacks, MessageCallbacks, KeyboardCallbacks, Midi, GraphCallbacks, Files, ProcessCallbacks):
    """All of these methods, for one caller."""

    def __init__(self, callbacks: Callbacks, caller: Identity) -> None:
        self._callbacks, self._caller = callbacks, caller

    async def _set(self, method: str, function: Callback) -> str | None:
        session = session_of(self._caller)
        if function is not None:
            return await self._callbacks.set(session, method, function)
        self._callbacks.remove(session, method)
        return None

    async def setInputChannelCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setInputChannelCallback", function)

    async def setOutputChannelCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setOutputChannelCallback", function)

    async def registerKeyboardCallback(self, function: Callback, userdata: Json, typemask: int) -> str | None:
        return await self._set("csound.registerKeyboardCallback", function)

    async def setMessageStringCallback(self, attr: int, function: Callback) -> str | None:
        return await self._set("csound.setMessageStringCallback", function)

    async def setMakeGraphCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setMakeGraphCallback", function)

    async def setDrawGraphCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setDrawGraphCallback", function)

    async def setKillGraphCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setKillGraphCallback", function)

    async def setExitGraphCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExitGraphCallback", function)

    async def setOpenFileCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setOpenFileCallback", function)

    async def setOpenSoundFileCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setOpenSoundFileCallback", function)

    async def setExternalMidiInOpenCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiInOpenCallback", function)

    async def setExternalMidiReadCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiReadCallback", function)

    async def setExternalMidiInCloseCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiInCloseCallback", function)

    async def setExternalMidiOutOpenCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiOutOpenCallback", function)

    async def setExternalMidiWriteCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiWriteCallback", function)

    async def setExternalMidiOutCloseCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiOutCloseCallback", function)

    async def setExternalMidiErrorStringCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setExternalMidiErrorStringCallback", function)

    async def setMidiDeviceListCallback(self, function: Callback) -> str | None:
        return await self._set("csound.setMidiDeviceListCallback", function)

    async def setProcessCallback(self, function: Callback, data: Json = None) -> str | None:
        return await self._set("thread.setProcessCallback", function)

    async def removeKeyboardCallback(self, function: Callback) -> None:
        self._callbacks.remove(session_of(self._caller), "csound.registerKeyboardCallback")

    async def processCallback(self) -> Callback:
        held = self._callbacks.held(session_of(self._caller), "thread.setProcessCallback")
        return None if held is None else held.topic


SERVED = CallbackService.__bases__
"""The groups that it serves."""
