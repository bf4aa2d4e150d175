from __future__ import annotations

import errno
import os
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from csoundd.engine.client.journal.rows import Rows
from csoundd.engine.client.journal.store import FILE, PART, StateInUse, Store
from csoundd.engine.client.journal.store import Rows as Kept
from csoundd.limits import STATE_SLACK_BYTES

PATIENCE = 30.0
LEVEL, TITLE = ("channel", "level"), ("channel", "title")


def read(folder: Path) -> Kept:
    store = Store(folder)
    rows = store.open()
    store.close()
    return rows


def written(folder: Path, *records: dict[tuple[str, str | int], object]) -> bytes:
    """The log of so many records."""
    store = Store(folder)
    store.open()
    for record in records:
        store.write(record.items())
    data = (folder / FILE).read_bytes()
    store.close()
    return data


def test_the_latest_row_of_a_name_comes_back(tmp_path: Path) -> None:
    written(tmp_path, {LEVEL: 1.0, TITLE: "é\udcff"}, {LEVEL: 2.0, ("table", 7): [np.arange(3.0)]}, {TITLE: None})
    rows = read(tmp_path)
    assert rows[LEVEL] == 2.0
    assert TITLE not in rows
    assert list(rows["table", 7][0]) == [0.0, 1.0, 2.0]


def test_a_text_of_undecodable_bytes_comes_back(tmp_path: Path) -> None:
    written(tmp_path, {TITLE: "é\udcff"})
    assert read(tmp_path)[TITLE] == "é\udcff"


def test_a_record_that_is_cut_off_anywhere_is_left_out_and_those_before_it_are_not(tmp_path: Path) -> None:
    whole = len(written(tmp_path / "one", {LEVEL: 1.0}))
    data = written(tmp_path / "two", {LEVEL: 1.0}, {LEVEL: 2.0, TITLE: "x"})
    for end in range(whole, len(data), 3):
        folder = tmp_path / f"cut {end}"
        folder.mkdir()
        (folder / FILE).write_bytes(data[:end])
        assert read(folder) == {LEVEL: 1.0}, end


def test_a_byte_that_has_changed_is_seen(tmp_path: Path) -> None:
    whole = len(written(tmp_path / "one", {LEVEL: 1.0}))
    data = written(tmp_path / "two", {LEVEL: 1.0}, {LEVEL: 2.0})
    for place in range(whole, len(data), 3):
        folder = tmp_path / f"changed {place}"
        folder.mkdir()
        (folder / FILE).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert read(folder) == {LEVEL: 1.0}, place


def test_what_follows_a_record_that_was_cut_off_is_kept(tmp_path: Path) -> None:
    data = written(tmp_path, {LEVEL: 1.0}, {LEVEL: 2.0})
    (tmp_path / FILE).write_bytes(data[:-1])
    written(tmp_path, {TITLE: "later"})
    assert read(tmp_path) == {LEVEL: 1.0, TITLE: "later"}


def test_an_older_format_is_brought_up(tmp_path: Path) -> None:
    written(tmp_path, {LEVEL: 1.0})
    store = Store(tmp_path, form=3, upgrades={1: lambda rows: rows | {TITLE: "new"}, 2: lambda rows: rows | {LEVEL: 5}})
    assert store.open() == {LEVEL: 5, TITLE: "new"}
    store.close()
    store = Store(tmp_path, form=3)
    assert store.open() == {LEVEL: 5, TITLE: "new"}
    store.close()


@pytest.mark.parametrize(
    "data", [b"csoundd journal\n\x09\0\0\0", b"something else", b""], ids=["newer", "other", "empty"]
)
def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    assert read(tmp_path) == {}
    aside = [path for path in tmp_path.glob(f"{FILE}.*") if path.read_bytes() == data and path.suffix[1:].isdecimal()]
    assert len(aside) == 1


def test_one_daemon_at_a_time(tmp_path: Path) -> None:
    first = Store(tmp_path)
    first.open()
    with pytest.raises(StateInUse):
        Store(tmp_path).open()
    first.close()
    assert read(tmp_path) == {}


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    written(folder, {LEVEL: 1.0})
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}


def test_the_log_stays_as_large_as_what_it_keeps(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    rows, value = Rows(store), [""]
    rows.register("channel", lambda _: value[0])
    for number in range(400):
        value[0] = f"{number}".ljust(STATE_SLACK_BYTES // 100)
        rows.mark("channel", "level")
        rows.commit()
        # The old log goes on until the new one is on the disk, which may take as long as it likes.
        deadline = monotonic() + PATIENCE
        while (tmp_path / PART).exists() and not store.is_synced:
            assert monotonic() < deadline
    size = (tmp_path / FILE).stat().st_size
    store.close()
    assert size < 2 * STATE_SLACK_BYTES
    assert read(tmp_path) == {LEVEL: value[0]}


def test_a_full_disk_is_survived_and_all_is_kept_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.open()
    rows, values = Rows(store), {"level": 1.0, "other": 2.0}
    rows.register("channel", values.get)
    rows.mark("channel", "level")
    rows.commit()

    def full(_file: int, _data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        rows.mark("channel", "other")
        rows.commit()
    monkeypatch.setattr("csoundd.engine.client.journal.store.time.monotonic", lambda: 1e12)
    values["level"] = 3.0
    rows.mark("channel", "level")
    rows.commit()
    store.close()
    assert read(tmp_path) == {("channel", "level"): 3.0, ("channel", "other"): 2.0}
