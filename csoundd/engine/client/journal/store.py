"""The journal on disk: a log of rows, the latest of a name counting, which is rewritten when it outgrows them.

A row is a part of the engine's state under a name: a channel, a definition, a table. What becomes different together is
one record, with a checksum; it is given to the kernel before anybody hears that the call succeeded. So the death of the
daemon loses nothing that was acknowledged, wherever it comes: a record that is cut off was acknowledged to nobody. A
loss of power may cost what is younger than STATE_SYNC_SECONDS, never what is older.

Why no database: a set that waits for SQLite (WAL, 3.40, without fsync) took 61 microseconds where this took 8, and its
log can begin anew only where it waits for the disk, here for two milliseconds at a time.
"""

from __future__ import annotations

import logging
import os
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from filelock import FileLock
from filelock import Timeout as LockTimeout

from csoundd.codec.msgpack import Packer, unpack
from csoundd.errors import CsounddError
from csoundd.limits import STATE_SLACK_BYTES, STATE_SYNC_SECONDS
from csoundd.syntax import UNDECODED

log = logging.getLogger("csoundd.state")

Name = tuple[str, str | int]
"""The kind of a row, and which of its kind it is."""

Rows = dict[Name, Any]
Upgrade = Callable[[Rows], Rows]
"""Makes rows of the next format of those of one."""

FILE: Final = "journal"
LOCK: Final = "journal.lock"
PART: Final = "journal.new"
DAMAGED: Final = "journal.damaged"
FORMAT: Final = 1
UPGRADES: Final[dict[int, Upgrade]] = {}
"""What leads from each older format to the one after it."""

_MAGIC: Final = b"csoundd journal\n"
_FORMAT: Final = struct.Struct("<I")
_HEAD: Final = struct.Struct("<II")
"""The length of a record and the CRC-32 of what follows."""
_HEADER: Final = len(_MAGIC) + _FORMAT.size


class StateInUse(CsounddError):
    """Another daemon keeps its state in the same folder."""

    summary = "another daemon keeps its state there"


