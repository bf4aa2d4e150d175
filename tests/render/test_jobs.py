"""Renders as jobs of a daemon, over WebSocket and HTTP, as a client sees them that shares no code with csoundd's."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.engine.listening import CRASHING
from tests.live.daemon import Daemon, serving
from tests.live.pieces import csd
from tests.render.commands import HEADER, LONG, SINE, render
from tests.render.jobs import Jobs, Refused, busy, jobs_of, left_over
from tests.render.kills import digests_of, killed, stems
from tests.render.test_bad_input import HANGING, LINES
from tests.render.test_stems import BAND, EXPORTS, PARTS, SCORE

pytestmark = pytest.mark.native

TOPIC = {"topic": "render"}
TONE = csd(SINE, "i1 0 1 0.25")
CRASH = csd(SINE + CRASHING, "i1 0 60 0.1\ni2 1 1")
MEMORY = csd(HEADER + "instr 1\n  ibig ftgen 0, 0, 67108864, 2, 0\nendin\n", "i1 0 1")
OUTSIDE = csd(HEADER + 'instr 1\n  Sline, il readfi "/etc/passwd"\n  out(poscil(0.1, 440))\nendin\n', "i1 0 0.1")
READING = csd(HEADER + 'instr 1\n  out(diskin2("in/noise.wav"))\nendin\n', "i1 0 0.5")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("jobs")
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "tone.csd").write_text(TONE)
    where = ("--renders", folder / "renders", "--state", folder / "state")
    with serving(workspace, *where, "--render-jobs", "2") as running:
        yield running


@pytest.fixture
def jobs(daemon: Daemon) -> Iterator[Jobs]:
    with jobs_of(daemon) as client:
        yield client


@pytest.fixture(scope="module")
def renders(daemon: Daemon) -> Path:
    return daemon.folder.parent / "renders"


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file that the command writes of the piece."""
    folder = tmp_path_factory.mktemp("tone")
    (folder / "tone.csd").write_text(TONE)
    assert render("tone.csd", "-o", "tone.wav", "--no-cache", folder=folder).status == 0
    return (folder / "tone.wav").read_bytes()


