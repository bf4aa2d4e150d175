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

from csoundd.access import Grant
from csoundd.engine.workspace import Workspace
from csoundd.messages import Scope
from csoundd.transport.files import FilesEndpoint
from csoundd.transport.http import HttpServer
from csoundd.transport.uploads import PART, WorkspaceRoom
from tests.transport.gate import Granted, authenticator_of, gate
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


class FilesClient:
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
async def files_client(
    folder: Path, scopes: frozenset[Scope] = EVERYTHING, room: WorkspaceRoom | None = None
) -> AsyncIterator[FilesClient]:
    app = Starlette(routes=FilesEndpoint(Workspace(folder).resolve, LIMIT, room).routes())
    files = gate(app, authenticator_of()) if scopes == EVERYTHING else Granted(app, Grant(scopes))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with HttpServer(files, [listening], max_frame=1000):
            yield FilesClient(listening.getsockname()[1], folder)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[FilesClient]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "outside").symlink_to(tmp_path)
    async with files_client(folder) as made:
        yield made


async def test_what_is_put_can_be_got(client: FilesClient) -> None:
    assert (await client("PUT", "/files/a%20piece.orc", body=b"instr 1")).status == 201
    assert (client.folder / "a piece.orc").read_bytes() == b"instr 1"
    got = await client("GET", "/files/a%20piece.orc")
    assert (got.status, got.body) == (200, b"instr 1")


async def test_what_is_there_is_replaced(client: FilesClient) -> None:
    (client.folder / "a.orc").write_text("old")
    assert (await client("PUT", "/files/a.orc", body=b"new")).status == 204
    assert (client.folder / "a.orc").read_text() == "new"


async def test_folders_on_the_way_are_made(client: FilesClient) -> None:
    assert (await client("PUT", "/files/made/by/put/a.orc", body=b"new")).status == 201
    assert (client.folder / "made" / "by" / "put" / "a.orc").read_text() == "new"


async def test_a_file_can_be_read_by_others_like_any_other(client: FilesClient) -> None:
    await client("PUT", "/files/a.orc", body=b"new")
    (client.folder / "b.orc").write_text("by hand")
    assert (client.folder / "a.orc").stat().st_mode == (client.folder / "b.orc").stat().st_mode


async def test_a_file_is_put_whole_or_not_at_all(client: FilesClient) -> None:
    (client.folder / "a.orc").write_text("old")
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = f"PUT /files/a.orc HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nContent-Length: 100\r\n\r\nhalf"
    writer.write(head.encode())
    await until(lambda: list(client.folder.glob(f"{PART}*")))
    listing = json.loads((await client("GET", "/files/")).body)
    assert [entry["name"] for entry in listing["entries"]] == ["a.orc"]
    writer.transport.abort()
    await until(lambda: not list(client.folder.glob(f"{PART}*")))
    assert (client.folder / "a.orc").read_text() == "old"
    assert await reader.read() == b""


async def until(wanted: Callable[[], object]) -> None:
    async with asyncio.timeout(SECOND):
        while not wanted():  # noqa: ASYNC110 - a folder tells nobody that it has changed
            await asyncio.sleep(0)


