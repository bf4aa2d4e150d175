"""TLS: the authority's certificates, changes of them, and who may do without encryption."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from csoundd.transport.certificates import (
    Authority,
    AuthorityEndpoint,
    BadCertificate,
    Certificate,
    fingerprint_of,
    names_of,
)
from csoundd.transport.http import HttpServer
from tests.transport.gate import authenticator_of, gate

SECOND = 30.0
NAMES = ("localhost", "127.0.0.1", "::1", "studio.local")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls", lambda: NAMES)


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_certificate_is_for_the_names_and_for_less_than_398_days(authority: Authority) -> None:
    leaf = read(authority.leaf)
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    held = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    assert sorted(held) == sorted(NAMES)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=398)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_authority_signs_no_other_authority(authority: Authority) -> None:
    constraints = read(authority.certificate_file).extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.value.path_length, constraints.critical) == (True, 0, True)


def test_it_is_the_same_at_the_next_start(authority: Authority, tmp_path: Path) -> None:
    before = authority.leaf.read_bytes(), authority.fingerprint
    again = Authority(tmp_path / "tls", lambda: reversed(NAMES))
    assert (again.leaf.read_bytes(), again.fingerprint) == before


def test_another_name_is_another_certificate_of_the_same_authority(authority: Authority, tmp_path: Path) -> None:
    before, serial = authority.fingerprint, read(authority.leaf).serial_number
    again = Authority(tmp_path / "tls", lambda: (*NAMES, "192.0.2.7"))
    assert again.fingerprint == before
    assert read(again.leaf).serial_number != serial


@pytest.mark.parametrize(("days", "renewed"), [(397 - 31, False), (397 - 29, True), (500, True)])
def test_it_is_renewed_a_month_before_its_end(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, days: int, renewed: bool
) -> None:
    serial, later = read(authority.leaf).serial_number, datetime.now(UTC) + timedelta(days=days)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return later

    monkeypatch.setattr("csoundd.transport.certificates.datetime", Later)
    authority.renew()
    assert (read(authority.leaf).serial_number != serial) is renewed


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another matter there")
def test_nobody_else_reads_the_keys(authority: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_damaged_authority_is_told(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "tls" / "authority.key").write_text("nothing")
    (tmp_path / "tls" / "server.crt").unlink()
    with pytest.raises(BadCertificate):
        Authority(tmp_path / "tls", lambda: NAMES)


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(BadCertificate) as missing:
        Authority(tmp_path / "tls", lambda: NAMES)
    assert missing.value.hint == "pip install 'csoundd[tls]'"


def test_names_are_those_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Studio.example")
    assert {
        "localhost",
        "127.0.0.1",
        "::1",
        "studio",
        "studio.example",
        "studio.local",
        "192.0.2.7",
        "synth.example",
    } == set(names_of("192.0.2.7", ["synth.example"]))
    everywhere = names_of("0.0.0.0", [])
    assert "0.0.0.0" not in everywhere
    assert not any("%" in name or name.startswith("fe80") for name in everywhere)


def test_a_changed_certificate_is_taken_over(authority: Authority, tmp_path: Path) -> None:
    certificate = Certificate(authority.leaf, authority.leaf_key)
    before = certificate.context()
    certificate.look()
    assert certificate.context() is before
    Authority(tmp_path / "tls", lambda: (*NAMES, "192.0.2.7"))
    certificate.look()
    assert certificate.context() is not before
    assert certificate.fingerprint == fingerprint_of(authority.leaf)


def test_half_a_change_leaves_the_old_one_in_use(authority: Authority, tmp_path: Path) -> None:
    certificate = Certificate(authority.leaf, authority.leaf_key)
    before, other = certificate.context(), Authority(tmp_path / "other", lambda: NAMES)
    key = authority.leaf_key.read_bytes()
    authority.leaf_key.write_bytes(other.leaf_key.read_bytes())
    certificate.look()
    authority.leaf_key.unlink()
    certificate.look()
    assert certificate.context() is before
    authority.leaf_key.write_bytes(key)
    certificate.look()
    assert certificate.context() is not before


@pytest.mark.parametrize("damage", ["missing", "text", "other key"])
def test_files_that_cannot_be_used_are_told(authority: Authority, tmp_path: Path, damage: str) -> None:
    key = tmp_path / "key.pem"
    if damage == "text":
        key.write_text("nothing")
    elif damage == "other key":
        key.write_bytes(Authority(tmp_path / "other", lambda: NAMES).leaf_key.read_bytes())
    with pytest.raises(BadCertificate):
        Certificate(authority.leaf, key)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as bound:
        yield bound


@asynccontextmanager
async def served(authority: Authority, listening: socket.socket, *, plain: bool) -> AsyncIterator[int]:
    async def told(request: object) -> Response:
        return Response(str(getattr(request, "url", "")))

    app = Starlette(routes=[Route("/told", told), *AuthorityEndpoint(authority).routes()])
    certificate = Certificate(authority.leaf, authority.leaf_key)
    async with HttpServer(
        gate(app, authenticator_of()), [listening], max_frame=1000, tls=certificate.context, plain=lambda _: plain
    ):
        yield listening.getsockname()[1]


async def asked(port: int, path: str, context: ssl.SSLContext | None, name: str = "localhost") -> bytes:
    async with asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname=None if context is None else name
        )
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        try:
            return await reader.read()
        finally:
            writer.close()


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.certificate_file))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "studio.local"])
async def test_a_connection_is_encrypted(authority: Authority, listening: socket.socket, name: str) -> None:
    async with served(authority, listening, plain=False) as port:
        answer = await asked(port, "/told", trusting(authority), name)
    assert answer.endswith(f"https://localhost:{port}/told".encode())


async def test_one_that_is_not_is_told_so(authority: Authority, listening: socket.socket) -> None:
    async with served(authority, listening, plain=False) as port:
        answer = await asked(port, "/told", None)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"this port speaks https, wss\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head


async def test_this_machine_need_not(authority: Authority, listening: socket.socket) -> None:
    async with served(authority, listening, plain=True) as port:
        assert (await asked(port, "/told", None)).endswith(f"http://localhost:{port}/told".encode())
        assert (await asked(port, "/told", trusting(authority))).endswith(f"https://localhost:{port}/told".encode())


async def test_who_does_not_trust_the_authority_ends_the_connection_and_others_go_on(
    authority: Authority, listening: socket.socket
) -> None:
    async with served(authority, listening, plain=False) as port:
        with pytest.raises(ssl.SSLError):
            await asked(port, "/told", ssl.create_default_context())
        assert (await asked(port, "/told", trusting(authority))).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
async def test_old_versions_are_refused(
    authority: Authority, listening: socket.socket, version: ssl.TLSVersion
) -> None:
    context = trusting(authority)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with served(authority, listening, plain=False) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asked(port, "/told", context)


async def test_who_begins_nothing_keeps_nobody_out(authority: Authority, listening: socket.socket) -> None:
    async with served(authority, listening, plain=False) as port:
        with closing(socket.create_connection(("127.0.0.1", port))):
            assert (await asked(port, "/told", trusting(authority))).startswith(b"HTTP/1.1 200 ")


async def test_the_authority_helps_to_trust_it(authority: Authority, listening: socket.socket) -> None:
    async with served(authority, listening, plain=False) as port:
        page = await asked(port, "/authority", trusting(authority))
        download = await asked(port, "/authority.crt", trusting(authority))
    assert authority.fingerprint.encode() in page
    assert download.endswith(authority.certificate_file.read_bytes())
    assert b"PRIVATE KEY" not in page + download
