"""Tokens on a real daemon: made by its command line, used by clients that are not ours, revoked while in use."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from csoundd.access import TokenStore
from csoundd.messages import Scope
from csoundd_client import CsounddError
from csoundd_client import connect as csoundd_connect
from tests.live import leaks
from tests.live.daemon import FREE_PORTS, PATIENCE, Daemon, finished, serving
from tests.live.pieces import TONE


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tone.orc").write_text(TONE + 'chnset 440, "freq"\nchnset 1, "fx/room"\n')
    words = ("--auth", "required", "--log-level", "debug")
    with serving(folder, "tone.orc", "--state", state_of(folder), *words) as daemon:
        yield daemon


def state_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-state")


def token_of(daemon: Daemon, scope: Scope, name: str = "somebody", channels: list[str] | None = None) -> str:
    token, _ = TokenStore(state_of(daemon.folder)).create(name, scope, channels=channels)
    return token


def request(
    daemon: Daemon, method: str, path: str, token: str | None = None, body: str | None = None
) -> tuple[int, str]:
    """The status and the body that Python's own client is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=PATIENCE)
    headers = {"Content-Type": "application/json"} | ({} if token is None else {"Authorization": f"Bearer {token}"})
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    read = answer.read() if path != "/listen.wav" else answer.read(44)
    connection.close()
    leaks.check_reply(read, "an answer over HTTP")
    return answer.status, read.decode("latin-1")


def call(method: str, *params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


@pytest.mark.parametrize("path", ["/files", "/files/tone.orc", "/listen.wav", "/layout/html", "/openrpc.json"])
def test_nothing_is_there_without_one(guarded: Daemon, path: str) -> None:
    assert request(guarded, "GET", path)[0] == 401


def test_the_page_that_asks_for_one_is_there(guarded: Daemon) -> None:
    status, page = request(guarded, "GET", "/")
    assert status == 200
    assert "<csoundd-console>" in page


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("read", {"engine.info": 0, "channel.set": -32002, "orc.compile": -32002, "token.list": -32002}),
        ("control", {"engine.info": 0, "channel.set": 0, "orc.compile": -32002, "token.list": -32002}),
        ("compile", {"engine.info": 0, "channel.set": 0, "orc.compile": 0, "token.list": -32002}),
        ("admin", {"engine.info": 0, "channel.set": 0, "orc.compile": 0, "token.list": 0}),
    ],
)
def test_a_scope_opens_what_it_says(guarded: Daemon, scope: Scope, expected: dict[str, int]) -> None:
    token = token_of(guarded, scope)
    params: dict[str, list[object]] = {"channel.set": [{"freq": 330.0}], "orc.compile": ["giopen = 1"]}
    answered = {}
    for method in expected:
        status, body = request(guarded, "POST", "/rpc", token, call(method, *params.get(method, [])))
        assert status == 200
        answered[method] = json.loads(body).get("error", {"code": 0})["code"]
    assert answered == expected
    assert request(guarded, "PUT", "/files/new.txt", token, "text")[0] in (
        {201, 204} if scope in {"compile", "admin"} else {403}
    )


async def heard_out(client: ClientConnection) -> None:
    while True:
        await client.recv()


