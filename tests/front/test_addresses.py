"""The addresses at which a daemon is reached, from its own machine and from a phone."""

from __future__ import annotations

from typing import Self

import pytest

from csoundd.daemon.addresses import base_url, local_url, reached_at
from csoundd.errors import WrongState


@pytest.mark.parametrize(
    ("host", "encrypted", "url"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:7700"),
        # From this machine nothing need be encrypted, and its programs do not know the authority.
        ("127.0.0.1", True, "http://127.0.0.1:7700"),
        ("::1", True, "http://[::1]:7700"),
        ("0.0.0.0", True, "http://127.0.0.1:7700"),
        ("::", True, "http://[::1]:7700"),
        ("192.168.1.5", True, "https://192.168.1.5:7700"),
        ("192.168.1.5", False, "http://192.168.1.5:7700"),
        ("fd00::5", True, "https://[fd00::5]:7700"),
        ("studio.local", True, "https://studio.local:7700"),
    ],
)
def test_from_its_own_machine(host: str, encrypted: bool, url: str) -> None:
    assert local_url(host, 7700, encrypted=encrypted) == url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("192.168.1.5", "https://192.168.1.5:7700"),
        ("fd00::5", "https://[fd00::5]:7700"),
        ("[fd00::5]", "https://[fd00::5]:7700"),
        ("studio.local", "https://studio.local:7700"),
    ],
)
def test_from_a_phone(host: str, url: str) -> None:
    assert base_url(host, 7700, encrypted=True) == url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_no_phone_reaches_what_is_bound_to_this_machine(host: str) -> None:
    with pytest.raises(WrongState) as refused:
        base_url(host, 7700, encrypted=True)
    assert "--host 0.0.0.0 --tls auto" in (refused.value.hint or "")


class NoRoute:
    """A socket of a machine without a way to the rest of the network."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def connect(self, _: object) -> None:
        raise OSError("Network is unreachable")


@pytest.mark.parametrize(
    ("host", "known", "address"),
    [
        ("0.0.0.0", ["127.0.0.1", "fd00::5", "10.0.0.5", "10.0.0.6"], "10.0.0.5"),
        ("::", ["::1", "10.0.0.5", "fd00::5"], "fd00::5"),
        ("0.0.0.0", ["127.0.0.1", "::1"], None),
    ],
)
def test_without_a_route_it_is_an_address_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, host: str, known: list[str], address: str | None
) -> None:
    monkeypatch.setattr("csoundd.daemon.addresses.socket.socket", lambda *_: NoRoute())
    monkeypatch.setattr("csoundd.daemon.addresses.machine_addresses", lambda: known)
    assert reached_at(host) == address
