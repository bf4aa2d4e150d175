"""The jobs on disk: what is kept of them, how often they are begun, and what becomes of a store that is no good."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from csoundd.api.renders import RenderFailure
from csoundd.engine.workspace import Workspace
from csoundd.errors import InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import RENDER_LOSSES
from csoundd.render.jobs.lease import JobLease
from csoundd.render.jobs.queue import Rules
from csoundd.render.jobs.service import RenderService
from csoundd.render.jobs.store import FILE, FILES, FORMAT, Store, StoreInUse, StoreNewer, Submission
from tests.live.pieces import csd

FAULT = RenderFailure("EngineCrashed", "Csound crashed")
TEXT = "<CsoundSynthesizer>\ud8ff</CsoundSynthesizer>".encode("utf-8", "surrogatepass").decode("latin-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    made.open()
    yield made
    made.close()


def submitted(store: Store, job: str, **wanted: Any) -> str:
    asked = Submission(job, wanted.pop("name", job), TEXT, {"format": "flac"}, wanted.pop("digest", "same"), **wanted)
    return store.submit(asked, 1000)[0].job


def taken(store: Store) -> str:
    found = store.take()
    return "" if found is None else found.row.job


def test_a_job_is_given_out_as_it_was_submitted(store: Store) -> None:
    submitted(store, "a")
    found = store.take()
    assert found is not None
    assert (found.text, found.asked, found.row.state, found.row.attempts) == (TEXT, {"format": "flac"}, "running", 1)


def test_the_highest_priority_goes_first_and_then_the_eldest(store: Store) -> None:
    for job, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5)):
        submitted(store, job, priority=priority)
    assert [taken(store) for _ in range(5)] == ["b", "d", "a", "c", ""]


def test_a_key_is_of_one_job(store: Store) -> None:
    assert submitted(store, "a", key="mine") == "a"
    assert submitted(store, "b", key="mine") == "a"
    with pytest.raises(InvalidParams, match="something else"):
        submitted(store, "c", key="mine", digest="another")


def test_too_many_that_wait_are_refused(store: Store) -> None:
    submitted(store, "a")
    with pytest.raises(LimitExceeded) as refused:
        store.submit(Submission("b", "b", TEXT, {}, ""), 1)
    assert refused.value.details["name"] == "renders_waiting"


def test_after_as_many_crashes_as_were_allowed_it_has_failed_with_all_logs(store: Store) -> None:
    submitted(store, "a", most_attempts=3)
    for number in range(3):
        assert taken(store) == "a"
        store.not_done("a", "crashed", FAULT, [f"printed {number}"])
    assert taken(store) == ""
    row = store.row("a")
    assert (row.state, row.attempts) == ("failed", 3)
    assert [each.log for each in store.attempts(row)] == [[f"printed {number}"] for number in range(3)]


def test_an_error_of_the_piece_is_not_tried_again(store: Store) -> None:
    submitted(store, "a", most_attempts=3)
    taken(store)
    assert store.not_done("a", "failed", FAULT, []).state == "failed"


def test_an_attempt_whose_daemon_died_is_counted_and_begun_again_behind_the_others(tmp_path: Path) -> None:
    first = Store(tmp_path)
    first.open()
    submitted(first, "a")
    submitted(first, "b")
    taken(first)
    first.close()
    second = Store(tmp_path)
    second.open()
    assert [row.job for row in second.recover()] == ["a"]
    assert [taken(second), taken(second)] == ["b", "a"]
    assert [each.state for each in second.attempts(second.row("a"))] == ["lost", "running"]
    second.close()


def test_a_job_that_daemons_die_of_has_failed_in_the_end(store: Store) -> None:
    submitted(store, "a")
    for _ in range(RENDER_LOSSES):
        assert taken(store) == "a"
        store.recover()
    assert taken(store) == ""
    assert store.row("a").state == "failed"


def test_an_attempt_that_was_interrupted_costs_nothing(store: Store) -> None:
    submitted(store, "a", most_attempts=1)
    for _ in range(RENDER_LOSSES + 1):
        assert taken(store) == "a"
        assert store.not_done("a", "interrupted", FAULT, []).state == "queued"


def test_what_has_ended_stays_as_it_is(store: Store) -> None:
    submitted(store, "a")
    taken(store)
    store.done("a", {"frames": 1}, [], size=10, cached=False)
    assert store.cancel("a").state == "done"
    assert store.not_done("a", "cancelled", FAULT, []).state == "done"
    with pytest.raises(WrongState):
        store.retry("a")


def test_a_retry_counts_crashes_anew(store: Store) -> None:
    submitted(store, "a")
    taken(store)
    store.not_done("a", "crashed", FAULT, [])
    assert store.retry("a").state == "queued"
    assert taken(store) == "a"
    assert store.row("a").attempts == 2


def test_the_oldest_go_by_age_number_and_size(store: Store) -> None:
    for job in "abcd":
        submitted(store, job)
        taken(store)
        store.done(job, {}, [], size=100, cached=False)
    assert store.expire(0.0, most=3, most_bytes=10**9) == ["a"]
    assert store.expire(0.0, most=10, most_bytes=200) == ["b"]
    assert store.expire(0.0, most=10, most_bytes=1) == ["c"]
    assert store.expire(1e12, most=10, most_bytes=10**9) == ["d"]
    with pytest.raises(NotFound):
        store.row("d")


def test_jobs_are_listed_in_pages_by_state_and_name(store: Store) -> None:
    for number in range(5):
        submitted(store, f"j{number}", name="odd" if number % 2 else "even")
    assert [row.job for row in store.listed(None, "*", 2, None)] == ["j4", "j3"]
    assert [row.job for row in store.listed(None, "*", 2, "j3")] == ["j2", "j1"]
    assert [row.job for row in store.listed("queued", "o*", 9, None)] == ["j3", "j1"]
    assert store.listed("done", "*", 9, None) == []


def test_a_folder_is_of_one_daemon(store: Store) -> None:
    with pytest.raises(StoreInUse):
        Store(store.folder).open()


@pytest.mark.parametrize("damage", [b"", b"this is no database at all", None], ids=["empty", "text", "torn"])
def test_a_store_that_is_damaged_is_set_aside_whole(tmp_path: Path, damage: bytes | None) -> None:
    first = Store(tmp_path)
    first.open()
    first.begin()
    for number in range(200):
        submitted(first, f"j{number}")
    first.commit()
    first.close()
    (tmp_path / FILES / "j1").mkdir()
    data = (tmp_path / FILE).read_bytes()
    torn = data[: len(data) // 2] + b"\xff" * 4096 + data[len(data) // 2 + 4096 :]
    (tmp_path / FILE).write_bytes(torn if damage is None else damage)
    second = Store(tmp_path)
    second.open()
    assert taken(second) == ""
    second.close()
    aside = list(tmp_path.glob("damaged-*"))
    if damage != b"":
        assert (aside[0] / FILE).read_bytes() == (torn if damage is None else damage)
    assert (aside[0] / FILES / "j1").is_dir()


def test_the_store_of_a_newer_csoundd_is_refused_and_left_alone(tmp_path: Path) -> None:
    newer = Store(tmp_path, form=FORMAT + 1)
    newer.open()
    submitted(newer, "a")
    newer.close()
    with pytest.raises(StoreNewer):
        Store(tmp_path).open()
    again = Store(tmp_path, form=FORMAT + 1)
    again.open()
    assert taken(again) == "a"
    again.close()


def test_an_older_store_is_brought_up_to_date_in_one_step_and_a_copy_is_left(tmp_path: Path) -> None:
    older = Store(tmp_path)
    older.open()
    submitted(older, "a")
    older.close()

    def upgrade(database: sqlite3.Connection) -> None:
        database.execute("UPDATE jobs SET name = 'upgraded'")

    def broken(database: sqlite3.Connection) -> None:
        upgrade(database)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        Store(tmp_path, form=FORMAT + 1, upgrades={FORMAT: broken}).open()
    newer = Store(tmp_path, form=FORMAT + 1, upgrades={FORMAT: upgrade})
    newer.open()
    assert newer.row("a").name == "upgraded"
    newer.close()
    with sqlite3.connect(tmp_path / f"{FILE}.format{FORMAT}") as copy:
        assert copy.execute("SELECT name FROM jobs").fetchone() == ("a",)
    copy.close()


FORMAT_1 = Path(__file__).parent / "stores/jobs-format1.sqlite.gz"
"""A store as csoundd wrote it before jobs had stems, of a daemon that was killed: five jobs, two of them done."""

DONE_1 = """<CsoundSynthesizer>
<CsInstruments>
sr = 8000
ksmps = 32
nchnls = 1
0dbfs = 1
instr 1
  out(poscil(0.25, 440))
