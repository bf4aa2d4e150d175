"""Neighbours of the dispatcher for tests: an engine that answers when told to, a caller, a group of methods."""

# A declared method has no body.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from csoundd.access import EVERYTHING, Grant
from csoundd.api.declare import MethodGroup, method, methods_of
from csoundd.api.values import (
    Array,
    Callback,
    CallRequest,
    CompileReport,
    ControlChannelHints,
    Handle,
    Json,
    PFields,
    Samples,
)
from csoundd.dispatcher import Dispatcher, RunningCalls, ServiceFactory
from csoundd.errors import NotFound
from csoundd.messages import (
    Command,
    Done,
    Drive,
    Failure,
    Frames,
    Incoming,
    Outcome,
    Receipt,
    Reply,
    Request,
    RequestId,
    Response,
    Seconds,
)
from csoundd.metrics import Counts

RECEIPT = Receipt(Frames(64), 1, Seconds(0.5), Seconds(0.0))


class Sounds(MethodGroup):
    """Methods of the engine, one for each kind of parameter."""

    namespace: ClassVar[str] = "sound"

    @method(scope="read")
    def rate(self) -> float: ...

    @method(scope="compile", deadline=Seconds(30.0))
    def compile(self, code: str, block: bool = True) -> int: ...

    @method(deadline=None)
    def wait(self) -> None: ...

    @method()
    def numbers(self, whole: int, real: float, maybe: float | None = None) -> None: ...

    @method()
    def event(self, kind: str, pfields: PFields) -> None: ...

    @method()
    def arrays(self, any: Array, samples: Samples | None = None) -> None: ...  # noqa: A002 - a name like the API's

    @method()
    def hints(self, name: str, hints: ControlChannelHints | None = None) -> None: ...

    @method()
    def handle(self, handle: Handle, function: Callback = None) -> None: ...

    @method()
    def either(self, channel: Handle | str, names: str | list[str] = "*") -> None: ...

    @method()
    def anything(self, data: Json) -> None: ...

    @method()
    def table(self, values: dict[str, Json]) -> None: ...

    @method()
    def command_line(self, *args: str) -> int: ...

    @method()
    def tasks(self, func: list[CallRequest], label: str = "") -> list[Json]: ...


class Desk(MethodGroup):
    """Methods of the front."""

    namespace: ClassVar[str] = "desk"

    @method(scope="read", served="front")
    async def greet(self, name: str = "you") -> str: ...

    @method(served="front")
    async def subscribe(self, topic: str, **options: Json) -> dict[str, Json]: ...

    @method(served="front", deadline=Seconds(0.01))
    async def stall(self) -> None: ...

    @method(served="front")
    async def fail(self, how: str) -> None: ...

    @method(served="front")
    async def batch(self, requests: list[CallRequest]) -> list[Json]: ...


class Unstaffed(MethodGroup):
    """Methods of the front that nobody implements."""

    namespace: ClassVar[str] = "nobody"

    @method(served="front")
    async def home(self) -> None: ...


METHODS = [declared for group in (Sounds, Desk, Unstaffed) for declared in methods_of(group)]


class Clerk(Desk):
    """Serves the front's methods."""

    def __init__(self, caller: Somebody) -> None:
        self.caller = caller

    async def greet(self, name: str = "you") -> str:
        return f"{name}, {self.caller.id}"

    async def subscribe(self, topic: str, **options: Json) -> dict[str, Json]:
        return {"topic": topic} | options

    async def stall(self) -> None:
        await asyncio.Event().wait()

    async def fail(self, how: str) -> None:
        if how == "known":
            raise NotFound("it is not there")
        if how == "timeout":
            raise TimeoutError
        raise RuntimeError("secret path /home/me")


@dataclass
class Somebody:
    """A caller."""

    id: str | None = "me"
    grant: Grant = EVERYTHING
    receipts: bool = False
    peer: str = ""


@dataclass
class HeldEngine:
    """Keeps commands until it is told to answer them."""

    held: list[tuple[Command, Done]] = field(default_factory=list)
    cancelled: list[tuple[str, RequestId]] = field(default_factory=list)

    def call(self, command: Command, done: Done) -> None:
        self.held.append((command, done))

    def cancel(self, session: str, request: RequestId) -> bool:
        self.cancelled.append((session, request))
        return any((command.session, command.request) == (session, request) for command in self.commands)

    @property
    def commands(self) -> list[Command]:
        return [command for command, _ in self.held]

    def answer(self, index: int = 0, outcome: Outcome | None = None) -> None:
        _, done = self.held[index]
        done(outcome or Outcome("done", None, RECEIPT))


class BrokenEngine:
    """Raises what no engine should."""

    def call(self, command: Command, done: Done) -> None:
        raise RuntimeError(f"secret path /home/me: {command.method}")

    def cancel(self, session: str, request: RequestId) -> bool:
        raise RuntimeError(f"secret path /home/me: {session} {request}")


@dataclass
class Desktop:
    """A dispatcher with its neighbours, and what it answered."""

    caller: Somebody = field(default_factory=Somebody)
    engine: HeldEngine = field(default_factory=HeldEngine)
    answers: list[Response | list[Response]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        services: dict[type[MethodGroup], ServiceFactory] = {Desk: self._clerk}
        self.running = RunningCalls(self.engine)
        self.counts = Counts()
        self.dispatcher = Dispatcher(self.engine, services, METHODS, running=self.running, counts=self.counts)

    def _clerk(self, _: object) -> MethodGroup:
        return Clerk(self.caller)

    def send(self, incoming: Incoming) -> None:
        self.dispatcher.dispatch(self.caller, incoming, self._answer)

    def call(self, name: str, params: list[object] | dict[str, object] | None = None, number: RequestId = 1) -> None:
        self.send(Request(name, params if params is not None else [], number))

    def _answer(self, response: Response | list[Response]) -> None:
        self.answers.append(response)
        self.arrived.set()

    async def answered(self, count: int = 1) -> None:
        """Wait until there are so many answers."""
        async with asyncio.timeout(5):
            while len(self.answers) < count:
                self.arrived.clear()
                await self.arrived.wait()

    @property
    def args(self) -> list[object]:
        """The arguments of the last command."""
        return self.engine.commands[-1].args

    @property
    def reply(self) -> Reply:
        (answer,) = self.answers
        assert isinstance(answer, Reply), answer
        return answer

    @property
    def failure(self) -> Failure:
        (answer,) = self.answers
        assert isinstance(answer, Failure), answer
        return answer


class NoClaims:
    """Nobody has the engine for himself."""

    async def claim(self, session: str, client: str, options: list[str], opcode_dir: str, drive: Drive | None) -> None:
        raise AssertionError(
            f"nobody claims the engine here, as {session} of {client}: {options}, {opcode_dir}, {drive}"
        )

    async def give_back(self, session: str) -> None:
        raise AssertionError(f"{session} has not claimed the engine")


class NoLoader:
    """Plays no piece."""

    async def load(self, text: str | None, path: str | None) -> CompileReport:
        raise AssertionError(f"nobody plays {text or path!r} here")
