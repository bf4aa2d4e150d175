"""``csoundd pair``: what it shows, when it ends, and whom it helps."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from csoundd.access import TokenStore
from tests.cli.running import FAILED, INTERRUPTED, OK, Cli, interrupted, program
from tests.live.daemon import PATIENCE, Daemon, serving

SEGNO_LIGHT = "█"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Iterator[Daemon]:
    """A daemon that asks everybody for a token."""
    with serving(tmp_path_factory.mktemp("guarded"), "--state", state, "--auth", "required") as daemon:
        yield daemon


def paired(daemon: Daemon, secret: str) -> tuple[int, Any]:
    """The status and the answer that a device gets for ``secret``."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=PATIENCE)
    connection.request("POST", "/pair", json.dumps({"secret": secret}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    read = json.loads(answer.read())
    connection.close()
    return answer.status, read


def secret_of(pairing: subprocess.Popen[str], daemon: Daemon) -> str:
    """The secret in the link that a program shows."""
    assert pairing.stdout is not None
    place, _, secret = pairing.stdout.readline().rstrip("\n").partition("#")
    assert place == f"http://{daemon.http}/pair"
    return secret


def test_it_ends_when_the_phone_is_paired(guarded: Daemon, state: Path, tmp_path: Path) -> None:
    words = ("pair", "--state", state, "--at", f"http://{guarded.http}", "--channels", "fx/*", "--name", "sofa")
    with program(*words, folder=tmp_path) as pairing:
        status, told = paired(guarded, secret_of(pairing, guarded))
        assert status == 200
        rest, said = pairing.communicate(timeout=PATIENCE)
    assert (pairing.returncode, rest) == (OK, "")
    assert SEGNO_LIGHT in said
    assert "once, for two minutes, for the scope control and the channels fx/*" in said
    assert f"sofa is paired; csoundd token revoke --state {state} {told['id']}" in said
    # The token that it made for itself is gone again.
    assert [record.id for record in TokenStore(state).records()] == [told["id"]]
    assert TokenStore(state).find(told["token"]) is not None
    assert told["token"] not in guarded.errors() + said


def test_an_interrupt_takes_the_link_back(guarded: Daemon, state: Path, tmp_path: Path) -> None:
    before = TokenStore(state).records()
    with program("pair", "--state", state, "--at", f"http://{guarded.http}", folder=tmp_path) as pairing:
        secret = secret_of(pairing, guarded)
        assert interrupted(pairing)[0] == INTERRUPTED
    assert paired(guarded, secret)[0] == 401
    assert TokenStore(state).records() == before


def test_programs_are_given_the_link_alone(guarded: Daemon, state: Path, alone: Cli) -> None:
    told = alone("pair", "--state", state, "--at", f"http://{guarded.http}/studio/", "--json").value
    assert told["link"].startswith(f"http://{guarded.http}/studio/pair#")
    assert 0 < told["seconds"] <= 120
    assert paired(guarded, told["link"].partition("#")[2])[0] == 200


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "this machine alone"),
        (("--at", "synth.example"), "https://synth.example"),
        (("--at", "https://synth.example", "--scope", "compile", "--channels", "x"), "cannot be limited"),
    ],
)
def test_what_cannot_be(guarded: Daemon, state: Path, alone: Cli, words: tuple[str, ...], said: str) -> None:
    before = TokenStore(state).records()
    ended = alone("pair", "--state", state, *words)
    assert (ended.status, ended.stdout) == (FAILED, "")
    assert said in ended.stderr
    assert TokenStore(state).records() == before


def test_who_may_make_no_tokens_makes_none(guarded: Daemon, alone: Cli) -> None:
    ended = alone("pair", "--url", guarded.url, "--at", "https://synth.example")
    assert (ended.status, ended.stdout) == (FAILED, "")
    assert "token" in ended.stderr
