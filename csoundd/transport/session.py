"""Sessions, which outlive their connection by some seconds."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Final, get_args

from csoundd.access import EVERYTHING, HOW_TO_MAKE_ONE, Grant, Quotas
from csoundd.access.audit import about
from csoundd.api.session import Session as SessionMethods
from csoundd.api.values import ClientInfo, Pong, ServerInfo, Welcome
from csoundd.codec import Codec
from csoundd.errors import (
    CsounddError,
    InvalidParams,
    LimitExceeded,
    NotFound,
    ParseError,
    Unauthorized,
    WrongState,
)
from csoundd.limits import (
    CLIENT_NAME_LENGTH,
    LONGEST_LINGER_SECONDS,
    TAKEN_OVER_CLOSE_SECONDS,
    TOKEN_WAIT_SECONDS,
    TOKENLESS_SESSIONS,
    TOKENLESS_SOURCE_SESSIONS,
    UNANSWERED_SECONDS,
)
from csoundd.messages import Failure, RequestId, Response, Scope, Seconds
from csoundd.metrics import Counts
from csoundd.ports import Caller, EngineClock, NewSendQueue, RequestHandler, SendQueue, Sink
from csoundd.transport.connection import NO_STATUS, NORMAL, FramedCodec, WebSocketConnection
from csoundd.values import PROTOCOL

RESUMED_ELSEWHERE: Final = 4001
"""Close code of a connection whose session another one has taken up."""

NO_GOOD_TOKEN: Final = 4003
"""Close code of a connection whose token was revoked or expired, or that has shown none where one is needed."""

_GOODBYES: Final = frozenset({NORMAL, NO_STATUS})

log = logging.getLogger("csoundd.transport")


class Session:
    """One client, over one connection or several, one after another."""

    def __init__(self, codec: Codec, queue: SendQueue, grant: Grant, peer: str, url: str = "") -> None:
        self.id = secrets.token_urlsafe(18)
        self.codec = codec
        self.queue = queue
        self.grant = grant
        self.peer = peer
        """The address that its client has, or had when it came."""
        self.url = url
        """The URL at which that reaches the daemon."""
        self.receipts = False
        self.client = "a client without a name"
        """The name that the client gives itself."""
        self.linger = inf
        """The most seconds that it waits for its client after the connection was lost."""
        self.ends_notes = False
        """Whether the notes that it holds end with it."""
        self.cursors: dict[str, object] = {}
        self.sink: Sink | None = None
        self.resumed: Session | None = None
        """The session that this one turned out to be, once the client has said so."""
        self.answered: Callable[[], None] | None = None
        """Called once, after the next answer."""

    def attach(self, sink: Sink) -> None:
        """Speak over ``sink``."""
        self.sink = sink
        self.queue.attach(sink)

    def detach(self) -> Sink | None:
        """Keep what is said from now on; returns what it was said over."""
        sink, self.sink = self.sink, None
        self.queue.detach()
        return sink

    def answer(self, response: Response | list[Response]) -> None:
        """Send an answer to a call of this session."""
        if self.resumed is not None and self.sink is None:
            self.resumed.answer(response)
            return
        self.queue.reply(response)
        if self.answered is not None:
            answered, self.answered = self.answered, None
            answered()


SessionListener = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The rules for sessions: how many there may be, and how many seconds one waits for its client.

    ``tokenless`` are those that have yet to show the token they need, which they do within ``token_wait`` seconds;
    ``source_tokenless`` those of them at one address.
    """

    limit: int = 256
    linger: float = LONGEST_LINGER_SECONDS
    tokenless: int = TOKENLESS_SESSIONS
    source_tokenless: int = TOKENLESS_SOURCE_SESSIONS
    token_wait: float = TOKEN_WAIT_SECONDS
    farewell: float = 3.0
    """A client that closes in good order has as many seconds to come back: a page that reloads does so."""


Hold = Callable[[Grant, Callable[[], None]], Callable[[], None]]
"""Has something ended when the token of a grant is no longer good; what it returns calls that off."""


def _unheld(_grant: Grant, _end: Callable[[], None]) -> Callable[[], None]:
    return lambda: None


