"""Plain HTTP through real sockets: POST /rpc, and what can be looked at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

import msgpack
import pytest

from csoundd.limits import REQUEST_HEAD_BYTES
from csoundd.messages import State
from csoundd.transport.origin import OriginPolicy
from tests.transport.serving import SECOND, Front, Settings, serving


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    """In lower case."""
    body: bytes


async def test_a_call_is_answered(front: Front) -> None:
    answer = await post(front, b'{"jsonrpc": "2.0", "id": 1, "method": "echo", "params": [1]}')
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == {"jsonrpc": "2.0", "id": 1, "result": [1]}


async def test_a_call_in_msgpack_is_answered_in_msgpack(front: Front) -> None:
    body = msgpack.packb({"jsonrpc": "2.0", "id": 1, "method": "echo", "params": [1]})
    answer = await post(front, body, kind="application/msgpack")
    assert answer.headers["content-type"] == "application/msgpack"
    assert msgpack.unpackb(answer.body)["result"] == [1]


async def test_a_call_over_http_has_no_session(front: Front) -> None:
    answer = await post(front, b'{"jsonrpc": "2.0", "id": 1, "method": "session.hello", "params": {"protocol": 1}}')
    assert json.loads(answer.body)["error"]["code"] == -32003


async def test_over_http_there_is_no_call_to_cancel(front: Front) -> None:
    answer = await post(front, b'{"jsonrpc": "2.0", "id": 1, "method": "session.cancel", "params": {"id": 0}}')
    assert json.loads(answer.body)["error"]["code"] == -32003


async def test_a_batch_is_answered_together(front: Front) -> None:
    answer = await post(front, json.dumps([{"jsonrpc": "2.0", "id": n, "method": "echo"} for n in (1, 2)]).encode())
    assert [reply["id"] for reply in json.loads(answer.body)] == [1, 2]


@pytest.mark.parametrize("body", [b'{"jsonrpc": "2.0", "method": "echo"}', b'[{"jsonrpc": "2.0", "method": "echo"}]'])
async def test_notifications_are_not_answered(front: Front, body: bytes) -> None:
    answer = await post(front, body)
    assert (answer.status, answer.body) == (204, b"")


async def test_an_answer_may_take_its_time(front: Front) -> None:
    waiting = asyncio.create_task(post(front, b'{"jsonrpc": "2.0", "id": 1, "method": "wait"}'))
    await front.dispatcher.calls.get()
    front.dispatcher.waiting[0]()
    assert json.loads((await waiting).body)["result"] == "waited"


async def test_a_body_that_is_not_json_is_answered_with_what_is_wrong(front: Front) -> None:
    answer = await post(front, b"{")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (200, -32700)


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("application/json-rpc", json.dumps),
        ("application/jsonrequest", json.dumps),
        ("Application/JSON;charset=UTF-8", json.dumps),
        ("application/x-msgpack", msgpack.packb),
        ("application/vnd.msgpack", msgpack.packb),
    ],
)
async def test_other_names_of_the_two_encodings_do_as_well(
    front: Front, kind: str, codec: Callable[[object], str | bytes]
) -> None:
    body = codec({"jsonrpc": "2.0", "id": 1, "method": "echo", "params": None})
    answer = await post(front, body.encode() if isinstance(body, str) else body, kind=kind)
    decoded = msgpack.unpackb(answer.body) if "msgpack" in kind else json.loads(answer.body)
    assert answer.headers["content-type"] == kind.lower().partition(";")[0]
    assert decoded["result"] == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_other_kinds_of_content_are_refused(front: Front, kind: str) -> None:
    answer = await post(front, b"{}", kind=kind)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (415, -32600)


async def test_a_charset_is_no_hindrance(front: Front) -> None:
    assert (await post(front, b"{}", kind="application/json; charset=utf-8")).status == 200


@pytest.mark.parametrize("size", [1001, 8000])
async def test_a_body_over_the_limit_is_refused(front: Front, size: int) -> None:
    answer = await post(front, b" " * size)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (413, -32008)


@pytest.mark.parametrize(
    "header", ["Origin: http://evil.example", "Origin: null", "Host: evil.example", "Host: 127.0.0.1.evil.example:80"]
)
async def test_pages_from_elsewhere_and_foreign_names_are_refused(front: Front, header: str) -> None:
    answer = await post(front, b"{}", header)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, -32002)


async def test_a_page_of_the_servers_own_may_call(front: Front) -> None:
    answer = await post(front, b"{}", f"Origin: http://127.0.0.1:{front.port}")
    assert answer.status == 200


async def test_an_allowed_name_may_be_used() -> None:
    async with serving(Settings(policy=OriginPolicy(hosts=frozenset({"synth.example"})))) as front:
        assert (await post(front, b"{}", "Host: synth.example")).status == 200


async def test_healthz_says_that_all_is_well(front: Front) -> None:
    answer = await fetch(front, "GET", "/healthz")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("state", ["offline", "starting", "failed"])
async def test_healthz_says_why_there_is_no_engine(front: Front, state: State) -> None:
    front.dispatcher.engine.state, front.dispatcher.engine.reason = state, "too many open files"
    answer = await fetch(front, "GET", "/healthz")
    told = {"status": "down", "state": state, "reason": "too many open files"}
    assert (answer.status, json.loads(answer.body)) == (503, told)


@pytest.mark.parametrize(("state", "status"), [("playing", 200), ("ended", 200), ("starting", 503), ("failed", 503)])
async def test_readyz_says_whether_the_engine_answers(front: Front, state: str, status: int) -> None:
    front.dispatcher.engine.state = state  # type: ignore[assignment]
    answer = await fetch(front, "GET", "/readyz")
    assert (answer.status, json.loads(answer.body)) == (status, {"state": state})


async def test_documents_are_served(front: Front) -> None:
    answer = await fetch(front, "GET", "/openrpc.json")
    assert (answer.headers["content-type"], json.loads(answer.body)) == ("application/json", {"openrpc": "1.3.2"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openrpc.json"])
async def test_head_answers_without_a_body(front: Front, path: str) -> None:
    answer = await fetch(front, "HEAD", path)
    assert (answer.status, answer.body) == (200, b"")


async def test_there_is_nothing_at_other_paths(front: Front) -> None:
    answer = await fetch(front, "GET", "/nowhere")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, -32004)


async def test_the_wrong_method_is_told_the_right_one(front: Front) -> None:
    answer = await fetch(front, "GET", "/rpc")
    assert (answer.status, answer.headers["allow"]) == (405, "post, options")
    assert json.loads(answer.body)["error"]["code"] == -32600


async def test_options_of_the_server_as_a_whole(front: Front) -> None:
    assert (await fetch(front, "OPTIONS", "*")).status == 204


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nX: "])
async def test_a_head_without_end_is_refused(front: Front, begun: bytes) -> None:
    async with asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(begun + b"y" * (REQUEST_HEAD_BYTES + 1))
        try:
            assert (await reader.read()).startswith(b"HTTP/1.1 431 ")
        finally:
            writer.transport.abort()


async def test_a_stopping_server_does_not_wait_for_calls_without_end() -> None:
    async with asyncio.timeout(SECOND), serving() as front:
        waiting = asyncio.create_task(post(front, b'{"jsonrpc": "2.0", "id": 1, "method": "wait"}'))
        await front.dispatcher.calls.get()
    with pytest.raises(IndexError):
        await waiting


async def post(front: Front, body: bytes, *headers: str, kind: str = "application/json") -> Answer:
    return await fetch(front, "POST", "/rpc", f"Content-Type: {kind}", *headers, body=body)


async def fetch(front: Front, method: str, path: str, *headers: str, body: bytes = b"") -> Answer:
    lines = [
        f"{method} {path} HTTP/1.1",
        *(() if any(line.startswith("Host:") for line in headers) else (f"Host: 127.0.0.1:{front.port}",)),
        "Connection: close",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    async with asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            answer = await reader.read()
        finally:
            writer.transport.abort()
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, _, rest = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    return Answer(int(status.split()[1]), dict(field.lower().split(": ", 1) for field in fields), rest)
