"""The jobs on disk: what is kept of them, how often they are begun, and what becomes of a store that is no good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from csoundd.api.renders import RenderFailure
from csoundd.errors import InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import RENDER_LOSSES
from csoundd.render.jobs.store import FILE, FILES, FORMAT, Store, StoreInUse, StoreNewer, Submission

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
