"""Renders that are done already: the same piece, options, values, inputs and engine give the same file.

A render is known by what it was asked, without where it lies. Under that key stand the sets of inputs with which it has
been rendered; each names the entry that holds what came of it. An entry is one file, so that it is there with the mix
and all stems or not at all: a line, the result in JSON, and each sound file from the next whole block on, so that file
systems that can share blocks do. Everything is written beside and renamed: any number of processes, also of several
machines over a shared folder, may read, write and clear out at once.

Nothing is ever linked: whoever changes a file in place would change every other that came of the same render.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import time
from typing import Any, Final, Self

from platformdirs import user_cache_path

from csoundd.engine.options import HostOptions
from csoundd.engine.workspace import FOLDERS
from csoundd.limits import (
    FILE_TIME_SECONDS,
    RENDER_CACHE_BYTES,
    RENDER_HASH_SECONDS,
    RENDER_INPUT_SETS,
    RENDER_PART_SECONDS,
)
from csoundd.render.engine import EngineIdentity, identity_of
from csoundd.render.inputs import Hashes, SearchPath, State
from csoundd.render.work import Result, Work
from csoundd.syntax import UNDECODED
from csoundd.syntax.csd import parse
from csoundd.syntax.repeatable import macros_of, why_not_repeatable
from csoundd.whole_file import write_whole

FORMAT: Final = 2
"""The version of the folder's layout, which is in its name: a csoundd with another one may use it at once."""

VERSIONS: Final = "v*"
"""The folders of all versions: they share the room."""

HASHES: Final = "hashes"
MAGIC: Final = b"csoundd-render"
FILE_BLOCK: Final = 4096
COPIED_BYTES: Final = 1 << 20
CODE_BYTES: Final = 1 << 18
"""An input up to here may be code, and is looked through as such."""

KEPT_SHARE: Final = 0.9
"""What is left of a cache that was full."""

COUNTED_SHARE: Final = 1 / 16
"""How much of its room may be added before it is counted again, as others add to it too."""

NANOSECONDS: Final = 1_000_000_000
UNWRITABLE: Final = "the cache cannot be written"
TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Renders that csoundd would make again if they were not here. Backups may leave them out: bford.info/cachedir\n"
)
_SEEDED: Final = "Seeding from current time"


@dataclass(frozen=True, slots=True)
class Opened:
    """The files that a render has opened, named as Csound named them."""

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


def default_folder() -> Path:
    """The cache of the user who runs this."""
    return user_cache_path("csoundd", appauthor=False) / "renders"


