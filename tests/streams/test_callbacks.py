"""The methods that take a function: a topic in its place is subscribed to."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from csoundd.api import METHODS
from csoundd.api.callbacks import ANY_TOPIC, CALLBACKS, EVAL
from csoundd.errors import EngineError, InvalidParams, NotFound, WrongState
from csoundd.messages import Outcome, StreamRef
from csoundd.streams.callbacks import Callbacks, CallbackService
from csoundd.streams.hub import Hub
from tests.streams.fakes import FakeEngine, Listener, check_options

SETTERS = [
    name
    for name, topic in CALLBACKS.items()
    if topic not in (ANY_TOPIC, EVAL) and name != "csound.removeKeyboardCallback"
]


class Caller:
    def __init__(self, session: str | None = "one") -> None:
        self.id = session


class Desk:
    """Callbacks over a hub, for one session and another."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.hub = Hub(self.engine, check_options)
        self.listeners = {"one": Listener(), "other": Listener()}
        self.callbacks = Callbacks(self.hub, self.listeners.__getitem__)
        self.service: CallbackService = self.callbacks.of(Caller())

    async def set(self, method: str, topic: str | None) -> object:
        function = None if topic is None else StreamRef(topic)
        given: list[object] = [function]
        if method == "csound.setMessageStringCallback":
            given = [0, function]
        elif method == "csound.registerKeyboardCallback":
            given = [function, None, 0]
        result: object = await getattr(self.service, method.rpartition(".")[2])(*given)
        return result

    def streams(self, session: str = "one") -> list[object]:
        return [entry["stream"] for entry in self.hub.subscriptions(self.listeners[session])]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_every_method_that_takes_a_function_has_its_topic() -> None:
    taking = {
        name
        for name, method in METHODS.items()
        if any(StreamRef in get_args(hint) for key, hint in get_type_hints(method.function).items() if key != "return")
    }
    assert taking - {"csound.appendOpcode"} == set(CALLBACKS)


@pytest.mark.parametrize("method", SETTERS)
async def test_a_callback_subscribes_the_session_to_its_topic(desk: Desk, method: str) -> None:
    stream = await desk.set(method, CALLBACKS[method])
    assert str(stream).startswith(CALLBACKS[method])
    assert desk.streams() == [stream]
    assert desk.streams("other") == []


@pytest.mark.parametrize("method", SETTERS)
async def test_null_removes_the_subscription(desk: Desk, method: str) -> None:
    await desk.set(method, CALLBACKS[method])
    assert await desk.set(method, None) is None
    assert desk.streams() == []


@pytest.mark.parametrize("method", SETTERS)
async def test_null_where_nothing_was_set_is_null(desk: Desk, method: str) -> None:
    assert await desk.set(method, None) is None


@pytest.mark.parametrize("method", [*SETTERS, "thread.setProcessCallback"])
async def test_a_topic_that_there_is_not_is_not_found(desk: Desk, method: str) -> None:
    with pytest.raises(NotFound):
        await desk.set(method, "smell")


async def test_a_topic_that_the_callback_does_not_feed_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidParams):
        await desk.set("csound.setOutputChannelCallback", "midi")


async def test_a_stream_stays_while_another_callback_of_the_session_needs_it(desk: Desk) -> None:
    stream = await desk.set("csound.setMakeGraphCallback", "graphs")
    assert await desk.set("csound.setDrawGraphCallback", "graphs") == stream
    await desk.set("csound.setMakeGraphCallback", None)
    assert desk.streams() == [stream]
    await desk.set("csound.setDrawGraphCallback", None)
    assert desk.streams() == []


async def test_what_was_subscribed_before_the_callback_stays_after_it(desk: Desk) -> None:
    await desk.hub.subscribe(desk.listeners["one"], "outvalue", {})
    await desk.set("csound.setOutputChannelCallback", "outvalue")
    await desk.set("csound.setOutputChannelCallback", None)
    assert desk.streams() == ["outvalue/1"]


async def test_a_callback_whose_stream_was_unsubscribed_can_be_removed(desk: Desk) -> None:
    await desk.set("csound.setOutputChannelCallback", "outvalue")
    desk.hub.unsubscribe(desk.listeners["one"], "outvalue/1")
    assert await desk.set("csound.setOutputChannelCallback", None) is None


async def test_a_keyboard_callback_is_removed_by_its_own_method(desk: Desk) -> None:
    await desk.set("csound.registerKeyboardCallback", "keyboard")
    await desk.service.removeKeyboardCallback(StreamRef("keyboard"))
    assert desk.streams() == []


async def test_a_process_callback_may_be_any_topic_that_needs_no_options(desk: Desk) -> None:
    assert await desk.service.processCallback() is None
    assert await desk.set("thread.setProcessCallback", "transport") == "transport/1"
    assert await desk.service.processCallback() == StreamRef("transport")
    assert await desk.set("thread.setProcessCallback", "meters") == "meters/1"
    assert desk.streams() == ["meters/1"]
    with pytest.raises(InvalidParams):
        await desk.set("thread.setProcessCallback", "audio-channel")
    await desk.set("thread.setProcessCallback", None)
    assert await desk.service.processCallback() is None


@pytest.mark.parametrize("topic", ["outvalue", None])
async def test_without_a_session_there_are_no_callbacks(desk: Desk, topic: str | None) -> None:
    desk.service = desk.callbacks.of(Caller(None))
    with pytest.raises(WrongState):
        await desk.set("csound.setOutputChannelCallback", topic)


async def test_a_session_that_is_over_is_forgotten(desk: Desk) -> None:
    await desk.set("thread.setProcessCallback", "transport")
    desk.callbacks.forget("one")
    assert await desk.service.processCallback() is None


async def test_a_promised_value_comes_once_on_a_stream_of_its_own(desk: Desk) -> None:
    first, done = desk.callbacks.promise(Caller(), StreamRef("eval"))
    second, _ = desk.callbacks.promise(Caller(), StreamRef("eval"))
    assert (first, second) == ("eval/1", "eval/2")
    done(Outcome(4.0))
    assert [(frame.stream, frame.data) for frame in desk.listeners["one"].frames] == [
        ("eval/1", {"value": 4.0, "error": None})
    ]
    assert desk.streams() == ["eval/2"]
    assert desk.listeners["other"].frames == []


async def test_a_promise_that_is_broken_says_why(desk: Desk) -> None:
    _, done = desk.callbacks.promise(Caller(), StreamRef("eval"))
    done(Outcome(error=EngineError("it does not compile")))
    (data,) = desk.listeners["one"].data
    assert data == {
        "value": None,
        "error": {"code": -32000, "message": "it does not compile", "data": {"type": "EngineError"}},
    }


async def test_a_promise_to_a_session_that_is_gone_disturbs_nobody(desk: Desk) -> None:
    _, done = desk.callbacks.promise(Caller(), StreamRef("eval"))
    desk.hub.drop(desk.listeners["one"])
    done(Outcome(4.0))
    assert desk.listeners["one"].frames == []
