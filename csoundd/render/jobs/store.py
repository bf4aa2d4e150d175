"""The jobs on disk: an SQLite database in a folder that one daemon has at a time.

What was acknowledged is on the disk itself (``synchronous=FULL``). How often a job was begun is counted here and
nowhere else, before it begins: so one that brings the daemon down is not begun for ever.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from filelock import FileLock
from filelock import Timeout as LockTimeout

from csoundd.api.renders import AttemptState, JobState, RenderFailure
from csoundd.errors import CsounddError, InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import QUOTED_CHARACTERS, RENDER_LOSSES
from csoundd.syntax import UNDECODED

log = logging.getLogger("csoundd.renders")

FILE: Final = "jobs.sqlite"
LOCK: Final = "jobs.lock"
FILES: Final = "files"
"""The folder with one for each job, where its sound files are."""

APPLICATION: Final = 0x63736A62
"""What says that a database is one of these: ``csjb``."""

FORMAT: Final = 2
Upgrade = Callable[[sqlite3.Connection], None]
"""Makes a database of the next format of one."""


def digest_of(text: str, name: str, asked: Mapping[str, Any], priority: int) -> str:
    """The digest of all that makes a job the same as another one that is submitted under the same key."""
    same = json.dumps([text, name, asked, priority], sort_keys=True)
    return hashlib.sha256(same.encode(errors=UNDECODED)).hexdigest()


def _sets_of_files(database: sqlite3.Connection) -> None:
    """Format 2: a job has a mix and may have stems. Before, it had one file."""
    for (number,) in database.execute("SELECT id FROM jobs").fetchall():
        name, priority, packed, words, told = database.execute(
            "SELECT name, priority, text, asked, result FROM jobs WHERE id = ?", (number,)
        ).fetchone()
        asked = json.loads(words) | {"stems": {}}
        result = None if told is None else json.loads(told)
        if result is not None:
            mix = {"name": "", **{each: result.pop(each) for each in ("file", "size", "sha256")}}
            result |= {"files": [mix], "stems": [], "stem_sum": None}
        digest = digest_of(zlib.decompress(packed).decode(errors=UNDECODED), name, asked, priority)
        database.execute(
            "UPDATE jobs SET asked = ?, digest = ?, result = ? WHERE id = ?",
            (json.dumps(asked), digest, None if result is None else json.dumps(result), number),
        )


UPGRADES: Final[dict[int, Upgrade]] = {1: _sets_of_files}
"""What leads from each older format to the one after it."""

_SCHEMA: Final = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    most_attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    cached INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    text BLOB NOT NULL,
    asked TEXT NOT NULL,
    result TEXT,
    error TEXT
);
CREATE INDEX waiting ON jobs (priority DESC, turn) WHERE state = 'queued';
CREATE INDEX states ON jobs (state, size);
CREATE INDEX ended ON jobs (ended) WHERE ended IS NOT NULL;
CREATE TABLE attempts (
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    error TEXT,
    log BLOB,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
"""


class StoreInUse(CsounddError):
    """Another daemon keeps its jobs in the same folder."""

    summary = "another daemon keeps its jobs there"


class StoreNewer(CsounddError):
    """A newer csoundd has written it."""

    summary = "a newer csoundd has written the jobs there"


@dataclass(frozen=True, slots=True)
class Submission:
    """A job as it is submitted: ``asked`` is all that is asked of it beside its ``text``, as JSON has it."""

    job: str
    name: str
    text: str
    asked: dict[str, Any]
    digest: str
    """What :func:`digest_of` has of it."""

    key: str | None = None
    priority: int = 0
    most_attempts: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A job as it is kept, without its text."""

    id: int
    job: str
    key: str | None
    name: str
    state: JobState
    priority: int
    created: float
    started: float | None
    ended: float | None
    attempts: int
    crashes: int
    losses: int
    most_attempts: int
    cached: bool
    result: dict[str, Any] | None
    error: dict[str, Any] | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more becomes of it by itself."""
        return self.ended is not None