def request(
    daemon: Daemon, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """The status and the body of an answer over HTTP."""
    asked = urllib.request.Request(f"http://{daemon.http}{path}", data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=LONG) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_a_job_is_done_and_its_file_is_that_of_the_command(jobs: Jobs, tone: bytes) -> None:
    job = jobs.submit(TONE, "tone.csd", wait=LONG)
    assert (job["state"], job["attempts"]) == ("done", 1)
    assert jobs.sound(job) == tone
    result = job["result"]
    assert (result["size"], result["sha256"]) == (len(tone), hashlib.sha256(tone).hexdigest())
    assert (result["seconds"], result["levels"]["peak"], result["levels"]["clipped"]) == (1.0, -12.04, 0)


def test_the_same_again_is_there_already(jobs: Jobs, tone: bytes) -> None:
    first, second = (jobs.submit(TONE, "again.csd", wait=LONG) for _ in range(2))
    assert (second["cached"], first["job"] != second["job"]) == (True, True)
    assert jobs.sound(second) == tone


def test_a_file_of_the_workspace_is_rendered_in_another_format_with_other_values(jobs: Jobs) -> None:
    job = jobs.call("render.submit", file="tone.csd", format="flac", maxDuration=0.25, wait=LONG)
    assert job["result"]["path"].endswith("/tone.flac")
    assert (job["result"]["seconds"], job["result"]["cut"]) == (pytest.approx(0.25, abs=0.01), True)
    assert jobs.sound(job)[:4] == b"fLaC"


def test_what_is_put_is_read_by_its_name(daemon: Daemon, jobs: Jobs, tone: bytes) -> None:
    digest = hashlib.sha256(tone).hexdigest()
    with pytest.raises(Refused) as refused:
        jobs.submit(READING, inputs={"in/noise.wav": digest})
    assert refused.value.data["lacking"] == [digest]
    assert request(daemon, "PUT", f"/renders/inputs/{digest}", tone[:-1])[0] == 400
    assert request(daemon, "PUT", f"/renders/inputs/{digest}", tone)[0] == 201
    assert request(daemon, "HEAD", f"/renders/inputs/{digest}")[0] == 200
    job = jobs.submit(READING, inputs={"in/noise.wav": digest}, wait=LONG)
    assert (job["state"], job["result"]["inputs"]) == ("done", ["in/noise.wav"])
    assert jobs.sound(job)[44:] == tone[44 : 44 + job["result"]["frames"] * 4]


def test_a_name_that_leads_out_is_refused(jobs: Jobs) -> None:
    with pytest.raises(Refused, match="outside the workspace"):
        jobs.submit(READING, inputs={"../../x.wav": "0" * 64})


def test_a_key_makes_it_safe_to_ask_again(jobs: Jobs) -> None:
    first = jobs.submit(TONE, key="once", wait=LONG)
    assert jobs.submit(TONE, key="once")["job"] == first["job"]
    with pytest.raises(Refused, match="something else"):
        jobs.submit(TONE, key="once", format="flac")


def test_the_topic_tells_what_becomes_of_a_job(jobs: Jobs) -> None:
    jobs.call("stream.subscribe", topic="render")
    job = jobs.submit(TONE, cache=False)["job"]
    assert [jobs.until(state)["job"] for state in ("queued", "running", "done")] == [job] * 3


def test_one_that_runs_is_cancelled_at_once_and_leaves_nothing(jobs: Jobs, renders: Path) -> None:
    jobs.call("stream.subscribe", topic="render")
    job = jobs.submit(HANGING)["job"]
    assert jobs.until("running")["job"] == job
    assert jobs.call("render.cancel", job=job)["state"] == "cancelled"
    assert not (renders / "files" / job).exists()
    assert jobs.call("render.cancel", job=job)["state"] == "cancelled"
    assert jobs.call("render.retry", job=job)["state"] == "queued"
    assert jobs.call("render.cancel", job=job)["state"] == "cancelled"


def test_whatever_a_piece_does_the_others_go_on(jobs: Jobs, tone: bytes, renders: Path) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "hanging": {"timeout": 2.0},
        "memory": {"maxMemory": 400 << 20},
        "crash": {"attempts": 2},
        "lines": {},
    }
    texts = {"hanging": HANGING, "memory": MEMORY, "crash": CRASH, "lines": LINES}
    submitted = {name: jobs.submit(text, name, cache=False, **wanted[name])["job"] for name, text in texts.items()}
    others = [jobs.submit(TONE, f"{number}.csd", cache=False)["job"] for number in range(4)]
    assert [jobs.sound(jobs.ended(job)) == tone for job in others] == [True] * 4
    ended = {name: jobs.ended(job) for name, job in submitted.items()}
    assert {name: each["state"] for name, each in ended.items()} == {
        "hanging": "failed",
        "memory": "failed",
        "crash": "failed",
        "lines": "done",
    }
    assert "after 2 s" in ended["hanging"]["error"]["message"]
    assert "memory" in ended["memory"]["error"]["message"]
    assert [each["state"] for each in ended["crash"]["history"]] == ["crashed", "crashed"]
    assert len(ended["lines"]["history"][0]["log"]) <= 401
    assert left_over(renders) == []


def test_a_piece_that_is_none_or_has_no_end_is_refused_at_once(jobs: Jobs) -> None:
    for text in ("no piece", csd(SINE, "f 0 z")):
        with pytest.raises(Refused) as refused:
            jobs.submit(text)
        assert refused.value.code == -32602


def test_an_engine_that_is_not_for_jobs_is_refused(jobs: Jobs) -> None:
    with pytest.raises(Refused, match="not for jobs"):
        jobs.submit(TONE, engine="/usr/lib/evil.so")


def test_a_job_is_confined_as_the_engine_is(jobs: Jobs) -> None:
    if not jobs.call("engine.info")["confined"]:
        pytest.skip("nothing is confined on this system")
    assert jobs.submit(OUTSIDE, wait=LONG)["state"] == "failed"