class Store:
    """The rows in ``folder``, for one daemon at a time. ``upgrades`` lead to ``form``, the format that is written."""

    def __init__(self, folder: Path, *, form: int = FORMAT, upgrades: Mapping[int, Upgrade] = UPGRADES) -> None:
        self.folder = folder
        self._form, self._upgrades = form, upgrades
        self._lock = FileLock(folder / LOCK, mode=0o600)
        self._packer = Packer(UNDECODED)
        self._sizes: dict[Name, int] = {}
        self._live = 0
        self._file = -1
        self._size = 0
        self._next = -1
        """The file that is to take the place of the other one, when it is on the disk."""
        self._next_synced = threading.Event()
        self._failed = False
        self._retry = 0.0
        self._unsynced = threading.Event()
        self._sync_soon = threading.Event()
        """Set to end the wait between two times."""
        self._closing = threading.Event()

    def open(self) -> Rows:
        """Take the folder for this process, and read what is kept there.

        Raises StateInUse where another daemon has it, and OSError where there can be no file.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._lock.acquire(timeout=0)
        except LockTimeout:
            raise StateInUse(
                f"another csoundd keeps its state in {self.folder}", hint="--state DIR names another folder"
            ) from None
        try:
            rows = self._read()
        except BaseException:
            self._lock.release()
            raise
        threading.Thread(target=self._sync, name="state-sync", daemon=True).start()
        return rows

    def empty(self) -> None:
        """Forget everything, also on the disk."""
        for name in (FILE, PART, DAMAGED):
            (self.folder / name).unlink(missing_ok=True)
        self._sizes.clear()

    def close(self) -> None:
        """Leave the folder to others. The kernel has everything; nobody waits for the disk, which may be busy."""
        self._closing.set()
        self._unsynced.set()
        self._sync_soon.set()
        if self._file >= 0:
            if self._next >= 0:
                os.close(self._next)
                (self.folder / PART).unlink(missing_ok=True)
            os.close(self._file)
            self._file = self._next = -1
            self._lock.release()

    # Reading.

    def _read(self) -> Rows:
        """The rows of the file that there is, and that file opened, so that it can be gone on with."""
        path = self.folder / FILE
        with suppress(FileNotFoundError):
            data = path.read_bytes()
            form = _FORMAT.unpack_from(data, len(_MAGIC))[0] if len(data) >= _HEADER else None
            if form is None or not data.startswith(_MAGIC):
                self._set_aside("it is no journal")
            elif form > self._form or not all(each in self._upgrades for each in range(form, self._form)):
                self._set_aside(f"it has the format {form}, and this csoundd writes {self._form}")
            else:
                rows, whole = self._records(memoryview(data))
                for each in range(form, self._form):
                    rows = self._upgrades[each](rows)
                if form != self._form:
                    self._begin(rows)
                    self._take_over()
                    return rows
                self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
                os.ftruncate(self._file, whole)
                self._size = whole
                for name, value in rows.items():
                    self._item(name, value)
                return rows
        self._begin({})
        self._take_over()
        return {}

    def _records(self, data: memoryview) -> tuple[Rows, int]:
        """The rows of a log up to the first record that is not whole, and how long that log is."""
        rows: Rows = {}
        at = _HEADER
        while at < len(data):
            start = at + _HEAD.size
            length, checksum = _HEAD.unpack_from(data, at) if start <= len(data) else (0, 0)
            body = data[start : start + length]
            if start > len(data) or len(body) < length or not length or crc32(body) != checksum:
                (self.folder / DAMAGED).write_bytes(data)
                log.warning(
                    "state: the last %d bytes are no whole record, and left out; %s has them", len(data) - at, DAMAGED
                )
                break
            for kind, name, *value in unpack(bytes(body), undecoded=UNDECODED):
                if value:
                    rows[kind, name] = value[0]
                else:
                    rows.pop((kind, name), None)
            at = start + length
        return rows, at

    def _set_aside(self, why: str) -> None:
        aside = self.folder / f"{FILE}.{int(time.time())}"
        (self.folder / FILE).replace(aside)
        log.error("state: %s is not used, as %s; it is kept as %s", FILE, why, aside.name)

    # Writing.

    @property
    def names(self) -> list[Name]:
        """The names of the rows there are."""
        return list(self._sizes)

    @property
    def outgrown(self) -> bool:
        """Whether most of the log is of no use any more, or could not be written: it should be written anew."""
        if self._failed:
            return time.monotonic() >= self._retry
        return self._next < 0 and self._size > 2 * self._live + STATE_SLACK_BYTES

    @property
    def is_synced(self) -> bool:
        """Whether a log that is written anew has come to the disk, so that it takes over with the next record."""
        return self._next_synced.is_set()

    def write(self, rows: Iterable[tuple[Name, object]]) -> None:
        """Give ``rows`` to the kernel as one record; None is for those that are gone."""
        items = [self._item(name, value) for name, value in rows]
        if not items or self._failed:
            return
        if self._next_synced.is_set():
            self._take_over()
        record = _record(items)
        try:
            self._append(record)
        except OSError as problem:
            self._fail(problem)

    def rewrite(self, rows: Iterable[tuple[Name, object]]) -> None:
        """Begin the log anew with ``rows``, which are all there are. The old one goes on until it is on the disk."""
        try:
            self._begin(dict(rows))
        except OSError as problem:
            self._fail(problem)
            return
        self._sync_soon.set()
        if self._failed:
            self._failed = False
            self._take_over()
            log.warning("state: it is kept again")
        self._unsynced.set()

    def _begin(self, rows: Mapping[Name, object]) -> None:
        """A new file with ``rows``."""
        if self._next >= 0:
            os.close(self._next)
        self._next = -1
        self._next_synced.clear()
        self._sizes.clear()
        self._live = 0
        file = os.open(self.folder / PART, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            _write_all(file, _MAGIC + _FORMAT.pack(self._form))
            for name, value in rows.items():
                # One at a time: tables are large.
                _write_all(file, _record([self._item(name, value)]))
        except BaseException:
            os.close(file)
            raise
        self._next = file

    def _take_over(self) -> None:
        """The new file takes the place of the old one."""
        (self.folder / PART).replace(self.folder / FILE)
        old, self._file, self._next = self._file, self._next, -1
        self._size = os.fstat(self._file).st_size
        self._next_synced.clear()
        if old >= 0:
            os.close(old)

    def _append(self, record: bytes) -> None:
        """Write ``record`` to the file that is in force, and to the one that is to follow it."""
        try:
            _write_all(self._file, record)
            if self._next >= 0:
                _write_all(self._next, record)
        except OSError:
            # What is behind half a record would never be read.
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(record)
        self._unsynced.set()

    def _item(self, name: Name, value: object) -> bytes:
        self._live -= self._sizes.pop(name, 0)
        if value is None:
            return self._packer.pack(name)
        item = self._packer.pack((*name, value))
        self._sizes[name] = len(item)
        self._live += len(item)
        return item

    def _fail(self, problem: OSError) -> None:
        self._retry = time.monotonic() + STATE_SYNC_SECONDS
        if not self._failed:
            self._failed = True
            log.error("state: what changes from now on is not kept: %s", problem.strerror or problem)

    def _sync(self) -> None:
        """Have what was written reach the disk by and by, outside of the event loop: 20 s were seen on a busy disk."""
        while not self._closing.is_set():
            self._unsynced.wait()
            self._unsynced.clear()
            file, following = self._file, self._next
            # A file that was closed meanwhile has been replaced by one that was synced.
            with suppress(OSError, ValueError):
                os.fsync(file)
                if following >= 0:
                    os.fsync(following)
                    if following == self._next:
                        self._next_synced.set()
            self._sync_soon.wait(STATE_SYNC_SECONDS)
            self._sync_soon.clear()


def _record(items: list[bytes]) -> bytes:
    body = _list_header(len(items)) + b"".join(items)
    return _HEAD.pack(len(body), crc32(body)) + body


def _list_header(length: int) -> bytes:
    """The beginning of a list in msgpack, before its items."""
    return b"\xdd" + length.to_bytes(4, "big")


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