class SessionRegistry:
    """The sessions there are. ``hold`` says when the token of one is no longer good."""

    def __init__(
        self,
        new_queue: NewSendQueue,
        rules: SessionRules = SessionRules(),
        hold: Hold = _unheld,
    ) -> None:
        self._hold = hold
        self._held: dict[str, Callable[[], None]] = {}
        self._tokenless: dict[str, asyncio.TimerHandle] = {}
        self._new_queue = new_queue
        self._rules = rules
        self._ended: list[SessionListener] = []
        self._resumed: list[SessionListener] = []
        self._sessions: dict[str, Session] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    @property
    def tokenless(self) -> int:
        """How many have yet to show the token they need."""
        return len(self._tokenless)

    def on_end(self, listener: SessionListener) -> None:
        """Call ``listener`` with each session that is over."""
        self._ended.append(listener)

    def on_resume(self, listener: SessionListener) -> None:
        """Call ``listener`` with each session that goes on over a new connection."""
        self._resumed.append(listener)

    def make_room(self, grant: Grant = EVERYTHING, peer: str = "") -> None:
        """See that one more session is allowed, for a client at ``peer``; the longest without a connection gives way.

        Raises LimitExceeded where every session has one, or too many others have yet to show a token as well.
        """
        if not grant.scopes:
            of_peer = sum(self._sessions[waiting].peer == peer for waiting in self._tokenless)
            for name, count, limit in (
                ("source_tokenless", of_peer, self._rules.source_tokenless),
                ("tokenless", len(self._tokenless), self._rules.tokenless),
            ):
                if count >= limit:
                    raise LimitExceeded(f"{limit} connections have yet to show a token", name=name, limit=limit)
        if len(self._sessions) < self._rules.limit:
            return
        waiting = next(iter(self._expiries), None)
        if waiting is None:
            raise LimitExceeded(f"{self._rules.limit} sessions are open", name="sessions", limit=self._rules.limit)
        self.end(self._sessions[waiting])

    def create(self, codec: Codec, grant: Grant = EVERYTHING, peer: str = "", url: str = "") -> Session:
        """A new session that speaks ``codec``, for a client at the address ``peer`` with ``grant``.

        ``url`` is where that reaches the daemon.
        """
        session = Session(codec, self._new_queue(FramedCodec(codec)), grant, peer, url)
        self._sessions[session.id] = session
        if grant.scopes:
            self._held[session.id] = self._hold(grant, partial(self._shut_out, session, "its token is no longer good"))
        else:
            wait = partial(self._shut_out, session, "no token came")
            self._tokenless[session.id] = asyncio.get_running_loop().call_later(self._rules.token_wait, wait)
        return session

    def admit(self, session: Session, grant: Grant) -> None:
        """Let ``session``, which has shown a token, do what ``grant`` says.

        Raises WrongState for one that has shown another token before.
        """
        if session.id not in self._sessions or session.grant.token == grant.token:
            return
        if session.grant.token is not None:
            raise WrongState("this connection has shown another token", hint="connect anew")
        self._release(session)
        session.grant = grant
        self._held[session.id] = self._hold(grant, partial(self._shut_out, session, "its token is no longer good"))

    def _release(self, session: Session) -> None:
        waiting = self._tokenless.pop(session.id, None)
        if waiting is not None:
            waiting.cancel()
        release = self._held.pop(session.id, None)
        if release is not None:
            release()

    def _shut_out(self, session: Session, why: str) -> None:
        """End ``session`` and cut its connection."""
        sink = session.sink
        self.end(session)
        if sink is not None:
            sink.close(NO_GOOD_TOKEN, why, TAKEN_OVER_CLOSE_SECONDS)

    def get(self, session_id: str) -> Session:
        """The session of that id; raises NotFound."""
        session = self._sessions.get(session_id)
        if session is None:
            raise _no_session()
        return session

    def queue_of(self, session_id: str) -> SendQueue:
        """The outgoing queue of the session of that id; raises NotFound."""
        return self.get(session_id).queue

    def lost(self, session: Session, sink: Sink, *, goodbye: bool) -> None:
        """``sink`` is gone, and the session waits to be resumed: not for long if its client said goodbye.

        ``session`` is the one that the connection began with.
        """
        while session.sink is not sink and session.resumed is not None:
            session = session.resumed
        if session.sink is not sink or session.id not in self._sessions:
            return
        session.detach()
        if session.resumed is not None:
            self._take_up(session, session.resumed)
            session = session.resumed
        self._await_return(session, self._rules.farewell if goodbye else self._rules.linger)

    def find(self, session_id: str | None) -> Session | None:
        """The session of that id, None where it is none."""
        return None if session_id is None else self._sessions.get(session_id)

    def resume(self, visitor: Session, session_id: str) -> Session:
        """Have the client of ``visitor`` go on as the session ``session_id``; ``visitor`` is over soon after.

        The answer to the call that asked for it goes out before anything that waited for the client. Raises
        NotFound for a session that expired or never was, InvalidParams for one that speaks the other codec.
        """
        session = self.get(session_id)
        if session is visitor:
            return session
        if session.grant.token != visitor.grant.token:
            # Whoever has no business with a session does not learn that there is one.
            raise _no_session()
        if session.codec is not visitor.codec:
            raise InvalidParams(f"that session speaks {session.codec.name}; resume it over that subprotocol")
        self._leave(session)
        visitor.resumed = session
        visitor.answered = partial(self._take_up, visitor, session)
        # A hello without an id is not answered, and the session goes on all the same.
        asyncio.get_running_loop().call_later(UNANSWERED_SECONDS, self._take_up, visitor, session)
        return session

    def end(self, session: Session) -> None:
        """The session is over: its handles, cursors and subscriptions go."""
        if self._sessions.pop(session.id, None) is None:
            return
        self._cancel_expiry(session)
        self._release(session)
        session.detach()
        for ended in self._ended:
            ended(session)

    def close(self) -> None:
        """End every session; their connections are the server's to close."""
        for session in list(self._sessions.values()):
            self.end(session)

    def _await_return(self, session: Session, seconds: float) -> None:
        if session.sink is None and session.id in self._sessions and session.id not in self._expiries:
            loop = asyncio.get_running_loop()
            self._expiries[session.id] = loop.call_later(min(seconds, session.linger), self.end, session)

    def _leave(self, session: Session) -> None:
        """Make ``session`` free for another connection."""
        self._cancel_expiry(session)
        superseded = session.detach()
        if superseded is not None:
            superseded.close(RESUMED_ELSEWHERE, "the session goes on over another connection", TAKEN_OVER_CLOSE_SECONDS)

    def _cancel_expiry(self, session: Session) -> None:
        expiry = self._expiries.pop(session.id, None)
        if expiry is not None:
            expiry.cancel()

    def _take_up(self, visitor: Session, session: Session) -> None:
        if visitor.id not in self._sessions:
            return
        visitor.queue.flush(everything=True)
        sink = visitor.detach()
        self.end(visitor)
        if session.id not in self._sessions:
            return
        if sink is None:
            self._await_return(session, self._rules.linger)
            return
        self._leave(session)
        session.attach(sink)
        log.info("session resumed", extra=about(session.id))
        for resumed in self._resumed:
            resumed(session)


