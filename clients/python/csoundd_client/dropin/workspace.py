"""The daemon's workspace, over HTTP: a script's files are brought there, and what Csound has written is fetched."""

from __future__ import annotations

import os
import re
import shutil
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from csoundd_client.failures import CsounddError

SECONDS: Final = 60.0

MOST_FILES: Final = 1000
"""So many files come along with a piece."""

TEXT_BYTES: Final = 4 << 20
"""A file that is longer is read for no names of others."""

_NAME: Final = re.compile(r'"([^"\n]+)"')
_INCLUDES: Final = re.compile(r'#include(?:str)?\s+"([^"\n]+)"')


class Workspace:
    """The files of the daemon at ``url``. Raises CsounddError for what the daemon refuses, OSError for the disk."""

    def __init__(self, url: str, token: str | None) -> None:
        self._shown = {} if token is None else {"Authorization": f"Bearer {token}"}
        parts = urlsplit(url)
        scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
        self._address = f"{scheme}://{parts.netloc}/files/"

    def fetch(self, name: str, place: Path) -> None:
        """Copy a file to this machine, whole or not at all."""
        # The daemon's own file has the other name, and may lie in the same folder.
        beside = place.with_name(f"{name}.part")
        try:
            with self._asked("GET", name) as answer, beside.open("wb") as file:
                shutil.copyfileobj(answer, file)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)

    def put(self, name: str, path: Path) -> None:
        """Copy a file of this machine there; folders are made."""
        with path.open("rb") as file:
            self._asked("PUT", name, file, {"Content-Length": str(path.stat().st_size)}).close()

    def delete(self, name: str) -> None:
        """Remove a file, or a folder that is empty."""
        self._asked("DELETE", name).close()

    def _asked(self, method: str, name: str, data: Any = None, headers: dict[str, str] | None = None) -> Any:
        shown = self._shown | (headers or {})
        request = urllib.request.Request(self._address + quote(name), data, shown, method=method)  # noqa: S310 - the daemon
        try:
            return urllib.request.urlopen(request, timeout=SECONDS)  # noqa: S310
        except urllib.error.URLError as error:
            raise CsounddError(f"{method} {name!r} in the daemon's workspace: {error.reason}") from error


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of this machine and what it reads: each file by the name that the piece has for it."""

    path: Path
    files: dict[str, Path]


def read_piece(path: Path) -> Piece:
    """What the text of a piece names of the files of this machine, beside it or where the script stands.

    Names of the files that it includes count as well; what it makes up as it plays is not known.
    """
    files: dict[str, Path] = {}
    waiting = [("", path)]
    while waiting:
        folder, text_path = waiting.pop()
        if text_path.stat().st_size > TEXT_BYTES:
            continue
        text = text_path.read_text(encoding="utf-8", errors="replace")
        included = {*_INCLUDES.findall(text)}
        for name in _NAME.findall(text):
            for known in dict.fromkeys((os.path.normpath(Path(folder, name)), name)):
                there = None if os.path.isabs(known) or known in files else _found(path.parent, known)  # noqa: PTH117 - text
                if there is not None and len(files) < MOST_FILES:
                    files[known] = there
                    if name in included:
                        waiting.append((str(Path(known).parent), there))
    return Piece(path, files)


def _found(beside: Path, name: str) -> Path | None:
    with suppress(OSError, ValueError):  # a text that is no name
        return next((path for path in (beside / name, Path(name)) if path.is_file()), None)
    return None


class Brought:
    """The files of a script that were brought to a daemon, which has them until they are taken back.

    ``root`` is the folder that the daemon works in itself, where it was started by the script: what lies there it sees.
    """

    def __init__(self, workspace: Workspace, root: Path | None) -> None:
        self._workspace = workspace
        self._root = root
        self._names: list[str] = []

    def piece(self, path: Path) -> str:
        """What the daemon calls a piece of this machine, with all that it reads beside it."""
        piece = read_piece(path)
        if all(self._is_there(each) for each in (path, *piece.files.values())):
            assert self._root is not None
            return str(path.resolve().relative_to(self._root))
        # As many folders as a name leads up, so that it stays within.
        depth = max((Path(os.path.normpath(name)).parts.count("..") for name in piece.files), default=0)
        folder = "/".join([_own(path.stem), *["d"] * depth])
        for name, file in piece.files.items():
            self._put(os.path.normpath(f"{folder}/{name}"), file)
        return self._put(f"{folder}/{path.name}", path)

    def file(self, path: Path) -> str:
        """What the daemon calls a file of this machine that is brought there alone."""
        if self._is_there(path):
            assert self._root is not None
            return str(path.resolve().relative_to(self._root))
        return self._put(f"{_own(path.stem)}/{path.name}", path)

    def take_back(self) -> None:
        """Remove all that was brought."""
        names, self._names = self._names, []
        folders = {str(parent) for name in names for parent in Path(name).parents if parent.name}
        for name in (*names, *sorted(folders, key=len, reverse=True)):
            with suppress(CsounddError):  # somebody else has, or has put something in
                self._workspace.delete(name)

    def _is_there(self, path: Path) -> bool:
        return self._root is not None and path.resolve().is_relative_to(self._root)

    def _put(self, name: str, path: Path) -> str:
        self._names.append(name)
        self._workspace.put(name, path)
        return name


def _own(stem: str) -> str:
    """A name that nobody else has."""
    name = re.sub(r"[^\w.-]", "_", stem)
    return f"{name}-{uuid4().hex[:12]}"
