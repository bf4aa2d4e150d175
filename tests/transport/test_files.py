"""The workspace over HTTP, through real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from csoundd.engine.workspace import Workspace
from csoundd.messages import Scope
from csoundd.transport.files import PART, FileRules, FilesEndpoint
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.server import HttpServer
from tests.transport.serving import SECOND

LIMIT = 2000
EVERYTHING: frozenset[Scope] = frozenset({"read", "control", "compile", "admin"})


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> int:
        return int(json.loads(self.body)["error"]["code"])


class Visitor:
    """Somebody who asks for files of ``folder``."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder

    async def __call__(self, method: str, path: str, *headers: str, body: bytes = b"") -> Answer:
        host = () if any(line.startswith("Host:") for line in headers) else (f"Host: 127.0.0.1:{self.port}",)
        head = [f"{method} {path} HTTP/1.1", *host, "Connection: close", f"Content-Length: {len(body)}", *headers]
        async with asyncio.timeout(SECOND):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write("\r\n".join([*head, "", ""]).encode() + body)
                answer = await reader.read()
            finally:
                writer.transport.abort()
        told, _, rest = answer.partition(b"\r\n\r\n")
        status, *fields = told.decode().split("\r\n")
        return Answer(int(status.split()[1]), dict(field.lower().split(": ", 1) for field in fields), rest)


@asynccontextmanager
async def visiting(folder: Path, scopes: frozenset[Scope] = EVERYTHING) -> AsyncIterator[Visitor]:
    files = FilesEndpoint(Workspace(folder).resolve, FileRules(OriginPolicy(), scopes, LIMIT))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with HttpServer(Starlette(routes=files.routes()), [listening], max_frame=1000):
            yield Visitor(listening.getsockname()[1], folder)


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "outside").symlink_to(tmp_path)
    async with visiting(folder) as made:
        yield made


async def test_what_is_put_can_be_got(visitor: Visitor) -> None:
    assert (await visitor("PUT", "/files/a%20piece.orc", body=b"instr 1")).status == 201
    assert (visitor.folder / "a piece.orc").read_bytes() == b"instr 1"
    got = await visitor("GET", "/files/a%20piece.orc")
    assert (got.status, got.body) == (200, b"instr 1")


async def test_what_is_there_is_replaced(visitor: Visitor) -> None:
    (visitor.folder / "a.orc").write_text("old")
    assert (await visitor("PUT", "/files/a.orc", body=b"new")).status == 204
    assert (visitor.folder / "a.orc").read_text() == "new"


async def test_folders_on_the_way_are_made(visitor: Visitor) -> None:
    assert (await visitor("PUT", "/files/made/by/put/a.orc", body=b"new")).status == 201
    assert (visitor.folder / "made" / "by" / "put" / "a.orc").read_text() == "new"


async def test_a_file_can_be_read_by_others_like_any_other(visitor: Visitor) -> None:
    await visitor("PUT", "/files/a.orc", body=b"new")
    (visitor.folder / "b.orc").write_text("by hand")
    assert (visitor.folder / "a.orc").stat().st_mode == (visitor.folder / "b.orc").stat().st_mode


async def test_a_file_is_put_whole_or_not_at_all(visitor: Visitor) -> None:
    (visitor.folder / "a.orc").write_text("old")
    reader, writer = await asyncio.open_connection("127.0.0.1", visitor.port)
    head = f"PUT /files/a.orc HTTP/1.1\r\nHost: 127.0.0.1:{visitor.port}\r\nContent-Length: 100\r\n\r\nhalf"
    writer.write(head.encode())
    await until(lambda: list(visitor.folder.glob(f"{PART}*")))
    listing = json.loads((await visitor("GET", "/files/")).body)
    assert [entry["name"] for entry in listing["entries"]] == ["a.orc"]
    writer.transport.abort()
    await until(lambda: not list(visitor.folder.glob(f"{PART}*")))
    assert (visitor.folder / "a.orc").read_text() == "old"
    assert await reader.read() == b""


async def until(wanted: Callable[[], object]) -> None:
    async with asyncio.timeout(SECOND):
        while not wanted():  # noqa: ASYNC110 - a folder tells nobody that it has changed
            await asyncio.sleep(0)