def key_of(work: Work, engine: EngineIdentity) -> str:
    """The key of what is asked: everything on which a render depends, but for its inputs.

    The folders do not count, by their number only: what is found in them does.
    """
    asked = {
        "engine": engine.values(),
        "text": work.text,
        "words": work.words,
        "channels": work.channels,
        "variables": {name: value for name, value in work.variables.items() if name not in FOLDERS},
        "folders": SearchPath.of(work).labels,
        "max_seconds": work.max_seconds,
        "written_here": work.written_here,
        "encoding": work.encoding,
        "stems": list(work.stems),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Cache:
    """Renders of one engine in ``folder``, where those of others may be too.

    At most ``most_bytes`` are kept in all, those that were wanted last.
    """

    def __init__(self, folder: Path, engine: EngineIdentity, most_bytes: int = RENDER_CACHE_BYTES) -> None:
        self._folder = folder / f"v{FORMAT}"
        self._root, self._engine = folder, engine
        self._most_bytes = most_bytes
        self._uncounted: int | None = None
        self.hashes = Hashes(self._folder / HASHES)

    @classmethod
    def of(cls, folder: Path, engine: HostOptions, most_bytes: int = RENDER_CACHE_BYTES) -> Self | None:
        """The cache for an engine that is placed, None for one that cannot be told from another version of it.

        It hashes what the engine is made of.
        """
        identity = identity_of(engine, Hashes(folder / f"v{FORMAT}" / HASHES))
        return None if identity is None else cls(folder, identity, most_bytes)

    def find(self, work: Work) -> tuple[Result, list[str]] | None:
        """Write what was rendered before to the files of ``work``: the result and the log, None where there is none.

        Raises OSError where one of them cannot be written.
        """
        sets = self._sets(key := key_of(work, self._engine))
        search = SearchPath.of(work)
        # One name is often in several sets: it is looked at once.
        now: State = {}
        for inputs, name in sets:
            for each in inputs:
                if each not in now:
                    now[each] = search.hash(each, self.hashes)
            if all(now[each] == state for each, state in inputs.items()):
                found = self._copied(name, work)
                if found is not None:
                    for used in (self._place("inputs", key), self._place("outputs", name)):
                        with suppress(OSError):
                            os.utime(used)
                    return found
        return None

    def keep(self, work: Work, opened: Opened, begun: float, result: Result, log: list[str]) -> str:
        """Keep what was rendered to the files of ``work`` since ``begun``: why it is not kept, empty where it is."""
        search = SearchPath.of(work)
        if (reason := _why_not(work, search, opened, [*result.warnings, *log], self._most_bytes)) is not None:
            return reason
        state = search.state(opened.read, self.hashes)
        there = [search.path(each) for each, digest in state.items() if digest is not None]
        for path in (*(Path(work.folder, each) for each in opened.read), *there):
            try:
                status = path.stat()
            except OSError:
                return f"{path.name} is gone"
            if not stat.S_ISREG(status.st_mode):
                return f"{path.name} is no file that can be read twice"
            if _changed(status) >= begun - FILE_TIME_SECONDS:
                return f"{path.name} was changed while it was rendered"
        key = key_of(work, self._engine)
        name = hashlib.sha256(json.dumps([key, state], sort_keys=True).encode(errors=UNDECODED)).hexdigest()
        try:
            self._prepare()
            size = self._write(name, work, result, log)
            sets = [each for each in self._sets(key) if each != (state, name)]
            text = json.dumps([(state, name), *sets[: RENDER_INPUT_SETS - 1]])
            place = self._place("inputs", key)
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, text.encode(errors=UNDECODED))
            self._added(size + len(text))
        except OSError as failure:
            if failure.errno == errno.ENOSPC:
                self.clear_out()
            return f"{UNWRITABLE}: {(failure.strerror or str(failure)).lower()}"
        return ""

    def _place(self, kind: str, name: str) -> Path:
        return self._folder / kind / name[:2] / name

    def _sets(self, key: str) -> list[tuple[State, str]]:
        """The sets of inputs that are known for a key, with the names of their entries."""
        try:
            found = json.loads(self._place("inputs", key).read_bytes().decode(errors=UNDECODED))
            return [(dict(inputs), str(name)) for inputs, name in found]
        except (OSError, ValueError, TypeError):
            return []

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        tag = self._root / "CACHEDIR.TAG"
        if not tag.exists():
            write_whole(tag, TAG.encode())

    def _write(self, name: str, work: Work, result: Result, log: list[str]) -> int:
        """Write an entry; its size."""
        with ExitStack() as opened:
            sources = [opened.enter_context(Path(each).open("rb")) for each in work.files.values()]
            files: list[dict[str, Any]] = [
                {"sha256": hashlib.file_digest(source, "sha256").hexdigest(), "size": source.tell()}
                for source in sources
            ]
            head = json.dumps({"files": files, "result": asdict(result), "log": log}).encode(errors=UNDECODED)
            line = b"%s %d %d %s\n" % (MAGIC, FORMAT, len(head), hashlib.sha256(head).hexdigest().encode())
            place = self._place("outputs", name)
            place.parent.mkdir(parents=True, exist_ok=True)
            target, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=place.parent)
            opened.callback(os.close, target)
            try:
                _put(target, line + head)
                size = len(line) + len(head)
                for source, file in zip(sources, files, strict=True):
                    _put(target, bytes(_padding(size)))
                    _copy(source.fileno(), target, file["size"], 0)
                    size += _padding(size) + file["size"]
                Path(part).replace(place)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
        return size

    def _copied(self, name: str, work: Work) -> tuple[Result, list[str]] | None:
        """The result of an entry, what it holds being in the files of ``work``.

        None, and it is gone, where it is not whole.
        """
        place = self._place("outputs", name)
        try:
            source = place.open("rb")
        except OSError:
            return None
        with source:
            values = _head(source.fileno())
            outputs = work.files.values()
            if values is not None and all(
                _is_copied(source.fileno(), Path(output), file)
                for output, file in zip(outputs, values["files"], strict=True)
            ):
                return replace(Result.from_values(values["result"]), cached=True), values["log"]
        with suppress(OSError):
            place.unlink()
        return None

    def _added(self, size: int) -> None:
        """Clear out once there is too much: all is counted first, then after every so many bytes."""
        if self._uncounted is not None:
            self._uncounted += size
            if self._uncounted < self._most_bytes * COUNTED_SHARE:
                return
        self._uncounted = 0
        self.clear_out()

    def clear_out(self) -> None:
        """Remove what was not wanted for the longest time, where there is more than there may be."""
        files, now = [], time()
        for path, status in self._files():
            if path.name.startswith(".") or path.relative_to(self._root).parts[1] == HASHES:
                if now - status.st_mtime > (RENDER_PART_SECONDS if path.name.startswith(".") else RENDER_HASH_SECONDS):
                    path.unlink(missing_ok=True)
            else:
                files.append((status.st_mtime_ns, status.st_size, path))
        held = sum(size for _, size, _ in files)
        if held <= self._most_bytes:
            return
        for _, size, path in sorted(files):
            path.unlink(missing_ok=True)
            held -= size
            if held <= self._most_bytes * KEPT_SHARE:
                return

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for version in self._root.glob(VERSIONS):
            for folder, _, names in os.walk(version):
                for name in names:
                    path = Path(folder, name)
                    with suppress(FileNotFoundError):
                        yield path, path.stat()