_COLUMNS: Final = tuple(each.name for each in fields(Row))


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that is to be rendered now: the attempt has been counted."""

    row: Row
    text: str
    asked: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptAttempt:
    """A time that a job was begun."""

    number: int
    state: AttemptState
    started: float
    ended: float | None
    error: dict[str, Any] | None
    log: list[str]


class Store:
    """The database in ``folder``, for one thread at a time. Each method is one change, or one look."""

    def __init__(self, folder: Path, *, form: int = FORMAT, upgrades: Mapping[int, Upgrade] = UPGRADES) -> None:
        self.folder = folder
        self._form, self._upgrades = form, upgrades
        self._lock = FileLock(folder / LOCK, mode=0o600)
        self._database: sqlite3.Connection | None = None

    @classmethod
    def is_in(cls, folder: Path) -> bool:
        """Whether jobs are kept in ``folder``."""
        return (folder / FILE).exists()

    # Opening.

    def open(self) -> None:
        """Take the folder for this process. One that is damaged is set aside, with its sound files.

        Raises StoreInUse where another daemon has it, StoreNewer, and OSError where there can be no file.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._lock.acquire(timeout=0)
        except LockTimeout:
            raise StoreInUse(
                f"another csoundd keeps its jobs in {self.folder}", hint="--renders DIR names another folder"
            ) from None
        try:
            try:
                self._database = self._opened()
            except sqlite3.DatabaseError as damage:
                if isinstance(damage, sqlite3.OperationalError) and not _is_damage(damage):
                    raise OSError(None, f"the jobs cannot be kept: {damage}", str(self.folder)) from damage
                self._set_aside(str(damage))
                self._database = self._opened()
            (self.folder / FILES).mkdir(exist_ok=True, mode=0o700)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Leave the folder to others."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._database.close()
            self._database = None
        self._lock.release()

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.folder / FILE, isolation_level=None, check_same_thread=False)
        try:
            (self.folder / FILE).chmod(0o600)
            # A cache of the usual 2 MiB fills up over 2,000 jobs, and makes none of them quicker: a job costs the same
            # with this one (170 us of processor time among 10,000 jobs).
            for wanted in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-512"):
                database.execute(f"PRAGMA {wanted}")
            self._check(database)
        except BaseException:
            database.close()
            raise
        return database

    def _check(self, database: sqlite3.Connection) -> None:
        """Make an empty database one of jobs, and bring an older one up to date.

        Raises StoreNewer, and DatabaseError for what is damaged or something else.
        """
        if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            if any((self.folder / FILES).glob("*")):
                raise sqlite3.DatabaseError("it is empty, where there are sound files of jobs")
            database.executescript(
                f"PRAGMA auto_vacuum=INCREMENTAL; VACUUM; BEGIN; {_SCHEMA}"
                f"PRAGMA application_id={APPLICATION}; PRAGMA user_version={self._form}; COMMIT;"
            )
            return
        form = int(database.execute("PRAGMA user_version").fetchone()[0])
        if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise sqlite3.DatabaseError("it is a database of something else")
        if form > self._form:
            raise StoreNewer(
                f"the jobs in {self.folder} have the format {form}, and this csoundd knows {self._form}",
                hint="start the newer csoundd, or give --renders DIR another folder",
            )
        found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {found}")
        self._upgrade(database, form)

    def _upgrade(self, database: sqlite3.Connection, form: int) -> None:
        """Bring an older database to the format of today, in one step, leaving a copy of the older one."""
        if form == self._form:
            return
        lacking = [each for each in range(form, self._form) if each not in self._upgrades]
        if lacking:
            raise sqlite3.DatabaseError(f"nothing leads from the format {lacking[0]} to the next")
        with closing(sqlite3.connect(self.folder / f"{FILE}.format{form}")) as copy:
            database.backup(copy)
        database.execute("BEGIN IMMEDIATE")
        for each in range(form, self._form):
            self._upgrades[each](database)
        database.execute(f"PRAGMA user_version={self._form}")
        database.execute("COMMIT")
        log.info("the jobs in %s were brought from format %d to %d", self.folder, form, self._form)

    def _set_aside(self, why: str) -> None:
        """Move what is there out of the way, sound files included: somebody may want to look at it."""
        aside = self.folder / f"damaged-{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 1_000_000:06d}"
        aside.mkdir(mode=0o700)
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", FILES):
            with suppress(FileNotFoundError):
                (self.folder / name).replace(aside / name)
        log.error("the store of jobs cannot be used, as %s; it begins anew, and %s has what there was", why, aside)

    # Transactions: those of a batch succeed or fail one by one, and come to the disk together.

    def begin(self) -> None:
        """Begin a batch."""
        self._base.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Bring a batch to the disk."""
        self._base.execute("COMMIT")

    def rollback(self) -> None:
        """Undo a batch."""
        with suppress(sqlite3.Error):
            self._base.execute("ROLLBACK")

    def mark(self) -> None:
        """Begin a step of the batch."""
        self._base.execute("SAVEPOINT step")

    def keep(self) -> None:
        """Keep the step."""
        self._base.execute("RELEASE step")

    def undo(self) -> None:
        """Undo the step."""
        with suppress(sqlite3.Error):
            self._base.execute("ROLLBACK TO step")
            self._base.execute("RELEASE step")

    @property
    def _base(self) -> sqlite3.Connection:
        if self._database is None:
            raise WrongState("the store of jobs is closed")
        return self._database

    # Changes.

    def submit(self, asked: Submission, most_waiting: int) -> tuple[Row, bool]:
        """Keep a new job, and whether it is one: of a key that is known it is the job that has it.

        Raises InvalidParams where that was asked for something else, LimitExceeded where too many wait.
        """
        if asked.key is not None:
            known = self._base.execute("SELECT job, digest FROM jobs WHERE key = ?", (asked.key,)).fetchone()
            if known is not None:
                if known[1] != asked.digest:
                    raise InvalidParams(
                        "this key belongs to a job of which something else was asked",
                        hint=f"job {known[0]}",
                        parameter="key",
                    )
                return self.row(known[0]), False
        waiting = self._base.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()[0]
        if waiting >= most_waiting:
            raise LimitExceeded(f"{waiting} jobs wait, the most that may", name="renders_waiting", limit=most_waiting)
        self._base.execute(
            "INSERT INTO jobs (job, key, digest, name, state, priority, turn, created, most_attempts, text, asked)"
            " VALUES (?, ?, ?, ?, 'queued', ?, (SELECT coalesce(max(id), 0) + 1 FROM jobs), ?, ?, ?, ?)",
            (
                asked.job,
                asked.key,
                asked.digest,
                asked.name,
                asked.priority,
                time.time(),
                asked.most_attempts,
                zlib.compress(asked.text.encode(errors=UNDECODED), 1),
                json.dumps(asked.asked),
            ),
        )
        return self.row(asked.job), True

    def take(self) -> Taken | None:
        """Begin the job whose turn it is, and count that; None where none waits."""
        found = self._base.execute(
            "SELECT id, text, asked FROM jobs WHERE state = 'queued' ORDER BY priority DESC, turn LIMIT 1"
        ).fetchone()
        if found is None:
            return None
        number, text, asked = found
        now = time.time()
        self._base.execute(
            "UPDATE jobs SET state = 'running', started = ?, attempts = attempts + 1 WHERE id = ?", (now, number)
        )
        self._base.execute(
            "INSERT INTO attempts (job, number, state, started)"
            " SELECT id, attempts, 'running', ? FROM jobs WHERE id = ?",
            (now, number),
        )
        row = self._row("id = ?", number)
        assert row is not None
        return Taken(row, zlib.decompress(text).decode(errors=UNDECODED), json.loads(asked))

    def done(self, job: str, result: dict[str, Any], printed: list[str], *, size: int, cached: bool) -> Row:
        """A job is done, and its sound files under their names: ``size`` is that of all."""
        self._end_attempt(job, "done", None, printed)
        self._base.execute(
            "UPDATE jobs SET state = 'done', ended = ?, result = ?, error = NULL, size = ?, cached = ? WHERE job = ?",
            (time.time(), json.dumps(result), size, cached, job),
        )
        return self.row(job)

    def not_done(self, job: str, state: AttemptState, error: RenderFailure, printed: list[str]) -> Row:
        """An attempt came to nothing: the job waits again after a crash, unless there were too many of them.

        One that does not run stays as it is.
        """
        row = self.row(job)
        if row.state != "running":
            return row
        self._end_attempt(job, state, error, printed)
        if state == "interrupted":
            self._requeue(job)
            return self.row(job)
        if state == "crashed":
            self._base.execute("UPDATE jobs SET crashes = crashes + 1 WHERE job = ?", (job,))
        row = self.row(job)
        if state == "crashed" and row.crashes < row.most_attempts:
            self._requeue(job)
        else:
            self._end(job, "cancelled" if state == "cancelled" else "failed", error)
        return self.row(job)

    def cancel(self, job: str) -> Row:
        """Have a job that waits not be done. One that runs is the caller's to end, and one that has ended stays."""
        row = self.row(job)
        if row.state == "queued":
            self._end(job, "cancelled", None)
        return self.row(job)

    def retry(self, job: str) -> Row:
        """Have a job wait again that came to nothing. Raises NotFound, WrongState."""
        row = self.row(job)
        if row.state not in {"failed", "cancelled"}:
            raise WrongState(f"{job} is {row.state}", hint="a job that failed or was cancelled can be retried")
        self._base.execute("UPDATE jobs SET crashes = 0, losses = 0, ended = NULL, error = NULL WHERE job = ?", (job,))
        self._requeue(job)
        return self.row(job)

    def remove(self, job: str) -> None:
        """Forget a job that has ended. Raises NotFound, WrongState."""
        row = self.row(job)
        if not row.has_ended:
            raise WrongState(f"{job} is {row.state}", hint="render.cancel ends it")
        self._base.execute("DELETE FROM jobs WHERE job = ?", (job,))

    def recover(self) -> list[Row]:
        """Have those wait again that another daemon left running, the lost attempt counted; the jobs it was.

        They go behind the others of their priority: should it be one of them that daemons die of, the rest is done
        first.
        """
        left = [row[0] for row in self._base.execute("SELECT job FROM jobs WHERE state = 'running'").fetchall()]
        for job in left:
            lost = RenderFailure("EngineCrashed", "the daemon died while it was rendered")
            self._end_attempt(job, "lost", lost, [])
            self._base.execute("UPDATE jobs SET losses = losses + 1 WHERE job = ?", (job,))
            row = self.row(job)
            if row.losses >= RENDER_LOSSES:
                told = f"daemons died {row.losses} times while it was rendered"
                self._end(job, "failed", RenderFailure("EngineCrashed", told, "render.retry tries again"))
            else:
                self._requeue(job)
        return [self.row(job) for job in left]

    def expire(self, before: float, most: int, most_bytes: int) -> list[str]:
        """Forget jobs that ended ``before``, and the oldest where there are too many or too large; which they were.

        The latest is kept however large it is.
        """
        ended = self._base.execute("SELECT job, ended, size FROM jobs WHERE ended IS NOT NULL ORDER BY ended DESC")
        old: list[str] = []
        count = size = 0
        for job, when, own in ended:
            count, size = count + 1, size + own
            if when < before or count > most or (size > most_bytes and count > 1):
                old.append(job)
        for job in old:
            self._base.execute("DELETE FROM jobs WHERE job = ?", (job,))
        if old:
            self._base.execute("PRAGMA incremental_vacuum(1000)").fetchall()
        return old

    def _requeue(self, job: str) -> None:
        self._base.execute(
            "UPDATE jobs SET state = 'queued', started = NULL,"
            " turn = (SELECT max(max(turn), max(id)) + 1 FROM jobs) WHERE job = ?",
            (job,),
        )

    def _end(self, job: str, state: JobState, error: RenderFailure | None) -> None:
        told = None if error is None else _error(error)
        self._base.execute(
            "UPDATE jobs SET state = ?, ended = ?, error = ? WHERE job = ?", (state, time.time(), told, job)
        )

    def _end_attempt(self, job: str, state: AttemptState, error: RenderFailure | None, printed: list[str]) -> None:
        packed = zlib.compress(json.dumps(printed).encode()) if printed else None
        self._base.execute(
            "UPDATE attempts SET state = ?, ended = ?, error = ?, log = ? WHERE ended IS NULL"
            " AND job = (SELECT id FROM jobs WHERE job = ?)",
            (state, time.time(), None if error is None else _error(error), packed, job),
        )

    # Looks.

    def row(self, job: str) -> Row:
        """A job. Raises NotFound."""
        found = self._row("job = ?", job)
        if found is None:
            shown = job[:QUOTED_CHARACTERS]
            raise NotFound(f"there is no job {shown!r}", hint="render.list has those there are")
        return found

    def attempts(self, row: Row) -> list[KeptAttempt]:
        """The times that a job was begun, with what Csound printed."""
        found = self._base.execute(
            "SELECT number, state, started, ended, error, log FROM attempts WHERE job = ? ORDER BY number", (row.id,)
        )
        return [
            KeptAttempt(
                number,
                state,
                started,
                ended,
                None if error is None else json.loads(error),
                [] if packed is None else json.loads(zlib.decompress(packed)),
            )
            for number, state, started, ended, error, packed in found
        ]

    def listed(self, state: JobState | None, name: str, limit: int, before: str | None) -> list[Row]:
        """Jobs, the latest first, in one state and with a name that fits a glob. Raises NotFound."""
        wanted, values = ["name GLOB ?"], [name]
        if state is not None:
            wanted.append("state = ?")
            values.append(state)
        if before is not None:
            wanted.append("id < ?")
            values.append(str(self.row(before).id))
        return self._rows(f"{' AND '.join(wanted)} ORDER BY id DESC LIMIT {int(limit)}", values)

    def running(self) -> list[Row]:
        """The jobs that run."""
        return self._rows("state = 'running'", ())

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state, and in ``bytes`` how large all sound files are together."""
        found = self._base.execute("SELECT state, count(*), sum(size) FROM jobs GROUP BY state").fetchall()
        return {**{state: count for state, count, _ in found}, "bytes": sum(size for _, _, size in found)}

    def known(self, jobs: Iterable[str]) -> set[str]:
        """Those of ``jobs`` that are kept."""
        return {job for job in jobs if self._row("job = ?", job) is not None}

    def inputs(self) -> set[str]:
        """The digests of all inputs that jobs ask for."""
        found = self._base.execute('SELECT asked FROM jobs WHERE asked LIKE \'%"inputs": {"%\'')
        return {digest for (asked,) in found for digest in (json.loads(asked)["inputs"] or {}).values()}

    def _row(self, condition: str, value: object) -> Row | None:
        return next(iter(self._rows(condition, (value,))), None)

    def _rows(self, condition: str, values: Iterable[object]) -> list[Row]:
        # The conditions are those above, and never text off the wire.
        found = self._base.execute(f"SELECT {', '.join(_COLUMNS)} FROM jobs WHERE {condition}", tuple(values))  # noqa: S608
        return [_read(each) for each in found]


def _read(values: tuple[Any, ...]) -> Row:
    *_, cached, result, error = values
    parsed = {
        "cached": bool(cached),
        "result": None if result is None else json.loads(result),
        "error": None if error is None else json.loads(error),
    }
    return Row(**dict(zip(_COLUMNS, values, strict=True)) | parsed)


def _error(error: RenderFailure) -> str:
    return json.dumps({"type": error.type, "message": error.message, "hint": error.hint})


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Whether it is the file that is at fault: what SQLite tells of it goes by several names."""
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
