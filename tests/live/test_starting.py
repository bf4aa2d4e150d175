"""The start of ``csoundd serve`` until it is ready, and how it says that it cannot be."""

from __future__ import annotations

import json
import re
import shlex
import socket
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.backends.engines import needs_6, needs_native, needs_wasm
from tests.live.daemon import FREE_PORTS, PATIENCE, finished, serving
from tests.live.foreign import connected
from tests.live.pieces import HEADER, TONE, csd

FAILED, USAGE = 1, 2
PIECE = csd(TONE.replace("schedule(1, 0, -1)", "") + 'chnset 700, "freq"\n')


def assert_sentence(stderr: str, *words: str) -> None:
    """One line for people, which has these words in it and no traceback after it."""
    lines = [line for line in stderr.splitlines() if line.startswith("csoundd: ")]
    assert len(lines) == 1, stderr
    for word in words:
        assert word in lines[0]
    assert "Traceback" not in stderr


def test_the_ready_line(tmp_path: Path) -> None:
    with serving(tmp_path) as daemon:
        assert re.fullmatch(r"csoundd ready http=127\.0\.0\.1:[1-9]\d*( \S+=\S+)*\n", daemon.ready)


async def test_a_csd_is_compiled_and_played(tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(PIECE)
    with serving(tmp_path, "piece.csd") as daemon:
        async with connected(daemon.url) as client:
            await client.hears(await client.subscribe("spout"), 700)


async def test_an_orchestra_is_compiled_and_played(tmp_path: Path) -> None:
    (tmp_path / "piece.orc").write_text(TONE + 'chnset 500, "freq"\n')
    with serving(tmp_path, tmp_path / "piece.orc") as daemon:
        async with connected(daemon.url) as client:
            await client.hears(await client.subscribe("spout"), 500)


async def test_the_workspace_is_the_folder_of_the_piece(tmp_path: Path) -> None:
    folder = tmp_path / "pieces"
    folder.mkdir()
    (folder / "piece.csd").write_text(PIECE)
    (folder / "other.csd").write_text(PIECE)
    with serving(tmp_path, "pieces/piece.csd") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.compileCsd", "other.csd") == 0


async def test_a_piece_starts_in_drive_step_without_playing(tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(PIECE)
    with serving(tmp_path, "piece.csd", "--drive", "step") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.performKsmps") is False
            assert (await client.call("engine.sync"))["sample"] == 64


def test_the_greeting_has_a_channel_of_the_piece_to_turn(tmp_path: Path) -> None:
    gain = 'chn_k "gain", 3, 2, 0.7, 0, 1\nchnset 0.7, "gain"\n'
    knobs = gain + 'chn_k "cut off", 3, 3, 100, 10, 10000\nchnset 100, "cut off"\n'
    (tmp_path / "piece.csd").write_text(csd(HEADER + "#ifdef M_MAX_VALUE\n#define chn_k #chnk#\n#end\n" + knobs))
    with serving(tmp_path, "piece.csd") as daemon:
        deadline = monotonic() + PATIENCE
        while not (told := re.search(r"csoundd set (.*)\n", daemon.errors())):
            assert monotonic() < deadline
            sleep(0.02)
        words = shlex.split(told[1])
        assert words == ["--url", daemon.http, "cut off", "1000"]
        assert finished("set", *words, folder=tmp_path).returncode == 0
        got = finished("get", "--json", "--url", daemon.http, "cut off", folder=tmp_path)
        assert json.loads(got.stdout) == {"cut off": 1000}


def test_a_piece_that_is_missing(tmp_path: Path) -> None:
    ended = finished("serve", *FREE_PORTS, "missing.csd", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr, "missing.csd")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("broken.csd", csd(HEADER + "instr 1\n a1 osci 1\nendin")),
        ("broken.orc", HEADER + "instr 1\n a1 osci 1\nendin"),
        ("empty.csd", ""),
    ],
)
@needs_native
def test_a_piece_that_does_not_compile(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    ended = finished("serve", *FREE_PORTS, name, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr, name, "does not compile")
    if text:
        # In the words of Csound 6 or of Csound 7.
        said = ("error: syntax error, unexpected T_IDENT", "syntax error, unable to find opcode with name: osci")
        assert any(words in ended.stderr for words in said)


@needs_wasm
@needs_6
def test_of_a_piece_for_csound_7_is_said_which_engine_plays_it(tmp_path: Path) -> None:
    (tmp_path / "new.csd").write_text(csd(HEADER + "instr 1\n tone:a = oscili(0.1, 440)\nendin"))
    ended = finished("serve", *FREE_PORTS, "--engine", "native:6", "new.csd", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr, "new.csd")
    assert re.search(r"\(this is code for Csound 7, which csoundd serve --engine (native:7|wasm) accepts", ended.stderr)


@needs_wasm
def test_of_a_piece_that_the_embedded_engine_lacks_an_opcode_for_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "osc.csd").write_text(csd(HEADER + "gihandle OSCinit 7770\ninstr 1\nendin"))
    ended = finished("serve", *FREE_PORTS, "--engine", "wasm", "osc.csd", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr, "osc.csd")
    assert "OSCinit: not in the embedded engine; the native engine has it" in ended.stderr