def _changed(status: os.stat_result) -> float:
    """When a file was changed at the latest, by the system's clock: some systems count whole seconds."""
    last = max(status.st_mtime_ns, status.st_ctime_ns)
    return last / NANOSECONDS if last % NANOSECONDS else last / NANOSECONDS + 1


def _why_not(work: Work, search: SearchPath, opened: Opened, printed: Iterable[str], most_bytes: int) -> str | None:
    if sum(Path(each).stat().st_size for each in work.files.values()) > most_bytes:
        return "it is larger than all that may be kept"
    if opened.written:
        return f"it writes {Path(opened.written[0]).name} beside its output"
    if any(_SEEDED in line for line in printed):
        return "it is seeded by the clock"
    return why_not_repeatable(
        parse(work.text), work.words, macros_of(work.words), search.text, _code(work, opened.read)
    )


def _code(work: Work, read: Iterable[str]) -> Iterator[str]:
    """The texts among what a render has read."""
    for each in read:
        path = Path(work.folder, each)
        with suppress(OSError, UnicodeDecodeError):
            if path.stat().st_size <= CODE_BYTES:
                text = path.read_bytes()
                if b"\0" not in text:
                    yield text.decode()


def _head(source: int) -> dict[str, Any] | None:
    """What an entry says of itself, with where its sound begins; None where it is not whole."""
    first = os.pread(source, FILE_BLOCK, 0)
    line = first.partition(b"\n")[0]
    try:
        magic, version, length, digest = line.split()
        begin, size = len(line) + 1, int(length)
        if magic != MAGIC or int(version) != FORMAT or begin + size > os.fstat(source).st_size:
            return None
        head = os.pread(source, size, begin)
        if hashlib.sha256(head).hexdigest().encode() != digest:
            return None
        values: dict[str, Any] = json.loads(head)
    except ValueError:
        return None
    end = begin + size
    for each in values["files"]:
        each["start"] = end + _padding(end)
        end = each["start"] + each["size"]
    return values if os.fstat(source).st_size == end else None


def _padding(size: int) -> int:
    """How far the next whole block is."""
    return -size % FILE_BLOCK


def _is_copied(source: int, output: Path, file: Mapping[str, Any]) -> bool:
    """Copy one file of an entry to ``output``; whether it is what it is to be.

    What is there now is looked at, not what was there: then the copy is whole, and so is the entry.
    """
    with output.open("wb") as target:
        _copy(source, target.fileno(), file["size"], file["start"])
    with output.open("rb") as written:
        return bool(hashlib.file_digest(written, "sha256").hexdigest() == file["sha256"])


def _copy(source: int, target: int, size: int, start: int) -> None:
    """Copy ``size`` bytes from ``start`` of one file to the end of another, sharing blocks where the system can."""
    end = start + size
    while hasattr(os, "copy_file_range") and start < end:
        try:
            copied = os.copy_file_range(source, target, end - start, start)
        except OSError:
            # Between these two file systems it is not possible; a disk that is full says so below as well.
            break
        if not copied:
            return
        start += copied
    while start < end and (block := os.pread(source, min(COPIED_BYTES, end - start), start)):
        _put(target, block)
        start += len(block)


def _put(target: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(target, left) :]
