"""Attacks: each is refused, most are in the record, and somebody else plays on. Nothing but sockets is used."""

from __future__ import annotations

import base64
import gzip
import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from tests.live import leaks
from tests.live.daemon import PATIENCE, Daemon, finished, serving
from tests.live.raw import CLOSE, TEXT, RawClient

CALL = b'{"jsonrpc":"2.0","id":1,"method":"csound.sr"}'
SECRET = "outside, and nobody's business"
WRONG = "csd_" + "0" * 49


@dataclass(frozen=True)
class Target:
    """A daemon that asks everybody for a token, tokens of two scopes, and where they lie."""

    daemon: Daemon
    admin: str
    reader: str
    outside: Path

    @property
    def host(self) -> str:
        return f"Host: {self.daemon.http}"

    def refusals(self) -> int:
        """Lines of the record that tell of something refused."""
        return sum("csoundd.audit: refused" in line for line in self.daemon.errors().splitlines())


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    outside = tmp_path_factory.mktemp("outside")
    folder = tmp_path_factory.mktemp("workspace")
    state = outside / "state"
    (outside / "secret.txt").write_text(SECRET)
    (folder / "link").symlink_to(outside)
    (folder / "tone.orc").write_text("instr 1\nendin\n")
    admin, reader = [
        finished("token", "create", "--state", state, "--scope", scope, "--name", scope, folder=outside).stdout.strip()
        for scope in ("admin", "read")
    ]
    limits = ("max_frame=65536", "max_file=65536")
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in (each.split("=") for each in limits)]
    chosen = [f"--limit={each}" for each in ("requests=500", "files=50", "source_tokenless=4", "osc_packets=300")]
    with serving(folder, "--state", state, "--auth", "required", *settings, *chosen) as daemon:
        yield Target(daemon, admin, reader, outside)


@pytest.fixture(scope="module")
def player(target: Target) -> Iterator[RawClient]:
    """Somebody with a token, who plays on whatever happens."""
    with RawClient(target.daemon.port) as client:
        bearer = base64.urlsafe_b64encode(target.admin.encode()).decode().rstrip("=")
        head = client.shake_hands(f"Sec-WebSocket-Protocol: csoundd.json, csoundd.bearer.{bearer}")
        assert " 101 " in head.splitlines()[0], head
        yield client


def ask(target: Target, head: str, *headers: str, body: bytes = b"", token: str | None = None) -> tuple[int, str]:
    """Send a request, byte for byte, and read the answer to its end: its status, and all of it as text."""
    shown = () if token is None else (f"Authorization: Bearer {token}",)
    lines = [
        f"{head} HTTP/1.1",
        *(headers or (target.host,)),
        *shown,
        "Connection: close",
        f"Content-Length: {len(body)}",
    ]
    with socket.create_connection(("127.0.0.1", target.daemon.port), PATIENCE) as sock:
        asked = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        sock.sendall(asked)
        answer = b""
        while chunk := sock.recv(1 << 16):
            answer += chunk
    leaks.check_reply(answer, "an answer over HTTP", asked)
    return int(answer.split(b" ", 2)[1]), answer.decode("latin-1")


def rpc(target: Target, *headers: str, body: bytes = CALL, token: str | None = None) -> tuple[int, str]:
    return ask(target, "POST /rpc", target.host, "Content-Type: application/json", *headers, body=body, token=token)


def upgrade(target: Target, *headers: str) -> int:
    """The status of the answer to a request for a WebSocket."""
    with RawClient(target.daemon.port) as client:
        return int(client.shake_hands(*headers).split(" ", 2)[1])


def ticket(target: Target) -> str:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.ticket", "params": ["/openrpc.json"]}).encode()
    answer = rpc(target, body=body, token=target.reader)[1]
    return str(json.loads(answer.partition("\r\n\r\n")[2])["result"]["ticket"])


def used_twice(target: Target) -> int:
    path = f"GET /openrpc.json?ticket={ticket(target)}"
    assert ask(target, path)[0] == 200
    return ask(target, path)[0]


def cookie(target: Target) -> str:
    answer = ask(target, "POST /cookie", token=target.reader)[1].lower()
    assert "samesite=strict" in answer
    assert "httponly" in answer
    return answer.partition("set-cookie: ")[2].partition(";")[0]


