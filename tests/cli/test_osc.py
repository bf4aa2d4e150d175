"""``csoundd osc send`` and ``csoundd osc dump``, against a daemon, liblo's tools and plain sockets."""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import post
from tests.cli.running import FAILED, INTERRUPTED, OK, USAGE, Cli, interrupted, program
from tests.live.daemon import PATIENCE, Daemon
from tests.live.programs import free_port, needs

HOST = "127.0.0.1"
needs_liblo = needs("oscsend", "liblo-tools")


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    """A plain UDP socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.settimeout(PATIENCE)
        yield sock


def sent(cli: Cli, receiver: socket.socket, *words: str) -> bytes:
    """The datagram that comes of ``csoundd osc send`` with these words."""
    assert cli("osc", "send", *words, "--port", str(receiver.getsockname()[1]), "--wait", "0").status == OK
    return receiver.recv(65536)


class Dump:
    """``csoundd osc dump`` that listens."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.said = process.stderr
        self._lines = process.stdout
        found = re.fullmatch(r"csoundd: listening on udp:(\S+):(\d+) tcp:\1:\2\n", self.said.readline())
        assert found
        self.port = int(found[2])

    def line(self) -> str:
        return self._lines.readline().rstrip("\n")

    def value(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.line())
        return read


@contextmanager
def dumping(folder: Path, *words: str) -> Iterator[Dump]:
    with program("osc", "dump", "0", *words, folder=folder) as process:
        yield Dump(process)