async def test_a_file_that_grows_is_sent_as_long_as_it_was(visitor: Visitor) -> None:
    path = visitor.folder / "a.wav"
    path.write_bytes(bytes(8_000_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", visitor.port, limit=1 << 24)
    head = f"GET /files/a.wav HTTP/1.1\r\nHost: 127.0.0.1:{visitor.port}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    told = await reader.readuntil(b"\r\n\r\n")
    with path.open("ab") as file:
        file.write(bytes(1000))
    body = await asyncio.wait_for(reader.read(), SECOND)
    writer.close()
    assert b"content-length: 8000000" in told
    assert len(body) == 8_000_000


async def test_a_part_of_a_file_can_be_got(visitor: Visitor) -> None:
    (visitor.folder / "a.wav").write_bytes(b"0123456789")
    got = await visitor("GET", "/files/a.wav", "Range: bytes=2-4")
    assert (got.status, got.body, got.headers["content-range"]) == (206, b"234", "bytes 2-4/10")


async def test_head_tells_the_size(visitor: Visitor) -> None:
    (visitor.folder / "a.wav").write_bytes(b"0123456789")
    got = await visitor("HEAD", "/files/a.wav")
    assert (got.status, got.headers["content-length"], got.body) == (200, "10", b"")


@pytest.mark.parametrize("path", ["/files", "/files/"])
async def test_a_folder_is_listed(visitor: Visitor, path: str) -> None:
    (visitor.folder / "b.wav").write_bytes(b"0123456789")
    (visitor.folder / "a").mkdir()
    listing = json.loads((await visitor("GET", path)).body)
    entries = [(entry["name"], entry["kind"], entry["size"]) for entry in listing["entries"]]
    assert (listing["path"], entries) == ("", [("a", "folder", None), ("b.wav", "file", 10)])


async def test_a_folder_below_is_listed_under_its_own_path(visitor: Visitor) -> None:
    (visitor.folder / "made").mkdir()
    assert json.loads((await visitor("GET", "/files/made/")).body) == {"path": "made", "entries": []}


async def test_what_is_deleted_is_gone(visitor: Visitor) -> None:
    (visitor.folder / "a.orc").write_text("old")
    (visitor.folder / "made").mkdir()
    assert (await visitor("DELETE", "/files/a.orc")).status == 204
    assert (await visitor("DELETE", "/files/made/")).status == 204
    assert [path.name for path in visitor.folder.iterdir()] == ["outside"]


async def test_a_link_is_deleted_and_not_what_it_leads_to(visitor: Visitor) -> None:
    (visitor.folder / "a.orc").write_text("kept")
    (visitor.folder / "link").symlink_to(visitor.folder / "a.orc")
    assert (await visitor("DELETE", "/files/link")).status == 204
    assert sorted(path.name for path in visitor.folder.iterdir()) == ["a.orc", "outside"]


async def test_a_folder_with_something_in_it_stays(visitor: Visitor) -> None:
    (visitor.folder / "made").mkdir()
    (visitor.folder / "made" / "a.orc").write_text("kept")
    answer = await visitor("DELETE", "/files/made")
    assert (answer.status, answer.code) == (409, -32003)


async def test_a_file_does_not_take_the_place_of_a_folder(visitor: Visitor) -> None:
    (visitor.folder / "made").mkdir()
    for path in ("/files/made", "/files/made/"):
        assert (await visitor("PUT", path, body=b"new")).status in (400, 409)
    assert (visitor.folder / "made").is_dir()


async def test_below_a_file_there_are_no_files(visitor: Visitor) -> None:
    (visitor.folder / "a.orc").write_text("kept")
    answer = await visitor("PUT", "/files/a.orc/b.orc", body=b"new")
    assert (answer.status, answer.code) == (409, -32003)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_is_not_there_is_not_found(visitor: Visitor, method: str) -> None:
    answer = await visitor(method, "/files/nothing.orc")
    assert (answer.status, answer.code) == (404, -32004)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/files/../secret.txt",
        "/files/%2e%2e/secret.txt",
        "/files/..%2fsecret.txt",
        "/files/outside/secret.txt",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
    ],
)
async def test_nothing_outside_is_reached(visitor: Visitor, method: str, path: str) -> None:
    answer = await visitor(method, path, body=b"new" if method == "PUT" else b"")
    assert (answer.status, answer.code) == (403, -32002)
    assert (visitor.folder.parent / "secret.txt").read_text() == "secret"
    assert str(visitor.folder).encode() not in answer.body


async def test_a_listing_leaves_out_what_leads_outside(visitor: Visitor) -> None:
    assert json.loads((await visitor("GET", "/files/")).body)["entries"] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_the_workspace_itself_stays(visitor: Visitor, method: str) -> None:
    assert (await visitor(method, "/files/.")).status == 403
    assert visitor.folder.is_dir()


async def test_a_pipe_is_no_file(visitor: Visitor) -> None:
    os.mkfifo(visitor.folder / "pipe")
    assert (await visitor("GET", "/files/pipe")).status == 403


async def test_a_path_with_a_zero_is_refused(visitor: Visitor) -> None:
    assert (await visitor("GET", "/files/a%00b")).status == 400


async def test_a_file_over_the_limit_is_refused(visitor: Visitor) -> None:
    (visitor.folder / "a.wav").write_text("old")
    answer = await visitor("PUT", "/files/a.wav", body=bytes(LIMIT + 1))
    assert (answer.status, answer.code) == (413, -32008)
    assert (visitor.folder / "a.wav").read_text() == "old"
    assert (await visitor("PUT", "/files/a.wav", body=bytes(LIMIT))).status == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("header", ["Origin: http://evil.example", "Origin: null", "Host: evil.example"])
async def test_pages_from_elsewhere_and_foreign_names_are_refused(visitor: Visitor, method: str, header: str) -> None:
    (visitor.folder / "a.orc").write_text("kept")
    answer = await visitor(method, "/files/a.orc", header)
    assert (answer.status, answer.code) == (403, -32002)
    assert (visitor.folder / "a.orc").read_text() == "kept"


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("PUT", 403), ("DELETE", 403)])
async def test_writing_needs_a_scope_of_its_own(tmp_path: Path, method: str, status: int) -> None:
    (tmp_path / "a.orc").write_text("kept")
    async with visiting(tmp_path, frozenset({"read", "control"})) as visitor:
        assert (await visitor(method, "/files/a.orc")).status == status
    assert (tmp_path / "a.orc").read_text() == "kept"


async def test_a_page_that_was_put_cannot_act_as_the_servers_own(visitor: Visitor) -> None:
    await visitor("PUT", "/files/a.html", body=b"<script>")
    assert (await visitor("GET", "/files/a.html")).headers["content-security-policy"] == "sandbox"