def _no_session() -> NotFound:
    return NotFound("there is no such session", hint="it has expired or never was: subscribe anew")


class MessageHandler:
    """Has done what the messages of one WebSocket ask for, on behalf of the session that it speaks for by then."""

    def __init__(
        self,
        session: Session,
        registry: SessionRegistry,
        dispatcher: RequestHandler,
        counts: Counts | None = None,
        quotas: Quotas | None = None,
    ) -> None:
        self._counts = Counts() if counts is None else counts
        self._quotas = Quotas() if quotas is None else quotas
        self._first = self._present = session
        self._codec = session.codec
        self._registry = registry
        self._dispatcher = dispatcher
        self._connection: WebSocketConnection | None = None

    @property
    def session(self) -> Session:
        """Whose connection this is, by what the client has said so far."""
        while self._present.resumed is not None:
            self._present = self._present.resumed
        return self._present

    def open(self, connection: WebSocketConnection) -> None:
        """Speak over ``connection`` from now on."""
        self._connection = connection
        self._first.attach(connection)

    def message(self, data: bytes, *, text: bool) -> None:
        """Have done what a frame asks for."""
        if text is self._codec.binary:
            kind = "text" if text else "binary"
            self._refuse(ParseError(f"this connection speaks {self._codec.name}, and a {kind} frame came"))
        else:
            session = self._present if self._present.resumed is None else self.session
            self._dispatcher.dispatch(session, self._codec.decode(data), session.answer)
            quota = self._quotas.sessions.get(session.id)
            if quota is not None and quota.refused and (seconds := quota.rest()) and self._connection is not None:
                self._connection.rest(seconds)

    def oversized(self, limit: int) -> None:
        """Say that a frame was too big to be looked at."""
        self._refuse(LimitExceeded(f"a frame of more than {limit} bytes", name="frame", limit=limit))

    def too_slow(self) -> None:
        """Take note of it."""
        self._counts.limited("sending")

    def writable(self) -> None:
        """Write what had to wait."""
        self.session.queue.flush()

    def lost(self, code: int) -> None:
        """Leave the session waiting for its client, unless that has said goodbye."""
        if self._connection is not None:
            self._registry.lost(self._first, self._connection, goodbye=code in _GOODBYES)

    def _refuse(self, error: CsounddError) -> None:
        if isinstance(error, LimitExceeded):
            self._counts.limited(error.details.get("name"))
        self.session.answer(Failure(None, error))


