"""Renders that several machines share among them, each told only which one it is."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from csoundd.errors import InvalidParams
from csoundd.render.piece import Piece, Render, Settings
from csoundd.render.shards import Named, Shard, pieces_of
from tests.live.daemon import ROOT, command, environment
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import LONG, SINE, render

SLURM = {
    "SLURM_ARRAY_TASK_ID": "7",
    "SLURM_ARRAY_TASK_MIN": "1",
    "SLURM_ARRAY_TASK_MAX": "10",
    "SLURM_ARRAY_TASK_COUNT": "4",
    "SLURM_ARRAY_TASK_STEP": "3",
}


@pytest.mark.parametrize(
    ("word", "variables", "shard"),
    [
        ("2/4", {}, Shard(1, 4)),
        ("1/1", SLURM, Shard(0, 1)),
        ("auto", SLURM, Shard(2, 4)),
        ("/5", SLURM, Shard(2, 5)),
        ("auto", {"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "3"}, Shard(0, 3)),
        ("/3", {"JOB_COMPLETION_INDEX": "2"}, Shard(2, 3)),
        ("auto", {"AWS_BATCH_JOB_ARRAY_INDEX": "1", "AWS_BATCH_JOB_ARRAY_SIZE": "2"}, Shard(1, 2)),
        ("auto", {"CLOUD_RUN_TASK_INDEX": "1", "CLOUD_RUN_TASK_COUNT": "2"}, Shard(1, 2)),
        ("auto", {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "2"}, Shard(0, 2)),
    ],
)
def test_a_shard_is_named_or_told_by_the_environment(word: str, variables: dict[str, str], shard: Shard) -> None:
    assert Shard.named(word, variables) == shard


@pytest.mark.parametrize("first", [0, 1])
def test_the_tasks_of_an_array_are_all_shards_wherever_it_begins(first: int) -> None:
    found = {Shard.named("/4", {"SLURM_ARRAY_TASK_ID": str(first + number)}).index for number in range(4)}
    assert found == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("word", "variables"),
    [
        ("0/4", {}),
        ("5/4", {}),
        ("1/0", {}),
        ("half", {}),
        ("-1/4", {}),
        ("auto", {}),
        ("/4", {}),
        ("auto", {"JOB_COMPLETION_INDEX": "0"}),
        ("auto", {"JOB_COMPLETION_INDEX": "3", "JOB_COMPLETIONS": "3"}),
        ("auto", {"JOB_COMPLETION_INDEX": "x", "JOB_COMPLETIONS": "3"}),
        ("auto", SLURM | {"SLURM_ARRAY_TASK_MAX": "11"}),
    ],
)
def test_what_is_no_shard_is_refused(word: str, variables: dict[str, str]) -> None:
    with pytest.raises(InvalidParams):
        Shard.named(word, variables)


def asked(number: int, text: str = "") -> Render:
    return Render(Piece(f"{number}.csd", text or csd("", f"i{number} 0 1"), Path()), Path(f"{number}.wav"), Settings())


def test_each_render_is_one_machine_s_and_all_have_as_many() -> None:
    every = [asked(number) for number in range(100)]
    shares = [Shard(index, 7).of_all(every) for index in range(7)]
    assert sorted((each.output for share in shares for each in share), key=str) == sorted(
        (each.output for each in every), key=str
    )
    assert {len(share) for share in shares} == {14, 15}
    # In whatever order a machine lists them.
    assert {each.output for each in Shard(2, 7).of_all(every[::-1])} == {each.output for each in shares[2]}


def test_what_is_the_same_is_one_machine_s() -> None:
    every = [asked(number, csd("", "i1 0 1")) for number in range(10)]
    assert sorted(len(Shard(index, 3).of_all(every)) for index in range(3)) == [0, 0, 10]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in/sub").mkdir(parents=True)
    for number, name in enumerate(("one", "two", "sub/one"), 1):
        (tmp_path / f"in/{name}.csd").write_text(csd(SINE, f"i1 0 0.1 0.{number}"))
    (tmp_path / "list.txt").write_text(f"# pieces\n{tmp_path}/in/one.csd\n\n{tmp_path}/in/t*.csd\n")
    return tmp_path


def test_pieces_are_named_by_files_folders_patterns_and_lists(folder: Path) -> None:
    inside = folder / "in"
    assert list(pieces_of([str(inside)])) == [
        Named(str(inside / "one.csd"), "."),
        Named(str(inside / "sub/one.csd"), "sub"),
        Named(str(inside / "two.csd"), "."),
    ]
    wanted = [Named(str(inside / "one.csd"), "."), Named(str(inside / "two.csd"), ".")]
    assert list(pieces_of([f"@{folder}/list.txt"])) == wanted
    assert list(pieces_of([f"{inside}/*.csd"])) == wanted
    assert list(pieces_of(["other.csd", "-"])) == [Named("other.csd", ""), Named("-", "")]


@pytest.mark.parametrize("word", ["empty", "nothing*.csd", "@loop.txt"])
def test_what_names_no_piece_is_told(folder: Path, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "empty").mkdir()
    (folder / "loop.txt").write_text("@loop.txt\n")
    with pytest.raises(InvalidParams):
        list(pieces_of([word]))


@pytest.mark.native
def test_whoever_comes_second_finds_all_done(folder: Path) -> None:
    words = ("in", "-o", "out", "--json", "--engine", needed("native:7"))
    variables = {"CSOUNDD_NO_CACHE": "", "JOB_COMPLETION_INDEX": "1"}
    first = render(*words, "--shard", "2/2", folder=folder, extra=variables)
    second = render(*words, "--shard", "/2", folder=folder, extra=variables)
    rest = render(*words, "--shard", "1/2", folder=folder, extra=variables)
    told = [
        {each["output"]: each["cached"] for each in ended.last.values() if each["event"] == "done"}
        for ended in (first, second, rest)
    ]
    assert first.status == second.status == rest.status == 0
    assert told[0] and told[0].keys() == told[1].keys()  # noqa: PT018 - the second says nothing without the first
    assert set(told[0].values()) == {False}
    assert set(told[1].values()) == {True}
    assert told[0].keys() | told[2].keys() == {str(folder / f"out/{name}.wav") for name in ("one", "two", "sub/one")}


@pytest.mark.native
def test_the_example_for_slurm_renders_its_share(folder: Path) -> None:
    program = folder / "bin/csoundd"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n')
    program.chmod(0o755)
    variables = {"PATH": f"{program.parent}:{os.environ['PATH']}"} | {name: SLURM[name] for name in SLURM}
    for number in (1, 10):
        ended = subprocess.run(
            ["sh", ROOT / "examples/render-array.slurm", "in", "out", "--dry-run"],
            cwd=folder,
            env=environment(variables | {"SLURM_ARRAY_TASK_ID": str(number)}),
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.startswith(f"shard {number // 3 + 1}/4: ")


def test_the_example_for_kubernetes_says_of_how_many_once() -> None:
    text = (ROOT / "examples/render-job.yaml").read_text()
    (completions,) = re.findall(r"completions: (\d+)", text)
    (arguments,) = re.findall(r"args: (\[.*\])", text)
    words = json.loads(arguments)
    assert words[0] == "render"
    word = words[words.index("--shard") + 1]
    assert Shard.named(word, {"JOB_COMPLETION_INDEX": "3"}) == Shard(3, int(completions))