def test_a_file_is_gone_with_its_job(daemon: Daemon, jobs: Jobs) -> None:
    job = jobs.submit(TONE, wait=LONG)
    path = job["result"]["path"]
    assert path in {each["path"] for each in json.loads(request(daemon, "GET", "/renders")[1])["entries"]}
    assert request(daemon, "GET", f"/renders/{job['job']}/other.wav")[0] == 404
    assert request(daemon, "DELETE", path)[0] == 204
    assert request(daemon, "GET", path)[0] == 404


def test_the_stems_of_a_job_are_files_beside_its_mix(daemon: Daemon, jobs: Jobs, renders: Path, tmp_path: Path) -> None:
    job = jobs.submit(csd(BAND, SCORE), "the band.csd", stems=list(PARTS), format="wav24", wait=LONG)
    assert jobs.call("render.list", name="the band*")["jobs"][0]["result"] == job["result"]
    (tmp_path / "the band.csd").write_text(csd(BAND, SCORE))
    words = ("--stems", ",".join(PARTS), "--format", "wav24")
    assert render("the band.csd", "-o", "the band.wav", *words, folder=tmp_path).status == 0
    sounds = jobs.sounds(job)
    assert sounds == {path.name: path.read_bytes() for path in tmp_path.glob("*.wav")}
    files = job["result"]["files"]
    assert [(each["stem"], each["kind"]) for each in files] == [
        (None, "mix"),
        *((name, "instrument") for name in PARTS),
    ]
    assert [(each["size"], each["sha256"]) for each in files] == [
        (len(data), hashlib.sha256(data).hexdigest()) for data in sounds.values()
    ]
    assert all(each["levels"]["peak"] is not None for each in files)
    assert job["result"]["stemSum"]["isMix"]
    with sqlite3.connect(renders / "jobs.sqlite") as store:
        size = store.execute("SELECT size FROM jobs WHERE job = ?", (job["job"],)).fetchone()[0]
    store.close()
    assert size == sum(each["size"] for each in files)


def test_the_files_of_a_job_go_together(daemon: Daemon, jobs: Jobs, renders: Path) -> None:
    wanted = {"stems": ["low", "high/est"], "wait": LONG}
    jobs.submit(csd(EXPORTS, "i1 0 0.1"), "first.csd", **wanted)
    job = jobs.submit(csd(EXPORTS, "i1 0 0.1"), "Zweites Stück.csd", **wanted)
    assert (job["state"], job["cached"]) == ("done", True)
    paths = [each["path"] for each in job["result"]["files"]]
    assert [path.rpartition("/")[2] for path in paths] == [
        f"Zweites%20St%C3%BCck{each}.wav" for each in ("", "-low", "-high_est")
    ]
    entries = json.loads(request(daemon, "GET", "/renders")[1])["entries"]
    assert [each["path"] for each in entries if each["job"] == job["job"]] == paths
    assert [request(daemon, "HEAD", path)[0] for path in paths] == [200] * 3
    assert request(daemon, "DELETE", paths[1])[0] == 409
    assert request(daemon, "DELETE", paths[0].replace("Zweites", "Drittes"))[0] == 404
    assert request(daemon, "DELETE", paths[0])[0] == 204
    assert [request(daemon, "GET", path)[0] for path in paths] == [404] * 3
    assert not (renders / "files" / job["job"]).exists()


def test_a_stem_that_the_piece_does_not_have_leaves_nothing(jobs: Jobs, renders: Path) -> None:
    job = jobs.submit(csd(BAND, SCORE), stems=["1", "Drums"], wait=LONG)
    assert job["state"] == "failed"
    assert job["error"]["message"].startswith("Drums is neither an instrument nor an audio channel")
    assert not (renders / "files" / job["job"]).exists()


@pytest.mark.parametrize("stems", [[""], [str(number) for number in range(101)]], ids=["no name", "too many"])
def test_stems_that_cannot_be_are_refused_at_once(jobs: Jobs, stems: list[str]) -> None:
    with pytest.raises(Refused, match="stems: ") as refused:
        jobs.submit(TONE, stems=stems)
    assert refused.value.code == -32602


