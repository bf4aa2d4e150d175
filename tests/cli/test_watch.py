"""``csoundd watch``."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import post
from tests.cli.running import FAILED, INTERRUPTED, USAGE, Cli, interrupted, program
from tests.live.daemon import Daemon


def test_so_many_frames_for_programs(cli: Cli) -> None:
    frames = cli("watch", "transport", "rate=50", "--count", "3", "--json").values
    assert [set(frame) for frame in frames] == [{"seq", "sample", "lost", "data"}] * 3
    assert frames[0]["seq"] + 2 == frames[2]["seq"]
    assert frames[0]["data"]["state"] == "playing"


def test_values_for_people(cli: Cli) -> None:
    ended = cli("watch", "channels", "names=freq", "--count", "2")
    assert [line.split() for line in ended.stdout.splitlines()] == [["freq", "440.0"]] * 2


def test_options_are_json_or_text(cli: Cli) -> None:
    (frame,) = cli("watch", "spout", "block=10", "format=f64", "channels=[1]", "--count", "1", "--json").values
    assert [len(sample) for sample in frame["data"]] == [1] * 10


def test_messages_are_lines_of_text(cli: Cli, daemon: Daemon) -> None:
    post(daemon, "csound.message", "[b]one[/b] of many\n")
    frames = cli("watch", "messages", "since=0", "--count", "1", "--json").values
    assert cli("watch", "messages", "since=0", "--count", "1").stdout == frames[0]["data"]["text"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nothing"], FAILED, "there is no topic nothing"),
        (["channels", "names=nowhere"], FAILED, "nowhere"),
        (["spout", "block=0"], FAILED, "block"),
        (["spout", "size=1"], FAILED, "size"),
        (["channels", "freq"], USAGE, "NAME=VALUE"),
    ],
)
def test_what_cannot_be_watched(cli: Cli, words: list[str], status: int, said: str) -> None:
    cli("watch", *words).assert_refused(status, said)


def test_nobody_is_there(alone: Cli, nobody: str) -> None:
    alone("watch", "transport", "--url", nobody).assert_refused(FAILED, nobody)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_goes_on_until_it_is_interrupted(daemon: Daemon, tmp_path: Path, sent: signal.Signals) -> None:
    with program("watch", "transport", "--json", "--url", daemon.url, folder=tmp_path) as watching:
        assert watching.stdout is not None
        seqs = [json.loads(watching.stdout.readline())["seq"] for _ in range(3)]
        assert interrupted(watching, sent) == (INTERRUPTED, "")
    assert seqs == list(range(seqs[0], seqs[0] + 3))


@pytest.mark.parametrize("form", [[], ["--json"]], ids=repr)
def test_a_reader_that_leaves_ends_it_without_a_word(daemon: Daemon, tmp_path: Path, form: list[str]) -> None:
    with program("watch", "transport", "rate=100", *form, "--url", daemon.url, folder=tmp_path) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        watching.stdout.readline()
        watching.stdout.close()
        assert watching.stderr.read() == ""
        assert watching.wait() == FAILED
