"""The check of the Host and Origin headers."""

from __future__ import annotations

import pytest

from csoundd.errors import Forbidden, InvalidRequest
from csoundd.transport.origin import OriginPolicy


def allowed(
    policy: OriginPolicy, host: str | None, origin: str | None = None, scheme: str = "http", at: str | None = None
) -> bool:
    headers = [(b"host", host.encode())] if host is not None else []
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    try:
        policy.check(headers, scheme, at)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:7700",
        "LOCALHOST",
        "localhost.",
        "csound.localhost",
        "127.0.0.1:7700",
        "127.1.2.3",
        "[::1]:7700",
    ],
)
def test_names_of_this_machine_may_be_used(host: str) -> None:
    assert allowed(OriginPolicy(), host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "[::2]",
        "user@localhost",
        "localhost/x",
        "localhost:x",
        "::1",
    ],
)
def test_other_names_may_not(host: str) -> None:
    assert not allowed(OriginPolicy(), host)


@pytest.mark.parametrize("hosts", [0, 2])
def test_a_request_names_one_host(hosts: int) -> None:
    with pytest.raises(InvalidRequest):
        OriginPolicy().check([(b"host", b"localhost")] * hosts, "http", None)


def test_the_bound_name_may_be_used() -> None:
    assert allowed(OriginPolicy(bound="studio.local"), "studio.local:7700")
    assert not allowed(OriginPolicy(bound="studio.local"), "other.local:7700")


def test_the_bound_address_may_be_used_however_it_is_written() -> None:
    assert allowed(OriginPolicy(bound="2001:db8::1"), "[2001:0db8::0001]:7700")


def test_bound_to_everything_the_address_that_was_called_may_be_used() -> None:
    policy = OriginPolicy(bound="0.0.0.0")
    assert allowed(policy, "192.168.1.5:7700", at="192.168.1.5")
    assert not allowed(policy, "192.168.1.6:7700", at="192.168.1.5")
    assert not allowed(policy, "rebound.example:7700", at="192.168.1.5")


@pytest.mark.parametrize(
    ("host", "origin", "scheme"),
    [
        ("localhost:7700", "http://localhost:7700", "ws"),
        ("localhost", "http://localhost", "http"),
        ("localhost:80", "http://localhost", "ws"),
        ("localhost", "https://localhost", "wss"),
        ("LocalHost:7700", "http://localhost:7700", "http"),
    ],
)
def test_pages_of_the_same_host_and_port_may_call(host: str, origin: str, scheme: str) -> None:
    assert allowed(OriginPolicy(), host, origin, scheme)


@pytest.mark.parametrize(
    "origin", ["http://localhost:8080", "http://127.0.0.1:7700", "null", "", "http://localhost:7700/page", "file://"]
)
def test_other_pages_may_not(origin: str) -> None:
    assert not allowed(OriginPolicy(), "localhost:7700", origin)


def test_allowed_origins_may_call() -> None:
    policy = OriginPolicy(origins=frozenset({"https://synth.example", "null"}))
    assert allowed(policy, "localhost:7700", "https://synth.example")
    assert allowed(policy, "localhost:7700", "null")
    assert not allowed(policy, "localhost:7700", "http://synth.example")


def embedded(site: str, mode: str, dest: str, *more: tuple[bytes, bytes]) -> bool:
    told = [(b"sec-fetch-site", site), (b"sec-fetch-mode", mode), (b"sec-fetch-dest", dest)]
    headers = [(b"host", b"localhost:7700"), *((name, value.encode()) for name, value in told), *more]
    try:
        OriginPolicy(origins=frozenset({"https://synth.example"})).check(headers, "http", None)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "dest"),
    [("no-cors", "audio"), ("no-cors", "image"), ("no-cors", "empty"), ("navigate", "iframe"), ("navigate", "object")],
)
def test_a_page_elsewhere_embeds_nothing(site: str, mode: str, dest: str) -> None:
    assert not embedded(site, mode, dest)


def test_whoever_follows_a_link_arrives() -> None:
    assert embedded("cross-site", "navigate", "document")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_pages_of_its_own_embed_what_they_like(site: str) -> None:
    assert embedded(site, "no-cors", "audio")
    assert embedded(site, "navigate", "iframe")


def test_an_allowed_page_embeds_what_it_says_its_origin_for() -> None:
    assert embedded("cross-site", "cors", "audio", (b"origin", b"https://synth.example"))
    assert not embedded("cross-site", "cors", "audio", (b"origin", b"https://evil.example"))