def with_cookie(target: Target, head: str, *headers: str) -> int:
    return ask(target, head, target.host, f"Cookie: {cookie(target)}", *headers)[0]


def session_of(target: Target, wrong: int) -> int:
    """The code of what comes last of so many wrong tokens over one WebSocket."""
    with RawClient(target.daemon.port) as client:
        client.shake_hands()
        for number in range(wrong):
            client.text(
                json.dumps({"jsonrpc": "2.0", "id": number, "method": "session.hello", "params": [1, None, WRONG]})
            )
        return int(json.loads(client.message())["error"]["code"])


def unmasked(target: Target) -> int:
    """The code that a WebSocket is closed with which has sent a frame that is not masked."""
    with RawClient(target.daemon.port) as client:
        client.shake_hands()
        client.sendall(b"\x81\x02{}")
        opcode, payload = client.frame()
        assert opcode == CLOSE
        return int.from_bytes(payload[:2])


def oversized_without_token(target: Target) -> str:
    """The name of the limit that a long message comes to before a token was shown."""
    with RawClient(target.daemon.port) as client:
        client.shake_hands()
        client.text("x" * 70_000)
        opcode, payload = client.frame()
        assert opcode == TEXT
        return str(json.loads(payload)["error"]["data"]["name"])


def too_many_without_token(target: Target) -> int:
    clients = [RawClient(target.daemon.port) for _ in range(5)]
    try:
        return max(int(client.shake_hands().split(" ", 2)[1]) for client in clients)
    finally:
        for client in clients:
            client.reset()


def error_of(target: Target, method: str, *params: object, token: str = "") -> int:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    answer = json.loads(rpc(target, body=body, token=token or target.reader)[1].partition("\r\n\r\n")[2])
    return int(answer["error"]["code"])


def put(target: Target, path: str, body: bytes = b"x", *headers: str) -> int:
    return ask(target, f"PUT {path}", target.host, *headers, body=body, token=target.admin)[0]


def read(target: Target, path: str) -> int:
    status, text = ask(target, f"GET {path}", token=target.admin)
    assert SECRET not in text
    assert str(target.outside) not in text
    return status


def swapped_link(target: Target) -> int:
    """A folder that becomes a link to the outside, between the answer to one request and the next."""
    folder = target.daemon.folder / "swapped"
    folder.mkdir(exist_ok=True)
    assert put(target, "/files/swapped/file") in {201, 204}
    (folder / "file").unlink()
    folder.rmdir()
    folder.symlink_to(target.outside)
    try:
        return put(target, "/files/swapped/file")
    finally:
        folder.unlink()
        assert not (target.outside / "file").exists()


def packed(*parts: bytes) -> bytes:
    return b"".join(part + bytes(4 - len(part) % 4) for part in parts)


