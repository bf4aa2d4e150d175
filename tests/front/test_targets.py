"""The settings say where OSC sends channels, in words that are checked before anything is served."""

from __future__ import annotations

import socket

import pytest

from csoundd.config import BadConfig
from csoundd.daemon.addresses import target
from csoundd.transport.osc import Target


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("127.0.0.1:9000", Target("127.0.0.1", 9000)),
        ("127.0.0.1:9000/mix.*", Target("127.0.0.1", 9000, "mix.*")),
        ("127.0.0.1:9000//chan/mix.*", Target("127.0.0.1", 9000, "/chan/mix.*")),
        ("localhost:9000", Target("127.0.0.1", 9000)),
        ("last", Target(None, 0)),
        ("last/mix.*", Target(None, 0, "mix.*")),
        ("last:9000", Target(None, 9000)),
        ("last:9000/mix.*", Target(None, 9000, "mix.*")),
    ],
)
def test_a_target_is_an_address_or_the_last_sender(text: str, meant: Target) -> None:
    assert target(text, socket.AF_INET) == meant


def test_a_target_may_be_reached_by_ipv6() -> None:
    assert target("[::1]:9000", socket.AF_INET6) == Target("::1", 9000)


@pytest.mark.parametrize(
    "text", ["", "9000", ":9000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "last:x", "last:0"]
)
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(BadConfig, match="is not HOST:PORT, last or last:PORT"):
        target(text, socket.AF_INET)


def test_a_target_of_another_family_is_refused() -> None:
    with pytest.raises(BadConfig, match="cannot send to ::1"):
        target("[::1]:9000", socket.AF_INET)
