"""HTTP without a WebSocket, and who is let in."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest

from tests.live import leaks
from tests.live.daemon import PATIENCE, Daemon
from tests.live.foreign import JSON, MSGPACK, Client, Codec, connected, spectral_peak
from tests.live.raw import RawClient

WRONG_STATE, FORBIDDEN, INVALID_REQUEST, PARSE_ERROR = -32003, -32002, -32600, -32700


class Http:
    """A connection that says what it is told to."""

    def __init__(self, daemon: Daemon) -> None:
        self.connection = HTTPConnection(daemon.http, timeout=PATIENCE)

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        self.connection.request("GET", path, headers=headers)
        return self._answer()

    def post(
        self, body: bytes | str, media: str, headers: dict[str, str] | None = None, path: str = "/rpc"
    ) -> tuple[HTTPResponse, bytes]:
        self.connection.request("POST", path, body, {"Content-Type": media} | (headers or {}))
        return self._answer()

    def _answer(self) -> tuple[HTTPResponse, bytes]:
        response = self.connection.getresponse()
        body = response.read()
        leaks.check_reply(body, "an answer over HTTP")
        return response, body

    def call(self, codec: Codec, method: str, *params: object, **envelope: object) -> Any:
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)} | envelope
        response, body = self.post(codec.encode(message), codec.media)
        assert response.headers["Content-Type"] == codec.media
        return codec.decode(body)


@pytest.fixture
def http(shared: Daemon) -> Iterator[Http]:
    client = Http(shared)
    yield client
    client.connection.close()


def test_a_call_is_answered_in_the_encoding_it_came_in(http: Http, codec: Codec) -> None:
    http.call(codec, "csound.reset")
    assert http.call(codec, "csound.setControlChannel", "freq", 330.0)["result"] is None
    assert http.call(codec, "csound.controlChannel", "freq") == {"jsonrpc": "2.0", "id": 1, "result": [330.0, 0]}


def test_parameters_by_name(http: Http, codec: Codec) -> None:
    http.call(codec, "csound.setControlChannel", params={"name": "freq", "val": 220.0})
    assert http.call(codec, "csound.controlChannel", params={"name": "freq"})["result"] == [220.0, 0]


def test_a_batch(http: Http, codec: Codec) -> None:
    calls = [{"jsonrpc": "2.0", "id": n, "method": "session.ping", "params": [float(n)]} for n in range(3)]
    _, body = http.post(codec.encode(calls), codec.media)
    assert [(answer["id"], answer["result"]["t"]) for answer in codec.decode(body)] == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_a_notification_has_no_answer(http: Http, codec: Codec) -> None:
    response, body = http.post(codec.encode({"jsonrpc": "2.0", "method": "csound.sr"}), codec.media)
    assert (response.status, body) == (204, b"")


def test_what_needs_a_session_is_refused(http: Http, codec: Codec) -> None:
    for method, params in (
        ("stream.subscribe", {"topic": "spout"}),
        ("stream.list", []),
        ("session.hello", {"protocol": 1}),
        ("csound.createMessageBuffer", []),
    ):
        assert http.call(codec, method, params=params)["error"]["code"] == WRONG_STATE, method


def test_a_body_that_is_nothing(http: Http, codec: Codec) -> None:
    _, body = http.post(b"\xc1", codec.media)
    assert codec.decode(body)["error"]["code"] == PARSE_ERROR


def test_another_media_type(http: Http) -> None:
    response, body = http.post("{}", "text/plain")
    assert response.status == 415
    assert json.loads(body)["error"]["code"] == INVALID_REQUEST


def test_healthz_and_readyz(http: Http) -> None:
    http.call(JSON, "csound.reset")
    response, body = http.get("/healthz")
    assert (response.status, json.loads(body)) == (200, {"status": "ok"})
    response, body = http.get("/readyz")
    assert (response.status, json.loads(body)["state"]) == (200, "ready")


def test_the_openrpc_document_is_what_discover_answers(http: Http) -> None:
    response, body = http.get("/openrpc.json")
    document = json.loads(body)
    assert response.headers["Content-Type"].startswith("application/json")
    _, discovered = http.post('{"jsonrpc": "2.0", "id": 1, "method": "rpc.discover"}', JSON.media)
    assert document == json.loads(discovered)["result"]
    # A tool that reads it calls this daemon, whatever its port.
    place = f"{http.connection.host}:{http.connection.port}"
    assert [server["url"] for server in document["servers"]] == [f"ws://{place}/ws", f"http://{place}/rpc"]
    names = {method["name"] for method in document["methods"]}
    assert {"csound.compileOrc", "thread.play", "stream.subscribe"} <= names


def test_the_asyncapi_document_names_the_topics(http: Http) -> None:
    response, body = http.get("/asyncapi.json")
    assert response.status == 200
    for topic in ("messages", "channels", "audio-channel", "spout", "meters", "transport", "engine"):
        assert topic in body.decode()


def test_what_is_not_there(http: Http) -> None:
    assert http.get("/nowhere")[0].status == 404
    assert http.get("/rpc")[0].status == 405


SR = {"jsonrpc": "2.0", "id": 1, "method": "csound.ksmps"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://{http}"}, 200),
        ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
    ],
    ids=repr,
)
def test_who_may_post(http: Http, shared: Daemon, headers: dict[str, str], status: int) -> None:
    told = {name: value.format(http=shared.http, port=shared.port) for name, value in headers.items()}
    response, body = http.post(json.dumps(SR), JSON.media, told)
    assert response.status == status
    if status == 403:
        assert json.loads(body)["error"]["code"] == FORBIDDEN


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((), 101),
        (("Origin: http://{http}",), 101),
        (("Origin: http://evil.example",), 403),
        (("Host: evil.example",), 403),
        (("Host: evil.example:{port}", "Origin: http://evil.example:{port}"), 403),
        (("Sec-WebSocket-Protocol: soap",), 400),
    ],
    ids=repr,
)
def test_who_may_open_a_websocket(shared: Daemon, headers: tuple[str, ...], status: int) -> None:
    told = [header.format(http=shared.http, port=shared.port) for header in headers]
    with RawClient(shared.port) as client:
        assert client.shake_hands(*told).startswith(f"HTTP/1.1 {status} ")


async def test_without_a_subprotocol_it_speaks_json(shared: Daemon) -> None:
    with RawClient(shared.port) as client:
        assert "sec-websocket-protocol" not in client.shake_hands().lower()
        client.text('{"jsonrpc": "2.0", "id": 1, "method": "session.ping", "params": [2.5]}')
        assert json.loads(client.message())["result"]["t"] == 2.5


async def test_the_subprotocol_chosen_is_told(shared: Daemon) -> None:
    for codec in (JSON, MSGPACK):
        async with connected(shared.url, codec) as client:
            assert client.connection.subprotocol == codec.name


async def test_any_player_hears_what_sounds(playing: Client, shared: Daemon) -> None:
    file = await asyncio.to_thread(listened, shared, 2 * 2 * 48000)
    frames = np.frombuffer(file[44:], "<i2").reshape(-1, 2) / 32768
    assert file[:4] == b"RIFF"
    assert spectral_peak(frames) == pytest.approx(440, abs=5)


def listened(daemon: Daemon, size: int) -> bytes:
    """The beginning of the live file."""
    connection = HTTPConnection(daemon.http, timeout=PATIENCE)
    connection.request("GET", "/listen.wav")
    with closing(connection), connection.getresponse() as response:
        return response.read(size + 44)


@pytest.mark.parametrize(
    ("program", "media", "said"),
    [
        ("html", "text/html; charset=utf-8", b'"name": "freq"'),
        ("open-stage-control", "application/json", b'"address": "/chan/freq"'),
        ("touchosc", "application/octet-stream", b""),
    ],
)
def test_a_layout_is_of_the_channels_there_are_now_and_of_the_ports_of_this_daemon(
    http: Http, shared: Daemon, program: str, media: str, said: bytes
) -> None:
    http.call(JSON, "csound.reset")
    http.call(JSON, "csound.setControlChannel", "freq", 330.0)
    response, body = http.get(f"/layout/{program}?channels=fr*")

    assert (response.status, response.headers["Content-Type"]) == (200, media)
    assert said in body
    if program == "open-stage-control":
        assert f'"target": "127.0.0.1:{shared.osc_port}"'.encode() in body
        assert b"192.168.1.2:9" in http.get("/layout/open-stage-control?osc=192.168.1.2:9")[1]
    if program == "html":
        assert f'"url": "ws://{shared.http}/ws"'.encode() in body
        assert "Content-Security-Policy" not in response.headers


def test_a_page_of_another_origin_gets_no_layout(http: Http) -> None:
    assert http.get("/layout/html", Origin="http://elsewhere.example")[0].status == 403


@pytest.mark.parametrize("program", ["html", "touchosc", "open-stage-control"])
def test_the_command_writes_the_layout_that_the_daemon_serves(shared: Daemon, tmp_path: Path, program: str) -> None:
    out = tmp_path / "panel"
    command = [sys.executable, "-m", "csoundd", "layout", program, "-o", str(out), "--url"]
    subprocess.run([*command, f"ws://{shared.http}/ws"], check=True, timeout=PATIENCE, capture_output=True)
    with urlopen(f"http://{shared.http}/layout/{program}?channels=%2A", timeout=PATIENCE) as answer:
        assert out.read_bytes() == answer.read()

    missing = subprocess.run(
        [*command, "http://127.0.0.1:9/ws"], timeout=PATIENCE, capture_output=True, text=True, check=False
    )
    assert (missing.returncode, "no connection to http://127.0.0.1:9/layout/" in missing.stderr) == (1, True)
