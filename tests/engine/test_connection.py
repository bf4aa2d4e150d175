"""The calls in flight while hosts come and go."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

from csoundd.engine.link.connection import FrontEnd, HostConnection
from csoundd.engine.link.memory import Field, Ring
from csoundd.engine.link.protocol import MessageReader
from csoundd.errors import EngineCrashed, Timeout
from csoundd.messages import Command, Outcome, Seconds

DIED = EngineCrashed("it died")


class Host:
    """A host that takes what it is sent, and does nothing."""

    def __init__(self) -> None:
        self.ring = cast("Ring", SimpleNamespace(header=[0] * 64))
        self.sent: list[object] = []
        self._reader = MessageReader()
        self.transport = self

    def write(self, data: bytes) -> None:
        self.sent += [message[1] for message in self._reader.feed(data)]

    def serve(self, connection: HostConnection) -> None:
        connection.attach(cast("FrontEnd", self), 1)
        connection.serve()


def test_what_waits_for_a_host_waits_on_when_that_dies_before_it_serves() -> None:
    connection, outcomes, host = HostConnection(), list[Outcome](), Host()
    connection.send(Command("csound.sr", []), outcomes.append)
    connection.lose(DIED, "csound.reset")
    connection.send(Command("csound.ksmps", []), outcomes.append)
    host.serve(connection)
    assert (host.sent, outcomes) == (["csound.sr", "csound.ksmps"], [])


def test_what_a_host_had_not_come_to_goes_to_the_next_before_what_came_later() -> None:
    connection, outcomes, first, second = HostConnection(), list[Outcome](), Host(), Host()
    first.serve(connection)
    connection.send(Command("csound.sr", []), outcomes.append)
    connection.lose(DIED, "csound.reset")
    connection.send(Command("csound.ksmps", []), outcomes.append)
    second.serve(connection)
    assert (second.sent, outcomes) == (["csound.sr", "csound.ksmps"], [])


def test_a_reset_that_nobody_waits_for_any_more_is_done_by_the_end_of_the_engine() -> None:
    connection, outcomes, host = HostConnection(), list[Outcome](), Host()
    host.serve(connection)
    connection.send(Command("csound.reset", [], deadline=Seconds(1e-9)), outcomes.append)
    connection.send(Command("csound.ksmps", []), outcomes.append)
    (number,) = connection.expire()
    host.ring.header[Field.RUNNING] = host.ring.header[Field.ACCEPTED] = number
    assert connection.command(number) == connection.overdue(number)
    assert connection.lose(DIED, "csound.reset")
    assert [type(outcome.error) for outcome in outcomes] == [Timeout]


class ClosedTransport(asyncio.Transport):
    """uvloop's, once the other side has closed it: it takes nothing more, and says so loudly."""

    def is_closing(self) -> bool:
        return True

    def write(self, _data: object) -> None:
        raise RuntimeError("the handler is closed")


async def test_what_is_sent_to_a_host_that_has_closed_its_link_waits_to_be_told_of_its_end() -> None:
    connection, outcomes = HostConnection(), list[Outcome]()
    front_end = FrontEnd(lambda _: None, cast("Ring", SimpleNamespace(header=[0] * 64)))
    front_end.connection_made(ClosedTransport())
    connection.attach(front_end, 1)
    connection.serve()
    connection.send(Command("csound.sr", []), outcomes.append)
    assert (len(connection.calls), outcomes) == (1, [])