async def test_a_phone_moves_its_channels_and_no_others_until_it_is_revoked(guarded: Daemon) -> None:
    token = token_of(guarded, "control", "phone", ["fx/*"])
    offered = [
        Subprotocol("csoundd.json"),
        Subprotocol("csoundd.bearer." + urlsafe_b64encode(token.encode()).decode().rstrip("=")),
    ]
    async with connect(guarded.url, subprotocols=offered, proxy=None) as phone:

        async def answer(method: str, *params: object) -> dict[str, object]:
            await phone.send(call(method, *params))
            async with asyncio.timeout(PATIENCE):
                while "id" not in (message := json.loads(await phone.recv())):
                    pass
            answered: dict[str, object] = message
            return answered

        assert (await answer("channel.set", {"fx/room": 0.25}))["result"] is None
        assert (await answer("channel.get", "*"))["result"] == {"fx/room": 0.25}
        assert [entry["name"] for entry in (await answer("channel.list"))["result"]] == ["fx/room"]  # type: ignore[attr-defined]
        assert (await answer("stream.subscribe", "channels"))["result"]["names"] == ["fx/*"]  # type: ignore[index]
        for refused in (
            ("channel.set", {"freq": 1.0}),
            ("csound.setControlChannel", "freq", 1.0),
            ("csound.controlChannel", "freq"),
            ("csound.eventString", "i 1 0 1"),
            ("csound.compileOrc", "gi1 = 1"),
            ("thread.pause",),
            ("engine.batch", [{"method": "csound.setControlChannel", "params": ["freq", 1.0]}]),
        ):
            assert (await answer(*refused))["error"]["code"] == -32002, refused  # type: ignore[index]

        ended = finished("token", "revoke", "--state", state_of(guarded.folder), "phone", folder=guarded.folder)
        assert ended.returncode == 0
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(heard_out(phone), PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4003
    assert request(guarded, "GET", "/files", token)[0] == 401


async def test_our_client_shows_one(guarded: Daemon) -> None:
    token = token_of(guarded, "admin")
    async with csoundd_connect(guarded.url, token=token) as cs:
        made = await cs.token.create("stage", "read", expires=60.0)
        assert [each.name for each in await cs.token.list()][-1] == "stage"
        assert request(guarded, "GET", "/files", made.token)[0] == 200
        ticket = (await cs.session.ticket("/files/tone.orc")).ticket
        assert [request(guarded, "GET", f"/files/tone.orc?ticket={ticket}")[0] for _ in range(2)] == [200, 401]
        await cs.token.revoke(made.id)
        assert request(guarded, "GET", "/files", made.token)[0] == 401
    with pytest.raises(CsounddError):
        async with csoundd_connect(guarded.url, reconnect=False):
            pass


def test_commands_take_it_from_the_environment(guarded: Daemon) -> None:
    token = token_of(guarded, "read")
    words = ("get", "--url", guarded.url, "freq", "--json")
    assert finished(*words, folder=guarded.folder).returncode != 0
    assert finished(*words, folder=guarded.folder, extra={"CSOUNDD_TOKEN": token}).returncode == 0


def test_no_token_is_in_the_log_or_in_what_is_kept(guarded: Daemon) -> None:
    token = token_of(guarded, "admin")
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for shown in (token, wrong):
        request(guarded, "GET", "/files/no-such", shown)
        request(guarded, "GET", f"/files?token={shown}", shown)
        request(guarded, "POST", "/rpc", shown, call("session.hello", 1, None, shown))
    folders = (guarded.folder, state_of(guarded.folder))
    kept = [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert not any(shown[4:40].encode() in content for content in kept for shown in (token, wrong))
    assert "refused 127.0.0.1: a token" in guarded.errors()


def test_code_that_is_compiled_makes_no_tokens(tmp_path: Path) -> None:
    """What lies in the workspace anybody writes who may compile: a token there would be worth nothing."""
    ended = finished("serve", *FREE_PORTS, "--state", "state", "--auth", "required", folder=tmp_path)
    assert ended.returncode != 0
    assert "outside of it" in ended.stderr
    made = finished("token", "create", "--state", "state", "--scope", "admin", folder=tmp_path).stdout.strip()
    with serving(tmp_path, "--state", "state") as daemon:
        assert request(daemon, "GET", "/files")[0] == 200
        assert request(daemon, "GET", "/files", made)[0] == 401
        assert "count for nothing" in daemon.errors()


def test_beyond_this_machine_all_is_encrypted(tmp_path: Path) -> None:
    state = tmp_path / "state"
    folder = tmp_path / "workspace"
    folder.mkdir()
    with serving(folder, "--host", "0.0.0.0", "--tls", "auto", "--state", state) as daemon:
        log = daemon.errors()
        context = ssl.create_default_context(cafile=str(state / "tls" / "authority.crt"))
        with (
            socket.create_connection(("127.0.0.1", daemon.port), PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as encrypted,
        ):
            encrypted.sendall(b"GET /authority HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            page = b"".join(iter(lambda: encrypted.recv(65536), b"")).decode()
            assert encrypted.version() in {"TLSv1.2", "TLSv1.3"}
        fingerprint = page.partition("<code>")[2].partition("</code>")[0]
        assert len(fingerprint) == 95
        assert fingerprint in log
        # The commands of this machine need neither trust nor token.
        assert finished("call", "--url", f"127.0.0.1:{daemon.port}", "engine.info", folder=folder).returncode == 0
        assert ":127.0.0.1:" in daemon.ready.partition("osc=")[2]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Prefix"])
def test_who_is_behind_a_proxy_is_not_this_machine_for_oscquery_either(guarded: Daemon, header: str) -> None:
    statuses = []
    for headers in ({}, {header: "127.0.0.1"}):
        with closing(http.client.HTTPConnection("127.0.0.1", guarded.oscquery_port, timeout=PATIENCE)) as connection:
            connection.request("GET", "/?HOST_INFO", headers=headers)
            statuses.append(connection.getresponse().status)
    assert statuses == [200, 403]


def test_a_proxy_that_is_trusted_says_where_the_daemon_is(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    words = ("--state", tmp_path / "state", "--trusted-proxy", "127.0.0.1", "--allowed-host", "synth.example")
    with serving(folder, *words) as daemon:
        token, _ = TokenStore(tmp_path / "state").create("page", "read")
        told = {
            "Host": "synth.example",
            "X-Forwarded-For": "192.0.2.7",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Prefix": "/studio",
            "Authorization": f"Bearer {token}",
        }

        def asked(method: str, path: str, body: str | None = None) -> tuple[str, bytes]:
            """The cookie and the body that are answered."""
            with closing(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=PATIENCE)) as connection:
                connection.request(method, path, body, {**told, "Content-Type": "application/json"})
                answer = connection.getresponse()
                return answer.headers.get("set-cookie", ""), answer.read()

        urls = ["wss://synth.example/studio/ws", "https://synth.example/studio/rpc"]
        assert [each["url"] for each in json.loads(asked("GET", "/openrpc.json")[1])["servers"]] == urls
        discovered = json.loads(asked("POST", "/rpc", call("rpc.discover"))[1])["result"]
        assert [each["url"] for each in discovered["servers"]] == urls
        streams = json.loads(asked("GET", "/asyncapi.json")[1])["servers"]["daemon"]
        assert streams == {"host": "synth.example", "protocol": "wss", "pathname": "/studio/ws"}
        cookie, _ = asked("POST", "/cookie")
        assert "Path=/studio/;" in cookie
        assert "Secure" in cookie