def test_names_of_files_are_different_ones_that_any_system_can_have(jobs: Jobs) -> None:
    piece = csd(EXPORTS.replace('"low"', '"A?b"').replace('"high/est"', '"a*B"'), "i1 0 0.1")
    job = jobs.submit(piece, 100 * "字" + ".csd", stems=["A?b", "a*B"], wait=LONG)
    assert job["state"] == "done", job["error"]
    assert list(jobs.sounds(job)) == [f"{33 * '字'}{each}.wav" for each in ("", "-A_b", "-a_B-2")]


def test_a_token_that_is_limited_to_channels_sees_nothing_of_jobs(daemon: Daemon, jobs: Jobs) -> None:
    token = jobs.call("token.create", name="phone", scope="control", channels=["fx/*"])["token"]
    shown = {"Authorization": f"Bearer {token}"}
    for path in ("/renders", "/renders/0123456789abcdef"):
        assert request(daemon, "GET", path, headers=shown)[0] == 403
    with connect(daemon.url, additional_headers=shown) as connection:
        limited = Jobs(connection, daemon.http)
        for method, params in (("render.list", {}), ("render.status", {"job": "x"}), ("stream.subscribe", TOPIC)):
            with pytest.raises(Refused) as told:
                limited.call(method, **params)
            assert told.value.code == -32002


@pytest.mark.timeout(300)
def test_jobs_outlive_the_deaths_of_their_daemon(jobs: Jobs, tmp_path: Path) -> None:
    digests = [
        digests_of(jobs.sounds(jobs.submit(busy(number), f"p{number}.csd", stems=stems(number), wait=LONG)))
        for number in range(4)
    ]
    assert [len(each) for each in digests] == [1, 2, 1, 2]
    outcome = killed(tmp_path, digests, 2, random.Random(os.getpid()))
    assert (outcome.right, outcome.wrong, outcome.left) == (4, [], [])


def test_the_command_renders_by_a_daemon_what_it_renders_here(daemon: Daemon, tone: bytes, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/noise.wav").write_bytes(tone)
    (tmp_path / "tone.csd").write_text(TONE)
    (tmp_path / "reads.csd").write_text(READING)
    (tmp_path / "crash.csd").write_text(CRASH)
    ended = render("tone.csd", "reads.csd", "crash.csd", "-o", "out", "--url", daemon.url, "--json", folder=tmp_path)
    events = {name: (each["event"], each.get("message", "").partition(":")[0]) for name, each in ended.last.items()}
    assert events == {"tone.csd": ("done", ""), "reads.csd": ("done", ""), "crash.csd": ("failed", "Csound crashed")}
    assert (tmp_path / "out/tone.wav").read_bytes() == tone
    assert ended.last["reads.csd"]["inputs"] == ["in/noise.wav"]
    assert ended.status == 1
    assert "crashed" in ended.last["crash.csd"]["message"]
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"tone.wav", "reads.wav"}


def test_the_command_fetches_the_stems_of_a_sweep(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "band.csd").write_text(csd(BAND.replace("noise(0.1, 0)", "noise($LOUD, 0)"), SCORE))
    words = ("band.csd", "--sweep", "$LOUD=0.1,0.2", "--stems", "Noise,99", "--json")
    told = []
    for folder, where in (("here", ()), ("there", ("--url", daemon.url))):
        ended = render(*words, "-o", folder, *where, folder=tmp_path)
        assert ended.status == 0, ended.stderr
        events = [each for each in map(json.loads, ended.stdout.splitlines()) if each["event"] == "done"]
        told.append({Path(each["output"]).name: (each["stems"], each["stem_sum"]) for each in events})
        for stem in (stem for each in events for stem in each["stems"]):
            stem["output"] = Path(stem["output"]).name
    assert told[0] == told[1]
    names = {f"band-LOUD={loud}{stem}.wav" for loud in ("0.1", "0.2") for stem in ("", "-Noise", "-99")}
    assert {each.name for each in (tmp_path / "there").iterdir()} == names
    for name in names:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_a_pipe_is_not_replaced_by_the_file_of_a_daemon(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "tone.csd").write_text(TONE)
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    ended = render("tone.csd", "-o", "pipe.wav", "--url", daemon.url, "--json", folder=tmp_path)
    assert (ended.status, pipe.is_fifo()) == (1, True)