Cancel = Callable[[str, RequestId], bool]
"""Has a session's call of that id wait no longer; whether there is such a call."""


@dataclass(frozen=True, slots=True)
class ServerHello:
    """The part of a hello that is the same for every client: the server, and its limits by name."""

    server: ServerInfo
    limits: Mapping[str, float]


Authenticate = Callable[[str, Hashable, str], Awaitable[Grant]]
"""The grant of a token that came over a connection from somebody; raises Unauthorized after a while."""


class SessionService(SessionMethods):
    """The caller's own session. ``authenticate`` knows tokens."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the methods of a session are about
        self,
        registry: SessionRegistry,
        engine: EngineClock,
        hello: ServerHello,
        caller: Caller,
        cancel: Cancel,
        authenticate: Authenticate,
    ) -> None:
        self._authenticate = authenticate
        self._registry = registry
        self._engine = engine
        self._hello = hello
        self._caller = caller
        self._cancel = cancel

    async def hello(  # noqa: PLR0913, PLR0917 - as declared
        self,
        protocol: int,
        client: ClientInfo | None = None,
        token: str | None = None,
        receipts: bool = False,  # noqa: FBT001, FBT002 - as declared
        resume: str | None = None,
        linger: float | None = None,
        endNotes: bool = False,  # noqa: FBT001, FBT002, N803 - as declared
    ) -> Welcome:
        """Introduce the client, or take an earlier session up again."""
        if protocol != PROTOCOL:
            raise InvalidParams(f"protocol {protocol} is not supported", supported=[PROTOCOL])
        session = self._registry.get(self._session)
        if token is not None:
            self._registry.admit(session, await self._authenticate(token, session, session.peer))
        elif not session.grant.scopes:
            raise Unauthorized("a token is needed here", hint=HOW_TO_MAKE_ONE)
        if resume is not None:
            session = self._registry.resume(session, resume)
        session.receipts, session.ends_notes = receipts, endNotes
        if client is not None and client.name:
            session.client = client.name[:CLIENT_NAME_LENGTH]
        if linger is not None:
            session.linger = linger
        limits = dict(self._hello.limits)
        scopes: list[Scope] = [scope for scope in get_args(Scope) if scope in session.grant.scopes]
        return Welcome(PROTOCOL, self._hello.server, self._engine.info(), session.id, scopes, limits)

    async def ping(self, t: float) -> Pong:
        """Compare clocks."""
        return Pong(t, Seconds(time.time()), self._engine.sample())

    async def cancel(self, id: int | float | str) -> bool:  # noqa: A002, PYI041 - as declared
        """Have a call wait no longer."""
        return self._cancel(self._session, id)

    @property
    def _session(self) -> str:
        if self._caller.id is None:
            raise WrongState("there is no session over HTTP", hint="connect over WebSocket")
        return self._caller.id