endin
</CsInstruments>
<CsScore>
i1 0 0.1
</CsScore>
</CsoundSynthesizer>
"""
"""The piece of the first of them."""


@pytest.fixture
def of_format_1(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_bytes(gzip.decompress(FORMAT_1.read_bytes()))
    return tmp_path


def test_the_jobs_of_format_1_go_on_in_the_format_of_today(of_format_1: Path) -> None:
    store = Store(of_format_1)
    store.open()
    rows = {row.name: row for row in store.listed(None, "*", 9, None)}
    assert {name: row.state for name, row in rows.items()} == {
        "done.csd": "done",
        "failed.csd": "failed",
        "running.csd": "done",
        "hang.csd": "running",
        "waits.csd": "queued",
    }
    result = rows["done.csd"].result
    assert result is not None
    (mix,) = result["files"]
    assert (mix["name"], mix["file"], mix["size"], mix["sha256"][:8]) == ("", "done.wav", 1644, "7aef38f6")
    assert (result["frames"], result["stems"], result["stem_sum"]) == (800, [], None)
    assert store.counts()["bytes"] == 1644 + 3244
    assert [row.name for row in store.recover()] == ["hang.csd"]
    assert [found.asked["stems"] for found in (store.take(), store.take()) if found is not None] == [{}, {}]
    assert any("nothing" in line for line in store.attempts(rows["failed.csd"])[0].log)
    store.close()
    with sqlite3.connect(of_format_1 / f"{FILE}.format1") as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    copy.close()


async def test_a_job_of_format_1_is_told_and_keeps_its_key(of_format_1: Path, tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    workspace = Workspace(tmp_path / "workspace")
    # None is rendered here.
    rules = Rules("native", 0, 0, 100, 100, 1 << 40, 1e12, 60.0, "off")
    lease = JobLease(of_format_1, workspace, rules, chosen=True)
    try:
        service = RenderService(lease, workspace, frozenset(), 60.0)
        asked = await service.submit(DONE_1, "done.csd", key="done", channels={"a": 1.0}, maxDuration=1.0)
        assert asked.state == "done"
        assert asked.result is not None
        assert [(file.stem, file.kind, file.path, file.size) for file in asked.result.files] == [
            (None, "mix", f"/renders/{asked.job}/done.wav", 1644)
        ]
        with pytest.raises(InvalidParams, match="something else"):
            await service.submit(csd("instr 1\nendin\n", "i1 0 1"), "done.csd", key="done")
    finally:
        await lease.close()