def datagram(port: int, packet: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(packet, (HOST, port))


@pytest.mark.parametrize(
    ("words", "packet"),
    [
        (["/a"], b"/a\0\0,\0\0\0"),
        (["/a", "1"], b"/a\0\0,i\0\0\0\0\0\1"),
        (["/a", "-1"], b"/a\0\0,i\0\0\xff\xff\xff\xff"),
        (["/a", "2147483648"], b"/a\0\0,h\0\0\0\0\0\0\x80\0\0\0"),
        (["/a", "0.5"], b"/a\0\0,f\0\0\x3f\0\0\0"),
        (["/a", "-.5"], b"/a\0\0,f\0\0\xbf\0\0\0"),
        (["/a", "1e300"], b"/a\0\0,d\0\0" + struct.pack(">d", 1e300)),
        (["/a", "é"], b"/a\0\0,s\0\0\xc3\xa9\0\0"),
        (["/a", '"5"'], b"/a\0\0,s\0\0005\0\0\0"),
        (["/a", "true", "false", "null"], b"/a\0\0,TFN\0\0\0\0"),
        (["/a", "[1, [true, 0.5]]", "2"], b"/a\0\0,[i[Tf]]i\0\0\0\0\0\0\1\x3f\0\0\0\0\0\0\2"),
        (["/a", '{"b": 1}'], b'/a\0\0,s\0\0{"b": 1}\0\0\0\0'),
        (["/a", "--tags", ",f", "1"], b"/a\0\0,f\0\0\x3f\x80\0\0"),
        (["/a", "--tags", "sS", "5", "x"], b"/a\0\0,sS\0005\0\0\0x\0\0\0"),
        (["/a", "--tags", "b", "01 02"], b"/a\0\0,b\0\0\0\0\0\2\1\2\0\0"),
        (["/a", "--tags", "b", ""], b"/a\0\0,b\0\0\0\0\0\0"),
        (["/a", "--tags", "mrc", "00903c7f", "ff000080", "x"], b"/a\0\0,mrc\0\0\0\0\0\x90\x3c\x7f\xff\0\0\x80\0\0\0x"),
        (["/a", "--tags", "t", "now"], b"/a\0\0,t\0\0\0\0\0\0\0\0\0\1"),
        (["/a", "--tags", "t", "0.5"], b"/a\0\0,t\0\0\x83\xaa\x7e\x80\x80\0\0\0"),
        (["/a", "--tags", "I[iT]", "3"], b"/a\0\0,I[iT]\0\0\0\0\0\3"),
        (["/a", "--", "-x"], b"/a\0\0,s\0\0-x\0\0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_become_a_packet(alone: Cli, receiver: socket.socket, words: list[str], packet: bytes) -> None:
    options = words.index("--") if "--" in words else len(words)
    port = ["--port", str(receiver.getsockname()[1]), "--wait", "0"]

    assert alone("osc", "send", *words[:options], *port, *words[options:]).status == OK
    assert receiver.recv(65536) == packet


def test_a_blob_from_a_file(alone: Cli, receiver: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"\xc0\xdb\0")
    assert sent(alone, receiver, "/a", "--tags", "b", "@blob") == b"/a\0\0,b\0\0\0\0\0\3\xc0\xdb\0\0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chan/x", "1"], "begins with a slash"),
        (["/a", "18446744073709551616"], "64 bits"),
        (["/a", "@missing"], "missing"),
        (["/a", "--tags", "z", "1"], "no type tag 'z'"),
        (["/a", "--tags", "ii", "1"], "take 2 arguments, and there are 1"),
        (["/a", "--tags", "i", "1.5"], "'1.5' does not fit the type tag i"),
        (["/a", "--tags", "i", "2147483648"], "does not fit the type tag i"),
        (["/a", "--tags", "f", "1e39"], "does not fit the type tag f"),
        (["/a", "--tags", "c", "xy"], "does not fit the type tag c"),
        (["/a", "--tags", "m", "903c7f"], "does not fit the type tag m"),
        (["/a", "--tags", "b", "@missing"], "missing"),
        (["/a", "--tags", "[i", "1"], "never closed"),
        (["/a", "--tags", "]i[", "1"], "before its ["),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_that_make_no_packet(alone: Cli, words: list[str], said: str) -> None:
    alone("osc", "send", *words).assert_refused(USAGE, said)


def test_a_channel_is_set_and_asked_for(alone: Cli, daemon: Daemon) -> None:
    port = str(daemon.osc_port)
    assert alone("osc", "send", "/chan/by.osc", "0.1", "--port", port, "--wait", "0").stdout == ""
    assert alone("osc", "send", "/chan/by.osc", "--port", port, "--wait", "10").stdout == "/chan/by.osc f 0.1\n"
    assert post(daemon, "csound.controlChannel", "by.osc") == [pytest.approx(0.1), 0]


@pytest.mark.parametrize("framing", ["slip", "length"])
def test_a_reply_over_tcp(alone: Cli, daemon: Daemon, framing: str) -> None:
    words = ("--tcp", "--port", str(daemon.osc_tcp_port), "--framing", framing, "--wait", "10")
    assert alone("osc", "send", "/csound/ksmps", *words).stdout == '/reply sd "/csound/ksmps" 64.0\n'


def test_a_reply_for_programs(alone: Cli, daemon: Daemon) -> None:
    reply = alone("osc", "send", "/csound/ksmps", "--port", str(daemon.osc_port), "--wait", "10", "--json").value
    assert reply["from"] == f"udp:{HOST}:{daemon.osc_port}"
    assert (reply["address"], reply["tags"], reply["values"]) == ("/reply", "sd", ["/csound/ksmps", 64.0])


def test_so_many_replies(alone: Cli, daemon: Daemon) -> None:
    words = ("/csound/{sr,ksmps}", "--port", str(daemon.osc_port), "--wait", "10", "--replies", "2")
    lines = alone("osc", "send", *words).stdout.splitlines()
    assert sorted(lines) == ['/reply sd "/csound/ksmps" 64.0', '/reply sd "/csound/sr" 48000.0']


def test_an_error_is_a_failure(alone: Cli, daemon: Daemon) -> None:
    ended = alone("osc", "send", "/csound/nothing", "--port", str(daemon.osc_port), "--wait", "10")
    assert ended.status == FAILED
    assert ended.stdout.startswith('/error sis "/csound/nothing" -32601 ')


@pytest.mark.parametrize("way", [[], ["--tcp"]], ids=["udp", "tcp"])
def test_nobody_listens(alone: Cli, way: list[str]) -> None:
    port = str(free_port())
    alone("osc", "send", "/a", "--port", port, "--wait", "10", *way).assert_refused(FAILED, "nobody listens on", port)


@needs_liblo
def test_oscdump_prints_what_was_sent(alone: Cli, tmp_path: Path) -> None:
    port = free_port()
    with subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True) as heard:
        assert heard.stdout is not None
        try:
            while alone("osc", "send", "/begin", "--port", str(port), "--wait", "0.2").status != OK:
                pass
            words = ("/a", "-7", "0.5", "Étude", "true", "--tags", "ifsT")
            alone("osc", "send", *words[:4], *words[5:], "--port", str(port), "--wait", "0")
            while "/a" not in (line := heard.stdout.readline()):
                assert "/begin" in line
        finally:
            heard.kill()
    assert line.rstrip().endswith('/a ifsT -7 0.500000 "Étude" #T')


@needs_liblo
@pytest.mark.parametrize("way", ["udp", "tcp"])
def test_what_oscsend_sent_is_printed(tmp_path: Path, way: str) -> None:
    with dumping(tmp_path) as dump:
        types = ("ifdhsScmTFNI", "-7", "0.1", "0.2", "5", 'a "b"', "symbol", "x", "00903c7f")
        subprocess.run(["oscsend", f"osc.{way}://{HOST}:{dump.port}/", "/a/b", *types], check=True)
        time, rest = dump.line().split(" ", 1)

    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{6}", time)
    assert rest == '/a/b ifdhsScmTFNI -7 0.1 0.2 5 "a \\"b\\"" "symbol" "x" 00903c7f true false null impulse'


def test_values_of_every_kind_for_programs(tmp_path: Path) -> None:
    with dumping(tmp_path, "--json", "--count", "1") as dump:
        datagram(dump.port, b"/a\0\0,[if]br\0\0\0\0\1\x7f\xc0\0\0\0\0\0\2\1\2\0\0\xff\0\0\x80")
        told = dump.value()
        assert dump.process.wait(PATIENCE) == OK

    assert (told["address"], told["tags"], told["moment"]) == ("/a", "[if]br", None)
    assert told["values"] == [[1, {"$float": "nan"}], {"$bytes": "AQI="}, 0xFF000080]
    assert told["from"].startswith(f"udp:{HOST}:")


def bundle(ntp: int, *elements: bytes) -> bytes:
    packed = b"".join(struct.pack(">I", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", ntp) + packed


def test_bundles_are_taken_apart_with_their_moments(tmp_path: Path) -> None:
    later = int((2208988800 + 1_800_000_000.5) * 2**32)
    with dumping(tmp_path, "--json") as dump:
        datagram(dump.port, bundle(1, b"/a\0\0,\0\0\0", bundle(later, b"/b\0\0,\0\0\0")))
        told = [dump.value(), dump.value()]

    assert [(each["address"], each["moment"]) for each in told] == [("/a", None), ("/b", 1_800_000_000.5)]


def test_a_packet_of_many_numbers_over_tcp_is_read(tmp_path: Path) -> None:
    """python-osc's own reading copies the rest of the packet for each number: minutes for this one."""
    count = 500_000
    tags = b"," + b"f" * count
    packet = b"/a\0\0" + tags + b"\0" * (4 - len(tags) % 4) + struct.pack(">f", 0.5) * count
    with dumping(tmp_path, "--json") as dump, socket.create_connection((HOST, dump.port)) as stream:
        stream.sendall(struct.pack(">I", len(packet)) + packet)
        assert dump.value()["values"] == [0.5] * count


def test_what_a_terminal_would_obey_is_escaped(tmp_path: Path) -> None:
    with dumping(tmp_path) as dump:
        datagram(dump.port, b"/\x1b[2J\0\0\0,s\0\0\x1b]0;x\x07\0\0")
        assert dump.line().split(" ", 1)[1] == r'"/\u001b[2J" s "\u001b]0;x\u0007"'


DAMAGED = {
    "nothing": b"",
    "text": b"hello",
    "no-end": b"/aaa",
    "not-utf-8": b"/\xff\0\0",
    "no-comma": b"/a\0\0i\0\0\0\0\0\0\1",
    "unknown-tag": b"/a\0\0,z\0\0",
    "cut-short": b"/a\0\0,d\0\0\0\0\0\0",
    "blob-too-large": b"/a\0\0,b\0\0\x7f\0\0\0",
    "blob-negative": b"/a\0\0,b\0\0\xff\xff\xff\xf8",
    "character": b"/a\0\0,c\0\0\xff\xff\xff\xff",
    "open-array": b"/a\0\0,[i\0\0\0\0\1",
    "closed-array": b"/a\0\0,]\0\0",
    "deep-array": b"/a\0\0," + b"[" * 5000 + b"]" * 5000 + b"\0\0\0",
    "element-negative": bundle(1)[:16] + b"\xff\xff\xff\xfc",
    "element-too-large": bundle(1)[:16] + b"\0\0\0\x7f",
    "element-of-nothing": bundle(1, b""),
}


def test_damaged_packets_are_told_and_do_no_harm(tmp_path: Path) -> None:
    deep = b"/a\0\0,\0\0\0"
    for _ in range(1000):
        deep = bundle(1, deep)
    with dumping(tmp_path) as dump:
        for packet in (*DAMAGED.values(), deep):
            datagram(dump.port, packet)
            told = dump.said.readline()
            assert told.startswith(f"csoundd: {len(packet)} bytes from udp:{HOST}:"), packet
            assert "no OSC packet" in told
        datagram(dump.port, b"/a\0\0,\0\0\0")
        assert dump.line().endswith(" /a")


def test_a_stream_that_is_no_osc_is_told(tmp_path: Path) -> None:
    with dumping(tmp_path) as dump, socket.create_connection((HOST, dump.port)) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n")
        assert "does not speak OSC over TCP" in dump.said.readline()
        assert stream.recv(1) == b""


def test_a_port_that_is_taken(alone: Cli, receiver: socket.socket) -> None:
    alone("osc", "dump", str(receiver.getsockname()[1])).assert_refused(FAILED, "in use")


def test_it_goes_on_until_it_is_interrupted(tmp_path: Path) -> None:
    with dumping(tmp_path) as dump:
        datagram(dump.port, b"/a\0\0,\0\0\0")
        dump.line()
        assert interrupted(dump.process) == (INTERRUPTED, "")


def test_a_reader_that_leaves_ends_it_without_a_word(tmp_path: Path) -> None:
    with dumping(tmp_path) as dump:
        assert dump.process.stdout is not None
        dump.process.stdout.close()
        datagram(dump.port, b"/a\0\0,\0\0\0")
        assert dump.said.read() == ""
        assert dump.process.wait(PATIENCE) == FAILED
