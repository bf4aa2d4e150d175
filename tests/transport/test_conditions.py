"""What limits a request over HTTP, for every endpoint and verb: obeyed, or refused (RFC 9110)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from csoundd.engine.workspace import Workspace
from csoundd.transport.conditions import unmet
from csoundd.transport.files import FilesEndpoint
from csoundd.transport.origin import OriginPolicy
from tests.transport.serving import SECOND, Front, Settings, serving
from tests.transport.test_http import Answer, fetch
from tests.transport.test_listening import Played

CALL = b'{"jsonrpc": "2.0", "id": 1, "method": "echo"}'
JSON = "Content-Type: application/json"
THEN, LATER = "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 06 Nov 2048 08:49:37 GMT"
MODIFIED = 1_000_000_000
"""Between the two."""

UNTAGGED = ("/healthz", "/readyz", "/listen.wav", "/listen.opus", "/files/")
"""What has neither an entity tag nor a time of modification."""
TAGGED = ("/openrpc.json", "/files/a.orc")
READ = (*UNTAGGED, *TAGGED)


@asynccontextmanager
async def everything(folder: Path, policy: OriginPolicy | None = None) -> AsyncIterator[Front]:
    """All that there is over HTTP, with one file in the workspace."""
    policy = policy or OriginPolicy()
    (folder / "a.orc").write_bytes(b"0123456789")
    os.utime(folder / "a.orc", (MODIFIED, MODIFIED))
    played = Played()
    played.play(1)
    routes = [*FilesEndpoint(Workspace(folder).resolve, 2000).routes(), *played.endpoint.routes()]
    async with serving(Settings(routes=routes, policy=policy)) as front:
        yield front
        played.endpoint.close()


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with everything(tmp_path) as running:
        yield running


async def ask(front: Front, method: str, path: str, *headers: str) -> Answer:
    """A request that would be a success without conditions; of what has no end only the head is read."""
    if method == "POST":
        return await fetch(front, method, path, JSON, *headers, body=CALL)
    if path.startswith("/listen.") and method == "GET":
        return await beginning(front, path, *headers)
    return await fetch(front, method, path, *headers, body=b"new" if method == "PUT" else b"")


async def beginning(front: Front, path: str, *headers: str, version: str = "1.1") -> Answer:
    """The head of an answer, and the first bytes after it."""
    async with asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        try:
            lines = [f"GET {path} HTTP/{version}", f"Host: 127.0.0.1:{front.port}", *headers, "", ""]
            writer.write("\r\n".join(lines).encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            status = int(head[0].split()[1])
            body = await reader.readexactly(48) if status == 200 else b""
        finally:
            writer.transport.abort()
    return Answer(status, dict(line.lower().split(": ", 1) for line in head[1:] if line), body)


READ_RULES = [
    # An entity tag that is not there, any, a time before and after the modification.
    ('If-Match: "other"', 412, 412),
    ('If-Match: W/"other"', 412, 412),
    ("If-Match: *", 200, 200),
    ('If-None-Match: "other"', 200, 200),
    ("If-None-Match: *", 304, 304),
    (f"If-Modified-Since: {LATER}", 200, 304),
    (f"If-Modified-Since: {THEN}", 200, 200),
    ("If-Modified-Since: yesterday", 200, 200),
    (f"If-Unmodified-Since: {THEN}", 200, 412),
    (f"If-Unmodified-Since: {LATER}", 200, 200),
    ("If-Unmodified-Since: tomorrow", 200, 200),
    # What is no condition.
    ("Expect: 100-continue", 200, 200),
    ("Expect: a-miracle", 417, 417),
    ("Content-Range: bytes 0-2/10", 400, 400),
    ("Content-Encoding: gzip", 415, 415),
    ("Range: lines=1-2", 200, 200),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("header", "without", "dated"), READ_RULES)
@pytest.mark.parametrize("path", READ)
async def test_reading(front: Front, path: str, method: str, header: str, without: int, dated: int) -> None:
    expected = dated if path == "/files/a.orc" else without
    assert (await ask(front, method, path, header)).status == expected


WRITE_RULES = [
    # Of a file that is there, of one that is not, of a call, which has no representation.
    ('If-Match: "other"', 412, 412, 412),
    ("If-Match: *", 204, 412, 412),
    ('If-None-Match: "other"', 204, 201, 200),
    ("If-None-Match: *", 412, 201, 200),
    (f"If-Unmodified-Since: {THEN}", 412, 201, 200),
    (f"If-Unmodified-Since: {LATER}", 204, 201, 200),
    (f"If-Modified-Since: {LATER}", 204, 201, 200),
    ("Range: bytes=0-2", 204, 201, 200),
    ("Expect: 100-continue", 204, 201, 200),
    ("Expect: a-miracle", 417, 417, 417),
    ("Content-Range: bytes 0-2/10", 400, 400, 400),
    ("Content-Encoding: gzip", 415, 415, 415),
]


@pytest.mark.parametrize(("header", "there", "new", "call"), WRITE_RULES)
async def test_writing(front: Front, tmp_path: Path, header: str, there: int, new: int, call: int) -> None:
    file = tmp_path / "a.orc"
    assert (await ask(front, "POST", "/rpc", header)).status == call
    assert (await ask(front, "PUT", "/files/new.orc", header)).status == new
    assert (tmp_path / "new.orc").exists() == (new == 201)
    assert (await ask(front, "PUT", "/files/a.orc", header)).status == there
    assert file.read_bytes() == (b"new" if there == 204 else b"0123456789")
    os.utime(file, (MODIFIED, MODIFIED))
    assert (await ask(front, "DELETE", "/files/a.orc", header)).status == there
    assert file.exists() == (there != 204)


@pytest.mark.parametrize(
    "header", ['If-Match: "other"', "If-Match: *", "If-None-Match: *", f"If-Modified-Since: {LATER}"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_what_is_not_there_is_not_found_whatever_the_condition(front: Front, method: str, header: str) -> None:
    assert (await ask(front, method, "/files/nothing.orc", header)).status == 404


@pytest.mark.parametrize("path", TAGGED)
async def test_what_is_known_is_not_sent_again(front: Front, path: str) -> None:
    etag = (await ask(front, "GET", path)).headers["etag"]
    for header in (f"If-None-Match: {etag}", f'If-None-Match: "other", W/{etag}'):
        answer = await ask(front, "GET", path, header)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert (await ask(front, "GET", path, f"If-Match: {etag}")).status == 200


async def test_a_file_is_changed_by_who_knows_it(front: Front) -> None:
    etag = (await ask(front, "HEAD", "/files/a.orc")).headers["etag"]
    first = await ask(front, "PUT", "/files/a.orc", f"If-Match: {etag}")
    assert first.status == 204
    assert (await ask(front, "PUT", "/files/a.orc", f"If-Match: {etag}")).status == 412
    assert (await ask(front, "DELETE", "/files/a.orc", f"If-Match: {etag}")).status == 412
    assert (await ask(front, "DELETE", "/files/a.orc", f"If-Match: {first.headers['etag']}")).status == 204


async def test_of_two_who_put_what_was_not_there_one_is_refused(front: Front) -> None:
    both = [ask(front, "PUT", "/files/new.orc", "If-None-Match: *") for _ in range(2)]
    assert sorted(answer.status for answer in await asyncio.gather(*both)) == [201, 412]


@pytest.mark.parametrize(
    ("header", "status", "body"),
    [
        ("Range: bytes=2-4", 206, b"234"),
        ("Range: bytes=-3", 206, b"789"),
        ("Range: bytes=20-", 416, b""),
        ("Range: lines=2-4", 200, b"0123456789"),
        (f"Range: bytes=2-4\r\nIf-Range: {THEN}", 200, b"0123456789"),
        ('Range: bytes=2-4\r\nIf-Range: "other"', 200, b"0123456789"),
        (f"Range: bytes=2-4\r\nIf-Modified-Since: {LATER}", 304, b""),
    ],
)
async def test_ranges(front: Front, header: str, status: int, body: bytes) -> None:
    answer = await ask(front, "GET", "/files/a.orc", header)
    assert (answer.status, answer.body) == (status, body)


async def test_a_range_is_for_getting(front: Front) -> None:
    answer = await ask(front, "HEAD", "/files/a.orc", "Range: bytes=2-4")
    assert (answer.status, answer.headers["content-length"]) == (200, "10")


VOLATILE = {"date", "connection", "transfer-encoding"}


@pytest.mark.parametrize("path", [*READ, "/ws", "/rpc", "/nowhere", "/files/nothing.orc"])
async def test_head_says_what_get_would(front: Front, path: str) -> None:
    got, head = await ask(front, "GET", path), await ask(front, "HEAD", path)
    told = [{name: value for name, value in each.headers.items() if name not in VOLATILE} for each in (got, head)]
    if path != "/rpc":
        # Which names the verb.
        assert told[0] == told[1]
    assert (head.status, head.body) == (got.status, b"")


ALLOWED = {
    **{
        path: {"get", "head"}
        for path in ("/healthz", "/readyz", "/listen.wav", "/listen.opus", "/openrpc.json", "/files", "/ws")
    },
    "/files/a.orc": {"get", "head", "put", "delete"},
    "/rpc": {"post"},
}


@pytest.mark.parametrize("path", ALLOWED)
async def test_options_and_wrong_verbs_are_told_the_right_ones(front: Front, path: str) -> None:
    for method, status in (("OPTIONS", 204), ("PATCH", 405)):
        answer = await fetch(front, method, path)
        assert (answer.status, set(answer.headers["allow"].split(", "))) == (status, ALLOWED[path] | {"options"})
        assert (answer.body == b"") == (status == 204)


async def test_a_websocket_is_asked_for_by_an_upgrade(front: Front) -> None:
    answer = await beginning(front, "/ws")
    assert (answer.status, answer.headers["upgrade"], answer.headers["connection"]) == (426, "websocket", "upgrade")


@pytest.mark.parametrize("path", ["/nowhere", "/files/a.orc"])
async def test_there_is_no_websocket_elsewhere(front: Front, path: str) -> None:
    headers = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    assert (await beginning(front, path, "Connection: Upgrade", *headers)).status == 404


async def test_an_early_client_hears_sound_and_no_chunks(front: Front) -> None:
    answer = await beginning(front, "/listen.wav", version="1.0")
    assert "transfer-encoding" not in answer.headers
    assert (answer.headers["connection"], answer.body[:4], answer.body[36:44]) == (
        "close",
        b"RIFF",
        b"data\xff\xff\xff\xff",
    )


async def test_a_refusal_before_the_body_ends_the_connection(front: Front) -> None:
    headers = ("If-None-Match: *", "Expect: 100-continue")
    assert (await fetch(front, "PUT", "/files/a.orc", *headers)).headers["connection"] == "close"


@pytest.mark.parametrize("header", ["Transfer-Encoding: gzip, chunked", "Transfer-Encoding: gzip"])
async def test_codings_that_are_not_undone_are_refused(front: Front, header: str) -> None:
    async with asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(f"PUT /files/b.orc HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\n{header}\r\n\r\n0\r\n\r\n".encode())
        status = int((await reader.readline()).split()[1])
        writer.transport.abort()
    assert status in {400, 501}


def test_of_several_conditions_the_stronger_one_counts() -> None:
    tags = Headers({"if-match": '"a"', "if-unmodified-since": THEN})
    assert unmet("PUT", tags, exists=True, etag='"a"', modified=MODIFIED) is None
    tags = Headers({"if-none-match": '"b"', "if-modified-since": LATER})
    assert unmet("GET", tags, exists=True, etag='"a"', modified=MODIFIED) is None
