"""``csoundd call``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import FAILED, OK, USAGE, Cli
from tests.live.daemon import Daemon, finished


def test_a_result_for_people(cli: Cli) -> None:
    ended = cli("call", "csound.controlChannel", "freq")
    assert (ended.status, ended.stdout, ended.stderr) == (OK, "[440.0, 0]\n", "")


def test_a_result_for_programs(cli: Cli) -> None:
    assert cli("call", "--json", "csound.controlChannel", "freq").value == [440.0, 0]


def test_arguments_by_name(cli: Cli) -> None:
    assert cli("call", "--json", "csound.controlChannel", "name=freq").value == [440.0, 0]


def test_a_result_of_nothing_is_nothing_for_people_and_null_for_programs(cli: Cli) -> None:
    words = ("csound.setStringChannel", "name", "Ada")
    assert cli("call", *words).stdout == ""
    assert cli("call", "--json", *words).value is None


def test_an_argument_is_json_or_else_text(cli: Cli) -> None:
    cli("call", "channel.set", '{"first": 1.5, "second": 2}')
    assert cli("call", "--json", "channel.get", '["first", "second"]').value == {"first": 1.5, "second": 2.0}
    cli("call", "csound.setStringChannel", "name", "not JSON: [1")
    assert cli("call", "csound.stringChannel", "name").stdout == "not JSON: [1\n"
    cli("call", "csound.setStringChannel", "name", '"5"')
    assert cli("call", "csound.stringChannel", "name").stdout == "5\n"


@pytest.mark.parametrize(
    ("word", "value"), [("-7", -7.0), ("-.5", -0.5), (".25", 0.25), ("-1e3", -1000.0), ("5.", 5.0)]
)
def test_a_number_in_every_spelling(cli: Cli, word: str, value: float) -> None:
    assert cli("call", "--json", "csound.setControlChannel", "number", word).value is None
    assert cli("call", "--json", "csound.controlChannel", "number").value == [value, 0]


def test_an_argument_from_a_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "more.orc").write_text("instr 20\nendin\n")
    assert cli("call", "--json", "csound.compileOrc", f"@{tmp_path / 'more.orc'}").value == 0
    assert cli("call", "--json", "csound.compileOrc", f"orc=@{tmp_path / 'more.orc'}").value == 0


def test_a_file_that_is_not_there(cli: Cli) -> None:
    cli("call", "csound.compileOrc", "@missing.orc").assert_refused(USAGE, "missing.orc")


def test_what_looks_like_markup_is_text(cli: Cli) -> None:
    cli("call", "csound.setStringChannel", "name", "[red]instr [1][/] :smile:")
    assert cli("call", "csound.stringChannel", "name").stdout == "[red]instr [1][/] :smile:\n"
    assert "[red]instr [1][/] :smile:" in cli("call", "channel.list").stdout


def test_a_long_text_stays_on_its_line(cli: Cli) -> None:
    cli("call", "csound.setStringChannel", "name", "word " * 100)
    assert cli("call", "csound.stringChannel", "name", extra={"COLUMNS": "40"}).stdout.count("\n") == 1


def test_a_list_of_objects_is_a_table_for_people(cli: Cli) -> None:
    head, *rows = cli("call", "channel.list").stdout.splitlines()
    assert head.split() == ["name", "kind", "mode", "hints", "value"]
    assert any(row.split()[:2] == ["freq", "control"] for row in rows)


def test_an_object_is_a_line_for_each_member_for_people(cli: Cli) -> None:
    rows = dict(line.split(maxsplit=1) for line in cli("call", "engine.info").stdout.splitlines()[:4])
    assert rows["backend"].strip() == "native"
    assert rows["state"].strip() == "playing"


def test_an_array_is_a_list(cli: Cli) -> None:
    samples = cli("call", "--json", "csound.audioChannel", "tone").value
    assert len(samples) == 64
    assert max(map(abs, samples)) <= 0.3


def test_not_a_number(cli: Cli) -> None:
    assert cli("call", "csound.evalCode", "return ginan").stdout == "nan\n"
    assert cli("call", "--json", "csound.evalCode", "return ginan").value == {"$float": "nan"}


def test_a_mixture_of_arguments(cli: Cli) -> None:
    cli("call", "csound.setControlChannel", "freq", "val=1").assert_refused(
        USAGE, "all by position or all as NAME=VALUE"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["csound.nope"], "there is no method csound.nope"),
        (["csound.setControlChannel", "freq", "x"], "val"),
        (["csound.setControlChannel", "freq"], "val"),
        (["csound.performKsmps"], "drive clock"),
        (["csound.compileCsd", "../outside.csd"], "outside"),
        (["stream.unsubscribe", "spout/9"], "spout/9"),
    ],
)
def test_a_refusal_is_a_sentence(cli: Cli, words: list[str], said: str) -> None:
    cli("call", *words).assert_refused(FAILED, said)


def test_nobody_is_there(alone: Cli, nobody: str) -> None:
    ended = alone("call", "csound.sr", "--url", nobody)
    ended.assert_refused(FAILED, nobody)
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["nonsense://here", "ws://", "http://127.0.0.1:99999", "http://[::1", "ws://no.such.host.invalid"]
)
def test_an_address_that_is_none(alone: Cli, url: str) -> None:
    alone("call", "csound.sr", "--url", url).assert_refused(FAILED)


@pytest.mark.parametrize("form", ["ws://{}/ws", "ws://{}", "http://{}", "{}"])
def test_the_address_in_every_form(alone: Cli, daemon: Daemon, form: str) -> None:
    assert alone("call", "--json", "csound.ksmps", "--url", form.format(daemon.http)).value == 64


def test_the_address_from_the_daemons_note(alone: Cli, daemon: Daemon) -> None:
    state = str(daemon.folder / "state")
    assert alone("call", "--json", "csound.ksmps", "--state", state).value == 64
    assert alone("call", "--json", "csound.ksmps", extra={"CSOUNDD_STATE": state}).value == 64


def test_an_address_that_was_given_wins_over_the_note(alone: Cli, daemon: Daemon, nobody: str) -> None:
    alone("call", "csound.ksmps", "--state", daemon.folder / "state", "--url", nobody).assert_refused(FAILED, nobody)


def test_as_a_program_it_is_as_quiet(daemon: Daemon, tmp_path: Path, nobody: str) -> None:
    ended = finished("call", "csound.controlChannel", "freq", "--url", daemon.url, folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (OK, "[440.0, 0]\n", "")
    ended = finished("call", "csound.sr", "--url", nobody, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (FAILED, "")
    assert ended.stderr.startswith("csoundd: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [("csound.compileOrc", "instr 7"), ("csound.compileCsd", "missing.csd")])
def test_code_that_does_not_compile_is_a_failure(cli: Cli, words: tuple[str, ...]) -> None:
    ended = cli("call", *words)
    assert (ended.status, ended.stdout) == (FAILED, "-1\n")
    assert words[0] in ended.stderr


def test_a_report_of_a_failure_is_one(cli: Cli) -> None:
    ended = cli("call", "--json", "orc.compile", "instr 7")
    assert (ended.status, ended.stderr) == (FAILED, "")
    assert '"ok": false' in ended.stdout
    assert cli("call", "orc.compile", "instr 8\nendin\n").status == OK


@pytest.mark.parametrize(("word", "value"), [(".5", 0.5), ("-5", -5.0), ("-.5e1", -5.0), ("+3", 3.0), ("5.", 5.0)])
def test_a_channel_is_set_and_read(cli: Cli, word: str, value: float) -> None:
    assert cli("set", "cutoff", word, "title", "Nocturne in E") == cli("set", "title", "Nocturne in E")
    assert cli("get", "--json", "cutoff", "title").value == {"cutoff": value, "title": "Nocturne in E"}
    assert cli("get", "--json", "cut*").value == {"cutoff": value}
    assert cli("get", "--json").value["cutoff"] == value


def test_a_channel_without_a_value(cli: Cli) -> None:
    cli("set", "cutoff", "1", "level").assert_refused(USAGE, "level")


def test_a_channel_that_is_not_there(cli: Cli) -> None:
    cli("get", "nowhere").assert_refused(FAILED, "nowhere")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("csoundd ca", "call"),
        ("csoundd call csound.setControlCh", "csound.setControlChannel"),
        ("csoundd watch met", "meters"),
        ("csoundd set fre", "freq"),
        ("csoundd get fre", "freq"),
        ("csoundd call csound.controlChannel fre", "freq"),
    ],
)
def test_a_shell_completes(cli: Cli, line: str, found: str) -> None:
    asked = {"_CSOUNDD_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    assert found in cli(extra=dict(asked)).stdout.split()


def test_nothing_is_completed_without_a_daemon(alone: Cli, nobody: str) -> None:
    line = f"csoundd set --url {nobody} fre"
    asked = {"_CSOUNDD_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    ended = alone(extra=dict(asked))
    assert (ended.stdout.strip(), ended.stderr) == ("", "")
