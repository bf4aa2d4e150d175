"""The files that a render reads: what they hold, and where Csound would look for them.

A file is known by the SHA-256 of its content. A piece finds it by a name, in its own folder or in one of those that
SSDIR and the like name: the same name in a folder before that one would be another file, so each of them counts.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Final

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.workspace import SEPARATOR
from csoundd.render.work import Work
from csoundd.syntax import UNDECODED
from csoundd.syntax.csd import parse
from csoundd.syntax.options import lines_of
from csoundd.whole_file import write_whole

BESIDE: Final = ""
"""The label of the piece's own folder."""

ANYWHERE: Final = "/"
"""The label of a file that is named by its whole path."""

BLOCK_BYTES: Final = 1 << 20
SMALL_BYTES: Final = 1 << 16
"""A file up to here is read again each time: that is quicker than to look up what it held."""

SETTLED_NS: Final = 2_000_000_000
"""A file that was changed this shortly before it was read may change again without a new time, on some systems."""

NAME_PARTS: Final = 3
"""The most names of a path by which an include may ask for a file."""

SEARCHED: Final = ("INCDIR", "MFDIR", "SADIR", "SFDIR", "SSDIR")
"""The variables that name folders in which Csound looks for what a piece reads."""

_ENV: Final = "--env:"

State = dict[str, str | None]
"""What is under each name that counts: the hash of a file, None where there is none."""


class Hashes:
    """The hashes of files. Those of large ones are kept in ``folder``, with the times of the file they are of."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def of(self, path: Path) -> str | None:
        """The SHA-256 of a file, None where there is none that can be read."""
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    return None
                if found.st_size <= SMALL_BYTES:
                    return hashlib.sha256(file.read()).hexdigest()
                identity = f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
                kept = self._kept(path)
                if kept is not None and kept[0] == identity:
                    return kept[1]
                begun = time_ns()
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        if begun - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_NS:
            self._keep(path, f"{identity}\n{digest}\n")
        return digest

    def _place(self, path: Path) -> Path | None:
        name = hashlib.sha256(os.fsencode(path)).hexdigest()
        return None if self._folder is None else self._folder / name[:2] / name

    def _kept(self, path: Path) -> tuple[str, str] | None:
        place = self._place(path)
        if place is None:
            return None
        try:
            identity, digest = place.read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            return None
        return identity, digest

    def _keep(self, path: Path, text: str) -> None:
        place = self._place(path)
        if place is not None:
            with suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
                write_whole(place, text.encode("ascii"))


def _ends(path: Path) -> Iterator[Path]:
    """The last of the names in a path, and the last two and so on: what it was asked for by."""
    for first in range(max(0, len(path.parts) - NAME_PARTS), len(path.parts)):
        yield Path(*path.parts[first:])


@dataclass(frozen=True, slots=True)
class SearchPath:
    """The folders in which a piece looks for what it reads, each with a label that is the same wherever it lies."""

    folders: tuple[tuple[str, Path], ...]

    @classmethod
    def of(cls, work: Work) -> SearchPath:
        """Those of a render, with what its options set in place of the environment (``--env:SSDIR+=samples``)."""
        found = [(BESIDE, Path(work.folder))]
        variables = _set_by_options(work)
        for variable in SEARCHED:
            for number, folder in enumerate(SEPARATOR.split(variables.get(variable, ""))):
                if folder:
                    found.append((f"{variable}:{number}", Path(work.folder, folder)))
        return cls(tuple(found))

    @property
    def labels(self) -> list[str]:
        """The labels, which are the same for pieces that look in as many folders."""
        return [label for label, _ in self.folders]

    def in_words(self, *, everywhere: bool, whole: bool) -> tuple[str, ...]:
        """The folders, each once, with the variables that name them; their ``whole`` paths are not for every client.

        An engine in a sandbox does not see them ``everywhere``, but the piece's own and what is in it.
        """
        words: dict[Path, list[str]] = {}
        own = Path(os.path.normpath(self.folders[0][1]))
        for label, folder in self.folders:
            path = Path(os.path.normpath(folder))
            if everywhere or path.is_relative_to(own):
                words.setdefault(path, []).append(label.partition(":")[0])
        if not whole:
            names = {label for path, labels in words.items() if path != own for label in labels}
            return ("the folder of the piece", *sorted(names))
        return tuple(
            str(path) if path == own else f"{path} ({', '.join(dict.fromkeys(labels))})"
            for path, labels in words.items()
        )

    def found(self, name: str) -> Path | None:
        """The first file of that name."""
        return next((path for _, folder in self.folders if (path := folder / name).is_file()), None)

    def text(self, name: str) -> str | None:
        """The text of the first file of that name, as an include is read."""
        path = self.found(name)
        if path is None:
            return None
        try:
            return path.read_bytes().decode(errors=UNDECODED)
        except OSError:
            return None

    def state(self, opened: Iterable[str], hashes: Hashes) -> State:
        """The state of every name that counts for a render that has opened the files ``opened``, named as it did so.

        Csound looks in the piece's own folder first, and opens what it finds there by the name that it looked for. What
        it opens by a whole path it was given so, or it found it in another folder: then the name counts in all of them.
        """
        paths = [Path(os.path.normpath(each)) for each in opened]
        near = [path for path in paths if not path.is_absolute()]
        keys = {(BESIDE, path.as_posix()) for path in near}
        # What an include reads is looked for beside the include first.
        for folder in {path.parent for path in near} - {Path()}:
            keys |= {(BESIDE, (folder / end).as_posix()) for path in near for end in _ends(path)}
        for path in paths:
            if path.is_absolute():
                keys.add((ANYWHERE, str(path)))
                asked = {path.relative_to(folder).as_posix() for _, folder in self.folders if folder in path.parents}
                keys |= {(label, name) for label in self.labels for name in asked}
        return {f"{label}\0{name}": self.hash(f"{label}\0{name}", hashes) for label, name in sorted(keys)}

    def path(self, key: str) -> Path:
        """The file that a key of :meth:`state` stands for, whether there is one or not."""
        label, _, name = key.partition("\0")
        return Path(name) if label == ANYWHERE else dict(self.folders)[label] / name

    def hash(self, key: str, hashes: Hashes) -> str | None:
        """The hash of what is under a key of :meth:`state` now."""
        return hashes.of(self.path(key))


def _set_by_options(work: Work) -> dict[str, str]:
    """The variables of a render once its options have set or lengthened them."""
    variables = dict(work.variables)
    own = lines_of(parse(work.text).options) if _ENV in work.text else []
    for word in [*(word for line in own for word in line.words), *work.words]:
        if word.startswith(_ENV):
            name, _, value = word.removeprefix(_ENV).partition("=")
            before = variables.get(name.removesuffix("+"), "")
            variables[name.removesuffix("+")] = f"{before};{value}" if name.endswith("+") else value
    return variables


def where_to_look(work: Work) -> tuple[str, ...]:
    """Where a piece looks for files, in words: for a client of a daemon without their paths."""
    everywhere = spec_at(work.place).capabilities.confinable
    return SearchPath.of(work).in_words(everywhere=everywhere, whole=not work.reach)