async def test_a_file_that_grows_is_sent_as_long_as_it_was(client: FilesClient) -> None:
    path = client.folder / "a.wav"
    path.write_bytes(bytes(8_000_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=1 << 24)
    head = f"GET /files/a.wav HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    told = await reader.readuntil(b"\r\n\r\n")
    with path.open("ab") as file:
        file.write(bytes(1000))
    body = await asyncio.wait_for(reader.read(), SECOND)
    writer.close()
    assert b"content-length: 8000000" in told
    assert len(body) == 8_000_000


async def test_a_part_of_a_file_can_be_got(client: FilesClient) -> None:
    (client.folder / "a.wav").write_bytes(b"0123456789")
    got = await client("GET", "/files/a.wav", "Range: bytes=2-4")
    assert (got.status, got.body, got.headers["content-range"]) == (206, b"234", "bytes 2-4/10")


async def test_head_tells_the_size(client: FilesClient) -> None:
    (client.folder / "a.wav").write_bytes(b"0123456789")
    got = await client("HEAD", "/files/a.wav")
    assert (got.status, got.headers["content-length"], got.body) == (200, "10", b"")


@pytest.mark.parametrize("path", ["/files", "/files/"])
async def test_a_folder_is_listed(client: FilesClient, path: str) -> None:
    (client.folder / "b.wav").write_bytes(b"0123456789")
    (client.folder / "a").mkdir()
    listing = json.loads((await client("GET", path)).body)
    entries = [(entry["name"], entry["kind"], entry["size"]) for entry in listing["entries"]]
    assert (listing["path"], entries) == ("", [("a", "folder", None), ("b.wav", "file", 10)])


async def test_a_folder_below_is_listed_under_its_own_path(client: FilesClient) -> None:
    (client.folder / "made").mkdir()
    assert json.loads((await client("GET", "/files/made/")).body) == {"path": "made", "entries": []}


async def test_what_is_deleted_is_gone(client: FilesClient) -> None:
    (client.folder / "a.orc").write_text("old")
    (client.folder / "made").mkdir()
    assert (await client("DELETE", "/files/a.orc")).status == 204
    assert (await client("DELETE", "/files/made/")).status == 204
    assert [path.name for path in client.folder.iterdir()] == ["outside"]


async def test_a_link_is_deleted_and_not_what_it_leads_to(client: FilesClient) -> None:
    (client.folder / "a.orc").write_text("kept")
    (client.folder / "link").symlink_to(client.folder / "a.orc")
    assert (await client("DELETE", "/files/link")).status == 204
    assert sorted(path.name for path in client.folder.iterdir()) == ["a.orc", "outside"]


async def test_a_folder_with_something_in_it_stays(client: FilesClient) -> None:
    (client.folder / "made").mkdir()
    (client.folder / "made" / "a.orc").write_text("kept")
    answer = await client("DELETE", "/files/made")
    assert (answer.status, answer.code) == (409, -32003)


async def test_a_file_does_not_take_the_place_of_a_folder(client: FilesClient) -> None:
    (client.folder / "made").mkdir()
    for path in ("/files/made", "/files/made/"):
        assert (await client("PUT", path, body=b"new")).status in (400, 409)
    assert (client.folder / "made").is_dir()


async def test_below_a_file_there_are_no_files(client: FilesClient) -> None:
    (client.folder / "a.orc").write_text("kept")
    answer = await client("PUT", "/files/a.orc/b.orc", body=b"new")
    assert (answer.status, answer.code) == (409, -32003)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_is_not_there_is_not_found(client: FilesClient, method: str) -> None:
    answer = await client(method, "/files/nothing.orc")
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
async def test_nothing_outside_is_reached(client: FilesClient, method: str, path: str) -> None:
    answer = await client(method, path, body=b"new" if method == "PUT" else b"")
    assert (answer.status, answer.code) == (403, -32002)
    assert (client.folder.parent / "secret.txt").read_text() == "secret"
    assert str(client.folder).encode() not in answer.body


async def test_a_listing_leaves_out_what_leads_outside(client: FilesClient) -> None:
    assert json.loads((await client("GET", "/files/")).body)["entries"] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_the_workspace_itself_stays(client: FilesClient, method: str) -> None:
    assert (await client(method, "/files/.")).status == 403
    assert client.folder.is_dir()


async def test_a_pipe_is_no_file(client: FilesClient) -> None:
    os.mkfifo(client.folder / "pipe")
    assert (await client("GET", "/files/pipe")).status == 403


async def test_a_path_with_a_zero_is_refused(client: FilesClient) -> None:
    assert (await client("GET", "/files/a%00b")).status == 400


async def test_a_file_over_the_limit_is_refused(client: FilesClient) -> None:
    (client.folder / "a.wav").write_text("old")
    answer = await client("PUT", "/files/a.wav", body=bytes(LIMIT + 1))
    assert (answer.status, answer.code) == (413, -32008)
    assert (client.folder / "a.wav").read_text() == "old"
    assert (await client("PUT", "/files/a.wav", body=bytes(LIMIT))).status == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("header", ["Origin: http://evil.example", "Origin: null", "Host: evil.example"])
async def test_pages_from_elsewhere_and_foreign_names_are_refused(
    client: FilesClient, method: str, header: str
) -> None:
    (client.folder / "a.orc").write_text("kept")
    answer = await client(method, "/files/a.orc", header)
    assert (answer.status, answer.code) == (403, -32002)
    assert (client.folder / "a.orc").read_text() == "kept"


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("PUT", 403), ("DELETE", 403)])
async def test_writing_needs_a_scope_of_its_own(tmp_path: Path, method: str, status: int) -> None:
    (tmp_path / "a.orc").write_text("kept")
    async with files_client(tmp_path, frozenset({"read", "control"})) as client:
        assert (await client(method, "/files/a.orc")).status == status
    assert (tmp_path / "a.orc").read_text() == "kept"


async def test_a_page_that_was_put_cannot_act_as_the_servers_own(client: FilesClient) -> None:
    await client("PUT", "/files/a.html", body=b"<script>")
    assert (await client("GET", "/files/a.html")).headers["content-security-policy"] == "sandbox"


async def test_the_workspace_has_room_for_so_many_files(tmp_path: Path) -> None:
    async with files_client(tmp_path, room=WorkspaceRoom(tmp_path, files=2)) as client:
        (tmp_path / "there").write_text("before")
        assert (await client("PUT", "/files/one", body=b"1")).status == 201
        refused = await client("PUT", "/files/two", body=b"2")
        assert (refused.status, json.loads(refused.body)["error"]["data"]["name"]) == (507, "files")
        assert (await client("DELETE", "/files/one")).status == 204
        assert (await client("PUT", "/files/two", body=b"2")).status == 201


async def test_the_files_of_the_workspace_have_so_many_bytes(tmp_path: Path) -> None:
    async with files_client(tmp_path, room=WorkspaceRoom(tmp_path, total=100)) as client:
        assert (await client("PUT", "/files/one", body=b"x" * 60)).status == 201
        refused = await client("PUT", "/files/two", body=b"x" * 60)
        assert (refused.status, json.loads(refused.body)["error"]["data"]["name"]) == (507, "workspace")
        assert os.listdir(tmp_path) == ["one"]  # noqa: PTH208 - one look at a small folder
        assert (await client("PUT", "/files/one", body=b"x" * 10)).status == 204
        assert (await client("PUT", "/files/two", body=b"x" * 60)).status == 201