def test_a_piece_that_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "silent.csd").write_text(csd(HEADER + 'gilength filelen "missing.wav"\ninstr 1\nendin'))
    ended = finished("serve", *FREE_PORTS, "silent.csd", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr)


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = finished("serve", *FREE_PORTS, "--port", str(port), folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr, f"127.0.0.1:{port}", "in use")


@pytest.mark.parametrize("host", ["0.0.0.0", "example.org"])
def test_an_address_beyond_this_machine_is_refused(tmp_path: Path, host: str) -> None:
    ended = finished("serve", *FREE_PORTS, "--host", host, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (USAGE, "")
    assert_sentence(ended.stderr, host, "--insecure")


def test_an_address_beyond_this_machine_is_allowed_where_that_is_meant(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "--insecure", "--auth", "off") as daemon:
        assert daemon.http.startswith("0.0.0.0:")
        with socket.create_connection(("127.0.0.1", daemon.port)):
            pass


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--workspace", "nowhere"], ["nowhere", "not a folder"]),
        (["--samples", "nowhere"], ["nowhere", "not a folder"]),
        (["--port", "70000"], ["port", "65535"]),
        (["--host", "no such host"], ["no such host"]),
    ],
)
def test_a_setting_that_cannot_be(tmp_path: Path, flags: list[str], words: list[str]) -> None:
    ended = finished("serve", *FREE_PORTS, *flags, folder=tmp_path)
    assert ended.returncode in {FAILED, USAGE}
    assert ended.stdout == ""
    assert_sentence(ended.stderr, *words)


def test_options_that_csound_does_not_know(tmp_path: Path) -> None:
    ended = finished("serve", *FREE_PORTS, "--option", "--no-such-option", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert_sentence(ended.stderr, "--no-such-option")


async def test_options_for_csound_hold(tmp_path: Path) -> None:
    with serving(tmp_path, "--option", "--omacro:HIGH=880", "--option", "-b 512") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.compileOrc", TONE + 'chnset $HIGH, "freq"\n') == 0
            await client.call("thread.play")
            await client.hears(await client.subscribe("spout"), 880)


def test_a_note_says_how_the_daemon_is_reached_while_it_serves(tmp_path: Path) -> None:
    note = tmp_path / "state" / "daemon.json"
    with serving(tmp_path, "--state", "state") as daemon:
        noted = json.loads(note.read_text())
        assert noted == {"pid": daemon.pid, "http": daemon.http, "ws": daemon.url}
    assert not note.exists()


async def test_what_csound_prints_is_on_stderr_where_it_is_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path, "-v") as daemon:
        async with connected(daemon.url) as client:
            await client.call("csound.compileOrc", HEADER + 'prints "for the log\\n"\n')
            await client.call("thread.play")
            await client.call("engine.sync")
        daemon.terminate()
        assert "for the log" in daemon.errors()


@pytest.mark.parametrize("layer", ["file", "environment"])
def test_settings_come_from_every_layer(tmp_path: Path, layer: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    if layer == "file":
        (tmp_path / "csoundd.toml").write_text('state = "noted"\n')
    extra = {"CSOUNDD_STATE": "noted"} if layer == "environment" else {}
    with serving(tmp_path, extra=extra):
        assert (tmp_path / "noted" / "daemon.json").exists()


def test_who_starts_it_is_told_what_to_try(tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(csd(HEADER + "instr 1\nendin\nschedule 1, 0, 1\n", "i1 0 9\n"))
    with serving(tmp_path, "piece.csd") as daemon:
        wait_until(lambda: "seconds 10 heard.wav" in daemon.errors())
        said = daemon.errors()
        assert f"http://{daemon.http}/listen.wav" in said
        assert "piece.csd plays" in said
        assert sum(line.startswith("    ") for line in said.splitlines()) == 3
        assert "new alloc" not in said
        assert "rtevent" not in said


def test_a_quiet_log_has_no_greeting(tmp_path: Path) -> None:
    with serving(tmp_path, "--log-level", "warning") as daemon:
        pass
    assert "csoundd:" not in daemon.errors()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what the daemon does by itself."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline
        sleep(0.02)