def osc(target: Target, packet: bytes, count: int = 1) -> int:
    """How many bytes come back over UDP for each that was sent, at most."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.3)
        for _ in range(count):
            sock.sendto(packet, ("127.0.0.1", target.daemon.osc_port))
        received = 0
        try:
            while True:
                received += len(sock.recv(1 << 16))
        except TimeoutError:
            return received // (count * len(packet))


def injected_option(target: Target) -> bool:
    """Whether an option makes Csound write outside."""
    made = target.outside / "made.wav"
    for option in (f"-o{made}", f"-d\n-o{made}", f"--output={made} --env:SFDIR={target.outside}"):
        body = {"jsonrpc": "2.0", "id": 1, "method": "csound.setOption", "params": [option]}
        assert rpc(target, body=json.dumps(body).encode(), token=target.admin)[0] == 200
    body = {"jsonrpc": "2.0", "id": 1, "method": "csound.compileOrc", "params": ["instr 1\nendin"]}
    assert rpc(target, body=json.dumps(body).encode(), token=target.admin)[0] == 200
    rpc(target, body=b'{"jsonrpc":"2.0","id":1,"method":"csound.start"}', token=target.admin)
    rpc(target, body=b'{"jsonrpc":"2.0","id":1,"method":"csound.reset"}', token=target.admin)
    return made.exists()


def long_head(target: Target) -> int:
    """The status of the answer to a head that does not come to its end."""
    with socket.create_connection(("127.0.0.1", target.daemon.port), PATIENCE) as sock:
        sock.sendall(b"GET /files HTTP/1.1\r\nX-Long: " + b"x" * 70_000)
        return int(sock.recv(100).split(b" ", 2)[1])


def nested(depth: int) -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"method":"channel.set","params":[' + b"[" * depth + b"]" * depth + b"]}"


def flood(target: Target) -> set[str]:
    """The names of the limits that many requests over one connection come to."""
    bearer = base64.urlsafe_b64encode(target.admin.encode()).decode().rstrip("=")
    with RawClient(target.daemon.port) as client:
        client.shake_hands(f"Sec-WebSocket-Protocol: csoundd.json, csoundd.bearer.{bearer}")
        ends = monotonic() + PATIENCE
        while monotonic() < ends:
            for number in range(1000):
                client.text(json.dumps({"jsonrpc": "2.0", "id": number, "method": "session.ping", "params": [0]}))
            answers = [json.loads(client.message()) for _ in range(1000)]
            if refused := {answer["error"]["data"]["name"] for answer in answers if "error" in answer}:
                return refused
    return set()


EVIL = "Origin: http://evil.example"
ATTACKS: dict[str, tuple[Callable[[Target], object], object]] = {
    "cross-site WebSocket": (lambda t: upgrade(t, EVIL), 403),
    "cross-site WebSocket of a sandboxed frame": (lambda t: upgrade(t, "Origin: null"), 403),
    "cross-site POST": (lambda t: rpc(t, EVIL, token=t.admin)[0], 403),
    "cross-site POST as a form": (
        lambda t: ask(t, "POST /rpc", t.host, "Content-Type: text/plain", body=CALL, token=t.admin)[0],
        415,
    ),
    "cross-site PUT": (lambda t: put(t, "/files/x", b"x", EVIL), 403),
    "cross-site DELETE": (lambda t: ask(t, "DELETE /files/tone.orc", t.host, EVIL, token=t.admin)[0], 403),
    "cross-site reading of the sound": (lambda t: with_cookie(t, "GET /listen.wav", EVIL), 403),
    "cross-site embedding": (
        lambda t: with_cookie(t, "GET /files/tone.orc", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: audio"),
        403,
    ),
    "cross-site reading of metrics": (lambda t: with_cookie(t, "GET /metrics", EVIL), 403),
    "a cookie of another port": (lambda t: with_cookie(t, "GET /files", "Sec-Fetch-Site: same-site"), 403),
    "a cookie for a change": (lambda t: with_cookie(t, "DELETE /files/tone.orc"), 401),
    "rebinding": (lambda t: ask(t, "GET /files", "Host: evil.example", token=t.admin)[0], 403),
    "rebinding by WebSocket": (lambda t: upgrade(t, "Host: evil.example"), 403),
    "rebinding by an absolute address": (lambda t: ask(t, "GET http://evil.example/files", token=t.admin)[0], 403),
    "two hosts": (lambda t: ask(t, "GET /files", t.host, "Host: evil.example", token=t.admin)[0], 400),
    "a Referer of the daemon's own": (
        lambda t: ask(t, "GET /files", t.host, f"Referer: http://{t.daemon.http}/")[0],
        401,
    ),
    "an address made up by X-Forwarded-For": (
        lambda t: ask(t, "GET /files", t.host, "X-Forwarded-For: 127.0.0.1")[0],
        401,
    ),
    "open redirect": (lambda t: ask(t, "GET //evil.example/%2e%2e", token=t.admin)[0], 404),
    "a token in the address": (lambda t: ask(t, f"GET /files?token={t.admin}")[0], 401),
    "token guessing": (lambda t: ask(t, "GET /files", token=WRONG)[0], 401),
    "token guessing over a WebSocket": (lambda t: session_of(t, 3), -32001),
    "a token of another form": (lambda t: ask(t, "GET /files", token="x" * 5000)[0], 401),
    "a ticket used twice": (used_twice, 401),
    "a ticket for another path": (lambda t: ask(t, f"GET /files?ticket={ticket(t)}")[0], 401),
    "a scope too few: code": (lambda t: error_of(t, "csound.compileOrc", "instr 1\nendin"), -32002),
    "a scope too few: tokens": (lambda t: error_of(t, "token.create", "mine", "admin"), -32002),
    "a scope too few: a file": (lambda t: ask(t, "PUT /files/x", t.host, body=b"x", token=t.reader)[0], 403),
    "path escape": (lambda t: read(t, "/files/../outside/secret.txt"), 403),
    "path escape, encoded": (lambda t: read(t, "/files/%2e%2e/%2e%2e/etc/passwd"), 403),
    "path escape, encoded slashes": (lambda t: read(t, "/files/..%2f..%2f..%2fetc%2fpasswd"), 403),
    "path escape, twice encoded": (lambda t: read(t, "/files/%252e%252e%252fsecret.txt"), 404),
    "path escape, backslashes": (lambda t: read(t, "/files/..%5c..%5csecret.txt"), 404),
    "path escape, absolute": (lambda t: read(t, "/files//etc/passwd"), 403),
    "path escape, zero byte": (lambda t: read(t, "/files/tone.orc%00.txt"), 400),
    "path escape by a link": (lambda t: read(t, "/files/link/secret.txt"), 403),
    "writing through a link": (lambda t: put(t, "/files/link/file"), 403),
    "a link that takes a folder's place": (swapped_link, 403),
    "option injection": (injected_option, False),
    "a folder of Csound's outside": (
        lambda t: error_of(t, "csound.setGlobalEnv", "SFDIR", str(t.outside), token=t.admin),
        -32002,
    ),
    "a folder of plug-ins outside": (lambda t: error_of(t, "engine.restart", [], "/tmp", token=t.admin), -32002),
    "a variable that is none of Csound's": (
        lambda t: error_of(t, "csound.setGlobalEnv", "LD_PRELOAD", "/tmp/x.so", token=t.admin),
        -32002,
    ),
    "a body too large": (lambda t: rpc(t, body=b" " * 70_000, token=t.admin)[0], 413),
    "a file too large": (lambda t: put(t, "/files/large", b"x" * 70_000), 413),
    "a head too large": (long_head, 431),
    "a message too large, without a token": (oversized_without_token, "frame"),
    "nested too deep": (lambda t: "error" in rpc(t, body=nested(10_000), token=t.admin)[1], True),
    "a batch too large": (
        lambda t: "LimitExceeded" in rpc(t, body=b"[" + b"1," * 1500 + b"1]", token=t.admin)[1],
        True,
    ),
    "a compression bomb": (
        lambda t: rpc(t, "Content-Encoding: gzip", body=gzip.compress(b" " * (1 << 20)), token=t.admin)[0],
        415,
    ),
    "a compression bomb as a transfer coding": (
        lambda t: rpc(t, "Transfer-Encoding: gzip", token=t.admin)[0] >= 400,
        True,
    ),
    "a frame that is not masked": (unmasked, 1002),
    "sockets without a token": (too_many_without_token, 503),
    "more requests than there may be": (flood, {"requests"}),
    "OSC that asks for much": (lambda t: osc(t, packed(b"/csound/version", b",")) <= 4, True),
    "OSC that is no OSC": (lambda t: osc(t, os.urandom(4096)) == 0, True),
    "a flood of OSC": (lambda t: osc(t, packed(b"/sync", b",i") + struct.pack(">i", 1), 2000) <= 4, True),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_refused_and_others_play_on(target: Target, player: RawClient, name: str) -> None:
    attack, refused = ATTACKS[name]
    assert attack(target) == refused
    player.text(CALL.decode())
    assert json.loads(player.message())["result"] > 0
    assert target.daemon.process.poll() is None


def test_what_was_refused_is_in_the_record_and_counted(target: Target) -> None:
    before = target.refusals()
    assert upgrade(target, EVIL) == 403
    assert rpc(target)[0] == 401
    assert put(target, "/files/x", b"x", EVIL) == 403
    error_of(target, "token.create", "mine", "admin")
    ends = monotonic() + PATIENCE
    while target.refusals() < before + 4:
        assert monotonic() < ends, target.daemon.errors()[-2000:]
    text = ask(target, "GET /metrics", token=target.reader)[1]
    for reason in ("origin", "token", "scope"):
        assert f'csoundd_refusals_total{{reason="{reason}"}}' in text


def test_no_token_no_place_and_no_traceback_was_told(target: Target) -> None:
    told = target.daemon.errors() + ask(target, "GET /metrics", token=target.reader)[1]
    for secret in (target.admin, target.reader, WRONG, SECRET, "Traceback"):
        assert secret not in told


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 25
